"""The teams that a mission may be given to, as a page offers them: which have one already."""

from dataclasses import dataclass

from dispatcher.access.permissions import allowed
from dispatcher.store.mission_rows import missions_of
from dispatcher.store.team_rows import team_rows
from dispatcher.store.users import User
from dispatcher.teams.ordering import MAY
from dispatcher.teams.roster import roster_of
from operator_ui.installation import Installation


@dataclass(frozen=True)
class TeamChoice:
    """A team by its call sign; `busy`: it has a mission, another one waits for it."""

    team: str
    call_sign: str
    busy: bool


async def choice_of(held: Installation, guest: User) -> list[TeamChoice]:
    """Return the teams in service, free ones first; none for who may not order them."""
    if not allowed(guest.function, MAY):
        return []
    office = held.office(guest.commune)
    known = (await roster_of(office)).teams
    states = await team_rows(office.ledger, office.commune)
    going = await missions_of(office.ledger, office.commune, going=True)
    busy = {one.team for one in going if one.team}
    found = [
        TeamChoice(one.team, one.call_sign, one.team in busy)
        for one in known.values()
        if not (one.team in states and states[one.team].state == "off_duty")
    ]
    return sorted(found, key=lambda one: (one.busy, one.call_sign))
