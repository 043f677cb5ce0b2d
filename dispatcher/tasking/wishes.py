"""Whom a mission is for, and what is open for the same thing already."""

from dataclasses import dataclass, field, replace

from sqlalchemy import Connection, select

from dispatcher.alerts.office import Actor, Office
from dispatcher.alerts.refusals import NotNow
from dispatcher.store import personal
from dispatcher.store.mission_orders import Standing
from dispatcher.store.mission_rows import OVER, Mission
from dispatcher.store.team_rows import team_rows
from dispatcher.store.team_tables import missions
from dispatcher.teams.ordering import NewMission, find_team, propose
from dispatcher.teams.roster import KnownTeam, roster_of


@dataclass(frozen=True)
class Wish:
    """What is asked of a mission beside where it comes from; empty: as it comes.

    `queue`: where the team has a mission already, this one waits for it. `place` is one of the
    addresses known behind a call for help, as it is written there.
    """

    team: str = ""
    kind: str = ""
    urgency: int | None = None
    text: str = ""
    queue: bool = False
    place: str = field(default="", repr=False)


async def made(office: Office, new: NewMission, wish: Wish, *, actor: Actor) -> Mission:
    """Make the mission and give it to its team, in one act; raises what `propose` raises.

    Raises NotNow with who has it, where the same is open already and not this team's.
    """
    if wish.kind:
        new = replace(new, kind=wish.kind)
    if wish.urgency is not None:
        new = replace(new, urgency=wish.urgency)
    if wish.text.strip():
        new = replace(new, text="\n".join(filter(None, (new.text, wish.text.strip()))))
    if not wish.team:
        return await propose(office, new, actor=actor)
    known = await find_team(office, wish.team)
    if new.standing is not None:
        new = replace(new, standing=await _of_this_team(office, new.standing, known))
    try:
        return await propose(office, new, actor=actor, team=known.team)
    except NotNow:
        row = (await team_rows(office.ledger, office.commune)).get(known.team)
        busy = await has_mission(office, known.team)
        if not (wish.queue and busy and (row is None or row.state != "off_duty")):
            raise
    return await propose(office, replace(new, queued_for=known.team), actor=actor)


async def _of_this_team(office: Office, standing: Standing, known: KnownTeam) -> Standing:
    """Return what finds the open mission where it is this team's, and says whose it is else."""
    teams = (await roster_of(office)).teams

    def check(connection: Connection) -> str | None:
        stood = standing(connection)
        if stood is None:
            return None
        wanted = select(missions.c.team, missions.c.queued_for, missions.c.title).where(
            missions.c.commune == office.commune, missions.c.mission == stood
        )
        row = connection.execute(wanted).one()
        if known.team in (row.team, row.queued_for):
            return stood
        place = personal.mission_at("title", office.commune, stood)
        title = personal.read(office.ledger.ring, row.title, place)
        raise of_another(teams.get(row.team or ""), row.team, title=title)

    return check


def of_another(team: KnownTeam | None, named: str | None, *, title: str) -> NotNow:
    """Say who has a mission that was asked of another team; nobody, where no team is named."""
    if named is None:
        return NotNow(
            "La mission « {title} » existe déjà, sans équipe : confiez-la depuis le tableau.",
            title=title,
        )
    return NotNow(
        "{team} a déjà cette mission : « {title} ».",
        team=team.call_sign if team else named, title=title,
    )  # fmt: skip


async def has_mission(office: Office, team: str) -> bool:
    """Tell whether a team has an active mission, whether or not it was ever heard of."""
    wanted = (
        select(missions.c.mission)
        .where(
            missions.c.commune == office.commune,
            missions.c.team == team,
            missions.c.state.not_in(("proposed", *OVER)),
        )
        .limit(1)
    )
    return await office.ledger.read(lambda one: one.execute(wanted).first()) is not None


def same_origin(commune: str, origin: str, ref: str, *, event: str | None = None) -> Standing:
    """Return what finds the open mission of this origin."""
    wanted = select(missions.c.mission).where(
        missions.c.commune == commune,
        missions.c.origin == origin,
        missions.c.origin_ref == ref,
        missions.c.state.not_in(OVER),
    )
    if event is not None:
        wanted = wanted.where(missions.c.event == event)
    wanted = wanted.order_by(missions.c.made_at).limit(1)

    def standing(connection: Connection) -> str | None:
        return connection.execute(wanted).scalar_one_or_none()

    return standing
