"""The proof of who was warned: each delivery under one seal, nobody named."""

import shutil
import time
from pathlib import Path

from sqlalchemy import select, update

from dispatcher.logbook.sealing import seal_due
from dispatcher.store import evidence as store
from dispatcher.store import logbook, seals
from dispatcher.store.ledger import Ledger
from dispatcher.store.logbook import Entry
from dispatcher.store.logbook_tables import evidence, sealing
from dispatcher.store.outgoing import deliveries
from dispatcher.store.rights import erase_person
from tests.keyring import mark_of, opened
from tests.outgoing import COMMUNE, LOGBOOK_KEY, Plan, crowd, phone, planned
from tests.sealed import PEOPLE, ended, hasten, over, seal, sealed_ids, settle, verified
from tests.test_no_scans import Said, said, whole_reads

__all__ = ["said"]


async def test_what_ended_is_under_one_seal_and_the_line_tells_its_hash(ledger: Ledger) -> None:
    await ended(ledger)
    lines = [one for one in await logbook.read(ledger, COMMUNE) if one.kind == seals.SEALED]
    assert [(one.data["seal"], one.data["count"]) for one in lines] == [(1, 4), (2, 4)]
    assert lines[1].data["states"] == {"undelivered": 4}
    found = await verified(ledger)
    assert found.valid
    assert (found.proof.seals, found.proof.deliveries, found.proof.pending) == (2, 8, 0)


async def test_where_nothing_ended_no_line_is_written(ledger: Ledger) -> None:
    await ended(ledger)
    assert await seal(ledger) == []


async def test_before_its_minute_no_seal_is_told(ledger: Ledger) -> None:
    await ended(ledger)
    await settle(ledger, [8])
    assert await seal_due(ledger, key=LOGBOOK_KEY, holder="w") == []


async def test_at_the_end_what_was_accepted_is_sealed_too_and_nothing_is_asked_again(
    ledger: Ledger,
) -> None:
    version = await ended(ledger)
    await settle(ledger, [8, 9, 10, 11])
    async with ledger.writing() as connection:  # an e-mail: no receipt will ever come
        await connection.execute(
            update(deliveries)
            .where(deliveries.c.contact_mark.in_([mark_of(phone(10)), mark_of(phone(11))]))
            .values(state="accepted", settled_at=None)
        )
    await over(ledger, version)
    (told,) = await seal(ledger)
    assert told["states"] == {"delivered": 2, "accepted": 2}
    await hasten(ledger)
    assert await seals.due(ledger) == []
    assert len(set(await sealed_ids(ledger))) == PEOPLE


async def test_a_version_with_something_open_is_gone_through_again(ledger: Ledger) -> None:
    version = await ended(ledger)
    await over(ledger, version)
    await seal(ledger)
    await settle(ledger, [8, 9, 10, 11])
    (told,) = await seal(ledger)
    assert told["count"] == 4


async def test_what_was_committed_late_is_found_when_the_alert_is_over(ledger: Ledger) -> None:
    version = await ended(ledger)
    async with ledger.writing() as connection:  # behind the overlap: a stalled transaction
        await connection.execute(
            update(deliveries)
            .where(deliveries.c.contact_mark.in_([mark_of(phone(n)) for n in (8, 9, 10, 11)]))
            .values(state="delivered", settled_at=time.time() - 3600)
        )
    assert await seal(ledger) == []
    await over(ledger, version)
    (told,) = await seal(ledger)
    assert told["count"] == 4


async def test_erasing_a_person_leaves_the_proof_whole(ledger: Ledger) -> None:
    await ended(ledger)
    entry = Entry("dos", "residents.erased", "Effacé", {})
    assert await erase_person(ledger, "p00001", commune=COMMUNE, entry=entry, key=LOGBOOK_KEY)
    await settle(ledger, [8])
    assert len(await seal(ledger)) == 1
    assert (await verified(ledger)).valid


async def test_the_evidence_names_nobody_and_who_holds_the_key_can_ask(ledger: Ledger) -> None:
    await ended(ledger)
    async with ledger.reading() as connection:
        kept = [dict(row) for row in (await connection.execute(select(evidence))).mappings()]
    assert not any(phone(n) in str(kept) or f"p{n:05d}" in str(kept) for n in range(PEOPLE))
    mine = store.pseudonym(LOGBOOK_KEY, COMMUNE, phone(3))
    assert [row["state"] for row in kept if row["pseudonym"] == mine] == ["delivered"]
    assert store.pseudonym(b"x" * 32, COMMUNE, phone(3)) != mine
    assert store.pseudonym(LOGBOOK_KEY, COMMUNE, "") == ""


async def test_no_minute_goes_through_the_deliveries(
    sqlite_template: Path, said: Said, tmp_path: Path
) -> None:
    database = tmp_path / "ledger.sqlite"
    shutil.copy(sqlite_template, database)
    async with opened(f"sqlite+aiosqlite:///{database}") as ledger:
        await planned(ledger, Plan(crowd(PEOPLE)))
        await settle(ledger, [0, 1, 2, 3])
        said.clear()
        await seals.open_seals(ledger)
        await ledger.write(lambda one: one.execute(update(sealing).values(next_at=0.0, until=0.0)))
        assert len(await seal_due(ledger, key=LOGBOOK_KEY, holder="w")) == 1
    asked = {one: given for one, given in said.items() if "evidence" in one}
    assert len(asked) >= 3
    assert whole_reads(database, said) == {}
