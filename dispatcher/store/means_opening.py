"""The means of an alert become tasks: in the transaction of its launch, or not at all."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from sqlalchemy import and_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from dispatcher.store.crisis_tables import OPEN_STATES, event_alerts, events
from dispatcher.store.ledger import Ledger
from dispatcher.store.logbook import append
from dispatcher.store.tasks import NewTask, TaskList, of_alert, of_event, open_tasks
from dispatcher.store.versions import Chained

Brings = Callable[[AsyncConnection], Awaitable[None]]


@dataclass(frozen=True)
class Means:
    """The means ticked for an alert, as tasks of one card, and the line that says so.

    `event` is the event that the alert says it belongs to, None where it says none.
    """

    commune: str
    alert_id: str
    tasks: Sequence[NewTask]
    event: str | None
    line: Chained


def opening(means: Means) -> Brings:
    """Return what a launch does with them, in its own transaction."""

    async def bring(connection: AsyncConnection) -> None:
        await _open(connection, means)

    return bring


async def _open(connection: AsyncConnection, means: Means) -> None:
    home = await _home(connection, means)
    if await open_tasks(connection, home, means.tasks):
        line = means.line
        await append(connection, commune=means.commune, entry=line.entry, key=line.key)


async def _home(connection: AsyncConnection, means: Means) -> TaskList:
    """Return the list where an alert's tasks stand: its event's while somebody leads that."""
    this = and_(event_alerts.c.commune == means.commune, event_alerts.c.alert_id == means.alert_id)
    drafted = select(event_alerts.c.event_id).where(this)
    led = select(events.c.event_id).where(
        events.c.commune == means.commune,
        events.c.state.in_(OPEN_STATES),
        (events.c.event_id == means.event) | events.c.event_id.in_(drafted),
    )
    found = (await connection.execute(led.order_by(events.c.opened_at).limit(1))).scalar()
    if found is None:
        return of_alert(means.commune, means.alert_id)
    return of_event(means.commune, found)


async def event_with(ledger: Ledger, commune: str, card: str) -> str | None:
    """Return the event among whose tasks those of this card stand, None where none has them."""
    column = of_event(commune, "").table.c
    wanted = select(column.event_id).where(column.commune == commune, column.card == card).limit(1)
    async with ledger.reading() as connection:
        return (await connection.execute(wanted)).scalar()
