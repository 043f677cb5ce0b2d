"""What everybody concerned has to be told, kept with the act that it tells, told once by somebody.

Taken by one process at a time; who takes one and dies gives it back after a minute.
"""

import secrets
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from dispatcher.store.access_tables import announcements
from dispatcher.store.clock import db_now
from dispatcher.store.ledger import Ledger

TELLING_S = 60.0
GIVEN_UP_S = 24 * 3600.0


@dataclass(frozen=True)
class Announcement:
    """Words for the people who approve alerts, and for these logins besides."""

    subject: str
    body: str
    logins: tuple[str, ...] = ()


@dataclass(frozen=True)
class Untold:
    """An announcement taken to be told."""

    commune: str
    ident: str
    told: Announcement


async def announce(connection: AsyncConnection, commune: str, told: Announcement) -> None:
    """Keep an announcement, inside the transaction of what it tells."""
    await connection.execute(
        announcements.insert().values(
            commune=commune,
            announcement_id=secrets.token_hex(8),
            subject=told.subject,
            body=told.body,
            logins=list(told.logins),
            made_at=db_now(),
        )
    )


async def take(ledger: Ledger) -> Untold | None:
    """Take the oldest announcement that nobody is telling, of any commune; None where all is told.

    One that could not be told for a day is left: it is in the logbook, and on the console.
    """
    free = or_(announcements.c.taken_at.is_(None), announcements.c.taken_at < db_now() - TELLING_S)
    wanted = (
        select(announcements)
        .where(
            announcements.c.told_at.is_(None),
            announcements.c.made_at > db_now() - GIVEN_UP_S,
            free,
        )
        .order_by(announcements.c.made_at)
        .limit(1)
    )
    async with ledger.reading() as look:
        row = (await look.execute(wanted)).first()
    if row is None:
        return None
    async with ledger.writing() as connection:
        mine = await connection.execute(
            update(announcements)
            .where(
                announcements.c.commune == row.commune,
                announcements.c.announcement_id == row.announcement_id,
                announcements.c.told_at.is_(None),
                free,
            )
            .values(taken_at=db_now())
        )
    return _untold(row) if mine.rowcount else None


async def note_told(ledger: Ledger, one: Untold) -> None:
    """Note that an announcement was told."""
    async with ledger.writing() as connection:
        await connection.execute(
            update(announcements)
            .where(
                announcements.c.commune == one.commune,
                announcements.c.announcement_id == one.ident,
            )
            .values(told_at=db_now())
        )


def _untold(row: Row[Any]) -> Untold:
    told = Announcement(row.subject, row.body, tuple(row.logins))
    return Untold(row.commune, row.announcement_id, told)
