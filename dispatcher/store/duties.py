"""Who holds which function or cell of an event, since when: one person a post at a time."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import and_, func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from dispatcher.store.clock import db_now
from dispatcher.store.crisis_tables import event_holders
from dispatcher.store.ledger import Ledger
from dispatcher.store.logbook import append
from dispatcher.store.tables import users
from dispatcher.store.turns import take_turns
from dispatcher.store.versions import Chained


@dataclass(frozen=True)
class NewDuty:
    """Someone begins at a post: a function's or a cell's code of the plan.

    `holder` is "contact:ID" of the directory or "user:LOGIN"; `sheet` what was handed over.
    """

    post: str
    holder: str
    sheet: Mapping[str, Any] | None = None


@dataclass(frozen=True)
class Duty:
    """A turn of duty; `until` is None for who is there now; instants are epoch seconds."""

    number: int
    post: str
    holder: str
    since: float
    until: float | None
    set_by: str
    sheet: Mapping[str, Any] | None


async def begin_duty(
    connection: AsyncConnection, event: tuple[str, str], duty: NewDuty, *, by: str
) -> None:
    """Begin a turn of duty inside the caller's transaction, ending that of whoever was there."""
    commune, event_id = event
    mine = and_(event_holders.c.commune == commune, event_holders.c.event_id == event_id)
    await connection.execute(
        update(event_holders)
        .where(mine, event_holders.c.post == duty.post, event_holders.c.until.is_(None))
        .values(until=db_now())
    )
    newest = select(func.coalesce(func.max(event_holders.c.number), 0) + 1).where(mine)
    await connection.execute(
        event_holders.insert().values(
            commune=commune,
            event_id=event_id,
            number=newest.scalar_subquery(),
            post=duty.post,
            holder=duty.holder,
            since=db_now(),
            set_by=by,
            sheet=duty.sheet,
        )
    )


async def relieve_duty(
    ledger: Ledger, event: tuple[str, str], duty: NewDuty, *, before: Duty | None, line: Chained
) -> bool:
    """Put someone at a post in the place of `before`; False where somebody else is there by now."""
    commune, event_id = event
    now = and_(
        event_holders.c.commune == commune,
        event_holders.c.event_id == event_id,
        event_holders.c.post == duty.post,
        event_holders.c.until.is_(None),
    )
    try:
        async with ledger.writing() as connection:
            await take_turns(connection, "event", commune=commune)
            there = (await connection.execute(select(event_holders.c.number).where(now))).scalar()
            if there != (before.number if before else None):
                return False
            await begin_duty(connection, event, duty, by=line.entry.author)
            await append(connection, commune=commune, entry=line.entry, key=line.key)
    except IntegrityError:  # two at the same instant
        return False
    return True


async def duties_of(ledger: Ledger, commune: str, event_id: str) -> list[Duty]:
    """Return every turn of duty of an event, in order."""
    names = [event_holders.c[name] for name in Duty.__dataclass_fields__]
    mine = and_(event_holders.c.commune == commune, event_holders.c.event_id == event_id)
    async with ledger.reading() as connection:
        rows = await connection.execute(select(*names).where(mine).order_by(event_holders.c.number))
        return [Duty(**row._mapping) for row in rows]


async def held_posts(ledger: Ledger, commune: str, event_id: str) -> frozenset[str]:
    """Return the posts that somebody holds now."""
    found = await duties_of(ledger, commune, event_id)
    return frozenset(duty.post for duty in found if duty.until is None)


async def user_names(ledger: Ledger, commune: str) -> dict[str, str]:
    """Return the users of the console who may sign in, by login, with their names."""
    wanted = select(users.c.login, users.c.name).where(
        users.c.commune == commune, users.c.disabled_at.is_(None)
    )
    async with ledger.reading() as connection:
        rows = await connection.execute(wanted.order_by(users.c.name))
        return {row.login: row.name for row in rows}


@dataclass(frozen=True)
class AccountName:
    """How the person of an account is called, and the function that she holds or held."""

    name: str
    function: str


async def account_names(ledger: Ledger, commune: str) -> dict[str, AccountName]:
    """Return every account there is or was, by login: also who left is named in what she did."""
    wanted = select(users.c.login, users.c.name, users.c.function).where(users.c.commune == commune)
    rows = await ledger.read(lambda connection: connection.execute(wanted).all())
    return {row.login: AccountName(row.name, row.function) for row in rows}


async def user_contacts(ledger: Ledger, commune: str) -> dict[str, str]:
    """Return who each user is in the plan's directory, by login; the others are left out."""
    wanted = select(users.c.login, users.c.contact_id).where(
        users.c.commune == commune, users.c.contact_id.is_not(None)
    )
    async with ledger.reading() as connection:
        return {row.login: row.contact_id for row in await connection.execute(wanted)}
