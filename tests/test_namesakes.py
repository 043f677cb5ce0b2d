"""Looking for someone enrolled already never reads the whole register."""

from typing import Any

import pytest
from sqlalchemy import Select, text
from sqlalchemy.dialects import sqlite

from dispatcher.store import namesakes
from dispatcher.store.ledger import Ledger
from dispatcher.store.people import Contact
from dispatcher.store.registers import Home, Resident
from tests.keyring import RING

CROWD = [
    Resident(
        None,
        f"N{n}",
        ("fr",),
        contacts=(Contact("email", f"x{n}@ex.example"),),
        homes=(Home(f"{n} rue Haute", f"{n} rue haute"),),
    )
    for n in range(500)
]


@pytest.mark.parametrize("ledger_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("statement", "index"),
    [
        (
            next(namesakes._by_contact("99042", CROWD, ring=RING)),
            "ix_contacts_commune_mark_kind_person_id (commune=? AND mark=? AND kind=?)",
        ),
        (
            next(namesakes._by_home("99042", CROWD, ring=RING)),
            "ix_homes_commune_place_mark (commune=? AND place_mark=?)",
        ),
    ],
    ids=["contact", "home"],
)
async def test_namesakes_are_sought_by_an_index(
    ledger: Ledger, statement: Select[Any], index: str
) -> None:
    written = statement.compile(dialect=sqlite.dialect(), compile_kwargs={"literal_binds": True})
    async with ledger.reading() as connection:
        steps = await connection.execute(text(f"EXPLAIN QUERY PLAN {written}"))
        assert index in " ".join(step.detail for step in steps)
