"""Tasks of an event: the steps of its action cards, taken, done, or not applicable."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import and_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from dispatcher.store.clock import db_now
from dispatcher.store.crisis_tables import event_tasks
from dispatcher.store.ledger import Ledger
from dispatcher.store.logbook import append
from dispatcher.store.statements import insert_missing
from dispatcher.store.versions import Chained

STATES = ("open", "done", "not_applicable")


@dataclass(frozen=True)
class NewTask:
    """A step of a card, as the plan says it now: a plan loaded later changes nothing here."""

    card: str
    step: int
    title: str
    text: str
    cell: str | None = None
    template: str | None = None
    approval: str | None = None
    duration_min: int | None = None


@dataclass(frozen=True)
class Task:
    """A task of an event; `owner` is named as a holder is; instants are epoch seconds."""

    card: str
    step: int
    title: str
    text: str
    cell: str | None
    owner: str | None
    state: str
    note: str
    template: str | None
    approval: str | None
    duration_min: int | None
    opened_at: float
    changed_by: str | None
    changed_at: float | None


async def open_tasks(
    connection: AsyncConnection, event: tuple[str, str], tasks: Sequence[NewTask]
) -> int:
    """Open tasks inside the caller's transaction; return how many were not there yet."""
    commune, event_id = event
    mine = {"commune": commune, "event_id": event_id, "state": "open", "note": ""}
    now = (await connection.execute(select(db_now()))).scalar_one()
    rows = [{**mine, **vars(task), "opened_at": now} for task in tasks]
    return await insert_missing(connection, event_tasks, rows)


async def add_tasks(
    ledger: Ledger, event: tuple[str, str], tasks: Sequence[NewTask], *, line: Chained
) -> int:
    """Open a card's tasks; return how many are new. A card that is open already changes nothing."""
    async with ledger.writing() as connection:
        opened = await open_tasks(connection, event, tasks)
        if opened:
            await append(connection, commune=event[0], entry=line.entry, key=line.key)
        return opened


async def change_task(
    ledger: Ledger,
    event: tuple[str, str],
    task: Task,
    *,
    values: Mapping[str, object],
    line: Chained,
) -> bool:
    """Change a task as it was read; False: someone was faster, nothing is written."""
    commune, event_id = event
    as_read = and_(
        event_tasks.c.commune == commune,
        event_tasks.c.event_id == event_id,
        event_tasks.c.card == task.card,
        event_tasks.c.step == task.step,
        event_tasks.c.state == task.state,
        event_tasks.c.owner.is_not_distinct_from(task.owner),
    )
    async with ledger.writing() as connection:
        done = await connection.execute(
            update(event_tasks)
            .where(as_read)
            .values(**values, changed_by=line.entry.author, changed_at=db_now())
        )
        if done.rowcount == 0:
            return False
        await append(connection, commune=commune, entry=line.entry, key=line.key)
    return True


async def tasks_of(ledger: Ledger, commune: str, event_id: str) -> list[Task]:
    """Return the tasks of an event, card by card, in the order of their steps."""
    names = [event_tasks.c[name] for name in Task.__dataclass_fields__]
    mine = and_(event_tasks.c.commune == commune, event_tasks.c.event_id == event_id)
    order = (event_tasks.c.opened_at, event_tasks.c.card, event_tasks.c.step)
    async with ledger.reading() as connection:
        rows = await connection.execute(select(*names).where(mine).order_by(*order))
        return [Task(**row._mapping) for row in rows]
