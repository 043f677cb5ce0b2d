"""What a team's phone shows besides its status: its mission, and a distress that is not over."""

from dataclasses import dataclass

from sqlalchemy import Connection, select

from dispatcher.store.ledger import Ledger
from dispatcher.store.mission_rows import ACTIVE, Mission, mission_in
from dispatcher.store.team_rows import TeamRow, team_row_in
from dispatcher.store.team_tables import missions, team_alarms


@dataclass(frozen=True)
class PhoneRow:
    """A team as its phone shows it; instants are epoch seconds.

    `distress_at` is when it called, until the cell has ended it; `answered`: somebody has it.
    """

    row: TeamRow | None
    mission: Mission | None
    distress_at: float | None = None
    answered: bool = False


async def phone_row(ledger: Ledger, commune: str, team: str) -> PhoneRow:
    """Return what the phone of a team shows, at one look."""
    going = (
        select(*(missions.c[name] for name in Mission.__dataclass_fields__))
        .where(
            missions.c.commune == commune,
            missions.c.team == team,
            missions.c.state.in_(ACTIVE),
        )
        .order_by(missions.c.mission)
        .limit(1)
    )
    alarm = team_alarms.c
    called = select(alarm.raised_at, alarm.owner).where(
        alarm.commune == commune,
        alarm.team == team,
        alarm.kind == "distress",
        alarm.ended_at.is_(None),
    )

    def look(connection: Connection) -> PhoneRow:
        mission = connection.execute(going).first()
        distress = connection.execute(called).first()
        return PhoneRow(
            team_row_in(connection, commune, team),
            mission_in(mission, ring=ledger.ring) if mission else None,
            distress.raised_at if distress else None,
            bool(distress and distress.owner),
        )

    return await ledger.read(look)
