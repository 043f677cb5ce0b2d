"""People called up who answer, without an operator in between: as a callback would have it."""

from collections.abc import Mapping

from sqlalchemy import select, update

from dispatcher.crisis.turns import Summoner
from dispatcher.delivery.answers import record_to
from dispatcher.delivery.planning import materialise_next
from dispatcher.store.crises import Event
from dispatcher.store.crisis_tables import summons_calls, summonses
from dispatcher.store.ledger import Ledger
from dispatcher.store.outgoing import BEHIND, deliveries, recipients
from tests.outgoing import LOGBOOK_KEY


async def answer_call(ledger: Ledger, event: Event, said: Mapping[str, str]) -> None:
    """Have people (contact:ID) say coming or unable to the call that they got by voice."""
    await made(ledger)
    for person, kind in said.items():
        wanted = (
            select(deliveries.c.delivery_id)
            .join_from(deliveries, recipients, BEHIND)
            .where(recipients.c.person_id == person, deliveries.c.medium == "voice")
            .order_by(deliveries.c.serial.desc())
        )
        async with ledger.reading() as connection:
            ident = (await connection.execute(wanted)).scalars().first()
        assert ident is not None, f"{person} was not called"
        assert await record_to(ledger, event.commune, ident, kind=kind, via="keypad")


async def made(ledger: Ledger) -> None:
    """Make the deliveries of whoever has been called."""
    while await materialise_next(ledger) is not None:
        pass


async def turned(ledger: Ledger) -> None:
    """Let a worker take its turn at every summons."""
    await Summoner(ledger, logbook_key=LOGBOOK_KEY).turn()


async def waited(ledger: Ledger, *, seconds: float) -> None:
    """Let so much time pass for whoever has been called."""
    async with ledger.writing() as connection:
        for column in (summons_calls.c.called_at, summonses.c.expires_at):
            await connection.execute(update(column.table).values({column.name: column - seconds}))
