"""The mailbox that bounces come to: how far it was read, and by whom it is read now.

Beside the accounts, a table without a commune: one mailbox serves all of an installation.
"""

from dataclasses import dataclass

from sqlalchemy import (
    BigInteger,
    Column,
    Double,
    PrimaryKeyConstraint,
    String,
    Table,
    select,
    text,
    update,
)

from dispatcher.store.clock import db_now
from dispatcher.store.ledger import Ledger
from dispatcher.store.outgoing import deliveries, versions
from dispatcher.store.schema import metadata, whole_column
from dispatcher.store.statements import insert_missing

READING_S = 120.0  # a worker that dies while it reads is followed by another after this

mailboxes = Table(
    "mailboxes",
    metadata,
    Column("mailbox", String(32), nullable=False),  # digest of host, user and folder
    Column("validity", BigInteger, nullable=False, server_default=text("0")),
    Column("last_uid", BigInteger, nullable=False, server_default=text("0")),
    Column("due_at", Double, nullable=False),
    whole_column("taken"),  # messages that moved or confirmed a delivery
    whole_column("set_aside"),  # messages that did not
    PrimaryKeyConstraint("mailbox"),
)


@dataclass(frozen=True)
class Place:
    """How far a mailbox was read: the server's own numbers hold while its `validity` does."""

    validity: int = 0
    last_uid: int = 0


async def take_mailbox(ledger: Ledger, mailbox: str) -> Place | None:
    """Take a mailbox to read it now; None where that is not due, or another worker reads it."""
    async with ledger.writing() as connection:
        await insert_missing(connection, mailboxes, [{"mailbox": mailbox, "due_at": 0.0}])
        taken = await connection.execute(
            update(mailboxes)
            .where(mailboxes.c.mailbox == mailbox, mailboxes.c.due_at <= db_now())
            .values(due_at=db_now() + READING_S)
            .returning(mailboxes.c.validity, mailboxes.c.last_uid)
        )
        row = taken.first()
    return None if row is None else Place(row[0], row[1])


async def leave_mailbox(  # noqa: PLR0913 - one row, said whole
    ledger: Ledger, mailbox: str, place: Place, *, taken: int, set_aside: int, again_s: float
) -> None:
    """Write how far a mailbox was read, and when it is due again."""
    async with ledger.writing() as connection:
        await connection.execute(
            update(mailboxes)
            .where(mailboxes.c.mailbox == mailbox)
            .values(
                validity=place.validity,
                last_uid=place.last_uid,
                due_at=db_now() + again_s,
                taken=mailboxes.c.taken + taken,
                set_aside=mailboxes.c.set_aside + set_aside,
            )
        )


async def mail_attempts(ledger: Ledger, commune: str, delivery_id: str) -> int | None:
    """Return how many attempts were begun at a delivery by e-mail; None where there is none."""
    statement = select(deliveries.c.attempts).where(
        deliveries.c.commune == commune,
        deliveries.c.delivery_id == delivery_id,
        deliveries.c.medium == "email",
    )
    async with ledger.reading() as connection:
        found = await connection.scalar(statement)
    return None if found is None else int(found)


async def commune_of_mail(ledger: Ledger, delivery_id: str) -> str | None:
    """Return whose delivery by e-mail this is; None where it is nobody's."""
    statement = select(deliveries.c.commune).where(
        deliveries.c.commune.in_(select(versions.c.commune).distinct()),
        deliveries.c.delivery_id == delivery_id,
        deliveries.c.medium == "email",
    )
    async with ledger.reading() as connection:
        found = await connection.scalar(statement)
    return None if found is None else str(found)
