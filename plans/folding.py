"""What a team is doing, and where a mission stands: the fold of what was reported, by event time.

Reports come late, twice and in any order: the state is that of the reports put in the order in
which things happened (ties by the report's id), never of the order in which they came in.
"""

from collections.abc import Iterable
from functools import reduce
from typing import NamedTuple

from plans.missions import BY_ORDER, mission_may_become, mission_state, mission_steps_between
from plans.teams import STATUS_CODES, may_become, steps_between


class Fact(NamedTuple):
    """A report as the fold sees it: when it happened (epoch seconds), its id, what it says.

    `said` is a status or an event of a team, or the state of a mission; `ordered` where the cell
    decided it rather than the team reported it. `strength` is how many are aboard.
    """

    at: float
    report_id: str
    said: str
    ordered: bool = False
    strength: int | None = None

    @property
    def mark(self) -> "Mark":
        """Its place among the others."""
        return (self.at, self.report_id)


Mark = tuple[float, str]  # when it happened, and the report's id


class Folded(NamedTuple):
    """What the facts come to. `missing` are the steps that nobody reported before this state.

    `since` is when the state began; `last` is the newest report of a state, `heard` the newest of
    all. `gaps` counts the reports that missed a step.
    """

    state: str | None = None
    since: float | None = None
    last: Mark | None = None
    heard: Mark | None = None
    missing: tuple[str, ...] = ()
    gaps: int = 0
    strength: int | None = None
    ordered: bool = False  # whether the state is by an order


NOTHING_HEARD = Folded()


def follow_team(folded: Folded, fact: Fact) -> Folded:
    """Return what a team's state becomes by the next fact in order; events leave it as it is."""
    strength = folded.strength if fact.strength is None else fact.strength
    if fact.said not in STATUS_CODES:
        return folded._replace(heard=fact.mark, strength=strength)
    if fact.said == folded.state:
        return folded._replace(heard=fact.mark, last=fact.mark, strength=strength)
    old = folded.state
    missing = () if old is None or may_become(fact.said, old=old) else steps_between(old, fact.said)
    return Folded(
        state=fact.said,
        since=fact.at,
        last=fact.mark,
        heard=fact.mark,
        missing=missing,
        gaps=folded.gaps + bool(missing),
        strength=strength,
    )


def follow_mission(folded: Folded, fact: Fact) -> Folded:
    """Return what a mission's state becomes by the next fact in order.

    What was over when it was called off stays as it was: an end that is heard of late was there
    first. And what was called off stays so until it is ordered anew, whatever its team goes on to
    report: it may not know yet, and has another mission perhaps. To propose and to order are the
    cell's: whoever else says so repeats what it was told, and moves nothing.
    """
    heard = folded._replace(heard=fact.mark)
    old = folded.state
    if fact.said == old:
        return heard._replace(last=fact.mark)
    if fact.said in BY_ORDER and not fact.ordered:
        return heard
    if old is not None and mission_state(old).over and fact.ordered and fact.said == "cancelled":
        return heard
    if old == "cancelled" and folded.ordered and not fact.ordered:
        return heard
    legal = old is None or mission_may_become(fact.said, old=old)
    missing = () if old is None or legal else mission_steps_between(old, fact.said)
    return heard._replace(
        state=fact.said,
        since=fact.at,
        last=fact.mark,
        missing=missing,
        gaps=folded.gaps + bool(missing),
        ordered=fact.ordered,
    )


def follow(folded: Folded, fact: Fact, *, mission: bool) -> Folded:
    """Return what a team, or a mission, comes to by the next fact in order."""
    return follow_mission(folded, fact) if mission else follow_team(folded, fact)


def fold(facts: Iterable[Fact], *, mission: bool) -> Folded:
    """Return the state by all that was said, in whatever order it is given, each report once."""
    step = follow_mission if mission else follow_team
    return reduce(step, in_order(facts), NOTHING_HEARD)


def fold_with(late: Fact, others: Iterable[Fact], *, mission: bool) -> tuple[Folded, Folded]:
    """Return the state as it was with a fact that comes late, and as it is after all of them."""
    step = follow_mission if mission else follow_team
    own = state = NOTHING_HEARD
    for fact in in_order((*others, late)):
        state = step(state, fact)
        if fact.report_id == late.report_id:
            own = state
    return own, state


def stands(fact: Fact, *, mission: bool) -> bool:
    """Tell whether a fact says a state; a team's events leave its state as it is."""
    return mission or fact.said in STATUS_CODES


def in_order(facts: Iterable[Fact]) -> list[Fact]:
    """Return the facts as things happened, each once."""
    return sorted({one.report_id: one for one in facts}.values(), key=lambda one: one.mark)
