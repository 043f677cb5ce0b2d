"""The mailbox at a host that bounces come to, read over IMAP with TLS: looked at, never changed.

It is opened for reading only: nothing is marked, moved or deleted there. How far it was read is in
the ledger; a message that is read again changes nothing.

Runbook: `mailbox.unreadable` says that the bounces' mailbox cannot be opened: check
TOCSIN_BOUNCES_…; mails that did not arrive are not known as such until it can.
"""

import asyncio
import hashlib
import imaplib
import ssl
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

import structlog
from pydantic import SecretStr

from channels.bounces import MOST_BYTES
from dispatcher.delivery.bounces import take_bounce
from dispatcher.delivery.tokens import TokenKeys
from dispatcher.store.ledger import Ledger
from dispatcher.store.mailboxes import Place, leave_mailbox, take_mailbox

PATIENCE_S = 10.0  # for each answer of the server
AT_ONCE = 25  # messages: at most 12 MB are held
SINCE_S = 7 * 86_400.0  # an older bounce is of an alert long over
FAULTS = (imaplib.IMAP4.error, OSError, EOFError, ValueError)  # of the server, line or settings

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Mailbox:
    """Where bounces come to; `tls` is implicit or starttls, never none."""

    host: str
    user: str
    password: SecretStr = field(repr=False)
    port: int = 993
    tls: str = "implicit"
    folder: str = "INBOX"
    ca_file: str = ""
    every_s: float = 30.0

    @property
    def key(self) -> str:
        """Return the name under which the ledger knows it."""
        whole = f"{self.user}@{self.host}:{self.port}/{self.folder}"
        return hashlib.sha256(whole.encode()).hexdigest()[:32]


@dataclass(frozen=True)
class Batch:
    """The next messages of a mailbox, by number, and whether there are more."""

    validity: int
    messages: Sequence[tuple[int, bytes]]
    more: bool


async def read_mailbox(ledger: Ledger, keys: TokenKeys, mailbox: Mailbox) -> int:
    """Take the bounces that have come; return how many messages were read."""
    place = await take_mailbox(ledger, mailbox.key)
    if place is None:
        return 0
    try:
        batch = await asyncio.to_thread(_read, mailbox, place)
    except FAULTS as error:
        log.warning("mailbox.unreadable", error=type(error).__name__)
        await leave_mailbox(
            ledger, mailbox.key, place, taken=0, set_aside=0, again_s=mailbox.every_s
        )
        return 0
    outcomes = []
    place = Place(batch.validity, place.last_uid if batch.validity == place.validity else 0)
    for uid, raw in batch.messages:
        outcomes.append((await take_bounce(ledger, keys, raw)).outcome)
        place = Place(batch.validity, uid)
    aside = outcomes.count("set_aside")
    await leave_mailbox(
        ledger,
        mailbox.key,
        place,
        taken=len(outcomes) - aside,
        set_aside=aside,
        again_s=0.0 if batch.more else mailbox.every_s,
    )
    if outcomes:
        log.info("mailbox.read", messages=len(outcomes), set_aside=aside)
    return len(outcomes)


def mailbox_fault(mailbox: Mailbox) -> str:
    """Open the mailbox and say why it cannot be read; empty where it can. Blocks."""
    try:
        with _looking_into(mailbox):
            return ""
    except FAULTS as error:
        return f"La boîte des retours ne peut pas être lue ({type(error).__name__})."


def _read(mailbox: Mailbox, place: Place) -> Batch:
    """Read what came after a place, in a thread of its own. Raises one of FAULTS."""
    with _looking_into(mailbox) as (imap, validity):
        found = _found(imap, place.last_uid if validity == place.validity else 0)
        messages = [(uid, _message(imap, uid)) for uid in found[:AT_ONCE]]
        return Batch(validity, messages, len(found) > AT_ONCE)


@contextmanager
def _looking_into(mailbox: Mailbox) -> Iterator[tuple[imaplib.IMAP4, int]]:
    """Sign in and open the folder for reading only; give its UIDVALIDITY too."""
    imap = _opened(mailbox)
    try:
        imap.login(mailbox.user, mailbox.password.get_secret_value())
        quoted = mailbox.folder.replace("\\", "\\\\").replace('"', '\\"')
        _sure(imap.select(f'"{quoted}"', readonly=True))
        _, validity = imap.response("UIDVALIDITY")
        yield imap, int((validity or [None])[0] or 0)
    finally:
        with suppress(*FAULTS):
            imap.logout()
        with suppress(*FAULTS):
            imap.shutdown()


def _opened(mailbox: Mailbox) -> imaplib.IMAP4:
    tls = ssl.create_default_context(cafile=mailbox.ca_file or None)
    if mailbox.tls == "implicit":
        return imaplib.IMAP4_SSL(
            mailbox.host, mailbox.port, ssl_context=tls, timeout=PATIENCE_S
        )  # fmt: skip
    imap = imaplib.IMAP4(mailbox.host, mailbox.port, timeout=PATIENCE_S)
    try:
        imap.starttls(ssl_context=tls)
    except FAULTS:
        with suppress(*FAULTS):
            imap.shutdown()
        raise
    return imap


def _found(imap: imaplib.IMAP4, after: int) -> list[int]:
    since = imaplib.Time2Internaldate(time.time() - SINCE_S).strip('"').split()[0]
    words = _sure(imap.uid("SEARCH", "UID", f"{after + 1}:*", "SINCE", since))
    uids = sorted(int(uid) for word in words if word for uid in word.split())
    return [uid for uid in uids if uid > after]  # `n:*` always names the last one too


def _message(imap: imaplib.IMAP4, uid: int) -> bytes:
    """Return as much of a message as a bounce may need; empty where it is gone."""
    found = _sure(imap.uid("FETCH", str(uid), f"(BODY.PEEK[]<0.{MOST_BYTES}>)"))
    return next((bytes(one[1]) for one in found if isinstance(one, tuple)), b"")


def _sure(answer: tuple[str, list[Any]]) -> list[Any]:
    status, content = answer
    if status != "OK":
        raise imaplib.IMAP4.error("refused")
    return content
