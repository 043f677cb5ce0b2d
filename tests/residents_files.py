"""Files of residents for tests: written, imported, and looked at in the ledger."""

from pathlib import Path

import pytest
from sqlalchemy import select

from dispatcher.residents.importing import Source, Summary, import_residents
from dispatcher.store.ledger import Ledger
from dispatcher.store.registers import Resident, held
from dispatcher.store.tables import persons

COMMUNE = "99042"
KEY = b"k" * 32
HEADERS = "id,nom,prenom,langue,numero,voie,lon,lat,tel_mobile,tel_fixe,email,canaux"


@pytest.fixture
def source(tmp_path: Path) -> Source:
    return Source(tmp_path / "habitants.csv", COMMUNE)


async def imported(ledger: Ledger, source: Source, *lines: str, encoding: str = "utf-8") -> Summary:
    """Import these lines (headers first), or the file as it is."""
    if lines:
        source.path.write_bytes(("\r\n".join(lines) + "\r\n").encode(encoding))
    return await import_residents(ledger, source, author="ccas", key=KEY)


async def everybody(ledger: Ledger, commune: str = COMMUNE) -> list[Resident]:
    """Return all residents, by name."""
    async with ledger.reading() as connection:
        mine = select(persons.c.person_id).where(persons.c.commune == commune)
        ids = list(await connection.scalars(mine))
        found = await held(connection, commune, ids, ring=ledger.ring)
    return sorted(found.values(), key=lambda one: (one.name, one.external_id or ""))
