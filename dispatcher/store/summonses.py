"""People of the plan called up: their messages leave as an alert's do, and nobody else gets one.

A summons is launched by the decision that needs it, in its transaction. Each wave of calls is a
version of kind "summons": paced, sent, tried again, answered as any other (`dispatcher/delivery`).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, and_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from dispatcher.store.clock import db_now
from dispatcher.store.crisis_tables import summons_calls, summonses
from dispatcher.store.ledger import Ledger
from dispatcher.store.logbook import append
from dispatcher.store.statements import insert_rows
from dispatcher.store.turns import take_turns
from dispatcher.store.versions import Chained
from dispatcher.store.waves import Wave, first_wave, head_waves, launch_wave


@dataclass(frozen=True)
class Call:
    """One name on the list of a post: rank 0 the holder, then the deputies."""

    post: str
    rank: int
    person_id: str
    version_id: str | None = None
    called_at: float | None = None
    outcome: str | None = None  # coming | unable | silent | unreachable
    decided_at: float | None = None


@dataclass(frozen=True)
class NewSummons:
    """Whom a decision calls up, in which words, for how long; `calls` has every post's list."""

    summons_id: str
    why: str
    wait_s: float
    content: Mapping[str, Any]
    digest: str
    expires_at: float
    calls: Sequence[Call]
    first: Sequence[str]  # the people called at once


@dataclass(frozen=True)
class Summons:
    """A summons as the ledger holds it; instants are epoch seconds."""

    commune: str
    summons_id: str
    event_id: str
    why: str
    wait_s: float
    expires_at: float
    launched_by: str
    launched_at: float
    stopped_by: str | None
    over_at: float | None


@dataclass(frozen=True)
class Step:
    """What a turn found of a summons: outcomes, whom to call now, whether it is over."""

    outcomes: Sequence[Call] = ()
    people: Sequence[str] = ()
    over: bool = False
    reopened: bool = False  # everybody was found, and one of them cannot come after all
    lines: Sequence[Chained] = ()


async def launch_summons(
    connection: AsyncConnection, event: tuple[str, str], new: NewSummons, *, by: str
) -> None:
    """Write a summons and its first wave inside the caller's transaction.

    Raises NotOfThePlan for anyone outside the directory: whatever asked for it, residents never.
    """
    commune, event_id = event
    await head_waves(connection, commune, new.summons_id, content=new.content, by=by)
    await connection.execute(
        summonses.insert().values(
            commune=commune,
            summons_id=new.summons_id,
            event_id=event_id,
            why=new.why,
            wait_s=new.wait_s,
            expires_at=new.expires_at,
            launched_by=by,
            launched_at=db_now(),
        )
    )
    mine = {"commune": commune, "summons_id": new.summons_id}
    rows = [{**mine, "post": c.post, "rank": c.rank, "person_id": c.person_id} for c in new.calls]
    await insert_rows(connection, summons_calls, rows)
    wave = Wave(new.content, new.digest, new.expires_at, tuple(new.first), by)
    await _launch_wave(connection, commune, new.summons_id, wave=wave)


async def _launch_wave(
    connection: AsyncConnection, commune: str, summons_id: str, *, wave: Wave
) -> None:
    version_id = await launch_wave(connection, commune, summons_id, wave=wave)
    if version_id is None:
        return
    await connection.execute(
        update(summons_calls)
        .where(
            _of(commune, summons_id),
            summons_calls.c.person_id.in_(wave.people),
            summons_calls.c.version_id.is_(None),
        )
        .values(version_id=version_id, called_at=db_now())
    )


def _of(commune: str, summons_id: str) -> ColumnElement[bool]:
    return and_(summons_calls.c.commune == commune, summons_calls.c.summons_id == summons_id)


async def advance(
    ledger: Ledger, summons: Summons, decide: Callable[[Sequence[Call]], Step]
) -> tuple[Step, bool]:
    """Take a summons one step on, once however many workers try; return it, and whether taken.

    `decide` sees the calls as they stand inside the transaction. Who is called next is written
    with her message, or not at all.
    """
    commune, summons_id = summons.commune, summons.summons_id
    this = and_(summonses.c.commune == commune, summonses.c.summons_id == summons_id)
    async with ledger.writing() as connection:
        await take_turns(connection, "summons", commune=commune)
        read = summonses.c.over_at.is_not_distinct_from(summons.over_at)
        running = select(summonses.c.over_at).where(this, summonses.c.stopped_by.is_(None), read)
        if (await connection.execute(running)).first() is None:
            return Step(), False
        step = decide(await _calls(connection, commune, summons_id))
        for call in step.outcomes:
            await connection.execute(
                update(summons_calls)
                .where(
                    _of(commune, summons_id),
                    summons_calls.c.post == call.post,
                    summons_calls.c.rank == call.rank,
                )
                .values(outcome=call.outcome, decided_at=db_now())
            )
        if step.people:
            wave = await first_wave(connection, commune, summons_id, people=tuple(step.people))
            await _launch_wave(connection, commune, summons_id, wave=wave)
        if step.over or step.reopened:
            over_at = db_now() if step.over else None
            await connection.execute(update(summonses).where(this).values(over_at=over_at))
        for line in step.lines:
            await append(connection, commune=commune, entry=line.entry, key=line.key)
    return step, bool(step.outcomes or step.people or step.over)


async def _calls(connection: AsyncConnection, commune: str, summons_id: str) -> list[Call]:
    names = [summons_calls.c[name] for name in Call.__dataclass_fields__]
    rows = await connection.execute(
        select(*names)
        .where(_of(commune, summons_id))
        .order_by(summons_calls.c.post, summons_calls.c.rank)
    )
    return [Call(**row._mapping) for row in rows]
