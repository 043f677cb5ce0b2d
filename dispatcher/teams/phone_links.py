"""Links that open a team's page on its phones: made by the cell, each ended at once when revoked.

A link opens one team's page and nothing else. It ends by itself after a day, and with the
stand-down of the event that it was made for.
"""

import hashlib
import secrets
from dataclasses import dataclass, field

from dispatcher.access.permissions import allowed
from dispatcher.alerts.drafting import new_id
from dispatcher.alerts.office import Actor, Office
from dispatcher.alerts.refusals import NotSo, NotThere, NotYou
from dispatcher.store import team_links
from dispatcher.store.team_links import NewLink, TeamLink
from dispatcher.teams.ordering import find_team
from dispatcher.teams.roster import KnownTeam, roster_of

MAY = "team.order"
HOURS = 24.0  # of life, where nobody says otherwise
MOST_HOURS = 14 * 24.0
_TOKEN_BYTES = 24  # 192 bits
LONGEST_TOKEN = 64  # anything longer is not looked up


@dataclass(frozen=True)
class MadeLink:
    """A link as it is shown once: its address is kept nowhere."""

    team: KnownTeam
    link: str
    path: str = field(repr=False)  # /t/…
    hours: float


async def make_link(office: Office, team: str, *, actor: Actor, hours: float = HOURS) -> MadeLink:
    """Make a link for a team. Raises NotThere, NotYou, or NotSo for a life that is none."""
    _may(actor)
    if not 0 < hours <= MOST_HOURS:
        raise NotSo("Un lien d'équipe vaut entre une heure et quatorze jours.")
    roster = await roster_of(office)
    known = roster.find(team)
    if known is None:
        raise NotThere("L'équipe « {team} » n'existe pas.", team=team)
    return await give_link(office, known, author=actor.login, event=roster.event, hours=hours)


async def give_link(  # noqa: PLR0913 - who, of what, for how long
    office: Office,
    team: KnownTeam,
    *,
    author: str,
    event: str | None,
    hours: float = HOURS,
    mission: str | None = None,
) -> MadeLink:
    """Make a link for a team; who may ask for it was judged before. `mission`: of which order."""
    token, link = secrets.token_urlsafe(_TOKEN_BYTES), new_id()
    of = {"event": event, "mission": mission}
    line = office.line(
        author,
        "team.link_made",
        f"Lien de téléphone fait pour l'équipe {team.call_sign}"
        + (", depuis son ordre de mission" if mission else ""),
        team=team.team,
        link=link,
        hours=hours,
        **{name: value for name, value in of.items() if value},
    )
    new = NewLink(link, _hash(token), team.team, event, author, life_s=hours * 3600.0)
    await team_links.make_link(office.ledger, office.commune, new, line=line)
    return MadeLink(team, link, f"/t/{token}", hours)


async def revoke_links(office: Office, team: str, *, actor: Actor, link: str | None = None) -> int:
    """Revoke one of a team's links, or all of them; return how many still opened it."""
    _may(actor)
    known = await find_team(office, team)
    line = office.line(
        actor.login,
        "team.link_revoked",
        f"Lien de téléphone coupé pour l'équipe {known.call_sign}"
        if link
        else f"Tous les liens de téléphone coupés pour l'équipe {known.call_sign}",
        team=known.team,
        **({"link": link} if link else {}),
    )
    return await team_links.revoke_links(
        office.ledger, office.commune, known.team, line=line, link=link
    )


async def links_of(office: Office, team: str) -> list[TeamLink]:
    """Return the links of a team, the newest first; raises NotThere."""
    known = await find_team(office, team)
    return await team_links.links_of(office.ledger, office.commune, known.team)


async def link_named(office: Office, token: str) -> TeamLink | None:
    """Return the link of a token, of whichever commune, over or not; None: there never was one."""
    if not token or len(token) > LONGEST_TOKEN:
        return None
    return await team_links.link_of(office.ledger, _hash(token))


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _may(actor: Actor) -> None:
    if not allowed(actor.function, MAY):
        raise NotYou("Votre fonction ne permet pas de donner un lien à une équipe.")
