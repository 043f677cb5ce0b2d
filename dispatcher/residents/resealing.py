"""The register sealed again by a newer key: after a key may have been seen, or once a year."""

from dispatcher.store.ledger import Ledger
from dispatcher.store.logbook import Entry, append
from dispatcher.store.plans import communes
from dispatcher.store.sealed_columns import SEALED, Resealed, reseal

SYSTEM = "console"


async def reseal_all(ledger: Ledger, *, key: bytes) -> Resealed:
    """Seal by the newest key all that older ones sealed, in every commune of the installation.

    The logbook of each says how many values of the whole were sealed again.
    """
    whole = Resealed()
    while True:  # what was being written by the older key meanwhile is met in the next round
        done = Resealed()
        for one in SEALED:
            done += await reseal(ledger, one)
        whole = Resealed(whole.values + done.values, done.unopened)
        if not done.values:
            break
    if whole.values:
        await _tell(ledger, whole, key=key)
    return whole


async def _tell(ledger: Ledger, done: Resealed, *, key: bytes) -> None:
    text = f"Registre des habitants : {done.values} valeurs scellées par une nouvelle clé"
    told = {"values": done.values, "unopened": done.unopened, "key": ledger.ring.newest}
    entry = Entry(SYSTEM, "residents.resealed", text, told)
    for commune in await communes(ledger):
        async with ledger.writing() as connection:
            await append(connection, commune=commune, entry=entry, key=key)
