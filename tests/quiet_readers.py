"""People who no longer want to be warned."""

import time

from sqlalchemy import update

from dispatcher.store.ledger import Ledger
from dispatcher.store.tables import persons
from tests.outgoing import COMMUNE


async def unsubscribe(ledger: Ledger, person_id: str) -> None:
    """Take someone off the list."""
    async with ledger.writing() as connection:
        done = await connection.execute(
            update(persons)
            .where(persons.c.commune == COMMUNE, persons.c.person_id == person_id)
            .values(unsubscribed_at=time.time())
        )
    assert done.rowcount == 1
