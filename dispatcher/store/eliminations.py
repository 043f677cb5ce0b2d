"""Elimination of old evidence: a slip, the archivist's visa, a second person, then whole seals.

Nothing goes before the visa is recorded (Code du patrimoine, L212-2 and R212-14). The logbook says
which seals go before the first row does, so that the proof stays checkable at every instant, and
whoever takes rows away by hand is still found out.
"""

import secrets
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, and_, bindparam, delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from dispatcher.store.clock import db_now
from dispatcher.store.clocks import held_version
from dispatcher.store.following_tables import help_calls, told_marks, version_sectors
from dispatcher.store.held_back import held_among, held_under
from dispatcher.store.holds import TURN
from dispatcher.store.ledger import Ledger
from dispatcher.store.logbook import append
from dispatcher.store.logbook_tables import evidence
from dispatcher.store.noted import moved
from dispatcher.store.outgoing import (
    answers,
    attempts,
    blocks,
    deliveries,
    receipts,
    recipients,
    unreachable,
    versions,
)
from dispatcher.store.privacy_tables import eliminations
from dispatcher.store.pursuit_tables import pursuits
from dispatcher.store.reply_tables import replies
from dispatcher.store.turns import take_turns
from dispatcher.store.versions import Chained

PART = 500
BEGUN = "records.elimination_begun"  # the kinds of the lines that tell it
DONE = "records.eliminated"


@dataclass(frozen=True)
class Slip:
    """A slip: what would go (`seals`, `counts`), and how far it has come."""

    number: int
    before: float
    seals: Sequence[int]
    counts: Mapping[str, Any]
    made_by: str
    made_at: float
    visa_by: str | None
    visa_reference: str | None
    visa_on: str | None
    recorded_by: str | None
    recorded_at: float | None
    begun_by: str | None
    begun_at: float | None
    done_at: float | None
    given_up_by: str | None
    given_up_at: float | None

    @property
    def state(self) -> str:
        """Made | signed | begun | done | given_up."""
        steps = (
            ("given_up", self.given_up_at),
            ("done", self.done_at),
            ("begun", self.begun_at),
            ("signed", self.recorded_at),
        )
        return next((name for name, at in steps if at is not None), "made")


async def over_among(
    ledger: Ledger, commune: str, idents: Iterable[str], *, before: float
) -> set[str]:
    """Return which of these versions were over before an instant, and are held by nobody."""
    held = versions.c
    wanted = select(held.version_id).where(
        held.commune == commune,
        held.finished_at < before,
        held.expires_at < before,
        ~held_version(commune, held.version_id),
    )
    async with ledger.reading() as connection:
        over = set((await connection.execute(wanted)).scalars())
    return over & set(idents)


async def slips_of(ledger: Ledger, commune: str) -> list[Slip]:
    """Return all slips, the newest first."""
    held = eliminations.c
    columns = [held[name] for name in Slip.__dataclass_fields__]
    wanted = select(*columns).where(held.commune == commune).order_by(held.number.desc())
    async with ledger.reading() as connection:
        return [Slip(**row._mapping) for row in await connection.execute(wanted)]


async def spans(ledger: Ledger, commune: str, seals: Sequence[int]) -> dict[str, Any]:
    """Return how many messages are under these seals, and of when, in epoch milliseconds."""
    found = {"messages": 0, "first_ms": None, "last_ms": None}
    wanted = select(
        func.count(), func.min(evidence.c.settled_ms), func.max(evidence.c.settled_ms)
    ).where(evidence.c.commune == commune, evidence.c.seal.in_(list(seals)))
    async with ledger.reading() as connection:
        row = (await connection.execute(wanted)).one()
    return {**found, "messages": row[0], "first_ms": row[1], "last_ms": row[2]}


async def make(
    ledger: Ledger, commune: str, row: Mapping[str, Any], *, line: Callable[[int], Chained]
) -> int:
    """Keep a new slip; return its number. `line` gives the logbook's line of that number."""
    held = eliminations.c
    async with ledger.writing() as connection:
        await take_turns(connection, "eliminations", commune=commune)
        last = select(func.coalesce(func.max(held.number), 0)).where(held.commune == commune)
        number = int((await connection.execute(last)).scalar_one()) + 1
        values = {"commune": commune, "number": number, "made_at": db_now(), **row}
        await connection.execute(eliminations.insert().values(**values))
        told = line(number)
        await append(connection, commune=commune, entry=told.entry, key=told.key)
    return number


async def record(
    ledger: Ledger, commune: str, number: int, visa: Mapping[str, str], *, line: Chained
) -> bool:
    """Keep the archivist's visa; False where it was, or the slip is given up."""
    held = eliminations.c
    may = and_(held.recorded_at.is_(None), held.given_up_at.is_(None))
    values = {**{held[name]: value for name, value in visa.items()}, held.recorded_at: db_now()}
    return await moved(ledger, _this(commune, number) & may, values, line=line)


