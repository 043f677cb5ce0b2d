"""What is done once a day: the first process that comes does it, another if that one died."""

from sqlalchemy import and_, distinct, func, select, tuple_, update

from dispatcher.store import personal
from dispatcher.store.alarm_tables import dailies
from dispatcher.store.clock import db_now
from dispatcher.store.ledger import Ledger
from dispatcher.store.statements import insert_missing
from dispatcher.store.tables import contacts

ABANDONED_S = 900.0


async def begin(ledger: Ledger, what: str, *, day: str) -> bool:
    """Take a day's work; False when it is done, or another process is at it."""
    this = and_(dailies.c.what == what, dailies.c.day == day)
    async with ledger.reading() as connection:  # nearly always: without a turn to write
        known = (await connection.execute(select(dailies.c.done_at).where(this))).first()
    if known is not None and known.done_at is not None:
        return False
    async with ledger.writing() as connection:
        now = (await connection.execute(select(db_now()))).scalar_one()
        if await insert_missing(connection, dailies, [{"what": what, "day": day, "begun_at": now}]):
            return True
        taken = await connection.execute(
            update(dailies)
            .where(this, dailies.c.done_at.is_(None), dailies.c.begun_at < now - ABANDONED_S)
            .values(begun_at=now)
        )
    return taken.rowcount == 1


async def done(ledger: Ledger, what: str, *, day: str) -> None:
    """Note that a day's work is done."""
    async with ledger.writing() as connection:
        await connection.execute(
            update(dailies)
            .where(dailies.c.what == what, dailies.c.day == day)
            .values(done_at=db_now())
        )


async def note(ledger: Ledger, what: str, *, day: str) -> None:
    """Note at once what is done and needs no turn of anybody; noting twice is noting once."""
    async with ledger.writing() as connection:
        now = (await connection.execute(select(db_now()))).scalar_one()
        row = {"what": what, "day": day, "begun_at": now, "done_at": now}
        await insert_missing(connection, dailies, [row])


async def ages(ledger: Ledger, begins: str, *, day: str) -> dict[str, float]:
    """Return how many seconds ago each work of a day was done whose name `begins` so."""
    mine = and_(
        dailies.c.what.startswith(begins, autoescape=True),
        dailies.c.day == day,
        dailies.c.done_at.is_not(None),
    )
    wanted = select(dailies.c.what, (db_now() - dailies.c.done_at).label("age")).where(mine)
    async with ledger.reading() as connection:
        return {row.what: row.age for row in await connection.execute(wanted)}


async def how_many(ledger: Ledger, kind: str) -> int:
    """Count the different contacts of a kind, over all communes."""
    statement = select(func.count(distinct(contacts.c.mark))).where(contacts.c.kind == kind)
    return int(await ledger.read(lambda one: one.execute(statement).scalar_one()))


async def some_of(ledger: Ledger, kind: str, *, limit: int) -> list[str]:
    """Return some different contacts of a kind, the same ones each time."""
    held = contacts.c
    each = func.min(held.commune + "." + held.person_id)  # one of those who share it
    statement = (
        select(held.commune, held.person_id, held.mark, held.value)
        .where(
            held.kind == kind,
            tuple_(held.mark, held.commune + "." + held.person_id).in_(
                select(held.mark, each).where(held.kind == kind).group_by(held.mark)
            ),
        )
        .order_by(held.mark)
        .limit(limit)
    )
    rows = await ledger.read(lambda one: one.execute(statement).all())
    places = [personal.contact_at(row.commune, row.person_id, row.mark) for row in rows]
    found = (
        personal.read(ledger.ring, row.value, place)
        for row, place in zip(rows, places, strict=True)
    )
    return [one for one in found if one]
