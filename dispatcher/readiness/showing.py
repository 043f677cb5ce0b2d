"""« Prêt ? » as it is told: in one sentence, worst first, with how old each line is."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from dispatcher.readiness.judging_machine import REHEARSALS, judge_rehearsals
from dispatcher.readiness.lines import (
    NOT_READY,
    READY,
    UNKNOWN,
    WARNING,
    Line,
    filled,
    not_ready,
    worst_first,
)
from dispatcher.store import readiness
from dispatcher.store.in_service import Opening, opening_of
from dispatcher.store.ledger import Ledger
from dispatcher.store.readiness import Round
from dispatcher.store.readiness_facts import rehearsing_of

STALE_S = 36 * 3600.0  # a day's round and a night's grace: older is no longer known


@dataclass(frozen=True)
class Readiness:
    """What is known now: the lines, the round that found them, whether real alerts may leave."""

    lines: Sequence[Line]
    round: Round
    opening: Opening

    def of(self, state: str) -> list[Line]:
        """Return the lines in a state."""
        return [one for one in self.lines if one.state == state]

    @property
    def failing(self) -> int:
        """How many lines are not ready."""
        return len(self.of(NOT_READY))

    @property
    def unsure(self) -> int:
        """How many are not known."""
        return len(self.of(UNKNOWN))

    @property
    def warned(self) -> int:
        """How many work tonight, and not for long."""
        return len(self.of(WARNING))

    @property
    def ready(self) -> bool:
        """Whether everything is known to be ready, warnings aside."""
        return bool(self.lines) and not self.failing and not self.unsure


async def readiness_of(ledger: Ledger, commune: str) -> Readiness:
    """Return what is known of a commune; asks nobody but the ledger.

    Whether somebody takes rehearsals is looked up anew: of a house that has just begun, the first
    round may have come before its last process.
    """
    asked = await readiness.round_of(ledger, commune)
    lines = [aged(one, now=asked.now) for one in await readiness.kept(ledger, commune)]
    if any(one.subject == REHEARSALS for one in lines):
        played = judge_rehearsals(await rehearsing_of(ledger, commune))
        lines = [renewed(one, played, now=asked.now) for one in lines]
    if asked.unanswered:
        lines.insert(0, silent(asked))
    return Readiness(worst_first(lines), asked, await opening_of(ledger, commune))


def renewed(line: Line, found: Line, *, now: float) -> Line:
    """Return what was found now in the place of what was kept of the same subject. Pure."""
    if line.subject != found.subject:
        return line
    return replace(found, since=line.since if line.state == found.state else now, found_at=now)


def silent(asked: Round) -> Line:
    """Say that nobody takes the round that was asked for: then nothing would be sent. Pure."""
    since = asked.asked_at or 0.0
    line = not_ready(
        "worker",
        "Aucun service d'envoi ne répond : aucune alerte ne partirait.",
        "Relancez le service (systemctl restart tocsin), puis vérifiez de nouveau.",
    )
    return replace(line, since=since, found_at=asked.now)


def aged(line: Line, *, now: float) -> Line:
    """Return a line as it counts now: what was ready days ago is not known to be. Pure."""
    if now - line.found_at <= STALE_S or line.state == NOT_READY:
        return line
    hours = f"{(now - line.found_at) / 3600:.0f}"
    return replace(
        line,
        state=UNKNOWN,
        said="Pas vérifié depuis %(hours)s h : aucun service d'envoi ne fait plus sa ronde.",
        remedy="Relancez le service (systemctl restart tocsin), puis vérifiez de nouveau.",
        blanks={"hours": hours},
    )


def headline(known: Readiness) -> str:
    """Say it in one sentence."""
    if not known.lines:
        return "Pas encore vérifié."
    open_points = known.failing + known.unsure
    if open_points:
        return f"Pas prêt : {open_points} point{'s' if open_points > 1 else ''}."
    if known.warned:
        return f"Prêt, {known.warned} point{'s' if known.warned > 1 else ''} à surveiller."
    return "Prêt."


def as_json(known: Readiness) -> Mapping[str, object]:
    """Return it as tools read it."""
    return {
        "ready": known.ready,
        "said": headline(known),
        "in_service": known.opening.live,
        "checked_at": known.round.done_at,
        "counts": {
            state: len(known.of(state)) for state in (NOT_READY, UNKNOWN, WARNING, READY)
        },
        "lines": [
            {
                "subject": one.subject,
                "state": one.state,
                "said": filled(one.said, one),
                "remedy": filled(one.remedy, one),
                "since": one.since,
                "found_at": one.found_at,
            }
            for one in known.lines
        ],
    }  # fmt: skip
