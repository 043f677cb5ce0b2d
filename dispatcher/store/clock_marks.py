"""Clocks of the alert policy: when they were stopped by hand, and what stops them by itself."""

from collections.abc import Mapping

from sqlalchemy import Connection, func, select, text

from dispatcher.store.clock import db_now
from dispatcher.store.following_tables import clock_marks
from dispatcher.store.ledger import Ledger
from dispatcher.store.logbook import append
from dispatcher.store.outgoing import versions
from dispatcher.store.tables import logbook
from dispatcher.store.versions import Chained


async def stop_clock(ledger: Ledger, of: tuple[str, str, str], *, note: str, line: Chained) -> None:
    """Note that what a clock asks for was done otherwise; `of` is commune, alert and clock."""
    commune, alert_id, clock = of
    async with ledger.writing() as connection:
        await connection.execute(
            clock_marks.insert().values(
                commune=commune,
                alert_id=alert_id,
                clock=clock,
                done_at=db_now(),
                done_by=line.entry.author,
                note=note,
            )
        )
        await append(connection, commune=commune, entry=line.entry, key=line.key)


async def marks_of_clock(ledger: Ledger, commune: str, clock: str) -> Mapping[str, float]:
    """Return when a clock was stopped by hand, lately, for each alert of a commune that has it."""
    wanted = (
        select(clock_marks.c.alert_id, func.max(clock_marks.c.done_at))
        .where(clock_marks.c.commune == commune, clock_marks.c.clock == clock)
        .group_by(clock_marks.c.alert_id)
    )
    async with ledger.reading() as connection:
        return {row[0]: row[1] for row in await connection.execute(wanted)}


async def clock_facts(
    ledger: Ledger, commune: str, alert_id: str
) -> tuple[Mapping[str, float], tuple[float, ...], float | None]:
    """Return each clock's latest mark, the launches of an alert, the commune's latest report."""
    marks = (
        select(clock_marks.c.clock, func.max(clock_marks.c.done_at))
        .where(clock_marks.c.commune == commune, clock_marks.c.alert_id == alert_id)
        .group_by(clock_marks.c.clock)
    )
    launches = (
        select(versions.c.launched_at)
        .where(
            versions.c.commune == commune,
            versions.c.alert_id == alert_id,
            versions.c.launched_at.is_not(None),
        )
        .order_by(versions.c.number)
    )
    report = (
        select(logbook.c.recorded_at)
        .where(logbook.c.commune == commune, text("logbook.kind = 'sitrep.issued'"))  # as its index
        .order_by(logbook.c.number.desc())
        .limit(1)
    )

    def look(
        connection: Connection,
    ) -> tuple[Mapping[str, float], tuple[float, ...], float | None]:
        marked = {row[0]: row[1] for row in connection.execute(marks)}
        launched = tuple(connection.execute(launches).scalars())
        return marked, launched, connection.execute(report).scalar()

    return await ledger.read(look)
