"""The board: every team of the roster with what it does, every mission that goes on, what waits."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from dispatcher.alerts.office import Office
from dispatcher.store.mission_rows import Mission, missions_of
from dispatcher.store.team_alarm_rows import TeamAlarm, open_team_alarms
from dispatcher.store.team_rows import TeamRow, team_rows
from dispatcher.teams.roster import KnownTeam, Roster, roster_of

UNHEARD = "unheard"  # the lane of teams that never said a status
LANES: Mapping[str, tuple[str, ...]] = {
    "available": ("available", "available_on_scene"),
    "alerted": ("alerted",),
    "en_route": ("en_route",),
    "on_scene": ("on_scene",),
    "returning": ("returning",),
    "off": ("off_duty", "resting", UNHEARD),
}
"""The lanes in their order, and the states that each holds; every state has one, a test says so."""

STALE_S = 15 * 60.0  # a place told longer ago is shown as old


@dataclass(frozen=True)
class TeamShown:
    """A team of the roster and what is known of it now; `row` is None until it is heard of."""

    known: KnownTeam
    row: TeamRow | None
    alarms: tuple[TeamAlarm, ...] = ()
    mission: Mission | None = None

    @property
    def team(self) -> str:
        """Our id of it."""
        return self.known.team

    @property
    def state(self) -> str:
        """Its status; `unheard` where it never said one."""
        return (self.row.state if self.row else None) or UNHEARD

    @property
    def distress(self) -> bool:
        """Whether it calls for help itself, and nobody has ended that."""
        return any(one.kind == "distress" for one in self.alarms)

    @property
    def lane(self) -> str:
        """The lane that it stands in."""
        return next(lane for lane, states in LANES.items() if self.state in states)


@dataclass(frozen=True)
class Board:
    """What the cell looks at. `unknown` are alarms of teams that no roster names any more."""

    teams: tuple[TeamShown, ...]
    missions: tuple[Mission, ...]
    roster: Roster
    unknown: tuple[TeamAlarm, ...] = ()

    def team(self, team: str) -> TeamShown | None:
        """Return a team by our id; None where the roster has none."""
        return next((one for one in self.teams if one.team == team), None)

    @property
    def to_give(self) -> tuple[Mission, ...]:
        """The missions that no team has, the most urgent first."""
        return tuple(one for one in self.missions if one.team is None)


@dataclass(frozen=True)
class Filter:
    """Which teams and missions are looked at; what is empty leaves all of them."""

    partner: str = ""  # its id; "-": the commune's own
    kind: str = ""
    sector: str = ""
    mission: str = ""
    alarms: bool = False

    def holds(self, team: TeamShown) -> bool:
        """Tell whether a team is looked at."""
        known = team.known
        return (
            self.partner in ("", known.partner or "-")
            and self.kind in ("", known.kind)
            and self._in_sector(team)
            and (not self.mission or (team.mission is not None and self._has(team.mission)))
            and (not self.alarms or bool(team.alarms))
        )

    def _in_sector(self, team: TeamShown) -> bool:
        mission = team.mission
        own = team.known.sectors
        there = self.sector in own or (mission is not None and mission.sector == self.sector)
        return not self.sector or there

    def _has(self, mission: Mission) -> bool:
        return self.mission in (mission.mission, mission.kind)

    def holds_mission(self, mission: Mission) -> bool:
        """Tell whether a mission that no team has is looked at."""
        return self.sector in ("", mission.sector) and (not self.mission or self._has(mission))


async def board_of(office: Office) -> Board:
    """Return the board as the ledger has it now: teams by call sign, missions by urgency."""
    roster = await roster_of(office)
    rows = await team_rows(office.ledger, office.commune)
    missions = await missions_of(office.ledger, office.commune, going=True)
    alarms = await open_team_alarms(office.ledger, office.commune)
    active = _active(missions)
    known = sorted(roster.teams.values(), key=lambda one: (one.call_sign, one.team))
    return Board(
        tuple(
            TeamShown(
                one,
                rows.get(one.team),
                tuple(alarm for alarm in alarms if alarm.team == one.team),
                active.get(one.team),
            )
            for one in known
        ),
        tuple(missions),
        roster,
        tuple(one for one in alarms if one.team not in roster.teams),
    )


def _active(missions: Sequence[Mission]) -> dict[str, Mission]:
    return {one.team: one for one in missions if one.team is not None}
