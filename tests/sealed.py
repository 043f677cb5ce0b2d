"""Deliveries that end, minutes that go by, seals that are told: where proof begins."""

import time

from sqlalchemy import select, update

from dispatcher.logbook.proof import Checked, verify_all
from dispatcher.logbook.sealing import seal_due
from dispatcher.store import seals
from dispatcher.store.ledger import Ledger
from dispatcher.store.logbook_tables import evidence, sealing
from dispatcher.store.outgoing import deliveries, versions
from dispatcher.store.versions import Version
from tests.keyring import mark_of
from tests.outgoing import COMMUNE, LOGBOOK_KEY, Plan, crowd, phone, planned

PEOPLE = 12


async def settle(ledger: Ledger, which: list[int], state: str = "delivered") -> None:
    """Let some deliveries end, as a worker or a receipt would."""
    async with ledger.writing() as connection:
        await connection.execute(
            update(deliveries)
            .where(deliveries.c.contact_mark.in_([mark_of(phone(one)) for one in which]))
            .values(state=state, accepted_at=time.time(), settled_at=time.time())
        )


async def hasten(ledger: Ledger, **more: object) -> None:
    """Let a minute go by."""
    async with ledger.writing() as connection:
        await connection.execute(update(sealing).values(next_at=0.0, **more))


async def seal(ledger: Ledger, holder: str = "w") -> list[dict[str, object]]:
    await seals.open_seals(ledger)
    await hasten(ledger)
    return await seal_due(ledger, key=LOGBOOK_KEY, holder=holder)


async def verified(ledger: Ledger) -> Checked:
    return await verify_all(ledger, COMMUNE, key=LOGBOOK_KEY)


async def sealed_ids(ledger: Ledger) -> list[str]:
    async with ledger.reading() as connection:
        return list(await connection.scalars(select(evidence.c.delivery_id)))


async def ended(ledger: Ledger) -> Version:
    """Launch to PEOPLE, let the first two thirds end under two seals."""
    version = await planned(ledger, Plan(crowd(PEOPLE)))
    await settle(ledger, [0, 1, 2, 3])
    await seal(ledger)
    await settle(ledger, [4, 5, 6, 7], "undelivered")
    await seal(ledger)
    return version


async def over(ledger: Ledger, version: Version, **values: object) -> None:
    async with ledger.writing() as connection:
        await connection.execute(
            update(versions)
            .where(versions.c.version_id == version.version_id)
            .values({"finished_at": time.time(), "expires_at": time.time() - 1, **values})
        )