async def begin(ledger: Ledger, commune: str, number: int, *, by: str, line: Chained) -> bool:
    """Let it go, by who did not make the slip.

    False where it has no visa, has begun, or a legal hold keeps any of it.
    """
    held = eliminations.c
    may = and_(
        held.recorded_at.is_not(None),
        held.begun_at.is_(None),
        held.given_up_at.is_(None),
        held.made_by != by,
    )
    values = {held.begun_by: by, held.begun_at: db_now()}
    this = _this(commune, number) & may
    async with ledger.writing() as connection:
        await take_turns(connection, TURN, commune=commune)
        seals = (await connection.execute(select(held.seals).where(this))).scalar()
        if seals is None or await held_under(connection, commune, seals):
            return False
        step = update(eliminations).where(this).values(values).returning(held.number)
        if (await connection.execute(step)).first() is None:
            return False
        await append(connection, commune=commune, entry=line.entry, key=line.key)
    return True


async def give_up(ledger: Ledger, commune: str, number: int, *, by: str, line: Chained) -> bool:
    """Give a slip up; False where it has begun."""
    held = eliminations.c
    may = and_(held.begun_at.is_(None), held.given_up_at.is_(None))
    values = {held.given_up_by: by, held.given_up_at: db_now()}
    return await moved(ledger, _this(commune, number) & may, values, line=line)


async def finish(ledger: Ledger, commune: str, number: int, *, line: Chained) -> bool:
    """Note that all of it is gone; False where that was noted."""
    held = eliminations.c
    may = and_(held.begun_at.is_not(None), held.done_at.is_(None))
    return await moved(ledger, _this(commune, number) & may, {held.done_at: db_now()}, line=line)


def _this(commune: str, number: int) -> ColumnElement[bool]:
    return and_(eliminations.c.commune == commune, eliminations.c.number == number)


async def end_part(ledger: Ledger, commune: str, seal: int) -> int | None:
    """End the next messages under a seal, with all that says to whom they went; return how many.

    None where a legal hold keeps any of what is left under it: nothing of it goes then.
    """
    wanted = (
        select(evidence.c.serial, evidence.c.delivery_id)
        .where(evidence.c.commune == commune, evidence.c.seal == seal)
        .order_by(evidence.c.place)
        .limit(PART)
    )
    async with ledger.writing() as connection:
        await take_turns(connection, TURN, commune=commune)
        if await held_under(connection, commune, [seal]):
            return None
        rows = (await connection.execute(wanted)).all()
        if rows:
            await _end_messages(connection, commune, {row.serial: row.delivery_id for row in rows})
    return len(rows)


async def _end_messages(
    connection: AsyncConnection, commune: str, ended: Mapping[int, str]
) -> None:
    """Leave of these messages what counts them: how each ended, and what was answered.

    The id of a message is the digest of its contact, among others: another is drawn.
    """
    idents = list(ended.values())
    drawn = [
        {"of_serial": serial, "was": ident, "drawn": secrets.token_hex(15)}
        for serial, ident in ended.items()
    ]
    for table in (attempts, receipts):
        mine = and_(table.c.commune == commune, table.c.delivery_id.in_(idents))
        await connection.execute(delete(table).where(mine))
    for table, blanks in ((help_calls, {"subject": ""}), (replies, {})):
        mine = and_(table.c.commune == commune, table.c.delivery_id.in_(idents))
        await connection.execute(update(table).where(mine).values(delivery_id=None, **blanks))
    await connection.execute(delete(recipients).where(recipients.c.serial.in_(list(ended))))
    nobody = {"contact": "", "contact_mark": "", "reference": None, "answer_hash": None}
    await connection.execute(
        update(deliveries)
        .where(deliveries.c.serial == bindparam("of_serial"))
        .values(delivery_id=bindparam("drawn"), **nobody),
        drawn,
    )
    same = and_(answers.c.commune == commune, answers.c.delivery_id == bindparam("was"))
    await connection.execute(
        update(answers).where(same).values(delivery_id=bindparam("drawn")), drawn
    )
    await connection.execute(delete(evidence).where(evidence.c.serial.in_(list(ended))))


async def end_version(ledger: Ledger, commune: str, version: str) -> bool:
    """End what says who a version was for, and what they wrote back; False while it is held."""
    async with ledger.writing() as connection:
        await take_turns(connection, TURN, commune=commune)
        if await held_among(connection, commune, [version]):
            return False
        for table in (unreachable, pursuits, told_marks, version_sectors):
            await connection.execute(delete(table).where(_of(table.c, commune, version)))
        await connection.execute(
            update(blocks).where(_of(blocks.c, commune, version)).values(people=[], choice=None)
        )
        await _end_replies(connection, commune, version)
    return True


async def _end_replies(connection: AsyncConnection, commune: str, version: str) -> None:
    await connection.execute(
        update(replies)
        .where(_of(replies.c, commune, version))
        .values(contact="", contact_mark="", body=None)
    )


def _of(columns: Any, commune: str, version: str) -> ColumnElement[bool]:  # noqa: ANN401
    return and_(columns.commune == commune, columns.version_id == version)


def wholly_among(
    seals: Mapping[int, Iterable[str]], over: set[str], *, gone: set[int]
) -> tuple[list[int], list[str]]:
    """Return the seals all of whose versions are over, and the versions that are in no other."""
    among = sorted(
        seal for seal, idents in seals.items() if seal not in gone and set(idents) <= over
    )
    where: defaultdict[str, set[int]] = defaultdict(set)
    for seal, idents in seals.items():
        for ident in idents:
            where[ident].add(seal)
    return among, sorted(
        one for one, held in where.items() if held <= {*among, *gone} and one in over
    )
