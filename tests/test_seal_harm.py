"""Whatever is done to the proof behind its back is found, and named."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from sqlalchemy import Table, delete, insert, select, text, update

from dispatcher.store import logbook
from dispatcher.store.ledger import Ledger
from dispatcher.store.logbook_tables import evidence
from dispatcher.store.tables import logbook as written
from tests.outgoing import COMMUNE
from tests.sealed import ended, verified


@pytest.mark.parametrize(
    "statement", ["UPDATE evidence SET state = 'delivered'", "DELETE FROM evidence"]
)
async def test_the_database_refuses_to_change_the_evidence(ledger: Ledger, statement: str) -> None:
    await ended(ledger)

    async def harm() -> None:
        async with ledger.writing() as connection:
            await connection.execute(text(statement))

    with pytest.raises(Exception, match="only grows"):
        await harm()


@asynccontextmanager
async def unguarded(ledger: Ledger) -> AsyncIterator[None]:
    """Take the triggers away, as who owns the database can."""
    tables: tuple[Table, ...] = (evidence, written)
    async with ledger.writing() as connection:
        for table in tables:
            if ledger.dialect == "sqlite":
                for verb in ("UPDATE", "DELETE"):
                    await connection.execute(text(f"DROP TRIGGER {table.name}_no_{verb}"))
            else:
                await connection.execute(text(f"ALTER TABLE {table.name} DISABLE TRIGGER ALL"))
    yield


async def _harm(ledger: Ledger, what: str) -> None:
    third = (evidence.c.seal == 2) & (evidence.c.place == 3)
    lines = written
    last = select(lines.c.number).order_by(lines.c.number.desc()).limit(1).scalar_subquery()
    row = {
        "serial": 10**6, "commune": COMMUNE, "seal": 2, "place": 5, "version_id": "v",
        "delivery_id": "d", "medium": "sms", "state": "delivered", "pseudonym": "p",
    }  # fmt: skip
    done = {
        "changed": update(evidence).where(third).values(state="delivered"),
        "removed": delete(evidence).where(third),
        "added": insert(evidence).values(row),
        "beside": insert(evidence).values({**row, "seal": 9}),
        "pending": insert(evidence).values({**row, "seal": 3, "place": 1}),
        "cut": delete(lines).where(lines.c.number == last),
        "line": update(lines).where(lines.c.number == last).values(text="Scellé n° 2 : 9 envois"),
        "swapped": update(evidence).where(third).values(pseudonym="f" * 32),
    }[what]
    async with unguarded(ledger), ledger.writing() as connection:
        await connection.execute(done)


@pytest.mark.parametrize(
    ("what", "bad_seal", "said_of"),
    [
        ("changed", 2, "n'est plus celui d'alors"),
        ("swapped", 2, "n'est plus celui d'alors"),
        ("removed", 2, "a 3 envois au lieu de 4"),
        ("added", 2, "a 5 envois au lieu de 4"),
        ("beside", 9, "n'existe pas"),
        ("pending", 3, "a 1 envois au lieu de 0"),
        ("cut", 2, "n'est plus là"),
    ],
)
async def test_harm_done_to_the_proof_is_found_and_named(
    ledger: Ledger, what: str, bad_seal: int, said_of: str
) -> None:
    await ended(ledger)
    await _harm(ledger, what)
    found = await verified(ledger)
    assert (found.valid, found.proof.bad_seal) == (False, bad_seal)
    assert said_of in found.proof.problem


async def test_a_changed_line_is_found_by_its_number(ledger: Ledger) -> None:
    await ended(ledger)
    last = (await logbook.head(ledger, COMMUNE)).number
    await _harm(ledger, "line")
    found = await verified(ledger)
    assert (found.valid, found.first_bad) == (False, last)
