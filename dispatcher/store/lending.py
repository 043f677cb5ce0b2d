"""Means lent and brought back: two at once never lend more than there is.

What is out is out for the whole commune, whichever event lent it; an exercise takes nothing away
from a real one. What was lost or consumed lowers what its own event has: afterwards the plan's
inventory is put right.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, case, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from dispatcher.store.clock import db_now
from dispatcher.store.ledger import Ledger
from dispatcher.store.lending_tables import event_means, loan_returns, loans
from dispatcher.store.logbook import append
from dispatcher.store.statements import insert_missing
from dispatcher.store.turns import take_turns
from dispatcher.store.versions import Chained

DECIMALS = 3  # of a quantity: litres and tonnes have some
_LESS_THAN_ONE = 10**-DECIMALS / 2  # what additions of such figures may stray by


@dataclass(frozen=True)
class Extra:
    """A means that came for one event. `source`: requisition, private, epci, state, other."""

    means_id: str
    label: str
    quantity: float
    unit: str
    source: str
    from_whom: str


@dataclass(frozen=True)
class NewLoan:
    """Something lent: `borrower_kind` is team, centre, cell or other, whose borrower is words.

    `given`: consumed, so that nothing is waited for. `due_at` in epoch seconds.
    """

    loan_id: str
    means_id: str
    label: str
    unit: str
    quantity: float
    borrower_kind: str
    borrower: str
    note: str = ""
    due_at: float | None = None
    given: bool = False


@dataclass(frozen=True)
class Loan:
    """A loan as the ledger holds it; instants are epoch seconds."""

    commune: str
    loan_id: str
    event_id: str
    mode: str
    means_id: str
    label: str
    unit: str
    quantity: float
    given: bool
    borrower_kind: str
    borrower: str
    note: str
    lent_by: str
    lent_at: float
    due_at: float | None
    returned: float
    lost: float

    @property
    def left(self) -> float:
        """How much of it may still come back."""
        return round(self.quantity - self.returned - self.lost, DECIMALS)

    @property
    def out(self) -> float:
        """How much of it is waited for."""
        return 0.0 if self.given else self.left

    def late_at(self, now: float) -> bool:
        """Whether it should have been back by now."""
        return self.due_at is not None and self.out > 0 and self.due_at < now


@dataclass(frozen=True)
class Back:
    """What came back of a loan: `lost` is lost or broken. The same `key` again changes nothing."""

    returned: float
    lost: float
    condition: str
    key: str | None = None


@dataclass(frozen=True)
class OfEvent:
    """The event that lends."""

    commune: str
    event_id: str
    mode: str


async def add_extra(ledger: Ledger, event: OfEvent, extra: Extra, *, line: Chained) -> bool:
    """Note a means that came for an event; False where this very click noted it already."""
    async with ledger.writing() as connection:
        now = (await connection.execute(select(db_now()))).scalar_one()
        mine = {"commune": event.commune, "event_id": event.event_id}
        row = {**mine, **vars(extra), "added_by": line.entry.author, "added_at": now}
        if not await insert_missing(connection, event_means, [row]):
            return False
        await append(connection, commune=event.commune, entry=line.entry, key=line.key)
        return True


async def extras_of(ledger: Ledger, commune: str, event_id: str) -> list[Extra]:
    """Return what came for an event, the earliest first."""
    names = [event_means.c[name] for name in Extra.__dataclass_fields__]
    mine = and_(event_means.c.commune == commune, event_means.c.event_id == event_id)
    order = (event_means.c.added_at, event_means.c.means_id)
    async with ledger.reading() as connection:
        rows = await connection.execute(select(*names).where(mine).order_by(*order))
        return [Extra(**row._mapping) for row in rows]


async def lend(
    ledger: Ledger, event: OfEvent, loan: NewLoan, *, of: float, line: Chained
) -> float | None:
    """Lend of a means that counts `of`; None, or what there is where it is not enough.

    A click that has lent already lends nothing more.
    """
    async with ledger.writing() as connection:
        await take_turns(connection, "means", commune=event.commune)
        now = (await connection.execute(select(db_now()))).scalar_one()
        there = and_(loans.c.commune == event.commune, loans.c.loan_id == loan.loan_id)
        if (await connection.execute(select(loans.c.loan_id).where(there))).first():
            return None
        taken = await _taken(connection, event, loans.c.means_id == loan.means_id)
        available = round(of - taken.get(loan.means_id, 0.0), DECIMALS)
        if loan.quantity > available + _LESS_THAN_ONE:
            return max(available, 0.0)
        row = {**vars(event), **vars(loan), "lent_by": line.entry.author, "lent_at": now}
        await connection.execute(loans.insert().values(row))
        await append(connection, commune=event.commune, entry=line.entry, key=line.key)
        return None


async def taken_of(ledger: Ledger, event: OfEvent) -> Mapping[str, float]:
    """Return how much of each means an event cannot lend: out, lost or consumed."""
    async with ledger.reading() as connection:
        return await _taken(connection, event, loans.c.commune == event.commune)


async def _taken(
    connection: AsyncConnection, event: OfEvent, which: ColumnElement[bool]
) -> Mapping[str, float]:
    own = loans.c.event_id == event.event_id
    gone = loans.c.quantity - loans.c.returned
    counted = case((own, gone), (loans.c.given, 0.0), else_=gone - loans.c.lost)
    of_mode = and_(loans.c.commune == event.commune, loans.c.mode == event.mode)
    wanted = select(loans.c.means_id, func.sum(counted)).where(of_mode, which)
    rows = await connection.execute(wanted.group_by(loans.c.means_id))
    return {row[0]: round(float(row[1]), DECIMALS) for row in rows}


async def take_back(
    ledger: Ledger, loan: Loan, back: Back, *, line: Callable[[Loan], Chained]
) -> Loan | None:
    """Take back of a loan; None where less of it is left than is said to come back.

    `line` makes the logbook's line of the loan as it is afterwards.
    """
    this = and_(loans.c.commune == loan.commune, loans.c.loan_id == loan.loan_id)
    async with ledger.writing() as connection:
        await take_turns(connection, "means", commune=loan.commune)
        read = Loan(**(await connection.execute(select(loans).where(this))).one()._mapping)
        if await _clicked(connection, loan.commune, back.key):
            return read
        if back.returned + back.lost > read.left + _LESS_THAN_ONE:
            return None
        values = {
            "returned": round(read.returned + back.returned, DECIMALS),
            "lost": round(read.lost + back.lost, DECIMALS),
        }
        now = Loan(**{**vars(read), **values})
        written = line(now)
        await connection.execute(update(loans).where(this).values(**values))
        await _note(connection, now, back, by=written.entry.author)
        await append(connection, commune=loan.commune, entry=written.entry, key=written.key)
        return now


async def _clicked(connection: AsyncConnection, commune: str, key: str | None) -> bool:
    if key is None:
        return False
    mine = and_(loan_returns.c.commune == commune, loan_returns.c.act_key == key)
    return (await connection.execute(select(loan_returns.c.number).where(mine))).first() is not None


async def _note(connection: AsyncConnection, loan: Loan, back: Back, *, by: str) -> None:
    mine = and_(loan_returns.c.commune == loan.commune, loan_returns.c.loan_id == loan.loan_id)
    newest = select(func.coalesce(func.max(loan_returns.c.number), 0) + 1).where(mine)
    await connection.execute(
        loan_returns.insert().values(
            commune=loan.commune,
            loan_id=loan.loan_id,
            number=newest.scalar_subquery(),
            returned=back.returned,
            lost=back.lost,
            condition=back.condition,
            taken_by=by,
            taken_at=db_now(),
            act_key=back.key,
        )
    )


async def loan_of(ledger: Ledger, commune: str, loan_id: str) -> Loan | None:
    """Return a loan; None where there is none of this id."""
    this = and_(loans.c.commune == commune, loans.c.loan_id == loan_id)
    async with ledger.reading() as connection:
        row = (await connection.execute(select(loans).where(this))).first()
        return Loan(**row._mapping) if row else None


async def loans_seen(ledger: Ledger, event: OfEvent) -> list[Loan]:
    """Return the loans of an event, and those that others of its mode still wait for."""
    waited = and_(~loans.c.given, loans.c.quantity - loans.c.returned - loans.c.lost > 0.0005)
    seen = or_(loans.c.event_id == event.event_id, and_(loans.c.mode == event.mode, waited))
    order = (loans.c.lent_at.desc(), loans.c.loan_id)
    async with ledger.reading() as connection:
        wanted = select(loans).where(loans.c.commune == event.commune, seen)
        rows = await connection.execute(wanted.order_by(*order))
        return [Loan(**row._mapping) for row in rows]


async def out_of(ledger: Ledger, commune: str, event_id: str) -> list[Loan]:
    """Return the loans of an event of which something is still waited for."""
    this = and_(loans.c.commune == commune, loans.c.event_id == event_id, ~loans.c.given)
    async with ledger.reading() as connection:
        rows = await connection.execute(select(loans).where(this).order_by(loans.c.lent_at))
        return [one for one in (Loan(**row._mapping) for row in rows) if one.out > 0]


@dataclass(frozen=True)
class Returned:
    """One return of a loan."""

    loan_id: str
    number: int
    returned: float
    lost: float
    condition: str
    taken_by: str
    taken_at: float


async def returns_of(ledger: Ledger, commune: str, event_id: str) -> list[Returned]:
    """Return what came back of an event's loans, in order."""
    names = [loan_returns.c[name] for name in Returned.__dataclass_fields__]
    same = and_(
        loans.c.commune == loan_returns.c.commune, loans.c.loan_id == loan_returns.c.loan_id
    )
    mine = and_(loans.c.commune == commune, loans.c.event_id == event_id)
    wanted = select(*names).join_from(loan_returns, loans, same).where(mine)
    async with ledger.reading() as connection:
        rows = await connection.execute(wanted.order_by(loan_returns.c.taken_at))
        return [Returned(**row._mapping) for row in rows]
