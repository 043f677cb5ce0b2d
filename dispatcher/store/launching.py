"""The launch of an approved version, in one short transaction; its approval may be part of it."""

from collections.abc import Awaitable, Callable

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncConnection

from dispatcher.store.clock import db_now
from dispatcher.store.crash_points import CrashPoint
from dispatcher.store.ledger import Ledger
from dispatcher.store.logbook import append
from dispatcher.store.outgoing import blocks, versions
from dispatcher.store.statements import insert_rows
from dispatcher.store.versions import (
    FIRST,
    Chained,
    Launch,
    Version,
    as_read,
    follow_earlier,
    supersede,
)

APPROVAL_S = 30 * 60.0  # how long an approval lives (SECURITY T1)
# Approves in the launch's own transaction; returns the version as it stands then, None: refused.
First = Callable[[AsyncConnection], Awaitable[Version | None]]


class _Overtaken(Exception):
    """Another hand moved the version, or its approval is over: what was written is undone."""


async def launch(
    ledger: Ledger, version: Version, act: Launch, *, line: Chained, first: First | None = None
) -> bool:
    """Freeze the audience and make an approved version live, in one short transaction (CP1).

    Where somebody moved since it was found, it is the audience of now, as `act.anew` finds it.
    A correction also ends the version before it, and follows it to all that may have left.
    False when the version was moved by another hand since it was read, or its approval is older
    than APPROVAL_S by the database's clock: nothing is written, what `first` wrote neither.
    """
    try:
        async with ledger.writing() as connection:
            if act.anew is not None:  # first of all: homes are held before the logbook
                act, line = await act.anew(connection) or (act, line)
            approved = version if first is None else await first(connection)
            await _go_live(connection, approved, act)
            await append(connection, commune=version.commune, entry=line.entry, key=line.key)
            if act.brings is not None:
                await act.brings(connection)
            ledger.passing(CrashPoint.CP0)
    except _Overtaken:
        return False
    ledger.passing(CrashPoint.CP1)
    return True


async def _go_live(connection: AsyncConnection, version: Version | None, act: Launch) -> None:
    if version is None:
        raise _Overtaken
    moved = await connection.execute(
        update(versions)
        .where(
            as_read(version),
            versions.c.state == "approved",
            versions.c.expires_at > db_now(),
            versions.c.approved_at > db_now() - APPROVAL_S,
        )
        .values(
            state="launched",
            launched_by=act.by,
            launched_at=db_now(),
            launch_key=act.launch_key,
            people=act.people,
            pursuit="open" if version.content.get("escalation") else None,
        )
    )
    if moved.rowcount == 0:
        raise _Overtaken
    await insert_rows(
        connection,
        blocks,
        [
            {
                "commune": version.commune,
                "version_id": version.version_id,
                "number": number,
                "chains": block.chains,
                "people": block.people,
                "others": block.others or None,
                "choice": block.choice or None,
            }
            for number, block in enumerate(act.audience)
        ],
    )
    if version.kind != FIRST:
        commune, alert_id = version.commune, version.alert_id
        await supersede(connection, commune, alert_id, number=version.number)
        await follow_earlier(connection, commune, version.version_id, number=len(act.audience))
