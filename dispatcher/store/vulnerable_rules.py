"""Who may use the register of vulnerable people: agents by name, openings on a ground, rulings."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from dispatcher.store.clock import db_now
from dispatcher.store.help_calls import HELP, REGISTER
from dispatcher.store.help_cries import Cry, keep_cry
from dispatcher.store.ledger import Ledger
from dispatcher.store.logbook import append
from dispatcher.store.turns import take_turns
from dispatcher.store.versions import Chained
from dispatcher.store.vulnerable_tables import (
    vulnerable_agents,
    vulnerable_looks,
    vulnerable_openings,
    vulnerable_outcomes,
    vulnerable_people,
    vulnerable_rulings,
)

SAME_NIGHT_S = 24 * 3600.0


@dataclass(frozen=True)
class Agent:
    """Somebody named to keep the register; instants are epoch seconds."""

    login: str
    named_at: float
    named_by: str


@dataclass(frozen=True)
class Opening:
    """The register opened: on which ground (prefect_plan, pcs_activation), which paper says so."""

    opening_id: str
    ground: str
    reference: str
    event_id: str | None
    opened_at: float
    opened_by: str
    closed_at: float | None = None
    closed_by: str | None = None


@dataclass(frozen=True)
class Ruling:
    """Whether the activation of the PCS opens the register: what the DPO decided, and where."""

    on_activation: bool
    reference: str
    ruled_at: float
    ruled_by: str


@dataclass(frozen=True)
class Outcome:
    """What became of a person while the register was open."""

    outcome: str
    noted_at: float
    noted_by: str


@dataclass(frozen=True)
class Noted:
    """What somebody notes of a person: well, help, absent or elsewhere."""

    entry_id: str
    outcome: str
    login: str


async def agents_of(ledger: Ledger, commune: str) -> list[Agent]:
    """Return who is named to keep the register now."""
    columns = [vulnerable_agents.c[name] for name in Agent.__dataclass_fields__]
    now = and_(vulnerable_agents.c.commune == commune, vulnerable_agents.c.ended_at.is_(None))
    wanted = select(*columns).where(now).order_by(vulnerable_agents.c.login)
    async with ledger.reading() as connection:
        return [Agent(**row._mapping) for row in await connection.execute(wanted)]


async def name_agent(ledger: Ledger, commune: str, login: str, *, line: Chained) -> bool:
    """Name an agent; False where she is one already."""
    async with ledger.writing() as connection:
        await take_turns(connection, "vulnerable rules", commune=commune)
        if (
            await connection.execute(select(vulnerable_agents).where(_named(commune, login)))
        ).first():
            return False
        row = {
            "commune": commune, "login": login, "named_at": db_now(),
            "named_by": line.entry.author,
        }  # fmt: skip
        await connection.execute(vulnerable_agents.insert().values(row))
        await append(connection, commune=commune, entry=line.entry, key=line.key)
        return True


async def end_agent(ledger: Ledger, commune: str, login: str, *, line: Chained) -> bool:
    """End it; False where she is none."""
    async with ledger.writing() as connection:
        values = {"ended_at": db_now(), "ended_by": line.entry.author}
        ended = update(vulnerable_agents).where(_named(commune, login)).values(values)
        if not (await connection.execute(ended)).rowcount:
            return False
        await append(connection, commune=commune, entry=line.entry, key=line.key)
        return True


def _named(commune: str, login: str) -> ColumnElement[bool]:
    return and_(
        vulnerable_agents.c.commune == commune,
        vulnerable_agents.c.login == login,
        vulnerable_agents.c.ended_at.is_(None),
    )


async def ruling_of(ledger: Ledger, commune: str) -> Ruling | None:
    """Return the DPO's last ruling; None where there is none."""
    columns = [vulnerable_rulings.c[name] for name in Ruling.__dataclass_fields__]
    wanted = select(*columns).where(vulnerable_rulings.c.commune == commune)
    async with ledger.reading() as connection:
        row = (
            await connection.execute(wanted.order_by(vulnerable_rulings.c.ruled_at.desc()).limit(1))
        ).first()
        return Ruling(**row._mapping) if row else None


async def rule(
    ledger: Ledger, commune: str, *, on_activation: bool, reference: str, line: Chained
) -> None:
    """Keep a ruling; the former ones stay."""
    async with ledger.writing() as connection:
        await take_turns(connection, "vulnerable rules", commune=commune)
        row = {
            "commune": commune, "ruled_at": db_now(), "on_activation": on_activation,
            "reference": reference, "ruled_by": line.entry.author,
        }  # fmt: skip
        await connection.execute(vulnerable_rulings.insert().values(row))
        await append(connection, commune=commune, entry=line.entry, key=line.key)


async def opening_now(ledger: Ledger, commune: str) -> Opening | None:
    """Return the opening that is under way; None where the register is shut."""
    columns = [vulnerable_openings.c[name] for name in Opening.__dataclass_fields__]
    async with ledger.reading() as connection:
        row = (await connection.execute(select(*columns).where(_open(commune)))).first()
        return Opening(**row._mapping) if row else None


