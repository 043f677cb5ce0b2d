"""When a message was launched that a number received, and whether that number has answered it."""

from dataclasses import dataclass

from sqlalchemy import func, select

from dispatcher.store.ledger import Ledger
from dispatcher.store.open_alerts import Received
from dispatcher.store.outgoing import answers, versions


@dataclass(frozen=True)
class Asked:
    """When a message left (epoch seconds), and whether it was answered."""

    launched_at: float
    answered: bool


async def asked_of(ledger: Ledger, one: Received) -> Asked:
    """Return what is known of a message that a number received."""
    left = select(versions.c.launched_at).where(
        versions.c.commune == one.alert.commune, versions.c.version_id == one.alert.version_id
    )
    answered = select(func.count()).where(
        answers.c.commune == one.alert.commune, answers.c.delivery_id.in_(one.deliveries)
    )
    return await ledger.read(
        lambda connection: Asked(
            connection.execute(left).scalar_one_or_none() or 0.0,
            bool(connection.execute(answered).scalar_one()),
        )
    )
