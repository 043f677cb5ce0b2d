"""Where the alerts of an event are in force: the areas of what runs now, and no summons."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import and_, exists, or_, select

from dispatcher.store.clock import db_now
from dispatcher.store.crisis_tables import event_alerts
from dispatcher.store.ledger import Ledger
from dispatcher.store.outgoing import alerts, versions
from dispatcher.store.sketch_tables import sketches

_WARNS = ("alert", "update")  # an all-clear and a false alarm put nobody in danger


@dataclass(frozen=True)
class AreaNow:
    """An alert in force, and where: `area` as its version keeps it, GeoJSON."""

    alert_id: str
    title: str
    area: Mapping[str, Any]


async def areas_in_force(ledger: Ledger, commune: str, event_id: str) -> list[AreaNow]:
    """Return the areas of the event's alerts that run now; one without an area is left out."""
    drafted = exists().where(
        event_alerts.c.commune == versions.c.commune,
        event_alerts.c.alert_id == versions.c.alert_id,
        event_alerts.c.event_id == event_id,
    )
    sketched = exists().where(
        sketches.c.commune == versions.c.commune,
        sketches.c.alert_id == versions.c.alert_id,
        sketches.c.event == event_id,
    )
    same = and_(alerts.c.commune == versions.c.commune, alerts.c.alert_id == versions.c.alert_id)
    wanted = (
        select(versions.c.alert_id, alerts.c.title, versions.c.content)
        .join_from(versions, alerts, same)
        .where(
            versions.c.commune == commune,
            versions.c.state == "launched",
            versions.c.cancelled_at.is_(None),
            versions.c.expires_at > db_now(),
            versions.c.kind.in_(_WARNS),
            or_(drafted, sketched),
        )
        .order_by(versions.c.launched_at, versions.c.version_id)
    )
    async with ledger.reading() as connection:
        rows = (await connection.execute(wanted)).all()
    return [AreaNow(row[0], row[1], row[2]["area"]) for row in rows if row[2].get("area")]
