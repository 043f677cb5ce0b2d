"""What a worker does for what waits for an approval: the next approver is rung, or nobody more.

Runbook: `ring.advanced` tells each step; a ring that stands still while the wait is over means that
no worker runs. A key pressed in the call does not stop it: only opening what waits does, or the
decision.
"""

from collections.abc import Sequence
from dataclasses import replace

import structlog

from dispatcher.crisis.calling import look
from dispatcher.store import rings
from dispatcher.store.ledger import Ledger
from dispatcher.store.logbook import Entry
from dispatcher.store.rings import DECIDED, IN_VAIN, LATE, Ring, RingCall, RingStep
from dispatcher.store.summons_answers import UNABLE, Said, said_of
from dispatcher.store.summonses import Call
from dispatcher.store.versions import Chained

WORKER, POST = "worker", "approval"
_OUTCOMES = {
    "unable": "ne peut pas",
    "silent": "n'a pas ouvert",
    "unreachable": "ne peut être joint",
}
_OVER = {
    DECIDED: "Appel des valideurs terminé : l'alerte n'attend plus",
    LATE: "Appel des valideurs terminé : trop tard",
    IN_VAIN: "Aucun valideur n'a ouvert l'alerte : appelez-les vous-même",
}

log = structlog.get_logger(__name__)


class Ringer:
    """Takes turns at every ring of a ledger that is not over."""

    def __init__(self, ledger: Ledger, *, logbook_key: bytes) -> None:
        """Work on `ledger`; `logbook_key` chains its lines."""
        self._ledger = ledger
        self._key = logbook_key

    async def turn(self) -> bool:
        """Look once at each; return whether somebody has to be rung now."""
        rung = False
        for one in await rings.open_rings(self._ledger):
            rung |= await self._advance(one)
        return rung

    async def _advance(self, one: Ring) -> bool:
        said, now = await said_of(self._ledger, one.commune, one.ring_id)
        known = {person: _heard(found) for person, found in said.items()}

        def decide(waits: bool, calls: Sequence[RingCall]) -> RingStep:
            if not waits or now >= one.expires_at:
                late = LATE if waits else DECIDED
                return RingStep(over=late, lines=self._lines(one, {}, (), over=late))
            listed = [
                Call(POST, c.rank, c.person_id, c.wave, c.called_at, c.outcome) for c in calls
            ]
            found = look(listed, known, now=now, wait_s=one.wait_s)
            outcomes = {call.rank: call.outcome or "" for call in found.outcomes}
            over = IN_VAIN if found.empty else None
            told = {call.person_id: call.outcome or "" for call in found.outcomes}
            lines = self._lines(one, told, found.people, over=over)
            return RingStep(outcomes, found.people, over, lines)

        calls = await rings.ring_calls(self._ledger, one.commune, one.ring_id)
        first = decide(await rings.still_waits(self._ledger, one), calls)
        if not (first.outcomes or first.people or first.over):
            return False
        rung = await rings.advance_ring(self._ledger, one, decide)
        log.info("ring.advanced", commune=one.commune, ring=one.ring_id, over=first.over)
        return rung

    def _lines(
        self, one: Ring, outcomes: dict[str, str], people: Sequence[str], *, over: str | None
    ) -> list[Chained]:
        """Tell each outcome, who is rung next, and the end, without a name: ids alone."""
        about = {"version": one.version_id, "ring": one.ring_id}
        entries = [
            Entry(
                WORKER,
                "approval.silent",
                f"Appel pour valider : {person} {_OUTCOMES[outcome]}",
                {**about, "person": person, "outcome": outcome},
            )
            for person, outcome in outcomes.items()
        ]
        if people:
            text = f"Appel pour valider : {', '.join(people)}"
            entries.append(Entry(WORKER, "approval.next", text, {**about, "people": list(people)}))
        if over:
            entries.append(Entry(WORKER, "approval.over", _OVER[over], {**about, "over": over}))
        return [Chained(entry, self._key) for entry in entries]


def _heard(said: Said) -> Said:
    """Take a yes for nothing: she has it before her eyes once she has opened it, not before."""
    return replace(said, answer=said.answer if said.answer == UNABLE else None)
