"""Events posted to each partner's own address, in their order, signed; one process at a time.

Runbook: a partner that takes nothing shows on its page (« Partenaires ») and in « Prêt ? » after a
quarter of an hour, with its last answer. Nothing is lost: it is tried every quarter of an hour at
the latest, and goes on from where it stopped. After a 410 nothing more is posted until somebody
presses « Reprendre les envois ».
"""

import asyncio
import json
import secrets
import time
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

import httpx
import structlog

from channels.contract import Refused, Unavailable
from channels.public_addresses import PublicOnly
from channels.webhook import judge, partner_url, post_once, unkept, webhook_client
from dispatcher.alerts.office import Actor, Office
from dispatcher.delivery.restoration import until_let_go
from dispatcher.delivery.turns import TEND_S, steadily
from dispatcher.partners.events import Event
from dispatcher.partners.feed import page_of
from dispatcher.partners.registry import find
from dispatcher.partners.signatures import secret_of, signature
from dispatcher.partners.telling import announced
from dispatcher.store import partner_pushes
from dispatcher.store.partner_messages import forget_old
from dispatcher.store.partner_pushes import Turn
from dispatcher.store.partners import Partner, let_in

FIRST_S = 5.0  # until a failed event is tried again; then twice as long each time
LONGEST_S = 900.0
TOGETHER = 50  # events read at once
IDLE_LINES = 1000  # of the logbook that tell a partner nothing, before its place is moved on
KEPT_S = 30 * 86_400.0  # a partner's message, by its id: a week of tries (SECURITY T8), and room
SWEEP_S = 3600.0
WORKER = Actor("worker", "administrator")
GONE = "http-410"

_ON_THE_EVENT = frozenset({400, 406, 409, 413, 414, 415, 422})  # it may take the next one
_LATER = frozenset({408, 425, 429})  # no refusal
MOST_REFUSED = 8  # tries in a row of 5 s, 10 s …: ten minutes
MOST_SHUT_OUT = 100  # a key renewed, a route published again: a day

log = structlog.get_logger(__name__)


def backoff_s(tries: int) -> float:
    """Return how long to wait after so many failures: 5 s, 10 s … 15 min. Pure."""
    return float(min(LONGEST_S, FIRST_S * 2 ** min(tries, 10)))


def most_refusals(code: str) -> int | None:
    """Return how many refusals in a row pass an event over; None: the answer is none. Pure."""
    status = int(code.removeprefix("http-")) if code.startswith("http-4") else 0
    if not status or status in _LATER:
        return None
    return MOST_REFUSED if status in _ON_THE_EVENT else MOST_SHUT_OUT


