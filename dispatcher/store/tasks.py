"""Tasks of an event or of an alert: steps of cards and means, taken, done, or not applicable."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Table, and_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from dispatcher.store.clock import db_now
from dispatcher.store.crisis_tables import event_tasks
from dispatcher.store.ledger import Ledger
from dispatcher.store.logbook import append
from dispatcher.store.means_tables import alert_tasks
from dispatcher.store.statements import insert_missing
from dispatcher.store.versions import Chained

STATES = ("open", "done", "not_applicable")


@dataclass(frozen=True)
class TaskList:
    """Whose tasks: an event's, or those of an alert that belongs to none."""

    table: Table
    owner: str  # the column that names it
    commune: str
    ident: str

    @property
    def key(self) -> dict[str, str]:
        """Return what every row of it begins with."""
        return {"commune": self.commune, self.owner: self.ident}

    @property
    def rows(self) -> ColumnElement[bool]:
        """Return the condition of its rows."""
        return and_(*(self.table.c[name] == value for name, value in self.key.items()))


def of_event(commune: str, event_id: str) -> TaskList:
    """Return the list of an event."""
    return TaskList(event_tasks, "event_id", commune, event_id)


def of_alert(commune: str, alert_id: str) -> TaskList:
    """Return the list of an alert that belongs to no event."""
    return TaskList(alert_tasks, "alert_id", commune, alert_id)


@dataclass(frozen=True)
class NewTask:
    """A step of a card, as the plan says it now: a plan loaded later changes nothing here.

    `means` is the means of an alert that it is: siren, bells, fr_alert…
    """

    card: str
    step: int
    title: str
    text: str
    cell: str | None = None
    template: str | None = None
    approval: str | None = None
    duration_min: int | None = None
    means: str | None = None


@dataclass(frozen=True)
class Task:
    """A task; `owner` is named as a holder is; instants are epoch seconds.

    `done_at` is when it was done, where somebody told; `changed_at` when that was written.
    """

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
    means: str | None
    done_at: float | None


async def open_tasks(connection: AsyncConnection, mine: TaskList, tasks: Sequence[NewTask]) -> int:
    """Open tasks inside the caller's transaction; return how many were not there yet."""
    new = {**mine.key, "state": "open", "note": ""}
    now = (await connection.execute(select(db_now()))).scalar_one()
    rows = [{**new, **vars(task), "opened_at": now} for task in tasks]
    return await insert_missing(connection, mine.table, rows)


async def add_tasks(
    ledger: Ledger, mine: TaskList, tasks: Sequence[NewTask], *, line: Chained
) -> int:
    """Open a card's tasks; return how many are new. A card that is open already changes nothing."""
    async with ledger.writing() as connection:
        opened = await open_tasks(connection, mine, tasks)
        if opened:
            await append(connection, commune=mine.commune, entry=line.entry, key=line.key)
        return opened


async def change_task(
    ledger: Ledger, mine: TaskList, task: Task, *, values: Mapping[str, object], line: Chained
) -> bool:
    """Change a task as it was read; False: someone was faster, nothing is written."""
    async with ledger.writing() as connection:
        return await change_in(connection, mine, task, values=values, line=line)


async def change_in(
    connection: AsyncConnection,
    mine: TaskList,
    task: Task,
    *,
    values: Mapping[str, object],
    line: Chained,
) -> bool:
    """Change a task inside the caller's transaction, as `change_task` does."""
    held = mine.table.c
    done = await connection.execute(
        update(mine.table)
        .where(
            mine.rows,
            held.card == task.card,
            held.step == task.step,
            held.state == task.state,
            held.owner.is_not_distinct_from(task.owner),
        )
        .values(**values, changed_by=line.entry.author, changed_at=db_now())
    )
    if done.rowcount == 0:
        return False
    await append(connection, commune=mine.commune, entry=line.entry, key=line.key)
    return True


async def tasks_of(ledger: Ledger, mine: TaskList) -> list[Task]:
    """Return the tasks of a list, card by card, in the order of their steps."""
    async with ledger.reading() as connection:
        return await tasks_in(connection, mine)


async def tasks_in(connection: AsyncConnection, mine: TaskList) -> list[Task]:
    """Return the tasks of a list inside the caller's transaction."""
    held = mine.table.c
    names = [held[name] for name in Task.__dataclass_fields__]
    order = (held.opened_at, held.card, held.step)
    rows = await connection.execute(select(*names).where(mine.rows).order_by(*order))
    return [Task(**row._mapping) for row in rows]
