"""E-mail by SMTP: a few encrypted connections kept open, and a clear word on what left."""

import asyncio
import re
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import ClassVar, Final, Self

from aiosmtplib import errors

from channels.contract import (
    AccountSettings,
    Address,
    Attempt,
    AttemptToken,
    Message,
    NotAccepted,
    Pace,
    Receipt,
    Refused,
    Unavailable,
    Unit,
    Unknown,
    Usability,
)
from channels.mime import Envelope, bounce_address, mail_address, mail_bytes, message_id
from channels.smtp_pool import CONNECTIONS, TOTAL_S, NoSeat, SmtpPool, say

_NEVER: Final = 500  # SMTP: 4xx later, 5xx never
_OURS: Final = frozenset({502, 503, 521, 530, 534, 535, 538})  # of the account, at any time
# RFC 2034: a line begins with what RFC 3463 lists. These two say no more than the reply's code.
_ENHANCED: Final = re.compile(r"5\.\d{1,3}\.\d{1,3}(?![\d.])")
_UNDEFINED: Final = ("5.0.0", "5.5.0")


@dataclass
class _Progress:
    """How far a message came.

    Before `named` (the recipient was) a refusal is the account's, no verdict on the person; from
    `leaving` on, a lost answer says nothing.
    """

    named: bool = False
    leaving: bool = False


@dataclass(frozen=True)
class SmtpMail:
    """One mail account.

    Values: `host`, `port`, `tls` (starttls or implicit), `sender`, and optionally `reply_to`,
    `ca_file` and `bounces` (where bounces come, instead of the sender; {token} makes it each
    attempt's own). Secrets: `user`, `password` (both absent for a relay that asks none).
    """

    medium: ClassVar[str] = "email"
    looks_up: ClassVar[bool] = False
    provider: str
    pace: Pace
    envelope: Envelope
    pool: SmtpPool

    @classmethod
    @asynccontextmanager
    async def open(cls, account: AccountSettings, *, public_url: str) -> AsyncIterator[Self]:
        """Prepare this account; connections are made as mail leaves. Raises ValueError."""
        del public_url  # a mail server calls nobody back
        try:
            envelope = _envelope(account)
            pool = _pool(account, envelope)
        except (KeyError, Refused) as error:
            raise ValueError(
                f"{account.name}: host, port, sender or bounces is not usable."
            ) from error
        try:
            yield cls(account.name, Pace(Unit.MESSAGES, account.rate_per_s), envelope, pool)
        finally:
            await pool.close()

    async def send(self, message: Message, to: Address, *, attempt: AttemptToken) -> Receipt:
        """Hand one mail over. Raises Refused, Unavailable, or Unknown after the final dot."""
        if message.expires_at <= datetime.now(UTC):
            raise Refused("expired", "Le message a expiré avant son envoi.")
        recipient = mail_address(to.value)
        raw = mail_bytes(message, recipient, attempt=attempt, envelope=self.envelope)
        progress = _Progress()
        try:
            async with asyncio.timeout(TOTAL_S), self.pool.connection() as smtp:
                # Bounces are asked for where the server knows how (RFC 3461): the token is safe in
                # its words, and the mail's own words need not come back.
                dsn = smtp.supports_extension("dsn")
                told = f" RET=HDRS ENVID={attempt.value}" if dsn else ""
                await say(smtp, f"MAIL FROM:<{self.envelope.sender_of(attempt)}>{told}")
                progress.named = True
                wanted = " NOTIFY=FAILURE,DELAY" if dsn else ""
                await say(smtp, f"RCPT TO:<{recipient}>{wanted}")
                progress.leaving = True
                await smtp.data(raw)
        except (errors.SMTPException, OSError, TimeoutError) as error:
            raise _not_accepted(error, progress) from error
        return Receipt(message_id(attempt, self.envelope))

    async def find(self, attempt: Attempt) -> Receipt | None:
        """Find nothing: SMTP keeps no list. The same Message-ID lets mailboxes join two copies."""
        del attempt
        return None

    async def ask(self, reference: str, *, to: Address, attempt: AttemptToken) -> Receipt | None:
        """Ask nothing: a mail server keeps no list; what does not arrive bounces."""
        del reference, to, attempt
        return None

    async def check(self) -> Usability:
        """Connect, encrypt, sign in and say NOOP."""
        try:
            async with asyncio.timeout(TOTAL_S), self.pool.connection() as smtp:
                await smtp.noop()
        except (errors.SMTPException, OSError, TimeoutError) as error:
            told = _not_accepted(error, _Progress())
            return Usability(ok=False, problem=str(told), remedy="Vérifiez TOCSIN_SMTP_…")
        return Usability(ok=True)


