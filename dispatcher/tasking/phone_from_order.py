"""A team's page opened from the order that its leader got: one touch, no account, no dictation.

The address of the order is a secret of who got it, and says which team is meant. It opens pages
while the order stands; whoever holds it may open a second telephone for a mate, never many.
"""

from dataclasses import dataclass

from dispatcher.alerts.office import Office
from dispatcher.alerts.refusals import NotNow
from dispatcher.store.mission_rows import ACTIVE, Mission, mission_of
from dispatcher.store.mission_tellings import Telling, telling_by
from dispatcher.teams.phone_links import MadeLink, give_link, links_of
from dispatcher.teams.roster import KnownTeam, roster_of

TEAM_STEPS = ("told", "chased")  # the other steps are told to those who lead
MOST_PHONES = 5  # opened by one telling: a team's own, not a street's


@dataclass(frozen=True)
class Order:
    """An order that still stands, by one telling of it: mission, team, open event, who was told."""

    telling: Telling
    mission: Mission
    team: KnownTeam
    event: str | None

    @property
    def author(self) -> str:
        """Return whom the logbook names: who was told."""
        return f"contact:{self.telling.people[0]}"


async def order_by(office: Office, wave: str) -> Order | None:
    """Return the order that a wave told its team; None where it is its own no more."""
    telling = await telling_by(office.ledger, office.commune, wave)
    if telling is None or telling.what not in TEAM_STEPS or not telling.people:
        return None
    mission = await mission_of(office.ledger, office.commune, telling.mission)
    if mission is None or mission.state not in ACTIVE or mission.ordered_at != telling.ordered_at:
        return None
    roster = await roster_of(office)
    team = roster.teams.get(mission.team or "")
    return Order(telling, mission, team, roster.event) if team else None


async def open_page(office: Office, order: Order) -> MadeLink:
    """Make a link to the page of the order's team.

    Raises NotNow where the cell has cut a link of the team since it was told, for a telephone may
    be lost, and where this telling has opened five already.
    """
    links = await links_of(office, order.team.team)
    told_at = order.telling.told_at
    if any(one.revoked_at is not None and one.revoked_at >= told_at for one in links):
        raise NotNow("La cellule a coupé les téléphones de cette équipe : appelez-la.")
    opened = [one for one in links if one.made_by == order.author and one.made_at >= told_at]
    if len(opened) >= MOST_PHONES:
        raise NotNow("Cet ordre a déjà ouvert cinq téléphones : appelez la cellule.")
    return await give_link(
        office, order.team, author=order.author, event=order.event, mission=order.mission.mission
    )
