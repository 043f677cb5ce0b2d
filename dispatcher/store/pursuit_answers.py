"""An answer ends the pursuit of all behind the phone, and what still waits to leave for them."""

from sqlalchemy import Connection, and_, bindparam, exists, func, or_, select, update

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
    named = {"of_commune": commune, "of_version": version_id}
    behind = connection.execute(_READERS, {**named, "of_delivery": delivery_id}).all()
    readers = sorted({row.person_id for row in behind})
    if any(row.state not in (None, "reached") for row in behind):
        connection.execute(_REACHED, {**named, "readers": readers})
    # By name: no index tells the deliveries of a person.
    last = {row.delivery_id for row in behind if row.delivery_id is not None}
    next_ones = {
        number_delivery(commune, version_id, medium, contact_mark=mark)
        for medium in MEDIA
        for mark in {row.mark for row in behind if row.mark is not None}
    }
    pending = sorted({delivery_id, *last, *next_ones})
    connection.execute(_WITHDRAW, {**named, "readers": readers, "pending": pending})


# Made once: two hundred answers a second would spend more on the words than on the ledger.
_OF_READER = and_(
    pursuits.c.commune == bindparam("of_commune"),
    pursuits.c.version_id == bindparam("of_version"),
    pursuits.c.person_id == recipients.c.person_id,
)
_READERS = (
    select(recipients.c.person_id, pursuits.c.state, pursuits.c.delivery_id, contacts.c.mark)
    .select_from(
        deliveries.join(recipients, BEHIND)
        .outerjoin(pursuits, _OF_READER)
        .outerjoin(
            contacts,
            and_(
                contacts.c.commune == deliveries.c.commune,
                contacts.c.person_id == recipients.c.person_id,
            ),
        )
    )
    .where(
        deliveries.c.commune == bindparam("of_commune"),
        deliveries.c.delivery_id == bindparam("of_delivery"),
    )
)
_REACHED = (
    update(pursuits)
    .where(
        pursuits.c.commune == bindparam("of_commune"),
        pursuits.c.version_id == bindparam("of_version"),
        pursuits.c.person_id.in_(bindparam("readers", expanding=True)),
        pursuits.c.state != "reached",
    )
    .values(state="reached", reason=None, changed_at=db_now())
)
_STILL = exists(
    select(recipients.c.person_id)
    .outerjoin(pursuits, _OF_READER)
    .where(
        BEHIND,
        recipients.c.person_id.not_in(bindparam("readers", expanding=True)),
        func.coalesce(pursuits.c.state, "") != "reached",
    )
)
_WITHDRAW = (
    update(deliveries)
    .where(
        deliveries.c.commune == bindparam("of_commune"),
        deliveries.c.delivery_id.in_(bindparam("pending", expanding=True)),
        or_(deliveries.c.state == "ready", deliveries.c.state == "claimed"),
        ~_STILL,
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
