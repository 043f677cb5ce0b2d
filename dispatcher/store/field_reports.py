"""A report from the field as it is filed, and what became of it."""

from dataclasses import dataclass
from typing import NamedTuple

from dispatcher.store.logbook import Entry
from plans.folding import Fact


@dataclass(frozen=True)
class NewAlarm:
    """An alarm that a report raises: its kind (`dispatcher/teams/alarming.py`) and how grave."""

    kind: str
    level: str = "critical"  # or warning


class Report(NamedTuple):
    """What somebody reports, or orders, of a team or a mission; instants are epoch seconds.

    A tuple, as what is made for each message is: a frozen dataclass takes four times as long.
    `report_id` is made of who says it and under which id, so that the same one is known again.
    `said` is a team's status or event, `mission_said` a mission's state. `entry` is its line of the
    logbook, to which what it comes to is added; what says a place alone has none, and leaves
    nothing but the trail.
    """

    report_id: str
    team: str | None
    at: float
    source: str
    author: str
    entry: Entry | None
    said: str | None = None
    mission: str | None = None
    mission_said: str | None = None
    event: str | None = None
    ordered: bool = False
    strength: int | None = None
    note: str = ""
    lon: float | None = None
    lat: float | None = None
    accuracy_m: float | None = None
    alarms: tuple[NewAlarm, ...] = ()

    @property
    def fact(self) -> Fact | None:
        """Return what it says of its team; None: nothing."""
        return self._said(self.said)

    @property
    def mission_fact(self) -> Fact | None:
        """Return what it says of its mission; None: nothing."""
        return self._said(self.mission_said)

    def _said(self, said: str | None) -> Fact | None:
        if not said:
            return None
        return Fact(self.at, self.report_id, said, ordered=self.ordered, strength=self.strength)


class Filed(NamedTuple):
    """What became of a report: the state now, whether it is by this report, what was missing.

    `applied` is false where something newer was known already: it is kept, the state stays.
    `repeated`: it was filed before, and nothing was done.
    """

    state: str | None
    applied: bool
    missing: tuple[str, ...] = ()
    mission_state: str | None = None
    repeated: bool = False