async def open_register(
    ledger: Ledger, commune: str, opening: Mapping[str, object], *, line: Chained
) -> bool:
    """Open the register: `opening_id`, `ground`, `reference`, `event_id`.

    False where it is open, or where this very click opened it before.
    """
    async with ledger.writing() as connection:
        await take_turns(connection, "vulnerable rules", commune=commune)
        clicked = and_(
            vulnerable_openings.c.commune == commune,
            vulnerable_openings.c.opening_id == opening["opening_id"],
        )
        there = select(vulnerable_openings.c.opening_id).where(or_(_open(commune), clicked))
        if (await connection.execute(there)).first():
            return False
        row = {
            "commune": commune, **opening, "opened_at": db_now(), "opened_by": line.entry.author
        }  # fmt: skip
        await connection.execute(vulnerable_openings.insert().values(row))
        await append(connection, commune=commune, entry=line.entry, key=line.key)
        return True


async def close_register(
    ledger: Ledger, commune: str, opening_id: str, *, line: Callable[[int, int], Chained]
) -> bool:
    """Shut it; `line` is made of how many people were looked at, and how many looks there were.

    False where it is shut already.
    """
    async with ledger.writing() as connection:
        await take_turns(connection, "vulnerable rules", commune=commune)
        await take_turns(connection, "vulnerable looks", commune=commune)
        looked = select(
            func.count(vulnerable_looks.c.entry_id.distinct()), func.count()
        ).where(
            vulnerable_looks.c.commune == commune, vulnerable_looks.c.opening_id == opening_id
        )  # fmt: skip
        people, looks = (await connection.execute(looked)).one()
        written = line(people, looks)
        values = {"closed_at": db_now(), "closed_by": written.entry.author}
        this = and_(_open(commune), vulnerable_openings.c.opening_id == opening_id)
        shut = await connection.execute(update(vulnerable_openings).where(this).values(values))
        if not shut.rowcount:
            return False
        await append(connection, commune=commune, entry=written.entry, key=written.key)
        return True


def _open(commune: str) -> ColumnElement[bool]:
    return and_(vulnerable_openings.c.commune == commune, vulnerable_openings.c.closed_at.is_(None))


async def note_outcome(ledger: Ledger, commune: str, opening_id: str, *, noted: Noted) -> bool:
    """Note what became of a person; what was noted before stays under it. False: nobody there.

    That she needs help is a call for help too, in the same transaction: it holds her card's id
    alone, of chance, so that nothing of this register stands among the calls.
    """
    async with ledger.writing() as connection:
        await take_turns(connection, "vulnerable rules", commune=commune)
        hers = and_(
            vulnerable_people.c.commune == commune, vulnerable_people.c.entry_id == noted.entry_id
        )
        if (
            await connection.execute(select(vulnerable_people.c.number).where(hers))
        ).first() is None:
            return False
        number = await _outcomes(connection, commune, opening_id, noted.entry_id)
        row = {
            "commune": commune, "opening_id": opening_id, "entry_id": noted.entry_id,
            "number": number + 1, "outcome": noted.outcome, "noted_at": db_now(),
            "noted_by": noted.login,
        }  # fmt: skip
        await connection.execute(vulnerable_outcomes.insert().values(row))
        if noted.outcome == HELP:
            cry = Cry(commune, REGISTER, "", sid=noted.entry_id)
            await connection.run_sync(lambda one: keep_cry(one, cry))
        return True


async def _outcomes(
    connection: AsyncConnection, commune: str, opening_id: str, entry_id: str
) -> int:
    counted = select(func.count()).where(
        vulnerable_outcomes.c.commune == commune,
        vulnerable_outcomes.c.opening_id == opening_id,
        vulnerable_outcomes.c.entry_id == entry_id,
    )
    return int((await connection.execute(counted)).scalar_one())


async def outcomes_of(ledger: Ledger, commune: str, opening: Opening) -> dict[str, Outcome]:
    """Return the last outcome of each person: of this opening, and of those just before it.

    Shut by mistake at 3 in the morning and opened again, or opened on another ground, it is the
    same night: what was noted in the last day before it opened still counts.
    """
    names = ["entry_id", *Outcome.__dataclass_fields__]
    wanted = (
        select(*(vulnerable_outcomes.c[name] for name in names))
        .where(
            vulnerable_outcomes.c.commune == commune,
            vulnerable_outcomes.c.noted_at >= opening.opened_at - SAME_NIGHT_S,
        )
        .order_by(vulnerable_outcomes.c.noted_at, vulnerable_outcomes.c.number)
    )
    async with ledger.reading() as connection:
        rows = await connection.execute(wanted)
        return {row.entry_id: Outcome(row.outcome, row.noted_at, row.noted_by) for row in rows}
