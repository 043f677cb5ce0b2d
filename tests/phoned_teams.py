"""A team of the example commune with a phone: its link, and a mission to knock on doors."""

from dataclasses import dataclass

from dispatcher.alerts.office import Actor, Office
from dispatcher.store.mission_rows import Mission
from dispatcher.teams.ordering import NewMission, propose
from dispatcher.teams.phone_links import make_link

CHIEF = Actor("rac", "rac")
DOORS = NewMission(
    "door_to_door",
    "Porte-à-porte, rue de la Lerne",
    "41 adresses non jointes. Noter les présents, les refus, les maisons vides.",
    lon=5.0152,
    lat=47.7803,
    urgency=2,
)


@dataclass(frozen=True)
class PhonedTeam:
    """A team's id, the path that its link opens, and its mission."""

    team: str
    path: str
    mission: Mission


async def phoned_team(office: Office, team: str) -> PhonedTeam:
    """Give a team of the plan a link and a mission."""
    made = await make_link(office, team, actor=CHIEF)
    mission = await propose(office, DOORS, actor=CHIEF, team=team)
    return PhonedTeam(made.team.team, made.path, mission)
