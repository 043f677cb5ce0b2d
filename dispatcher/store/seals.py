"""The seals of a commune: held by one worker at a time, filled, told in the logbook.

A seal is a set of rows of evidence and a line that carries their hash. A worker that dies leaves
rows under the open seal, and whoever holds it next goes on from there.
"""

import hashlib
from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Double,
    Row,
    Select,
    and_,
    bindparam,
    exists,
    func,
    or_,
    select,
    update,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from dispatcher.store.clock import db_now
from dispatcher.store.ledger import Ledger
from dispatcher.store.logbook import Entry, append, canonical
from dispatcher.store.logbook_tables import evidence, sealed_versions, sealing
from dispatcher.store.outgoing import versions
from dispatcher.store.statements import insert_for, insert_in

EVERY_S = 60.0
LEASE_S = 30.0
QUIET_S = 3600.0  # after its last message left, a version's receipts have come or never will
PAGE = 5000
SEALED = "deliveries.settled"  # the kind of the line that carries a hash


@dataclass(frozen=True)
class Filling:
    """The open seal of a commune, held by one worker: what settled from when is looked at."""

    commune: str
    holder: str
    since: float
    until: float

    @property
    def mine(self) -> dict[str, Any]:
        """Return what the statements of a holding are asked with."""
        return {"of_commune": self.commune, "of_holder": self.holder}


@dataclass
class Tally:
    """The hash of a seal as it grows, row by row in the order of their places."""

    rows: int = 0
    whole: Any = field(default_factory=hashlib.sha256)
    states: Counter[str] = field(default_factory=Counter)
    versions: Counter[str] = field(default_factory=Counter)

    def add(self, row: Row[Any]) -> None:
        """Take one more row of evidence; its canonical spelling is an array of its values."""
        self.rows += 1
        self.states[row.state] += 1
        self.versions[row.version_id] += 1
        self.whole.update(canonical({"row": list(row)}) + b"\n")


class LeaseLost(Exception):
    """Another worker holds the seal: this one leaves it alone."""


async def open_seals(ledger: Ledger) -> None:
    """Give each commune that launched an alert its first seal; it begins now, not in the past."""
    first = select(versions.c.commune, db_now(), db_now() + EVERY_S).where(
        versions.c.launched_at.is_not(None),
        ~exists().where(sealing.c.commune == versions.c.commune),
    )
    names = ["commune", "until", "next_at"]
    opening = insert_in(ledger.dialect, sealing).from_select(names, first.distinct())
    if await ledger.read(lambda one: one.execute(first.limit(1)).first()):
        await ledger.write(lambda one: one.execute(opening.on_conflict_do_nothing()))


def _unsealed() -> ColumnElement[bool]:
    return and_(
        versions.c.launched_at.is_not(None),
        ~exists().where(
            sealed_versions.c.commune == versions.c.commune,
            sealed_versions.c.version_id == versions.c.version_id,
        ),
    )


def _free() -> ColumnElement[bool]:
    return or_(sealing.c.lease_until.is_(None), sealing.c.lease_until <= db_now())


async def due(ledger: Ledger) -> list[str]:
    """Return the communes whose minute is over, while a version of theirs is not wholly sealed."""
    statement = select(sealing.c.commune).where(
        _free(),
        sealing.c.next_at <= db_now(),
        exists().where(versions.c.commune == sealing.c.commune, _unsealed()),
    )
    return list(await ledger.read(lambda one: one.execute(statement).scalars().all()))


async def over(ledger: Ledger, commune: str) -> list[str]:
    """Return the versions of which nothing more is expected, and that were not gone through."""
    stopped = versions.c.state.in_(("cancelled", "superseded"))
    quiet = and_(
        func.coalesce(versions.c.pursuit, "") != "open",
        versions.c.finished_at <= db_now() - QUIET_S,
    )
    statement = select(versions.c.version_id).where(
        versions.c.commune == commune,
        versions.c.finished_at.is_not(None),
        or_(stopped, versions.c.expires_at <= db_now(), quiet),
        _unsealed(),
    )
    return list(await ledger.read(lambda one: one.execute(statement).scalars().all()))


async def take(ledger: Ledger, commune: str, *, holder: str) -> Filling | None:
    """Hold the commune's open seal; None where another worker does, or has just told it."""
    taking = (
        update(sealing)
        .where(sealing.c.commune == commune, _free(), sealing.c.next_at <= db_now())
        .values(holder=holder, lease_until=db_now() + LEASE_S)
        .returning(sealing.c.until, db_now())
    )
    row = await ledger.write(lambda one: one.execute(taking).first())
    return Filling(commune, holder, since=row[0], until=row[1]) if row else None


