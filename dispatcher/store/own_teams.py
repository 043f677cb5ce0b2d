"""Teams that no plan names: a partner's patrol, volunteers who came."""

from dataclasses import dataclass

from sqlalchemy import select

from dispatcher.store.clock import db_now
from dispatcher.store.ledger import Ledger
from dispatcher.store.logbook import append
from dispatcher.store.statements import insert_missing
from dispatcher.store.team_tables import own_teams
from dispatcher.store.versions import Chained


@dataclass(frozen=True)
class OwnTeam:
    """A team beside the plan's; `partner` is whose it is, none: the commune's."""

    team: str
    call_sign: str
    kind: str
    partner: str | None = None
    minimum: int = 2


async def own_teams_of(ledger: Ledger, commune: str) -> list[OwnTeam]:
    """Return the teams of a commune that its plan does not name, by their ids."""
    names = [own_teams.c[name] for name in OwnTeam.__dataclass_fields__]
    wanted = (
        select(*names)
        .where(own_teams.c.commune == commune, own_teams.c.ended_at.is_(None))
        .order_by(own_teams.c.team)
    )
    rows = await ledger.read(lambda connection: connection.execute(wanted).all())
    return [OwnTeam(**row._mapping) for row in rows]


async def add_team(ledger: Ledger, commune: str, team: OwnTeam, *, by: str, line: Chained) -> bool:
    """Add a team; False where the id is taken, and nothing is written."""
    row = {**vars(team), "commune": commune, "made_by": by}
    async with ledger.writing() as connection:
        now = (await connection.execute(select(db_now()))).scalar_one()
        if not await insert_missing(connection, own_teams, [{**row, "made_at": now}]):
            return False
        await append(connection, commune=commune, entry=line.entry, key=line.key)
    return True
