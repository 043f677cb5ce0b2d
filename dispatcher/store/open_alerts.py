"""Alerts in force, newest first, and which of them a number received."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Select, and_, exists, or_, select

from dispatcher.store.clock import db_now
from dispatcher.store.ledger import Ledger
from dispatcher.store.listed import DIALECTS, listed, rows_of
from dispatcher.store.outgoing import alerts, attempts, deliveries, receipts, versions

# Names the delivery of an alert's version on a medium: commune, version, medium → its id.
Named = Callable[[str, str, str], str]
CALLED = ("sms", "voice")  # what leaves for a number
# The last send of these may have left; of the others only what an attempt or a receipt says.
_MAYBE_LEFT = ("sending", "unknown", "accepted", "delivered", "undelivered")


@dataclass(frozen=True)
class OpenAlert:
    """A version that is launched, not cancelled, not expired."""

    commune: str
    alert_id: str
    version_id: str
    mode: str
    lane: int
    kind: str = "alert"  # or summons: only who was called may hear it
    launched_at: float = 0.0  # epoch seconds


@dataclass(frozen=True)
class Received:
    """A version that may have left for a number, and its messages there (SMS, call, or both)."""

    alert: OpenAlert
    deliveries: tuple[str, ...]
    language: str


async def open_alerts(ledger: Ledger) -> list[OpenAlert]:
    """Return every alert in force of this installation, the newest launch first."""
    return await ledger.read(_open_in)


async def received(ledger: Ledger, named: Named) -> tuple[list[OpenAlert], list[Received]]:
    """Return the alerts in force, and those among them that may have left for a number.

    `named` gives the ids of that number's deliveries: each is found by its key, whatever the size
    of the alert. What was never begun, or surely did not leave, was not received; nor was a
    rehearsal, which leaves for nobody.
    """

    def look(connection: Connection) -> tuple[list[OpenAlert], list[Received]]:
        found = _open_in(connection)
        return found, _received_in(connection, found, named)

    return await ledger.read(look)


def _open_in(connection: Connection) -> list[OpenAlert]:
    return [OpenAlert(*row) for row in connection.execute(_OPEN)]


def _received_in(
    connection: Connection, found: Sequence[OpenAlert], named: Named
) -> list[Received]:  # fmt: skip
    ids = {
        named(one.commune, one.version_id, medium): one.commune
        for one in found
        for medium in CALLED
    }
    if not ids:
        return []
    rows = rows_of([(commune, ident) for ident, commune in ids.items()])
    left: dict[tuple[str, str], list[Any]] = {}
    for row in connection.execute(_LEFT[connection.dialect.name], rows):
        left.setdefault((row.commune, row.version_id), []).append(row)
    return [
        Received(one, tuple(row.delivery_id for row in mine), mine[0].language)
        for one in found
        if (mine := left.get((one.commune, one.version_id)))
    ]


_OPEN: Select[Any] = (
    select(
        versions.c.commune,
        versions.c.alert_id,
        versions.c.version_id,
        alerts.c.mode,
        versions.c.lane,
        versions.c.kind,
        versions.c.launched_at,
    )
    .join(
        alerts,
        and_(alerts.c.commune == versions.c.commune, alerts.c.alert_id == versions.c.alert_id),
    )
    .where(
        versions.c.state == "launched",
        versions.c.cancelled_at.is_(None),
        versions.c.expires_at > db_now(),
    )
    .order_by(versions.c.launched_at.desc(), versions.c.number.desc(), versions.c.version_id)
)


def _left(dialect: str) -> Select[Any]:
    rows = listed(dialect, {"commune": str, "delivery_id": str})
    tried = exists().where(
        attempts.c.commune == deliveries.c.commune,
        attempts.c.delivery_id == deliveries.c.delivery_id,
        attempts.c.outcome.in_(("accepted", "unknown", "lost")),
    )
    told = exists().where(
        receipts.c.commune == deliveries.c.commune,
        receipts.c.delivery_id == deliveries.c.delivery_id,
    )
    same = and_(
        deliveries.c.commune == rows.c.commune, deliveries.c.delivery_id == rows.c.delivery_id
    )
    return (
        select(
            deliveries.c.commune,
            deliveries.c.delivery_id,
            deliveries.c.version_id,
            deliveries.c.language,
        )
        .select_from(rows.join(deliveries, same))
        .where(
            deliveries.c.route == "live",
            or_(deliveries.c.state.in_(_MAYBE_LEFT), deliveries.c.doubts > 0, tried, told),
        )
        .order_by(deliveries.c.delivery_id)
    )


_LEFT = {dialect: _left(dialect) for dialect in DIALECTS}