_STILL_MINE = and_(
    sealing.c.commune == bindparam("of_commune"),
    sealing.c.holder == bindparam("of_holder"),
    sealing.c.lease_until > db_now(),
)
_RENEW = (
    update(sealing)
    .where(_STILL_MINE)
    .values(
        lease_until=db_now() + LEASE_S,
        filled=sealing.c.filled + bindparam("more"),
    )
    .returning(sealing.c.seal, sealing.c.filled)
)
_EMPTY = {
    "until": bindparam("seen_until", type_=Double),
    "next_at": db_now() + EVERY_S,
    "holder": None,
    "lease_until": None,
}
_LET_GO = update(sealing).where(_STILL_MINE).values(_EMPTY)
_NEXT = _LET_GO.values(seal=sealing.c.seal + 1, filled=0)


def renew(connection: Connection, filling: Filling, *, more: int = 0) -> tuple[int, int]:
    """Hold on to the seal in this transaction, `more` rows fuller: its number and its rows.

    Raises LeaseLost.
    """
    held = connection.execute(_RENEW, {**filling.mine, "more": more}).first()
    if held is None:
        raise LeaseLost
    return held[0], held[1]


async def hold(ledger: Ledger, filling: Filling) -> tuple[int, int]:
    """Hold on to the seal for another lease: its number and its rows. Raises LeaseLost."""
    return await ledger.write(lambda one: renew(one, filling))


async def tell(
    ledger: Ledger, filling: Filling, *, closed: Sequence[str], key: bytes
) -> dict[str, Any] | None:
    """Tell the open seal in the logbook and open the next; None, and no line, where it is empty.

    `closed` are versions that were gone through to the end. The line, the next seal and the
    versions' ends are one transaction. Raises LeaseLost.
    """
    seal, filled = await hold(ledger, filling)
    tally = Tally()
    async for row in rows_under(ledger, filling.commune, seal):
        tally.add(row)
        if tally.rows % PAGE == 0:
            await hold(ledger, filling)  # a million rows take longer than a lease
    told: dict[str, Any] | None = None
    async with ledger.writing() as connection:
        ending = {**filling.mine, "seen_until": filling.until}
        done = await connection.execute(_NEXT if filled else _LET_GO, ending)
        if done.rowcount != 1:
            raise LeaseLost
        await _close(connection, filling.commune, closed)
        if filled:
            told = {
                "seal": seal,
                "count": tally.rows,
                "sha256": tally.whole.hexdigest(),
                "states": dict(tally.states),
                "versions": dict(tally.versions),
            }
            entry = Entry("worker", SEALED, f"Scellé n° {seal} : {filled} envois", told)
            await append(connection, commune=filling.commune, entry=entry, key=key)
    return told


async def _close(connection: AsyncConnection, commune: str, closed: Sequence[str]) -> None:
    for version in closed:
        await connection.execute(
            insert_for(connection, sealed_versions)
            .values(commune=commune, version_id=version, sealed_at=db_now())
            .on_conflict_do_nothing()
        )


_COVERED = (
    evidence.c.place,
    evidence.c.version_id,
    evidence.c.delivery_id,
    evidence.c.medium,
    evidence.c.state,
    evidence.c.accepted_ms,
    evidence.c.settled_ms,
    evidence.c.pseudonym,
)


async def rows_under(ledger: Ledger, commune: str, seal: int) -> AsyncIterator[Row[Any]]:
    """Give what a seal's hash covers, in order, page by page."""
    after = 0
    while True:
        page: Select[Any] = (
            select(*_COVERED)
            .where(evidence.c.commune == commune, evidence.c.seal == seal)
            .where(evidence.c.place > after)
            .order_by(evidence.c.place)
            .limit(PAGE)
        )
        async with ledger.reading() as connection:
            rows = (await connection.execute(page)).all()
        for row in rows:
            yield row
        if len(rows) < PAGE:
            return
        after = rows[-1].place


@dataclass(frozen=True)
class Shelf:
    """The open seal of a commune, how many rows it should have, and how many each seal has."""

    seal: int = 1
    filled: int = 0
    counted: Mapping[int, int] = field(default_factory=dict)


async def shelf(ledger: Ledger, commune: str) -> Shelf:
    """Count the rows under each seal, in one statement: a worker may be filling one."""
    wanted = (
        select(sealing.c.seal, sealing.c.filled, evidence.c.seal, func.count(evidence.c.serial))
        .outerjoin(evidence, evidence.c.commune == sealing.c.commune)
        .where(sealing.c.commune == commune)
        .group_by(sealing.c.seal, sealing.c.filled, evidence.c.seal)
    )
    async with ledger.reading() as connection:
        rows = (await connection.execute(wanted)).all()
    if not rows:
        return Shelf()
    return Shelf(rows[0][0], rows[0][1], {row[2]: row[3] for row in rows if row[2] is not None})
