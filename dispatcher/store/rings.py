"""Approvers rung one after the other for what waits for them, until one of them opens it.

A ring is started by the submission, in its transaction, and ended by the act that decides, in its
own. Its messages leave as those of a summons do (`waves.py`), to people of the plan alone.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, and_, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from dispatcher.store.clock import db_now
from dispatcher.store.decision_tables import approval_calls, approval_rings
from dispatcher.store.ledger import Ledger
from dispatcher.store.logbook import append
from dispatcher.store.outgoing import versions
from dispatcher.store.statements import insert_rows
from dispatcher.store.versions import Chained, over
from dispatcher.store.waves import Wave, first_wave, head_waves, launch_wave

WAITING = "pending_approval"
OPENED, DECIDED, IN_VAIN, LATE = "opened", "decided", "in_vain", "late"


@dataclass(frozen=True)
class NewRing:
    """Whom a submission rings, in order, in which words, until when; `wait_s` before the next."""

    ring_id: str
    wait_s: float
    content: Mapping[str, Any]
    digest: str
    expires_at: float
    people: Sequence[str]


@dataclass(frozen=True)
class Ring:
    """A ring as the ledger holds it; instants are epoch seconds."""

    commune: str
    ring_id: str
    version_id: str
    wait_s: float
    expires_at: float
    rung_by: str
    rung_at: float
    over: str | None
    over_at: float | None


@dataclass(frozen=True)
class RingCall:
    """One approver of a ring; `wave` is the version that rings her."""

    rank: int
    person_id: str
    wave: str | None = None
    called_at: float | None = None
    outcome: str | None = None  # unable | silent | unreachable


@dataclass(frozen=True)
class RingStep:
    """What a turn found of a ring: outcomes by rank, who is rung now, why it is over."""

    outcomes: Mapping[int, str] = field(default_factory=dict)
    people: tuple[str, ...] = ()
    over: str | None = None
    lines: Sequence[Chained] = ()


async def start_ring(
    connection: AsyncConnection, of: tuple[str, str], new: NewRing, *, by: str
) -> None:
    """Ring the first approver in the caller's transaction; `of` is (commune, version id)."""
    commune, version_id = of
    await head_waves(connection, commune, new.ring_id, content=new.content, by=by)
    await connection.execute(
        approval_rings.insert().values(
            commune=commune,
            ring_id=new.ring_id,
            version_id=version_id,
            wait_s=new.wait_s,
            expires_at=new.expires_at,
            rung_by=by,
            rung_at=db_now(),
        )
    )
    mine = {"commune": commune, "ring_id": new.ring_id}
    rows = [{**mine, "rank": rank, "person_id": one} for rank, one in enumerate(new.people)]
    await insert_rows(connection, approval_calls, rows)
    wave = Wave(new.content, new.digest, new.expires_at, tuple(new.people[:1]), by)
    await _call(connection, commune, new.ring_id, wave=wave)


async def _call(connection: AsyncConnection, commune: str, ring_id: str, *, wave: Wave) -> None:
    version_id = await launch_wave(connection, commune, ring_id, wave=wave)
    await connection.execute(
        update(approval_calls)
        .where(_calls(commune, ring_id), approval_calls.c.person_id.in_(wave.people))
        .values(wave=version_id, called_at=db_now())
    )


async def end_rings(
    connection: AsyncConnection, commune: str, version_id: str, *, why: str, by: str
) -> int:
    """Ring nobody more for a version, in the caller's transaction; return how many rings ended.

    What has not left yet does not leave.
    """
    of_it = approval_rings.c.version_id == version_id
    return await _end(connection, commune, of_it, why=why, by=by)


async def end_rings_of(connection: AsyncConnection, commune: str, alert_id: str, *, by: str) -> int:
    """Ring nobody more for any version of an alert that was changed, withdrawn or stopped."""
    its = select(versions.c.version_id).where(
        versions.c.commune == commune, versions.c.alert_id == alert_id
    )
    of_it = approval_rings.c.version_id.in_(its)
    return await _end(connection, commune, of_it, why=DECIDED, by=by)


