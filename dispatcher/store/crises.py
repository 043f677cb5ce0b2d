"""Events: opened and moved by guarded steps, each with its act and its line in one transaction.

Two operators at once never both win: a step is taken from what was read, or not at all.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, and_, case, exists, func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from dispatcher.store.brought import NOTHING, Brings, bring
from dispatcher.store.clock import db_now
from dispatcher.store.crash_points import CrashPoint
from dispatcher.store.crisis_tables import LED_STATES, OPEN_STATES, event_acts, events
from dispatcher.store.field_trails import trails_forgotten
from dispatcher.store.ledger import Ledger
from dispatcher.store.logbook import append
from dispatcher.store.outgoing import alerts, versions
from dispatcher.store.turns import take_turns
from dispatcher.store.versions import SUMMONS, Chained


@dataclass(frozen=True)
class Event:
    """A crisis as the ledger holds it; instants are epoch seconds."""

    commune: str
    event_id: str
    title: str
    mode: str
    state: str
    state_at: float
    phase: str | None
    level: str | None
    scenario: str | None
    directed_by: str
    directed_since: float | None
    received_from: str | None
    received_text: str | None
    received_code: str | None
    received_at: float | None
    opened_by: str
    opened_at: float

    @property
    def is_open(self) -> bool:
        """Whether somebody leads it now."""
        return self.state in OPEN_STATES


@dataclass(frozen=True)
class Act:
    """One decision on an event."""

    number: int
    act: str
    from_state: str
    to_state: str
    data: Mapping[str, Any]
    reason: str
    acted_by: str
    function: str
    acted_at: float


@dataclass(frozen=True)
class Decision:
    """Who decides what, why, with which click: the same `key` again changes nothing."""

    act: str
    by: str
    function: str
    reason: str = ""
    key: str | None = None
    data: Mapping[str, object] = field(default_factory=dict)
    brings: Brings = NOTHING


@dataclass(frozen=True)
class Opening:
    """A new event."""

    event_id: str
    title: str
    mode: str
    state: str
    level: str | None = None
    scenario: str | None = None
    received: Mapping[str, object] = field(default_factory=dict)


async def open_event(
    ledger: Ledger, commune: str, *, opening: Opening, decision: Decision, line: Chained
) -> bool:
    """Open an event; False where one of its mode is open already, or the key was used."""
    try:
        async with ledger.writing() as connection:
            await take_turns(connection, "event", commune=commune)
            await connection.execute(
                events.insert().values(
                    commune=commune,
                    event_id=opening.event_id,
                    title=opening.title,
                    mode=opening.mode,
                    state=opening.state,
                    state_at=db_now(),
                    level=opening.level,
                    scenario=opening.scenario,
                    directed_by="mayor",
                    opened_by=decision.by,
                    opened_at=db_now(),
                    **{f"received_{name}": value for name, value in opening.received.items()},
                )
            )
            states = (opening.state, opening.state)
            await _note(connection, (commune, opening.event_id), decision, states=states)
            await bring(connection, (commune, opening.event_id), decision.brings, by=decision.by)
            await append(connection, commune=commune, entry=line.entry, key=line.key)
    except IntegrityError:  # the index of open events, or the key of another's click
        return False
    return True


async def move_event(
    ledger: Ledger,
    event: Event,
    *,
    decision: Decision,
    values: Mapping[str, object],
    line: Chained,
) -> bool:
    """Change an event as it was read, with all that follows; False: someone was faster.

    `values` are the columns that change, `state` among them or not.
    """
    this = (event.commune, event.event_id)
    to = str(values.get("state", event.state))
    moment = {"state_at": db_now()} if to != event.state else {}
    try:
        async with ledger.writing() as connection:
            await take_turns(connection, "event", commune=event.commune)
            if decision.brings.forgets_trails:  # of teams whose reports are filed meanwhile
                await take_turns(connection, "teams", commune=event.commune)
            moved = await connection.execute(
                update(events).where(_as_read(event, values)).values(**values, **moment)
            )
            if moved.rowcount == 0:
                return False
            await _note(connection, this, decision, states=(event.state, to))
            forgotten = await bring(connection, this, decision.brings, by=decision.by)
            await append(connection, commune=event.commune, entry=line.entry, key=line.key)
            if forgotten.places or forgotten.photos:
                told = trails_forgotten(event.event_id, forgotten, by=decision.by)
                await append(connection, commune=event.commune, entry=told, key=line.key)
            ledger.passing(CrashPoint.CP0)
    except IntegrityError:  # the same click at the same instant
        return False
    ledger.passing(CrashPoint.CP1)
    return True


def _as_read(event: Event, values: Mapping[str, object]) -> ColumnElement[bool]:
    """Return the event as it was read: its state, and each column that changes."""
    read = [
        events.c[name].is_not_distinct_from(getattr(event, name))
        for name in {"state", *values} - {"directed_since"}
    ]
    return and_(events.c.commune == event.commune, events.c.event_id == event.event_id, *read)


async def _note(
    connection: AsyncConnection,
    event: tuple[str, str],
    decision: Decision,
    *,
    states: tuple[str, str],
) -> None:
    commune, event_id = event
    mine = and_(event_acts.c.commune == commune, event_acts.c.event_id == event_id)
    newest = select(func.coalesce(func.max(event_acts.c.number), 0) + 1).where(mine)
    await connection.execute(
        event_acts.insert().values(
            commune=commune,
            event_id=event_id,
            number=newest.scalar_subquery(),
            act=decision.act,
            from_state=states[0],
            to_state=states[1],
            data=dict(decision.data),
            reason=decision.reason,
            acted_by=decision.by,
            function=decision.function,
            acted_at=db_now(),
            act_key=decision.key,
        )
    )


async def event_of(ledger: Ledger, commune: str, event_id: str) -> Event | None:
    """Return an event; None where there is none of this id."""
    mine = and_(events.c.commune == commune, events.c.event_id == event_id)
    async with ledger.reading() as connection:
        row = (await connection.execute(select(events).where(mine))).first()
        return Event(**row._mapping) if row else None


async def event_of_key(ledger: Ledger, commune: str, act_key: str) -> tuple[str, str] | None:
    """Return the event and the act that a click has already done; None where it has done none."""
    wanted = select(event_acts.c.event_id, event_acts.c.act).where(
        event_acts.c.commune == commune, event_acts.c.act_key == act_key
    )
    async with ledger.reading() as connection:
        row = (await connection.execute(wanted)).first()
        return (row[0], row[1]) if row else None


_FIRST = case((events.c.mode == "real", 0), else_=1)
_NEWEST = events.c.opened_at.desc()


async def open_event_of(ledger: Ledger, commune: str) -> Event | None:
    """Return the event that is open now, a real one before an exercise; None where none is."""
    mine = and_(events.c.commune == commune, events.c.state.in_(OPEN_STATES))
    wanted = select(events).where(mine).order_by(_FIRST, _NEWEST, events.c.event_id).limit(1)
    async with ledger.reading() as connection:
        row = (await connection.execute(wanted)).first()
        return Event(**row._mapping) if row else None


async def led_event_of(ledger: Ledger, commune: str) -> Event | None:
    """Return the event for which the commune's people are called up, from the pre-alert on."""
    event = await open_event_of(ledger, commune)
    return event if event is not None and event.state in LED_STATES else None


