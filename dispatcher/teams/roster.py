"""The teams of a commune by every name they go by: id, call sign, what a partner calls them."""

import asyncio
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace

from dispatcher.alerts.office import Office
from dispatcher.alerts.plan_in_force import plan_of
from dispatcher.alerts.refusals import NotThere
from dispatcher.store.crises import open_event_of
from dispatcher.store.own_teams import own_teams_of
from dispatcher.store.partners import named_by
from plans.people import Team
from plans.teams import RADIO, plain

FRESH_S = 1.0  # how long a team that was added may still be unknown to a process


@dataclass(frozen=True)
class KnownTeam:
    """A team of the plan, or one beside it. `minimum` is how many it may leave with at least.

    `people` are ids of the plan's directory, the leader first; `partner` is whose it is.
    """

    team: str
    call_sign: str
    kind: str
    minimum: int = 2
    partner: str | None = None
    people: tuple[str, ...] = ()
    sectors: tuple[str, ...] = ()
    cell: str | None = None
    planned: bool = True


@dataclass(frozen=True)
class Roster:
    """The teams of a commune, its radio codes, and what partners call its teams and missions.

    `event` is the crisis that somebody leads now: what is reported belongs to it.
    """

    teams: Mapping[str, KnownTeam]
    radio: Mapping[int, str] = field(default_factory=lambda: RADIO)
    external: Mapping[tuple[str, str, str], str] = field(default_factory=dict)
    event: str | None = None
    _by_name: Mapping[str, str] = field(default_factory=dict)

    def find(self, name: str, *, partner: str = "") -> KnownTeam | None:
        """Return the team of a name: what the partner calls it, our id, else its call sign."""
        ours = self.external.get((partner, "team", name))
        ours = ours or (name if name in self.teams else self._by_name.get(plain(name)))
        return self.teams.get(ours) if ours else None

    def mission(self, name: str, *, partner: str = "") -> str:
        """Return our id of a mission: the partner's intervention number, else the name itself."""
        return self.external.get((partner, "mission", name), name)


def _roster(
    planned: Iterable[Team],
    own: Iterable[KnownTeam],
    *,
    rest: Roster,
) -> Roster:
    teams = {
        one.id: KnownTeam(
            one.id, one.call_sign, one.kind, one.minimum,
            people=one.people, sectors=one.sectors, cell=one.cell,
        )
        for one in planned
    }  # fmt: skip
    for one in own:
        teams.setdefault(one.team, one)
    names: dict[str, str] = {}
    for known in teams.values():
        names.setdefault(plain(known.call_sign), known.team)
    return replace(rest, teams=teams, _by_name=names)


async def roster_of(office: Office) -> Roster:
    """Return the roster as the ledger has it now; without a plan, of the teams beside it alone."""
    try:
        plan = (await plan_of(office.ledger, office.commune)).plan
    except NotThere:
        planned: tuple[Team, ...] = ()
        radio: Mapping[int, str] = RADIO
    else:
        planned, radio = plan.teams, {**RADIO, **plan.radio_codes}
    own = [
        KnownTeam(one.team, one.call_sign, one.kind, one.minimum, one.partner, planned=False)
        for one in await own_teams_of(office.ledger, office.commune)
    ]
    external = await named_by(office.ledger, office.commune)
    led = await open_event_of(office.ledger, office.commune)
    rest = Roster({}, radio, external, led.event_id if led else None)
    return _roster(planned, own, rest=rest)


@dataclass
class Rosters:
    """Rosters kept at hand for a second: five hundred reports a second read none of them anew."""

    monotonic: Callable[[], float] = time.monotonic
    _held: dict[str, tuple[float, Roster]] = field(default_factory=dict)
    _reading: asyncio.Lock = field(default_factory=asyncio.Lock, repr=False)

    async def of(self, office: Office) -> Roster:
        """Return the roster of the office's commune; one of those who ask reads it for all."""
        if (kept := self.fresh(office.commune)) is not None:
            return kept
        async with self._reading:
            if (kept := self.fresh(office.commune)) is not None:
                return kept
            found = await roster_of(office)
            self._held[office.commune] = (self.monotonic(), found)
            return found

    def fresh(self, commune: str) -> Roster | None:
        """Return the roster that is at hand, if it is."""
        kept = self._held.get(commune)
        return kept[1] if kept and self.monotonic() - kept[0] < FRESH_S else None

    def forget(self, commune: str) -> None:
        """Read it anew at the next look: something of it was changed here."""
        self._held.pop(commune, None)
