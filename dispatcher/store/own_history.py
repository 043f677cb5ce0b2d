"""What a resident was sent: found by the names of her deliveries, whatever the size of an alert."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Select, and_, func, select

from dispatcher.ciphers import Ring
from dispatcher.store import personal
from dispatcher.store.known_as import ids_in
from dispatcher.store.ledger import Ledger
from dispatcher.store.names import number_delivery
from dispatcher.store.outgoing import (
    BEHIND,
    alerts,
    answers,
    deliveries,
    recipients,
    unreachable,
    versions,
)
from dispatcher.store.own_links import Own
from dispatcher.store.people import in_parts
from dispatcher.store.public_alerts import TO_RESIDENTS
from dispatcher.store.sketch_tables import sketches
from dispatcher.store.tables import contacts
from dispatcher.store.versions import APART, SUMMONS

MOST_VERSIONS = 200  # the newest; a commune launches a few dozen in a year
_OF_VERSION = ("version_id", "kind", "state", "launched_at", "expires_at", "content")
MEDIA = ("sms", "voice", "email", "webhook")


@dataclass(frozen=True)
class Told:
    """One message of an alert to her: by which medium, to what, how it ended, what she answered."""

    delivery_id: str
    medium: str
    contact: str
    state: str  # as a delivery's
    answered: tuple[str, ...] = ()  # understood | help


@dataclass(frozen=True)
class Sent:
    """One version of an alert that she was among the addressees of; instants in epoch seconds.

    Without a message, `reason` says why none could leave. `zone` names what was drawn on the map
    (a street, a buffer), as whoever drew it read it; empty where nothing names it.
    """

    version_id: str
    title: str
    mode: str
    kind: str
    state: str  # of the version
    launched_at: float
    expires_at: float
    content: Mapping[str, Any]
    zone: str = ""
    messages: tuple[Told, ...] = ()
    reason: str = ""


async def sent_to(ledger: Ledger, own: Own) -> list[Sent]:
    """Return what she was sent, the newest first: to the contacts that she has now."""
    return await ledger.read(lambda one: _sent_in(one, own, ledger.ring))


async def told_in(ledger: Ledger, own: Own, version_ids: Sequence[str]) -> tuple[list[Told], bool]:
    """Return her messages in these versions, and whether she is among their addressees at all."""

    def look(connection: Connection) -> tuple[list[Told], bool]:
        told = _told(connection, own, version_ids, marks=_marks(connection, own), ring=ledger.ring)
        messages = [one for some in told.values() for one in some]
        return messages, bool(messages or _lost(connection, own, version_ids))

    return await ledger.read(look)


def _marks(connection: Connection, own: Own) -> list[str]:
    wanted = select(contacts.c.mark).where(
        contacts.c.commune == own.commune, contacts.c.person_id == own.person_id
    )
    return list(connection.execute(wanted).scalars())


def _sent_in(connection: Connection, own: Own, ring: Ring) -> list[Sent]:
    launched = connection.execute(_versions(own.commune)).all()
    told = _told(connection, own, [row.version_id for row in launched],
                 marks=_marks(connection, own), ring=ring)  # fmt: skip
    lost = _lost(connection, own, [row.version_id for row in launched])
    return [
        Sent(**row._mapping, messages=tuple(told.get(row.version_id, ())),
             reason=lost.get(row.version_id, ""))
        for row in launched
        if row.version_id in told or row.version_id in lost
    ]  # fmt: skip


def _versions(commune: str) -> Select[Any]:
    same = and_(versions.c.commune == alerts.c.commune, versions.c.alert_id == alerts.c.alert_id)
    kept = (versions.c[name] for name in _OF_VERSION)
    of_this = and_(
        sketches.c.commune == versions.c.commune,
        sketches.c.alert_id == versions.c.alert_id,
        sketches.c.frozen == versions.c.digest,
    )
    zone = func.coalesce(sketches.c.chosen["drawn"]["words"].as_string(), "").label("zone")
    return (
        select(alerts.c.title, alerts.c.mode, zone, *kept)
        .join(versions, same)
        .outerjoin(sketches, of_this)
        .where(
            alerts.c.commune == commune,
            alerts.c.mode.in_(TO_RESIDENTS),
            versions.c.launched_at.is_not(None),
            versions.c.kind != SUMMONS,
            versions.c.state != APART,
        )
        .order_by(versions.c.launched_at.desc(), versions.c.version_id)
        .limit(MOST_VERSIONS)
    )


def _told(
    connection: Connection,
    own: Own,
    version_ids: Sequence[str],
    *,
    marks: Sequence[str],
    ring: Ring,
) -> dict[str, list[Told]]:
    ids = [
        number_delivery(own.commune, version, medium, contact_mark=mark)
        for version in version_ids
        for medium in MEDIA
        for mark in dict.fromkeys(marks)
    ]
    hers = ids_in(connection, own.commune, [own.person_id])
    told: dict[str, list[Told]] = {}
    for some in in_parts(ids):
        these = and_(deliveries.c.commune == own.commune, deliveries.c.delivery_id.in_(some))
        answered: dict[str, list[str]] = {}
        said = select(answers.c.delivery_id, answers.c.kind).where(
            answers.c.commune == own.commune, answers.c.delivery_id.in_(some)
        )
        for row in connection.execute(said.order_by(answers.c.answered_at)):
            answered.setdefault(row.delivery_id, []).append(row.kind)
        wanted = (
            select(deliveries)
            .join(recipients, BEHIND)
            .where(these, recipients.c.person_id.in_(hers))
            .order_by(deliveries.c.serial)
        )
        for row in connection.execute(wanted):
            kinds = tuple(answered.get(row.delivery_id, ()))
            one = Told(
                row.delivery_id, row.medium, personal.contact_of(ring, row), row.state, kinds
            )
            told.setdefault(row.version_id, []).append(one)
    return told


def _lost(connection: Connection, own: Own, version_ids: Sequence[str]) -> dict[str, str]:
    ids = ids_in(connection, own.commune, [own.person_id])
    lost: dict[str, str] = {}
    for some in in_parts(version_ids):
        wanted = select(unreachable.c.version_id, unreachable.c.reason).where(
            unreachable.c.commune == own.commune,
            unreachable.c.version_id.in_(some),
            unreachable.c.person_id.in_(ids),
        )
        lost.update((row.version_id, row.reason) for row in connection.execute(wanted))
    return lost
