"""Telling those on call: straight through a provider account, past ledger, queue and worker.

So it works when they are what is broken. It costs no pace: a handful of messages, once an alarm.
"""

import asyncio
import re
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import structlog

from channels.contract import Address, AttemptToken, Message, NotAccepted
from channels.registry import open_channel
from dispatcher.delivery.accounts import NoSandbox, Route

ROUNDS_S = (0.0, 5.0, 15.0, 30.0)  # before each round, for those whom nothing has reached
LIFE = timedelta(hours=1)
_NUMBER = re.compile(r"\+[1-9]\d{6,14}")

log = structlog.get_logger(__name__)


class NotOnCall(ValueError):
    """An entry of TOCSIN_ALARM_TO is no address; a sentence."""


@dataclass(frozen=True)
class Words:
    """What is told, whole and for an SMS; `sender` is the commune's, where it has one."""

    subject: str
    text: str
    short: str
    sender: str | None = None  # of its SMS; without: the account's own


@dataclass(frozen=True)
class OnCall:
    """Who is told, and by which accounts; these are asked for when they are needed."""

    addresses: tuple[Address, ...]
    routes: Callable[[], Sequence[Route]]
    public_url: str

    def accounts(self) -> Sequence[Route]:
        """Return the accounts that reach people; none while the sandbox is not there yet."""
        try:
            return [one for one in self.routes() if one.route == "live"]
        except NoSandbox:
            return ()


def on_call(listed: str) -> tuple[Address, ...]:
    """Read TOCSIN_ALARM_TO: +33…, mail addresses, https addresses, by commas. Raises NotOnCall."""
    return tuple(_address(one.strip()) for one in listed.split(",") if one.strip())


def _address(value: str) -> Address:
    if value.startswith("https://"):
        return Address("webhook", value)
    if "@" in value:
        return Address("email", value)
    number = re.sub(r"[ .()-]", "", value)
    if not _NUMBER.fullmatch(number):
        raise NotOnCall(
            f"TOCSIN_ALARM_TO : « {value} » n'est ni un numéro (+33…), ni une adresse e-mail, ni"
            " une adresse https."
        )
    return Address("sms", number)


async def tell(people: OnCall, words: Words) -> int:
    """Tell everybody, again where nothing took it; return how many were told.

    Runbook: `alarm.not_told` says that an address of TOCSIN_ALARM_TO was reached by no account:
    look at `tocsin provider check`, and give those on call a second medium.
    """
    left = list(people.addresses)
    for pause_s in ROUNDS_S:
        if not left:
            break
        await asyncio.sleep(pause_s)
        told = await asyncio.gather(*(tell_one(people, words, to=to) for to in left))
        left = [to for to, done in zip(left, told, strict=True) if not done]
    for one in left:
        log.error("alarm.not_told", medium=one.medium)
    return len(people.addresses) - len(left)


async def tell_one(people: OnCall, words: Words, *, to: Address) -> bool:
    """Try each account of the medium in turn; False where none took it."""
    for route in people.accounts():
        if route.medium != to.medium:
            continue
        try:
            await _send(people, route, words, to)
        except (NotAccepted, ValueError, OSError) as error:
            account = route.account.name
            log.warning("alarm.account", account=account, kind=type(error).__name__)
        else:
            return True
    return False


async def _send(people: OnCall, route: Route, words: Words, to: Address) -> None:
    message = Message(
        alert="alarme",
        text=words.short if to.medium == "sms" else words.text,
        issuer="Tocsin",
        sender=words.sender,
        subject=words.subject,
        expires_at=datetime.now(UTC) + LIFE,
        data={"type": "tocsin.alarm", "subject": words.subject, "text": words.text},
    )
    token = AttemptToken(f"alarm-{secrets.token_hex(8)}", secrets.token_hex(13))
    async with open_channel(route.account, public_url=people.public_url) as channel:
        await channel.send(message, to, attempt=token)
