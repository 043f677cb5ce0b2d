"""What a worker does for the crises of its ledger: deputies are called, reviews opened.

Runbook: `summons.advanced` tells each step; a summons that stands still while somebody's wait is
over means that no worker runs. What a turn decides is written at once or not at all, and two
workers at the same summons write it once.
"""

from collections.abc import Sequence

import structlog

from dispatcher.crisis.calling import Found, look
from dispatcher.crisis.moves import MOVES
from dispatcher.store import crises, summons_answers, summonses
from dispatcher.store.brought import Brings
from dispatcher.store.crises import Decision, Event
from dispatcher.store.ledger import Ledger
from dispatcher.store.logbook import Entry
from dispatcher.store.summons_answers import COMING, UNABLE
from dispatcher.store.summonses import Call, Step, Summons
from dispatcher.store.versions import Chained

WORKER = "worker"
_OUTCOMES = {
    "coming": "vient",
    "unable": "ne peut pas venir",
    "silent": "ne répond pas",
    "unreachable": "ne peut pas être joint",
}

log = structlog.get_logger(__name__)


class Summoner:
    """Takes turns at every summons of a ledger that is not over."""

    def __init__(self, ledger: Ledger, *, logbook_key: bytes) -> None:
        """Work on `ledger`; `logbook_key` chains its lines."""
        self._ledger = ledger
        self._key = logbook_key

    async def turn(self) -> bool:
        """Look once at each; return whether someone has to be called now."""
        called = False
        for one in await summons_answers.open_summonses(self._ledger):
            called |= await self._advance(one)
        for event in await crises.stood_down(self._ledger):
            await self._review(event)
        return called

    async def _advance(self, one: Summons) -> bool:
        said, now = await summons_answers.said_of(self._ledger, one.commune, one.summons_id)

        def decide(calls: Sequence[Call]) -> Step:
            found = look(calls, said, now=now, wait_s=one.wait_s)
            done = found.over or now >= one.expires_at
            people = () if done else found.people
            over, reopened = done and one.over_at is None, not done and one.over_at is not None
            lines = self._lines(one, found, over=over, calls=not done)
            return Step(found.outcomes, people, over, reopened, lines)

        calls = await summons_answers.calls_of(self._ledger, one.commune, one.summons_id)
        first = decide(calls)
        if not (first.outcomes or first.people or first.over or first.reopened):
            return False
        step, taken = await summonses.advance(self._ledger, one, decide)
        if taken:
            log.info(
                "summons.advanced",
                commune=one.commune,
                summons=one.summons_id,
                called=len(step.people),
                over=step.over,
            )
        return taken and bool(step.people)

    def _lines(self, one: Summons, found: Found, *, over: bool, calls: bool) -> list[Chained]:
        """Tell each outcome, who is called next, and the end, without a name: ids alone."""
        about = {"event": one.event_id, "summons": one.summons_id}
        entries = [
            Entry(
                WORKER,
                "summons.answered" if call.outcome in (COMING, UNABLE) else "summons.silent",
                f"Appel pour {call.post} : {call.person_id} {_OUTCOMES[call.outcome or 'silent']}",
                {**about, "post": call.post, "person": call.person_id, "outcome": call.outcome},
            )
            for call in found.outcomes
        ]
        if found.people and calls:
            text = f"Suppléants appelés : {', '.join(found.people)}"
            entries.append(
                Entry(WORKER, "summons.next", text, {**about, "people": list(found.people)})
            )
        if over:
            text = f"Appel terminé : {len(found.filled)} fonctions pourvues"
            left = {"filled": list(found.filled), "empty": list(found.empty)}
            entries.append(Entry(WORKER, "summons.over", text, {**about, **left}))
        return [Chained(entry, self._key) for entry in entries]

    async def _review(self, event: Event) -> None:
        """Open the review of an event stood down, once nothing of it runs (DOMAIN §3.1)."""
        line = Entry(WORKER, "event.review", MOVES["review"].done, {"event": event.event_id})
        await crises.move_event(
            self._ledger,
            event,
            decision=Decision("review", WORKER, WORKER, brings=Brings(closes_books=True)),
            values={"state": "rex"},
            line=Chained(line, self._key),
        )