def _pool(account: AccountSettings, envelope: Envelope) -> SmtpPool:
    values, secrets = account.values, account.secrets
    tls = values.get("tls", "starttls")
    if tls not in ("starttls", "implicit"):
        raise ValueError(f"{account.name}: tls is 'starttls' or 'implicit', not {tls!r}.")
    if not values["host"] or not values["port"].isdigit():
        raise ValueError(f"{account.name}: host and port (a number) are needed.")
    return SmtpPool(
        host=values["host"],
        port=int(values["port"]),
        implicit_tls=tls == "implicit",
        ehlo=envelope.domain,
        tls=ssl.create_default_context(cafile=values.get("ca_file") or None),
        user=secrets["user"].get_secret_value() if "user" in secrets else "",
        password=secrets["password"].get_secret_value() if "password" in secrets else "",
        seats=asyncio.Semaphore(CONNECTIONS),
    )


def _envelope(account: AccountSettings) -> Envelope:
    reply_to, bounces = (account.values.get(name) for name in ("reply_to", "bounces"))
    return Envelope(
        mail_address(account.values["sender"]),
        mail_address(reply_to) if reply_to else None,
        bounce_address(bounces) if bounces else None,
    )


def _not_accepted(error: Exception, progress: _Progress) -> NotAccepted:
    """Tell a failure: the server's own refusals are sure at any time, silence only before DATA."""
    if isinstance(error, errors.SMTPAuthenticationError):
        return Unavailable(
            str(error.code), "Le serveur de courrier refuse le compte : vérifiez le mot de passe."
        )
    if isinstance(error, errors.SMTPResponseException):
        return _refusal(error, progress)
    if progress.leaving:
        return Unknown("answer-lost", "La réponse du serveur de courrier s'est perdue.")
    if isinstance(error, NoSeat):
        return Unavailable("busy", "Le serveur de courrier est lent. Rien n'est parti.")
    no_tls = isinstance(error, ssl.SSLError) or isinstance(error.__cause__, ssl.SSLError)
    if no_tls or "STARTTLS" in str(error):  # the library has no class for a server without it
        return Unavailable("no-tls", "Le serveur de courrier n'offre pas de liaison chiffrée sûre.")
    if "AUTH" in str(error):  # nor for one that asks nobody to sign in
        return Unavailable(
            "no-auth", "Le serveur de courrier ne prend pas de mot de passe : vérifiez le port."
        )
    return Unavailable("no-connection", "Le serveur de courrier n'a pas pu être joint.")


def _refusal(error: errors.SMTPResponseException, progress: _Progress) -> NotAccepted:
    code = error.code
    if code < _NEVER:
        return Unavailable(str(code), "Le serveur de courrier demande d'attendre.")
    if not progress.named or code in _OURS:
        return Unavailable(
            str(code),
            "Le serveur de courrier refuse ce compte ou son adresse d'expéditeur : vérifiez les "
            "réglages. Rien n'est parti.",
        )
    return Refused(
        _verdict(error, progress), "Le serveur de courrier refuse ce message pour ce destinataire."
    )


def _verdict(error: errors.SMTPResponseException, progress: _Progress) -> str:
    """Return the code of a refusal, as exactly as the server tells it.

    RFC 5321 (4.2.3): 550 is « mailbox unavailable » as well as « rejected for policy reasons ».
    After DATA it judges what the mail says, so that the bare code is told apart as `data-550`.
    """
    told = _ENHANCED.match(str(error.message).lstrip())
    if told and told[0] not in _UNDEFINED:
        return told[0]
    return f"data-{error.code}" if progress.leaving else str(error.code)
