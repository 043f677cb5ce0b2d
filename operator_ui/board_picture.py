"""What the board shows at an instant: read when something moved, and as each minute goes."""

import time
from dataclasses import dataclass

from dispatcher.alerts.office import Office
from dispatcher.store.desk_items import waiting
from dispatcher.store.mission_rows import Mission
from dispatcher.store.team_alarm_rows import TeamAlarm, field_mark
from dispatcher.teams.board import LANES, Board, Filter, TeamShown, board_of

PAUSE_S = 0.4  # a status is on the screen within a second


@dataclass(frozen=True)
class BoardPicture:
    """The board at an instant; `minute` has the ages told anew, `mark` is what the ledger held."""

    board: Board
    desk: int = 0
    minute: int = 0
    mark: tuple[float | None, ...] = ()


async def board_picture(office: Office, before: BoardPicture | None = None) -> BoardPicture:
    """Return what the board shows now: the very picture before where nothing has moved since."""
    mark = await field_mark(office.ledger, office.commune)
    minute = int(time.time() // 60)
    if before is not None and (before.mark, before.minute) == (mark, minute):
        return before
    items = await waiting(office.ledger, office.commune)
    return BoardPicture(await board_of(office), len(items), minute, mark)


@dataclass(frozen=True)
class BoardShown:
    """A board as one reader filters it: lanes with their teams, missions that nobody has, alarms.

    Distress and alarms are shown whatever is filtered: nobody filters a cry away.
    """

    lanes: dict[str, tuple[TeamShown, ...]]
    to_give: tuple[Mission, ...]
    cries: tuple[tuple[TeamAlarm, TeamShown | None], ...]
    alarms: tuple[tuple[TeamAlarm, TeamShown | None], ...]
    placed: tuple[TeamShown, ...]
    teams: tuple[TeamShown, ...]  # all of them, to be chosen from

    @property
    def alone(self) -> int:
        """How many cries nobody has taken."""
        return sum(alarm.owner is None for alarm, _ in self.cries)


def shown_of(picture: BoardPicture, asked: Filter) -> BoardShown:
    """Return a board through a filter."""
    board = picture.board
    held = [one for one in board.teams if asked.holds(one)]
    raised = [(alarm, team) for team in board.teams for alarm in team.alarms]
    every: list[tuple[TeamAlarm, TeamShown | None]] = [
        *raised, *((alarm, None) for alarm in board.unknown),
    ]  # fmt: skip
    every.sort(key=lambda one: (one[0].level != "critical", one[0].raised_at))
    return BoardShown(
        {
            lane: tuple(sorted((one for one in held if one.lane == lane), key=_first))
            for lane in LANES
        },
        tuple(one for one in board.to_give if asked.holds_mission(one)),
        tuple(one for one in every if one[0].kind == "distress"),
        tuple(one for one in every if one[0].kind != "distress"),
        tuple(one for one in held if one.row is not None and one.row.lon is not None),
        board.teams,
    )


def _first(team: TeamShown) -> tuple[bool, bool, str]:
    return (not team.distress, not team.alarms, team.known.call_sign)
