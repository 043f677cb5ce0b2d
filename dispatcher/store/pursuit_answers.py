"""An answer ends the pursuit of all behind the phone, and what still waits to leave for them."""

from collections.abc import Collection

from sqlalchemy import Connection, Select, and_, exists, func, or_, select, update

from dispatcher.store.clock import db_now
from dispatcher.store.names import number_delivery
from dispatcher.store.outgoing import BEHIND, deliveries, recipients
from dispatcher.store.pursuit_tables import pursuits
from dispatcher.store.tables import contacts

CONFIRMED = "confirmed"  # why a delivery was not sent after all
MEDIA = ("sms", "voice", "email")  # that a person answers or is called again on


def stop_pursuit(
    connection: Connection, *, commune: str, version_id: str, delivery_id: str
) -> None:
    """Mark the readers of an answered delivery reached, and withdraw their next messages.

    A message is withdrawn when all behind its contact have confirmed, as long as it has not begun
    to leave: it may be claimed already, then its sender finds it gone. That goes for her next step,
    and for whatever of an earlier one waits to be tried again.
    """
    behind, answered = recipients.alias("behind"), deliveries.alias("answered")
    readers = select(behind.c.person_id).join_from(
        answered, behind, behind.c.serial == answered.c.serial
    )
    readers = readers.where(answered.c.commune == commune, answered.c.delivery_id == delivery_id)
    connection.execute(
        update(pursuits)
        .where(
            pursuits.c.commune == commune,
            pursuits.c.version_id == version_id,
            pursuits.c.person_id.in_(readers),
            pursuits.c.state != "reached",
        )
        .values(state="reached", reason=None, changed_at=db_now())
    )
    # By name: no index tells the deliveries of a person.
    reachable = select(contacts.c.mark).where(
        contacts.c.commune == commune, contacts.c.person_id.in_(readers)
    )
    marks = set(connection.execute(reachable).scalars())
    last = select(pursuits.c.delivery_id).where(
        pursuits.c.commune == commune,
        pursuits.c.version_id == version_id,
        pursuits.c.person_id.in_(readers),
        pursuits.c.delivery_id.is_not(None),
    )
    pending = {delivery_id, *connection.execute(last).scalars()}
    pending |= {
        number_delivery(commune, version_id, medium, contact_mark=mark)
        for medium in MEDIA
        for mark in marks
    }
    _withdraw(connection, (commune, version_id), pending, readers=readers)


def _withdraw(
    connection: Connection,
    version: tuple[str, str],
    pending: Collection[str],
    *,
    readers: Select[tuple[str]],
) -> None:
    commune, version_id = version
    of_reader = and_(
        pursuits.c.commune == commune,
        pursuits.c.version_id == version_id,
        pursuits.c.person_id == recipients.c.person_id,
    )
    still = exists(
        select(recipients.c.person_id)
        .outerjoin(pursuits, of_reader)
        .where(
            BEHIND,
            recipients.c.person_id.not_in(readers),
            func.coalesce(pursuits.c.state, "") != "reached",
        )
    )
    connection.execute(
        update(deliveries)
        .where(
            deliveries.c.commune == commune,
            deliveries.c.delivery_id.in_(sorted(pending)),
            or_(deliveries.c.state == "ready", deliveries.c.state == "claimed"),
            ~still,
        )
        .values(
            state="suppressed",
            reason=CONFIRMED,
            settled_at=db_now(),
            owner=None,
            lease_until=None,
            fence=deliveries.c.fence + 1,
        )
    )