@dataclass
class Pusher:
    """Posts to partners what they may know; `http` reaches the public internet only."""

    office: Office
    master: bytes = field(repr=False)
    http: httpx.AsyncClient
    _going: dict[tuple[str, str], "asyncio.Task[None]"] = field(default_factory=dict)

    async def start(self) -> None:
        """Begin with every partner that has something to be told and that nobody here is at."""
        due = await partner_pushes.due(self.office.ledger)
        for partner in await let_in(self.office.ledger) if due else ():
            key = (partner.commune, partner.partner)
            if key not in due or key in self._going or "events.read" not in partner.verbs:
                continue
            task = asyncio.create_task(self._steadily(partner, through=due[key]))
            self._going[key] = task
            task.add_done_callback(lambda _, key=key: self._going.pop(key, None))  # type: ignore[misc]  # bound now

    async def rest(self) -> None:
        """Wait until all that was begun is done."""
        while self._going:
            await asyncio.gather(*self._going.values())

    async def stop(self) -> None:
        """Leave what is on its way: it is told again, under the same id."""
        for task in tuple(self._going.values()):
            task.cancel()
        await asyncio.gather(*self._going.values(), return_exceptions=True)

    async def _steadily(self, partner: Partner, *, through: int) -> None:
        await steadily("push", lambda: self._push(partner, through=through))

    async def _push(self, partner: Partner, *, through: int) -> None:
        """Tell one partner all that it was not told yet, or as much as it takes."""
        ledger, commune = self.office.ledger, partner.commune
        ahead = await page_of(ledger, partner, after=through, limit=1)
        if not (ahead.events or ahead.more or ahead.after - through > IDLE_LINES):
            return  # an idle partner costs a look a second, and no writing
        holder = secrets.token_hex(8)
        turn = await partner_pushes.take(ledger, commune, partner.partner, holder=holder)
        if turn is None:
            return
        through, more = turn.through, True
        while more:
            page = await page_of(ledger, partner, after=through, limit=TOGETHER)
            for event in page.events:
                turn = await self._told(partner, turn, event)
                if turn is None:
                    return
            through, more = page.after, page.more
        await partner_pushes.done(ledger, turn, through=through)

    async def _told(self, partner: Partner, turn: Turn, event: Event) -> Turn | None:
        """Post an event; None where the partner did not take it, or the turn is another's."""
        ledger = self.office.ledger
        on = replace(turn, tries=0, failing_at=None, refused=0)
        try:
            await self._post(partner, event)
        except Refused as refused:
            if refused.code == GONE:
                await self._stop(partner, turn, str(refused))
            else:
                await partner_pushes.failed(
                    ledger, turn, problem=str(refused), again_in_s=LONGEST_S
                )
            return None
        except Unavailable as failure:
            most = most_refusals(failure.code)
            if most is not None and turn.refused + 1 >= most:
                passed = await self._pass_over(partner, turn, event, failure.code)
                return replace(on, passed=turn.passed + 1) if passed else None
            again_s = max(backoff_s(turn.tries), failure.retry_after_s or 0.0)
            log.info("push.failed", partner=partner.partner, code=failure.code, tries=turn.tries)
            await partner_pushes.failed(
                ledger, turn, problem=str(failure), again_in_s=again_s, refused=most is not None
            )
            return None
        return on if await partner_pushes.told(ledger, turn, through=event.number) else None

    async def _pass_over(self, partner: Partner, turn: Turn, event: Event, code: str) -> bool:
        """Go on behind an event that it refuses each time; people are told of the first."""
        office, number = self.office.of(partner.commune), event.number
        one = await find(office, partner.partner)
        refused = {"told": event.ident, "line": number, "code": code}
        told = await announced(office, one.asked, "passed_over", by=WORKER, **refused)
        told = replace(told, announcement=None) if turn.passed else told
        log.error("push.passed", partner=partner.partner, commune=partner.commune, line=number)
        return await partner_pushes.pass_over(office.ledger, turn, told, number=number)

    async def _post(self, partner: Partner, event: Event) -> None:
        now = datetime.now(UTC)
        body = json.dumps(event.as_json(), ensure_ascii=False, separators=(",", ":")).encode()
        sent_at = int(now.timestamp())
        headers = {
            "content-type": "application/json",
            "webhook-id": event.ident,
            "webhook-timestamp": str(sent_at),
            "webhook-signature": " ".join(
                signature(secret, event.ident, sent_at, body=body)
                for secret in self._secrets(partner)
            ),
        }
        response = await post_once(self.http, partner_url(partner.url), body=body, headers=headers)
        judge(response, now=now)

    def _secrets(self, partner: Partner) -> Iterable[bytes]:
        for serial in partner.serials:
            yield secret_of(
                self.master,
                commune=partner.commune,
                partner=partner.partner,
                serial=serial,
                direction="out",
            )

    async def _stop(self, partner: Partner, turn: Turn, problem: str) -> None:
        """Tell it nothing more, and tell people so."""
        office = self.office.of(partner.commune)
        one = await find(office, partner.partner)
        told = await announced(office, one.asked, "stopped", by=WORKER)
        await partner_pushes.stop(office.ledger, turn, told, problem=problem)
        log.error("push.stopped", partner=partner.partner, commune=partner.commune)


@asynccontextmanager
async def pushing(office: Office, master: bytes) -> AsyncIterator[None]:
    """Post events to partners while the block runs."""
    async with webhook_client(PublicOnly(unkept())) as http:
        pusher = Pusher(office, master, http)
        going = asyncio.create_task(_keep_pushing(pusher))
        try:
            yield
        finally:
            going.cancel()
            await asyncio.wait({going})
            await pusher.stop()


async def _keep_pushing(pusher: Pusher) -> None:
    ledger, swept_at = pusher.office.ledger, -SWEEP_S
    while True:
        await steadily("held", lambda: until_let_go(ledger))
        await steadily("push", pusher.start)
        if time.monotonic() - swept_at >= SWEEP_S:
            swept_at = time.monotonic()
            await steadily("forget", lambda: forget_old(ledger, kept_s=KEPT_S))
        await asyncio.sleep(TEND_S)
