"""Alarms in the ledger: raised once for each subject, told by one process, ended when it is over.

Each raising and each end is a line of the logbook, in the same transaction.
"""

import secrets
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, func, select, update

from dispatcher.store.alarm_tables import alarms
from dispatcher.store.clock import db_now
from dispatcher.store.ledger import Ledger
from dispatcher.store.logbook import Entry, append
from dispatcher.store.statements import insert_missing

TELLING_S = 8.0  # who has not told by then died over it: another process tells


@dataclass(frozen=True)
class Raised:
    """What is wrong and what to do, in sentences; `subject` is what it is about."""

    subject: str
    kind: str
    problem: str
    remedy: str


@dataclass(frozen=True)
class Standing:
    """An open alarm of a commune."""

    commune: str
    raised: Raised
    raised_at: float
    teller: str = ""
    telling_s: float = 0.0
    told: bool = True


async def raise_alarm(
    ledger: Ledger, raised: Raised, *, communes: Collection[str], teller: str, key: bytes
) -> list[str]:
    """Write the alarm for each commune that has none open on the subject; return those communes.

    `teller` is the process that tells those on call where the answer is not empty.
    """
    new = []
    async with ledger.writing() as connection:
        now = (await connection.execute(select(db_now()))).scalar_one()
        for commune in sorted(communes):
            row = {
                "commune": commune,
                "alarm_id": secrets.token_hex(8),
                **vars(raised),
                "raised_at": now,
                "teller": teller,
                "telling_at": now,
            }
            if await insert_missing(connection, alarms, [row]):
                new.append(commune)
        for commune in new:
            told = {"subject": raised.subject, "kind": raised.kind, "remedy": raised.remedy}
            entry = Entry("tocsin", "alarm.raised", raised.problem, told)
            await append(connection, commune=commune, entry=entry, key=key)
    return new


async def take_telling(ledger: Ledger, subject: str, *, teller: str) -> list[str]:
    """Take over the telling of an alarm whose teller died; return the communes it speaks of."""
    async with ledger.writing() as connection:
        found = await connection.execute(
            update(alarms)
            .where(
                _open(subject),
                alarms.c.told_at.is_(None),
                alarms.c.telling_at < db_now() - TELLING_S,
            )
            .values(teller=teller, telling_at=db_now())
            .returning(alarms.c.commune)
        )
        return sorted(found.scalars())


async def note_told(ledger: Ledger, subject: str) -> None:
    """Note that those on call know."""
    async with ledger.writing() as connection:
        await connection.execute(
            update(alarms)
            .where(_open(subject), alarms.c.told_at.is_(None))
            .values(told_at=db_now())
        )


async def end_alarm(ledger: Ledger, subject: str, *, key: bytes, text: str) -> list[str]:
    """End the open alarms on a subject; return their communes: those of nobody else."""
    async with ledger.writing() as connection:
        found = await connection.execute(
            update(alarms)
            .where(_open(subject))
            .values(ended_at=db_now())
            .returning(alarms.c.commune)
        )
        communes = sorted(found.scalars())
        for commune in communes:
            entry = Entry("tocsin", "alarm.ended", text, {"subject": subject})
            await append(connection, commune=commune, entry=entry, key=key)
    return communes


async def standing(ledger: Ledger) -> Sequence[Standing]:
    """Return the open alarms of all communes, the oldest first."""
    names = ("subject", "kind", "problem", "remedy")
    statement = (
        select(
            alarms.c.commune,
            *(alarms.c[name] for name in names),
            alarms.c.raised_at,
            alarms.c.teller,
            (db_now() - alarms.c.telling_at).label("telling_s"),
            func.coalesce(alarms.c.told_at, 0.0).label("told_at"),
        )
        .where(alarms.c.ended_at.is_(None))
        .order_by(alarms.c.raised_at, alarms.c.commune)
    )
    rows = await ledger.read(lambda one: one.execute(statement).all())
    return [
        Standing(
            row.commune,
            Raised(*(getattr(row, name) for name in names)),
            row.raised_at,
            row.teller,
            row.telling_s,
            row.told_at > 0,
        )
        for row in rows
    ]


def _open(subject: str) -> ColumnElement[bool]:
    return and_(alarms.c.subject == subject, alarms.c.ended_at.is_(None))
