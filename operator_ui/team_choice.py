"""The teams that a mission may be given to, as a page offers them: which have one already."""

from dataclasses import dataclass

from dispatcher.access.permissions import allowed
from dispatcher.store.users import User
from dispatcher.teams.board import Board, board_of
from dispatcher.teams.nearest import nearest
from dispatcher.teams.ordering import MAY
from operator_ui.installation import Installation
from zones.area import AreaFault, Place


@dataclass(frozen=True)
class TeamChoice:
    """A team by its call sign; `busy`: it has a mission, another one waits for it.

    `metres`: how far a free team is from where the mission goes, as the crow flies, if known.
    """

    team: str
    call_sign: str
    busy: bool
    metres: float | None = None


async def choice_of(
    held: Installation, guest: User, *, to: Place | None = None
) -> list[TeamChoice]:
    """Return the teams in service, free ones first; none for who may not order them.

    `to` is where the mission goes: the nearest comes first, then those whose place nobody knows.
    """
    if not allowed(guest.function, MAY):
        return []
    board = await board_of(held.office(guest.commune))
    far = _far(board, to) if to else {}
    found = [
        TeamChoice(one.team, one.known.call_sign, one.mission is not None, far.get(one.team))
        for one in board.teams
        if one.state != "off_duty"
    ]
    unknown = float("inf")
    return sorted(
        found,
        key=lambda one: (
            one.busy, unknown if one.metres is None else one.metres, one.call_sign,
        ),
    )  # fmt: skip


def _far(board: Board, to: Place) -> dict[str, float]:
    try:
        near = nearest(board.teams, to, most=len(board.teams))
    except AreaFault:  # outside of France nothing is measured
        return {}
    return {one.team.team: one.metres for one in near}
