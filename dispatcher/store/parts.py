"""The part of a medium's queue that one of its accounts may claim."""

from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, func, or_, select

from dispatcher.store.clock import db_now
from dispatcher.store.ledger import Ledger
from dispatcher.store.marks import lacks
from dispatcher.store.outgoing import deliveries

TRIED_S = 5.0  # an account leaves to the others, this long, what it could not take


@dataclass(frozen=True)
class Part:
    """What of a queue an account may claim: not what it failed, and of the rest these ids.

    Ids are hexadecimal and evenly spread: from `first` on, and before `before`.
    """

    account: str
    first: str = ""
    before: str = ""

    def holds(self) -> ColumnElement[bool]:
        """Return the condition that a delivery is in this part."""
        ids = [deliveries.c.delivery_id >= self.first] if self.first else []
        ids += [deliveries.c.delivery_id < self.before] if self.before else []
        return and_(_may_take(self.account), *ids)


def _may_take(account: str) -> ColumnElement[bool]:
    """Return the condition that an account has not failed this delivery.

    What it could not take is left to the others for TRIED_S, and then comes back to whoever is
    there: a delivery never waits for an account that is gone.
    """
    left = deliveries.c.next_at <= db_now() - TRIED_S
    return and_(
        lacks(deliveries.c.failed_by, account), or_(lacks(deliveries.c.tried, account), left)
    )


async def due(ledger: Ledger, *, route: str, medium: str, most: int) -> int:
    """Count what is due on a medium; stops at `most`."""
    some = (
        select(deliveries.c.delivery_id)
        .where(
            deliveries.c.route == route,
            deliveries.c.medium == medium,
            deliveries.c.state == "ready",
            deliveries.c.next_at <= db_now(),
        )
        .limit(most)
        .subquery()
    )
    counted = select(func.count()).select_from(some)
    return await ledger.read(lambda connection: connection.execute(counted).scalar_one())
