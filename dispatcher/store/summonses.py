"""People of the plan called up: their messages leave as an alert's do, and nobody else gets one.

A summons is launched by the decision that needs it, in its transaction. Each wave of calls is a
version of kind "summons": paced, sent, tried again, answered as any other (`dispatcher/delivery`).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, and_, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from dispatcher.store.clock import db_now
from dispatcher.store.crisis_tables import summons_calls, summonses
from dispatcher.store.ledger import Ledger
from dispatcher.store.logbook import append
from dispatcher.store.outgoing import alerts, blocks, versions
from dispatcher.store.people import DUTY
from dispatcher.store.statements import insert_rows
from dispatcher.store.turns import take_turns
from dispatcher.store.versions import SUMMONS, Chained

CHAINS = (("sms",), ("voice",))  # both at once: at night an SMS wakes nobody


class NotOfThePlan(ValueError):
    """A summons was to call somebody who is not of the plan's directory: nothing was written."""


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
    await _name(connection, commune, new.summons_id, content=new.content, by=by)
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


async def _name(
    connection: AsyncConnection, commune: str, ident: str, *, content: Mapping[str, Any], by: str
) -> None:
    """Write the alert under which the messages of a call leave."""
    alert = ("mode", "title", "scenario", "template")
    await connection.execute(
        alerts.insert().values(
            commune=commune,
            alert_id=ident,
            created_by=by,
            created_at=db_now(),
            **{name: content[name] for name in alert},
        )
    )


@dataclass(frozen=True)
class Wave:
    """People called at the same moment, in the words of the first wave."""

    content: Mapping[str, Any]
    digest: str
    expires_at: float
    people: tuple[str, ...]
    by: str


async def call_up(connection: AsyncConnection, commune: str, ident: str, *, wave: "Wave") -> None:
    """Call people of the plan once, of no event, inside the caller's transaction.

    Whoever is silent is followed by nobody. Raises NotOfThePlan.
    """
    await _name(connection, commune, ident, content=wave.content, by=wave.by)
    await _launch_wave(connection, commune, ident, wave=wave)


async def _launch_wave(
    connection: AsyncConnection, commune: str, summons_id: str, *, wave: Wave
) -> None:
    if not wave.people:
        return
    if strangers := [one for one in wave.people if not one.startswith(DUTY)]:
        raise NotOfThePlan(f"{len(strangers)} people of a summons are not of the directory")
    mine = and_(versions.c.commune == commune, versions.c.alert_id == summons_id)
    newest = select(func.coalesce(func.max(versions.c.number), 0) + 1).where(mine)
    number = (await connection.execute(newest)).scalar_one()
    version_id = f"{summons_id}-{number}"
    await connection.execute(
        versions.insert().values(
            commune=commune,
            version_id=version_id,
            alert_id=summons_id,
            number=number,
            kind=SUMMONS,
            state="launched",
            content=wave.content,
            digest=wave.digest,
            drafted_by=wave.by,
            lane=0,  # who leads comes before everyone she will lead
            expires_at=wave.expires_at,
            people=len(wave.people),
            approved_by=wave.by,
            approved_at=db_now(),
            launch_key=f"summons-{version_id}",
            launched_by=wave.by,
            launched_at=db_now(),
            pursuit="open" if wave.content.get("escalation") else None,
        )
    )
    await insert_rows(
        connection,
        blocks,
        [
            {
                "commune": commune,
                "version_id": version_id,
                "number": 0,
                "chains": CHAINS,
                "people": wave.people,
                "others": None,
                "choice": None,
            }
        ],
    )
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
            wave = await _next_wave(connection, commune, summons_id, people=tuple(step.people))
            await _launch_wave(connection, commune, summons_id, wave=wave)
        if step.over or step.reopened:
            over_at = db_now() if step.over else None
            await connection.execute(update(summonses).where(this).values(over_at=over_at))
        for line in step.lines:
            await append(connection, commune=commune, entry=line.entry, key=line.key)
    return step, bool(step.outcomes or step.people or step.over)


async def _next_wave(
    connection: AsyncConnection, commune: str, summons_id: str, *, people: tuple[str, ...]
) -> Wave:
    first = select(
        versions.c.content, versions.c.digest, versions.c.expires_at, versions.c.launched_by
    ).where(
        versions.c.commune == commune, versions.c.alert_id == summons_id, versions.c.number == 1
    )
    row = (await connection.execute(first)).one()
    return Wave(row.content, row.digest, row.expires_at, people, row.launched_by)


async def _calls(connection: AsyncConnection, commune: str, summons_id: str) -> list[Call]:
    names = [summons_calls.c[name] for name in Call.__dataclass_fields__]
    rows = await connection.execute(
        select(*names)
        .where(_of(commune, summons_id))
        .order_by(summons_calls.c.post, summons_calls.c.rank)
    )
    return [Call(**row._mapping) for row in rows]