async def _end(
    connection: AsyncConnection, commune: str, of_it: ColumnElement[bool], *, why: str, by: str
) -> int:
    running = and_(
        approval_rings.c.commune == commune,
        of_it,
        or_(approval_rings.c.over_at.is_(None), approval_rings.c.over == IN_VAIN),
    )
    ids = (await connection.execute(select(approval_rings.c.ring_id).where(running))).scalars()
    ended = list(ids)
    if not ended:
        return 0
    await connection.execute(
        update(approval_rings).where(running).values(over=why, over_at=db_now())
    )
    await connection.execute(
        update(versions)
        .where(
            versions.c.commune == commune,
            versions.c.alert_id.in_(ended),
            versions.c.state == "launched",
        )
        .values(
            state="cancelled",
            cancelled_by=by,
            cancelled_at=db_now(),
            finished_at=None,
            pursuit=over(),
        )
    )
    return len(ended)


async def open_rings(ledger: Ledger) -> list[Ring]:
    """Return every ring of this installation that is not over."""
    wanted = select(approval_rings).where(approval_rings.c.over_at.is_(None))
    async with ledger.reading() as connection:
        rows = await connection.execute(wanted.order_by(approval_rings.c.rung_at))
        return [Ring(**row._mapping) for row in rows]


async def rings_of(ledger: Ledger, commune: str, version_id: str) -> list[Ring]:
    """Return the rings of a version, the newest first."""
    mine = and_(approval_rings.c.commune == commune, approval_rings.c.version_id == version_id)
    wanted = select(approval_rings).where(mine).order_by(approval_rings.c.rung_at.desc())
    async with ledger.reading() as connection:
        return [Ring(**row._mapping) for row in await connection.execute(wanted)]


async def ring_calls(ledger: Ledger, commune: str, ring_id: str) -> list[RingCall]:
    """Return whom a ring calls, in order."""
    async with ledger.reading() as connection:
        return await _read_calls(connection, commune, ring_id)


async def advance_ring(
    ledger: Ledger, ring: Ring, decide: Callable[[bool, Sequence[RingCall]], RingStep]
) -> bool:
    """Take a ring one step on, once however many workers try; return whether somebody is rung.

    `decide` is told inside the transaction whether the version still waits, and the calls as they
    stand there: a decision taken meanwhile is seen, and nobody is rung after it.
    """
    commune = ring.commune
    async with ledger.writing() as connection:
        held = await connection.execute(
            select(versions.c.state)
            .where(versions.c.commune == commune, versions.c.version_id == ring.version_id)
            .with_for_update()
        )
        waits = held.scalar_one() == WAITING
        this = and_(approval_rings.c.commune == commune, approval_rings.c.ring_id == ring.ring_id)
        running = select(approval_rings.c.ring_id).where(this, approval_rings.c.over_at.is_(None))
        if (await connection.execute(running)).first() is None:
            return False
        step = decide(waits, await _read_calls(connection, commune, ring.ring_id))
        for rank, outcome in step.outcomes.items():
            await connection.execute(
                update(approval_calls)
                .where(_calls(commune, ring.ring_id), approval_calls.c.rank == rank)
                .values(outcome=outcome, decided_at=db_now())
            )
        if step.people:
            wave = await first_wave(connection, commune, ring.ring_id, people=step.people)
            await _call(connection, commune, ring.ring_id, wave=wave)
        if step.over in (DECIDED, LATE):
            await end_rings(connection, commune, ring.version_id, why=step.over, by="worker")
        elif step.over:  # everybody was rung: those who were may still open it
            await connection.execute(
                update(approval_rings).where(this).values(over=step.over, over_at=db_now())
            )
        for line in step.lines:
            await append(connection, commune=commune, entry=line.entry, key=line.key)
    return bool(step.people)


def _calls(commune: str, ring_id: str) -> ColumnElement[bool]:
    return and_(approval_calls.c.commune == commune, approval_calls.c.ring_id == ring_id)


async def _read_calls(connection: AsyncConnection, commune: str, ring_id: str) -> list[RingCall]:
    names = [approval_calls.c[name] for name in RingCall.__dataclass_fields__]
    wanted = select(*names).where(_calls(commune, ring_id)).order_by(approval_calls.c.rank)
    return [RingCall(**row._mapping) for row in await connection.execute(wanted)]


async def still_waits(ledger: Ledger, ring: Ring) -> bool:
    """Tell whether what a ring is for waits for its approval."""
    wanted = select(versions.c.state).where(
        versions.c.commune == ring.commune, versions.c.version_id == ring.version_id
    )
    async with ledger.reading() as connection:
        return (await connection.execute(wanted)).scalar_one_or_none() == WAITING
