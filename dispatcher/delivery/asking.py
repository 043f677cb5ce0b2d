"""When no receipt comes: each accepted message is asked for at its provider, three times at most.

At 60 s, 5 min and 15 min after it was accepted (DELIVERY §3, CP7). What the provider tells is a
receipt like any other: it may come beside a callback, twice, or late. After the third look the
delivery stays accepted, which is not delivered: the pursuit goes on to the next medium.
"""

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence

import structlog

from channels.contract import Address, Channel, NotAccepted
from dispatcher.delivery.pace import SharedPace
from dispatcher.delivery.receipts import told_of
from dispatcher.delivery.tokens import NamedAttempt, TokenKeys, attempt_token
from dispatcher.store import silences
from dispatcher.store.ledger import Ledger
from dispatcher.store.receipts import record_receipt
from dispatcher.store.silences import Silent

MEDIA = ("sms", "voice")
AT_ONCE = 4  # of the account's hundred connections: sends go first
REST_S = 15.0  # of an account that could not be asked
UNREADABLE_S = 600.0  # a provider that could not be asked for so long has had its look

log = structlog.get_logger(__name__)


def asks_per_s(rate_per_s: float) -> float:
    """Return how often an account is asked, beside what it sends: a quarter of that, 5 to 25/s.

    Asking has a pace of its own, so that it takes no place of a message.
    """
    return min(25.0, max(5.0, rate_per_s / 4))


class Asker:
    """Asks the accounts of one worker; several workers share an account's pace and its rows.

    Runbook: many of these mean that callbacks do not arrive: check TOCSIN_PUBLIC_URL, the proxy
    before it, and the secret that signs them.
    """

    def __init__(
        self,
        ledger: Ledger,
        accounts: Mapping[str, tuple[Channel, SharedPace]],
        *,
        keys: TokenKeys,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Ask by these channels, each at its own pace of questions."""
        self._ledger = ledger
        self._accounts = {name: one for name, one in accounts.items() if one[0].medium in MEDIA}
        self._keys = keys
        self._clock = clock
        self._rest_until: dict[str, float] = {}

    async def turn(self) -> bool:
        """Ask each account for what is due, a second of its pace at most; True: there is more."""
        full = await asyncio.gather(*map(self._turn_of, self._accounts))
        return any(full)

    async def _turn_of(self, name: str) -> bool:
        if self._clock() < self._rest_until.get(name, 0.0):
            return False
        channel, pace = self._accounts[name]
        most = max(1, int(pace.rate_per_s))
        rows = await silences.take_silent(self._ledger, provider=name, limit=most)
        await silences.ask_no_more(self._ledger, [row for row in rows if row.over])
        live = [row for row in rows if not row.over]
        if live:
            await asyncio.sleep(await pace.reserve(len(live)))
            await self._ask_all(channel, live)
        return len(rows) == most

    async def _ask_all(self, channel: Channel, rows: Sequence[Silent]) -> None:
        places = asyncio.Semaphore(AT_ONCE)

        async def one(row: Silent) -> Silent | None:
            async with places:
                if self._clock() < self._rest_until.get(channel.provider, 0.0):
                    return row
                return row if await self._ask(channel, row) else None

        unasked = [row for row in await asyncio.gather(*map(one, rows)) if row is not None]
        if unasked:
            await self._put_off(channel, unasked)

    async def _ask(self, channel: Channel, row: Silent) -> bool:
        """Ask for one message and keep what is told; True when it could not be asked."""
        named = NamedAttempt(row.commune, row.delivery_id, row.attempts)
        to, token = Address(row.medium, row.contact), attempt_token(self._keys, named)
        try:
            receipt = await channel.ask(row.reference, to=to, attempt=token)
        except NotAccepted as refusal:
            wait_s = getattr(refusal, "retry_after_s", None) or REST_S
            self._rest_until[channel.provider] = self._clock() + wait_s
            log.warning("receipts.not_asked", account=channel.provider, code=refusal.code)
            return True
        if receipt is not None:
            await record_receipt(self._ledger, told_of(named, receipt))
        await silences.looked(self._ledger, row)
        return False

    async def _put_off(self, channel: Channel, rows: Sequence[Silent]) -> None:
        """Ask again after the account's rest; what cannot be asked for long has had its look."""
        rest_s = self._rest_until.get(channel.provider, 0.0) - self._clock()
        long = [row for row in rows if row.unreadable_s >= UNREADABLE_S]
        for row in long:
            await silences.looked(self._ledger, row)
        again = [row for row in rows if row not in long]
        await silences.ask_later(self._ledger, again, delay_s=max(1.0, rest_s))
