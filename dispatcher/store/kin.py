"""Whom a resident has told how she is: kept under seal, told each outcome of an alert once."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, and_, delete, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from dispatcher.ciphers import Ring
from dispatcher.store import personal
from dispatcher.store.clock import db_now
from dispatcher.store.code_messages import CodeMessage, blank_out, send_code
from dispatcher.store.kin_tables import kin, kin_told
from dispatcher.store.ledger import Ledger
from dispatcher.store.own_links import Own
from dispatcher.store.people import Contact
from dispatcher.store.register_rows import Register
from dispatcher.store.statements import insert_missing

DAY_S = 86_400.0


@dataclass(frozen=True)
class Kin:
    """Somebody to tell: her name, where, in which language; `mark` is her contact's."""

    name: str
    contact: Contact
    language: str
    mark: str = ""


async def keep_kin(
    connection: AsyncConnection, register: Register, person_id: str, *, one: Kin
) -> None:
    """Keep somebody to tell, in the caller's transaction; the same contact twice is once."""
    commune, ring = register.commune, register.ring
    mark = personal.contact_mark(ring, one.contact.value)

    def sealed(column: str, text: str) -> str:
        return personal.sealed(ring, text, personal.kin_at(column, commune, person_id, mark))

    row = {
        "commune": commune,
        "person_id": person_id,
        "mark": mark,
        "kind": one.contact.kind,
        "contact": sealed("contact", one.contact.value),
        "name": sealed("name", one.name),
        "language": one.language,
        "agreed_at": (await connection.execute(select(db_now()))).scalar_one(),
    }
    await insert_missing(connection, kin, [row])


async def follow_kin(
    connection: AsyncConnection, register: Register, kept: str, *, was: str
) -> None:
    """Give whom a row has told to the one that it is joined to, sealed for that one.

    Raises NotOpened where one cannot be read: she would be told of nobody any more.
    """
    commune, ring = register.commune, register.ring
    mine = and_(kin.c.commune == commune, kin.c.person_id == was)
    rows = []
    for row in (await connection.execute(select(kin).where(mine))).all():
        anew = {**row._mapping, "person_id": kept}
        for column in ("name", "contact"):
            at = (personal.kin_at(column, commune, one, row.mark) for one in (was, kept))
            said = personal.sure(ring, getattr(row, column), next(at))
            anew[column] = personal.sealed(ring, said, next(at))
        rows.append(anew)
    await insert_missing(connection, kin, rows)


async def kin_of(ledger: Ledger, own: Own) -> list[Kin]:
    """Return whom somebody has told, in the order in which they agreed."""
    mine = and_(kin.c.commune == own.commune, kin.c.person_id == own.person_id)
    wanted = select(kin).where(mine).order_by(kin.c.agreed_at, kin.c.mark)
    async with ledger.reading() as connection:
        rows = (await connection.execute(wanted)).all()
    return [
        Kin(
            _read(ledger.ring, "name", row),
            Contact(row.kind, _read(ledger.ring, "contact", row)),
            row.language,
            row.mark,
        )
        for row in rows
    ]


async def drop_kin(ledger: Ledger, own: Own, *, mark: str) -> None:
    """Tell somebody no more; twice is once."""
    async with ledger.writing() as connection:
        await connection.execute(
            delete(kin).where(
                kin.c.commune == own.commune, kin.c.person_id == own.person_id, kin.c.mark == mark
            )
        )


def tell_no_more(connection: Connection, mark: str) -> None:
    """Tell nobody's news to this contact any more, in the caller's transaction: it sent STOP."""
    connection.execute(delete(kin).where(kin.c.mark == mark))


async def who_has_kin(ledger: Ledger, commune: str) -> list[Own]:
    """Return the residents of a commune who have somebody told."""
    wanted = select(kin.c.person_id).where(kin.c.commune == commune).distinct()
    async with ledger.reading() as connection:
        return [Own(commune, one) for one in (await connection.execute(wanted)).scalars()]


@dataclass(frozen=True)
class Told:
    """An outcome of an alert for somebody."""

    alert_id: str
    own: Own
    outcome: str


async def tell(
    ledger: Ledger, told: Told, some: Sequence[Kin], *, message: Callable[[Kin], CodeMessage]
) -> int:
    """Send an outcome to each who was not told it yet; return to how many. Once, whoever calls."""
    sent = 0
    async with ledger.writing() as connection:
        now = (await connection.execute(select(db_now()))).scalar_one()
        for one in some:
            words = message(one)
            row = {
                "commune": told.own.commune,
                "alert_id": told.alert_id,
                "person_id": told.own.person_id,
                "mark": one.mark,
                "outcome": told.outcome,
                "message": words.ident,
                "told_at": now,
            }
            if await insert_missing(connection, kin_told, [row]):
                await send_code(connection, told.own.commune, words, ring=ledger.ring)
                sent += 1
    return sent


async def was_told(ledger: Ledger, own: Own, alert_id: str) -> frozenset[tuple[str, str]]:
    """Return what was told of somebody in an alert: marks, and outcomes."""
    wanted = select(kin_told.c.mark, kin_told.c.outcome).where(
        kin_told.c.commune == own.commune,
        kin_told.c.person_id == own.person_id,
        kin_told.c.alert_id == alert_id,
    )
    async with ledger.reading() as connection:
        return frozenset((row.mark, row.outcome) for row in await connection.execute(wanted))


async def forget_old(ledger: Ledger) -> None:
    """Blank out the names that were told of, and to whom, a day later."""
    old = and_(kin_told.c.told_at < db_now() - DAY_S, kin_told.c.message != "")
    wanted = select(kin_told.c.commune, kin_told.c.message).where(old).limit(200)
    # An idle turn takes no writer's place, and in one hop no connection either.
    rows = await ledger.read(lambda connection: connection.execute(wanted).all())
    if not rows:
        return
    async with ledger.writing() as connection:
        for row in rows:
            await blank_out(connection, row.commune, [row.message])
        done = [row.message for row in rows]
        blank = update(kin_told).where(kin_told.c.message.in_(done)).values(message="")
        await connection.execute(blank)


def _read(ring: Ring, column: str, row: Row[Any]) -> str:
    kept = getattr(row, column)
    return personal.read(ring, kept, personal.kin_at(column, row.commune, row.person_id, row.mark))
