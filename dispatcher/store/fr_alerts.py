"""Requests of an FR-Alert to the prefecture: each step is kept, with the sheet as it was then."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, and_, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from dispatcher.store.clock import db_now
from dispatcher.store.ledger import Ledger
from dispatcher.store.logbook import append
from dispatcher.store.means_tables import fr_alert_steps
from dispatcher.store.tasks import Task, TaskList, change_in
from dispatcher.store.turns import take_turns
from dispatcher.store.versions import Chained


@dataclass(frozen=True)
class Answered:
    """The task of this request among those of its alert: the answer ends it, and says so."""

    mine: TaskList
    task: Task
    values: Mapping[str, object]
    line: Chained


@dataclass(frozen=True)
class NewStep:
    """What happened to a request: who was spoken with at the prefecture, what was said, when."""

    state: str
    sheet: Mapping[str, str]
    spoken_with: str = ""
    said: str = ""
    at: float | None = None  # epoch seconds; None: now
    ends: Answered | None = None


@dataclass(frozen=True)
class Step:
    """A step of a request, as the ledger holds it; instants are epoch seconds."""

    number: int
    state: str
    sheet: Mapping[str, Any]
    spoken_with: str
    said: str
    at: float
    recorded_by: str
    recorded_at: float


async def add_step(
    ledger: Ledger,
    alert: tuple[str, str],
    step: NewStep,
    *,
    after: int,
    line: Chained,
) -> bool:
    """Write one step after the one that was read; False: someone was faster, nothing is written.

    A task that somebody changed since it was read is left as it is.
    """
    commune, alert_id = alert
    async with ledger.writing() as connection:
        await take_turns(connection, "fr_alert", commune=commune)
        if await _newest(connection, alert) != after:
            return False
        now = (await connection.execute(select(db_now()))).scalar_one()
        await connection.execute(
            fr_alert_steps.insert().values(
                commune=commune,
                alert_id=alert_id,
                number=after + 1,
                state=step.state,
                sheet=dict(step.sheet),
                spoken_with=step.spoken_with,
                said=step.said,
                at=now if step.at is None else step.at,
                recorded_by=line.entry.author,
                recorded_at=now,
            )
        )
        await append(connection, commune=commune, entry=line.entry, key=line.key)
        if (ends := step.ends) is not None:
            await change_in(connection, ends.mine, ends.task, values=ends.values, line=ends.line)
    return True


async def steps_of(ledger: Ledger, commune: str, alert_id: str) -> list[Step]:
    """Return the steps of an alert's request, the first one first."""
    names = [fr_alert_steps.c[name] for name in Step.__dataclass_fields__]
    wanted = select(*names).where(_of((commune, alert_id))).order_by(fr_alert_steps.c.number)
    async with ledger.reading() as connection:
        return [Step(**row._mapping) for row in await connection.execute(wanted)]


async def _newest(connection: AsyncConnection, alert: tuple[str, str]) -> int:
    wanted = select(func.coalesce(func.max(fr_alert_steps.c.number), 0)).where(_of(alert))
    return int((await connection.execute(wanted)).scalar_one())


def _of(alert: tuple[str, str]) -> ColumnElement[bool]:
    return and_(fr_alert_steps.c.commune == alert[0], fr_alert_steps.c.alert_id == alert[1])
