"""Whether something a person typed was taken already, and of which team: asked again, it is one."""

from sqlalchemy import select

from dispatcher.store.ledger import Ledger
from dispatcher.store.team_tables import field_reports


async def team_told_of(ledger: Ledger, commune: str, report_id: str) -> str | None:
    """Return the team of a report that is filed already; None where there is none."""
    wanted = select(field_reports.c.team).where(
        field_reports.c.commune == commune, field_reports.c.report_id == report_id
    )
    return await ledger.read(lambda connection: connection.execute(wanted).scalar_one_or_none())
