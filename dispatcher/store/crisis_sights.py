"""What whoever leads a crisis looks at beside it: alerts that run or wait, and its last lines."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import and_, func, or_, select

from dispatcher.store.canaries import CANARY
from dispatcher.store.clock import db_now
from dispatcher.store.crisis_tables import event_alerts
from dispatcher.store.ledger import Ledger
from dispatcher.store.logbook import Line
from dispatcher.store.outgoing import alerts, versions
from dispatcher.store.statements import insert_missing
from dispatcher.store.tables import logbook
from dispatcher.store.versions import SUMMONS

WAITING = ("pending_approval", "approved")
MOST_LINES = 20


@dataclass(frozen=True)
class AlertNow:
    """An alert to the population that runs, or waits for a decision."""

    alert_id: str
    title: str
    mode: str
    state: str
    people: int
    drafted_by: str
    launched_at: float | None
    expires_at: float


async def alerts_now(ledger: Ledger, commune: str) -> list[AlertNow]:
    """Return the commune's alerts that run or wait for a decision; never a summons."""
    same = and_(alerts.c.commune == versions.c.commune, alerts.c.alert_id == versions.c.alert_id)
    runs = and_(versions.c.state == "launched", versions.c.expires_at > db_now())
    names = ("state", "people", "drafted_by", "launched_at", "expires_at")
    wanted = (
        select(
            alerts.c.alert_id, alerts.c.title, alerts.c.mode, *(versions.c[name] for name in names)
        )
        .join_from(versions, alerts, same)
        .where(
            versions.c.commune == commune,
            versions.c.kind != SUMMONS,
            alerts.c.created_by != CANARY,
            or_(runs, versions.c.state.in_(WAITING)),
        )
        .order_by(alerts.c.created_at.desc(), alerts.c.alert_id)
    )
    async with ledger.reading() as connection:
        return [AlertNow(**row._mapping) for row in await connection.execute(wanted)]


async def lines_of_event(
    ledger: Ledger, commune: str, event_id: str, *, limit: int = MOST_LINES
) -> Sequence[Line]:
    """Return the last lines of the logbook that speak of an event, the newest first."""
    of_event = logbook.c.event == event_id
    wanted = (
        select(logbook)
        .where(logbook.c.commune == commune, of_event)
        .order_by(logbook.c.number.desc())
        .limit(limit)
    )
    async with ledger.reading() as connection:
        return [Line(**row._mapping) for row in await connection.execute(wanted)]


@dataclass(frozen=True)
class DraftedAlert:
    """An alert that was drafted from an event's proposals."""

    alert_id: str
    template: str
    state: str


async def keep_alert(ledger: Ledger, event: tuple[str, str], alert_id: str, *, by: str) -> None:
    """Note that an alert was drafted for an event, under its template; once."""
    known = select(alerts.c.template).where(
        alerts.c.commune == event[0], alerts.c.alert_id == alert_id
    )
    async with ledger.reading() as connection:
        template = (await connection.execute(known)).scalar_one()
    await keep_begun(ledger, event, (alert_id, str(template)), by=by)


async def keep_begun(
    ledger: Ledger, event: tuple[str, str], alert: tuple[str, str], *, by: str
) -> None:
    """Note that an alert was begun for an event: `alert` is its id and its template; once."""
    commune, event_id = event
    alert_id, template = alert
    async with ledger.writing() as connection:
        now = (await connection.execute(select(db_now()))).scalar_one()
        row = {
            "commune": commune,
            "event_id": event_id,
            "alert_id": alert_id,
            "template": template,
            "drafted_by": by,
            "drafted_at": now,
        }
        await insert_missing(connection, event_alerts, [row])


async def alerts_of_event(ledger: Ledger, commune: str, event_id: str) -> list[DraftedAlert]:
    """Return what was drafted for an event, with the newest state of each; begun, it is a draft."""
    newest = (
        select(func.max(versions.c.number))
        .where(
            versions.c.commune == event_alerts.c.commune,
            versions.c.alert_id == event_alerts.c.alert_id,
        )
        .correlate(event_alerts)
        .scalar_subquery()
    )
    same = and_(
        versions.c.commune == event_alerts.c.commune,
        versions.c.alert_id == event_alerts.c.alert_id,
        versions.c.number == newest,
    )
    wanted = (
        select(
            event_alerts.c.alert_id,
            event_alerts.c.template,
            func.coalesce(versions.c.state, "draft"),
        )
        .join_from(event_alerts, versions, same, isouter=True)
        .where(event_alerts.c.commune == commune, event_alerts.c.event_id == event_id)
        .order_by(event_alerts.c.drafted_at)
    )
    async with ledger.reading() as connection:
        return [DraftedAlert(*row) for row in await connection.execute(wanted)]