async def events_of(ledger: Ledger, commune: str, *, limit: int = 50) -> list[Event]:
    """Return the commune's events, the newest first."""
    wanted = select(events).where(events.c.commune == commune)
    async with ledger.reading() as connection:
        rows = await connection.execute(wanted.order_by(_NEWEST, events.c.event_id).limit(limit))
        return [Event(**row._mapping) for row in rows]


async def acts_of(ledger: Ledger, commune: str, event_id: str) -> list[Act]:
    """Return the decisions on an event, the newest first."""
    names = [event_acts.c[name] for name in Act.__dataclass_fields__]
    mine = and_(event_acts.c.commune == commune, event_acts.c.event_id == event_id)
    async with ledger.reading() as connection:
        rows = await connection.execute(
            select(*names).where(mine).order_by(event_acts.c.number.desc())
        )
        return [Act(**row._mapping) for row in rows]


async def stood_down(ledger: Ledger) -> list[Event]:
    """Return the events stood down of whose commune no alert of their mode runs any more."""
    runs = exists().where(
        versions.c.commune == events.c.commune,
        versions.c.state == "launched",
        versions.c.kind != SUMMONS,
        versions.c.expires_at > db_now(),
        alerts.c.commune == versions.c.commune,
        alerts.c.alert_id == versions.c.alert_id,
        alerts.c.mode == events.c.mode,
    )
    wanted = select(events).where(events.c.state == "levee", ~runs)
    async with ledger.reading() as connection:
        return [Event(**row._mapping) for row in await connection.execute(wanted)]
