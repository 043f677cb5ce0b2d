"""A real message through each account every day, to the commune's own telephone or mailbox.

It takes the way of every send (intent, pace, channel, settlement, receipts, look-up), but by the
one account that it tests; it is a public test, approved beforehand, and says « EXERCICE » first.
Runbook: an alarm of kind `canary` says that an account took its test and it did not arrive, or did
not take it: people would not be reached by it. Its sentences say what to do.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import structlog

from channels.contract import Address, NotAccepted, Receipt, Status, Unknown
from channels.registry import open_channel
from dispatcher.delivery.accounts import Route
from dispatcher.delivery.content import Content, Reader, Texts, message_for
from dispatcher.delivery.pace import SharedPace
from dispatcher.delivery.tokens import NamedAttempt, TokenKeys, attempt_token
from dispatcher.store import canaries
from dispatcher.store.alarms import Raised
from dispatcher.store.canaries import LIFE_S, Canary, Flown
from dispatcher.store.claims import Claimed
from dispatcher.store.ledger import Ledger
from dispatcher.store.names import delivery_id
from dispatcher.store.personal import contact_mark
from dispatcher.store.windows import Intended, Outcome, settle

RECEIPT_S = 900.0  # as long as the receipts of an alert are waited for
FLIGHT = "canary/"  # before each subject
WITH_RECEIPT = ("sms", "voice")  # a mail or a webhook is judged by its acceptance, and a bounce
_TEXT = (
    "EXERCICE - EXERCICE. Essai quotidien des alertes de la commune, compte {account}."
    " Il n'y a rien à faire."
)
_REMEDY = (
    "Lancez « tocsin provider check », puis « tocsin provider canary » ; appelez ce fournisseur."
)

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Cage:
    """What a test is sent with."""

    ledger: Ledger
    keys: TokenKeys
    public_url: str
    logbook_key: bytes
    me: str
    pace: SharedPace


def recipient_of(route: Route, usual: Sequence[Address]) -> Address | None:
    """Return who gets an account's test: its own recipient, or the usual one of its medium."""
    medium = "sms" if route.medium == "voice" else route.medium
    if route.canary:
        return Address(route.medium, route.canary)
    found = next((one for one in usual if one.medium == medium), None)
    return Address(route.medium, found.value) if found else None


def content_of(account: str) -> Content:
    """Return the words of a test."""
    text = _TEXT.format(account=account)
    texts = {"fr": Texts(text, text, f"EXERCICE - Essai quotidien ({account})", text)}
    return Content(
        mode="public_test", route="live", title=f"Essai quotidien : {account}", issuer="Tocsin",
        sender="", language="fr", texts=texts, area={}, margin_m=0.0, media=(), plan_digest="",
        template="",
    )  # fmt: skip


async def fly(cage: Cage, route: Route, to: Address, *, commune: str, day: str) -> Outcome | None:
    """Send one test and settle it; None when it was sent before."""
    account, version = route.account.name, canaries.version_of(route.account.name, day)
    ident = delivery_id(version, to.medium, contact_mark(cage.ledger.ring, to.value))
    content = content_of(account)
    canary = Canary(commune, version, ident, account, to.medium, to.value, content.as_json())
    serial = await canaries.take_off(cage.ledger, canary, owner=cage.me, key=cage.logbook_key)
    if serial is None:
        return None
    intended = Intended(
        Claimed(serial, commune, ident, version, to.medium, to.value, "fr", 2, 0, 1, 1, 0, 0), 1
    )
    outcome = await _sent(cage, route, to, intended=intended, content=content)
    await settle(cage.ledger, [outcome], owner=cage.me)
    return outcome


async def _sent(
    cage: Cage, route: Route, to: Address, *, intended: Intended, content: Content
) -> Outcome:
    claimed = intended.claimed
    token = attempt_token(cage.keys, NamedAttempt(claimed.commune, claimed.delivery_id, 1))
    expires_at = datetime.now(UTC) + timedelta(seconds=LIFE_S)
    message = message_for(
        content, Reader(to.medium, "fr", ""), alert=claimed.version_id, expires_at=expires_at
    )
    await cage.pace.reserve(2.0)
    try:
        async with open_channel(route.account, public_url=cage.public_url) as channel:
            receipt = await channel.send(message, to, attempt=token)
    except Unknown as refusal:
        delay_s = cage.ledger.timing.first_look_s
        return Outcome(
            intended, "unknown", "unknown", delay_s=delay_s, reason=refusal.code[:40], doubt=True
        )
    except NotAccepted as refusal:
        return Outcome(intended, "failed", "refused", reason=refusal.code[:40])
    except (ValueError, OSError):
        return Outcome(intended, "failed", "unsent", reason="unusable")
    return _accepted(intended, receipt)


def _accepted(intended: Intended, receipt: Receipt) -> Outcome:
    state = "delivered" if receipt.status is Status.DELIVERED else "accepted"
    return Outcome(
        intended,
        state,
        "accepted",
        reference=receipt.reference,
        status=receipt.status.value,
        rank=receipt.status.rank,
    )


def verdict(flown: Flown, medium: str) -> Raised | bool:
    """Judge a test: the alarm that it deserves, True when it arrived, False when it is too early.

    Pure.
    """
    if flown.delivered:
        return True
    if flown.failed or flown.state in ("failed", "undelivered", "exhausted", "suppressed"):
        why = f" ({flown.reason})" if flown.reason else ""
        return _alarm(flown.account, f"n'est pas passé{why}")
    if flown.state == "accepted" and medium not in WITH_RECEIPT:
        return True
    if flown.age_s < RECEIPT_S:
        return False
    said = "a été accepté, mais" if flown.state == "accepted" else "est resté sans réponse :"
    return _alarm(flown.account, f"{said} aucun accusé n'est venu en {RECEIPT_S / 60:.0f} minutes")


def _alarm(account: str, said: str) -> Raised:
    problem = f"L'essai quotidien du compte {account} {said}."
    return Raised(f"{FLIGHT}{account}", "canary", problem, _REMEDY)
