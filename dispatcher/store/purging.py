"""Ending what has had its time, and the proof of it, in one transaction each part.

What a part purged is told by the digest of the keys, in order: whoever has a backup from before can
make it again. A part that was purged and not told in the logbook, because the process died, is told
by the next turn.
"""

import hashlib
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, and_, delete, func, or_, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncConnection

from dispatcher.ciphers import NotOpened
from dispatcher.store.clock import db_now
from dispatcher.store.clocks import LEFT, Clock, is_due
from dispatcher.store.erasing import erase_in
from dispatcher.store.ledger import Ledger
from dispatcher.store.logbook import Entry, append, canonical
from dispatcher.store.outgoing import versions
from dispatcher.store.privacy_tables import purges, retention_periods
from dispatcher.store.register_rows import Register
from dispatcher.store.turns import take_turns

PART = 500
PURGED = "records.purged"  # the kind of the line that tells a turn


@dataclass(frozen=True)
class Period:
    """How long a kind of data stays, as it was set last."""

    kind: str
    days: int
    reference: str
    set_by: str
    set_at: float


async def periods(ledger: Ledger, commune: str) -> dict[str, Period]:
    """Return the periods that were set, by kind."""
    held = retention_periods.c
    wanted = (
        select(held.kind, held.days, held.reference, held.set_by, held.set_at)
        .where(held.commune == commune)
        .order_by(held.set_at)
    )
    async with ledger.reading() as connection:
        return {row.kind: Period(*row) for row in await connection.execute(wanted)}


async def set_period(
    ledger: Ledger, commune: str, period: Period, *, entry: Entry, key: bytes
) -> None:
    """Keep a period as set now, with its line."""
    async with ledger.writing() as connection:
        await connection.execute(
            retention_periods.insert().values(
                commune=commune,
                kind=period.kind,
                set_at=db_now(),
                days=period.days,
                reference=period.reference,
                set_by=period.set_by,
            )
        )
        await append(connection, commune=commune, entry=entry, key=key)


async def leaving(ledger: Ledger) -> bool:
    """Tell whether an alert is on its way: nothing that can wait stands in its way."""
    live = and_(
        versions.c.state == "launched",
        versions.c.finished_at.is_(None),
        versions.c.expires_at > db_now(),
    )
    wanted = select(versions.c.version_id).where(live).limit(1)
    async with ledger.reading() as connection:
        return (await connection.execute(wanted)).first() is not None


@dataclass(frozen=True)
class Due:
    """How many rows a clock would end now, and how many are open but not due yet, or held."""

    rows: int
    kept: int


async def due(ledger: Ledger, commune: str, clock: Clock, *, before: float) -> Due:
    """Count what a clock would end."""
    mine = (clock.table.c.commune == commune) & clock.open_ & clock.since.is_not(None)
    ends = is_due(clock, commune, before=before)
    wanted = select(func.count().filter(ends), func.count()).select_from(clock.table).where(mine)
    async with ledger.reading() as connection:
        rows, all_ = (await connection.execute(wanted)).one()
    return Due(rows, all_ - rows)


@dataclass(frozen=True)
class Part:
    """One transaction of a run, and the key of the last row it met; a run begins before any."""

    run_id: str
    number: int = 0
    rows: int = 0
    after: tuple[object, ...] = ()


async def purge_part(
    ledger: Ledger, commune: str, clock: Clock, *, before: float, last: Part
) -> Part | None:
    """End the next rows that are due; None where none is left behind the last that was met.

    Who left and cannot be read stays: erased, she would not be known again.
    """
    async with ledger.writing() as connection:
        if clock.kind == LEFT:
            await take_turns(connection, "people", commune=commune)
        met = await _next(connection, commune, clock, before=before, after=last.after)
        if not met:
            return None
        after = tuple(met[-1])
        keys = [tuple(row)[1:] for row in met]
        ended = await _end(connection, Register(commune, ledger.ring), clock, keys)
        this = Part(last.run_id, last.number + 1, len(ended), after)
        if ended:
            await connection.execute(
                purges.insert().values(
                    commune=commune,
                    run_id=this.run_id,
                    kind=clock.kind,
                    number=this.number,
                    before=before,
                    rows=len(ended),
                    digest=digest_of(ended),
                    purged_at=db_now(),
                )
            )
    return this


def digest_of(keys: Sequence[Sequence[object]]) -> str:
    """Return the SHA-256 over the keys of rows, in their order."""
    whole = hashlib.sha256()
    for key in keys:
        whole.update(canonical({"key": list(key)}) + b"\n")
    return whole.hexdigest()


async def _next(
    connection: AsyncConnection,
    commune: str,
    clock: Clock,
    *,
    before: float,
    after: tuple[object, ...],
) -> Sequence[Row[Any]]:
    order = (clock.since.label("since"), *clock.key)
    wanted = select(*order).where(is_due(clock, commune, before=before))
    if after:
        same = and_(clock.since == after[0], tuple_(*clock.key) > tuple_(*after[1:]))
        wanted = wanted.where(or_(clock.since > after[0], same))
    return (await connection.execute(wanted.order_by(*order).limit(PART))).all()


async def _end(
    connection: AsyncConnection,
    register: Register,
    clock: Clock,
    keys: Sequence[tuple[object, ...]],
) -> list[tuple[object, ...]]:
    """End these rows; return those that did."""
    if clock.kind == LEFT:
        return [key for key in keys if await _erased(connection, register, str(key[0]))]
    these = and_(clock.table.c.commune == register.commune, tuple_(*clock.key).in_(list(keys)))
    acts = update(clock.table).values(**clock.blanks) if clock.blanks else delete(clock.table)
    await connection.execute(acts.where(these))
    return list(keys)


async def _erased(connection: AsyncConnection, register: Register, person: str) -> bool:
    try:
        return await erase_in(connection, register, person)
    except NotOpened:  # told by nobody else than the count of what is left
        return False


async def tell(ledger: Ledger, commune: str, *, key: bytes, left: Mapping[str, int]) -> int:
    """Tell in the logbook what was purged and not told yet; return how many rows. 0: no line.

    `left` says what each clock still finds due: nothing, where a turn came to its end.
    """
    async with ledger.writing() as connection:
        await take_turns(connection, "purges", commune=commune)
        untold = and_(purges.c.commune == commune, purges.c.line.is_(None))
        wanted = select(purges).where(untold).order_by(purges.c.purged_at, purges.c.number)
        parts = (await connection.execute(wanted)).all()
        if not parts:
            return 0
        by_kind: defaultdict[str, list[Row[Any]]] = defaultdict(list)
        for part in parts:
            by_kind[part.kind].append(part)
        told = {
            kind: {
                "rows": sum(one.rows for one in some),
                "before": max(one.before for one in some),
                "digests": [one.digest for one in some],
                "left": left.get(kind, 0),
            }
            for kind, some in by_kind.items()
        }
        rows = sum(int(part.rows) for part in parts)
        entry = Entry("worker", PURGED, f"Données arrivées à leur terme : {rows}", told)
        number = await append(connection, commune=commune, entry=entry, key=key)
        await connection.execute(update(purges).where(untold).values(line=number))
        return rows
