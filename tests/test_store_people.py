"""People in the ledger: given back as written, by commune, in one piece; erased without a trace."""

import asyncio
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import insert, select, text
from sqlalchemy.exc import IntegrityError

from dispatcher.residents.addressing import load_addresses
from dispatcher.store import logbook
from dispatcher.store.addresses import Address, addresses_columns, replace_addresses
from dispatcher.store.enrolment import Written, put_directory, put_residents
from dispatcher.store.ledger import Ledger
from dispatcher.store.logbook import Entry
from dispatcher.store.logbook_tables import evidence
from dispatcher.store.outgoing import alerts, deliveries, versions
from dispatcher.store.people import (
    Contact,
    Person,
    people,
    planned_ids,
    residents_count,
)
from dispatcher.store.places import home_places
from dispatcher.store.registers import NOWHERE, Home, Resident, name_key
from dispatcher.store.rights import erase_person, export_person, find_person
from tests.behind import put_behind
from tests.keyring import contacts_sent
from tests.keyring import sent_to as sent

BRUZ = Path(__file__).parents[1].parent / "shared" / "data" / "bruz"
COMMUNE = "99042"
KEY = b"k" * 32
LEA = Resident(
    external_id="P1",
    name="Léa DURAND",
    languages=("pt", "fr"),
    chosen_media=("sms", "email"),
    warn_first=True,
    help_to_leave=True,
    consented_at=1767571200.0,
    contacts=(Contact("mobile", "+33639980101", 0), Contact("email", "lea@ex.example", 1)),
    homes=(Home("12 rue Haute", "12 rue haute", 4.5, 45.5), Home("9 quai Bas", "9 quai bas")),
)
HEAD = Person("plan:ecole", "Directrice", contacts=(Contact("fixed", "+33199000103"),))
ERASED = Entry("ccas", "resident.erased", "Une personne a demandé son retrait.", {})


async def lea_id(ledger: Ledger) -> str:
    await put_residents(ledger, [LEA], commune=COMMUNE)
    return await find_person(ledger, COMMUNE, "P1") or ""


async def test_a_person_is_given_back_as_enrolled(ledger: Ledger) -> None:
    id_ = await lea_id(ledger)
    assert await people(ledger, COMMUNE, [id_, "nobody"]) == {
        id_: Person(
            id_,
            "",  # nobody needs it to send
            languages=("pt", "fr"),
            chosen_media=("sms", "email"),
            contacts=LEA.contacts,
            warn_first=True,
            help_to_leave=True,
        )
    }
    assert await people(ledger, "35047", [id_]) == {}


async def test_homes_come_in_columns_with_nan_where_the_place_is_unknown(ledger: Ledger) -> None:
    id_ = await lea_id(ledger)
    columns = await home_places(ledger, COMMUNE)
    assert columns.person_ids == [id_, id_]
    np.testing.assert_array_equal(columns.lon, [4.5, np.nan])
    np.testing.assert_array_equal(columns.lat, [45.5, np.nan])
    assert (await home_places(ledger, "35047")).person_ids == []


async def test_more_people_than_a_statement_can_name_are_all_found(ledger: Ledger) -> None:
    crowd = [replace(LEA, external_id=f"P{n}") for n in range(1201)]
    written = Written()
    for start in range(0, len(crowd), 500):
        written += await put_residents(ledger, crowd[start : start + 500], commune=COMMUNE)
    assert written == Written(added=1201)
    assert await residents_count(ledger, COMMUNE) == 1201
    ids = sorted(set((await home_places(ledger, COMMUNE)).person_ids))
    found = await people(ledger, COMMUNE, ids)
    assert len(found) == 1201
    assert all(len(one.contacts) == 2 for one in found.values())


async def test_two_imports_at_once_enrol_each_person_once(ledger: Ledger) -> None:
    nameless = replace(LEA, external_id=None, name="Yves HENRY")
    turns = (put_residents(ledger, [LEA, nameless], commune=COMMUNE) for _ in range(4))
    written = await asyncio.gather(*turns)
    assert sum(one.added for one in written) == 2
    assert await residents_count(ledger, COMMUNE) == 2


async def test_contacts_of_the_plan_are_kept_apart_from_residents(ledger: Ledger) -> None:
    await lea_id(ledger)
    assert await put_directory(ledger, [HEAD], commune=COMMUNE) == Written(added=1)
    assert await put_directory(ledger, [HEAD], commune=COMMUNE) == Written(unchanged=1)
    moved = HEAD._replace(contacts=(Contact("fixed", "+33199000104"), *HEAD.contacts[:0]))
    assert await put_directory(ledger, [moved], commune=COMMUNE) == Written(updated=1)
    assert await people(ledger, COMMUNE, ["plan:ecole"]) == {"plan:ecole": moved._replace(name="")}
    assert await planned_ids(ledger, COMMUNE) == ["plan:ecole"]
    assert await residents_count(ledger, COMMUNE) == 1
    assert "plan:ecole" not in (await home_places(ledger, COMMUNE)).person_ids


async def test_a_contact_named_twice_in_the_directory_is_kept_once(ledger: Ledger) -> None:
    twice = HEAD._replace(contacts=(*HEAD.contacts, Contact("fixed", "+33199000103", 1)))
    await put_directory(ledger, [twice], commune=COMMUNE)
    assert (await people(ledger, COMMUNE, [HEAD.id]))[HEAD.id].contacts == HEAD.contacts


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("Léa DURAND", "durand lea", True),
        ("Jean-Paul L’HÔTE", "L'Hote, Jean Paul", True),
        ("Cœur", "COEUR", True),
        ("ليلى", "ليلى", True),
        ("ليلى", "سارة", False),
        ("Léa DURAND", "Léa DUPOND", False),
    ],
)
def test_names_are_compared_without_accents_or_order(one: str, other: str, same: bool) -> None:
    assert (name_key(one) == name_key(other)) is same
    assert name_key(one)


async def sent_to(ledger: Ledger, *deliveries_of: tuple[str, list[str], float | None]) -> None:
    """Write deliveries (id, people, settled at) of one alert."""
    async with ledger.writing() as connection:
        own = {"commune": COMMUNE}
        await connection.execute(
            insert(alerts),
            {**own, "alert_id": "a", "mode": "real", "title": "Crue", "created_by": "x",
             "created_at": 1.0},
        )  # fmt: skip
        await connection.execute(
            insert(versions),
            {**own, "version_id": "v", "alert_id": "a", "state": "finished", "content": {},
             "digest": "0" * 64, "expires_at": 2.0},
        )  # fmt: skip
        for position, (id_, persons, settled_at) in enumerate(deliveries_of):
            await connection.execute(
                insert(deliveries),
                {**own, "delivery_id": id_, "version_id": "v", "medium": "sms",
                 **sent(COMMUNE, id_, f"+3363998010{position}"), "language": "fr",
                 "position": position, "route": "live", "state": "delivered", "next_at": 0.0,
                 "settled_at": settled_at},
            )  # fmt: skip
            await put_behind(connection, COMMUNE, [(id_, person) for person in persons])


async def test_a_copy_of_what_is_held_holds_everything(ledger: Ledger) -> None:
    id_ = await lea_id(ledger)
    await sent_to(ledger, ("d1", [id_], 1.0), ("d2", ["another"], 1.0))
    copy = await export_person(ledger, COMMUNE, id_)
    assert copy is not None
    assert (copy["name"], copy["languages"], copy["consented_at"]) == (
        "Léa DURAND",
        ["pt", "fr"],
        1767571200.0,
    )
    assert [one["value"] for one in copy["contacts"]] == ["+33639980101", "lea@ex.example"]
    assert [one["label"] for one in copy["homes"]] == ["12 rue Haute", "9 quai Bas"]
    assert [one["contact"] for one in copy["messages"]] == ["+33639980100"]
    assert await export_person(ledger, "35047", id_) is None


async def test_someone_erased_leaves_the_registers_at_once(ledger: Ledger) -> None:
    id_ = await lea_id(ledger)
    assert await erase_person(ledger, id_, commune=COMMUNE, entry=ERASED, key=KEY)
    async with ledger.reading() as connection:
        for table in ("persons", "contacts", "homes"):
            left = await connection.execute(text(f"SELECT count(*) FROM {table}"))  # noqa: S608
            assert left.scalar() == 0
    assert [line.kind for line in await logbook.read(ledger, COMMUNE)] == ["resident.erased"]
    assert not await erase_person(ledger, id_, commune=COMMUNE, entry=ERASED, key=KEY)
    assert len(await logbook.read(ledger, COMMUNE)) == 1


async def test_erasing_forgets_the_numbers_of_sealed_messages_that_went_to_nobody_else(
    ledger: Ledger,
) -> None:
    id_ = await lea_id(ledger)
    yves = Resident("P2", "Yves HENRY", ("fr",), homes=(NOWHERE,))
    await put_residents(ledger, [yves], commune=COMMUNE)
    other = str(await find_person(ledger, COMMUNE, "P2"))
    await sent_to(ledger, ("own", [id_], 1.0), ("shared", [id_, other], 1.0), ("open", [id_], None))
    await under_seal(ledger)
    await erase_person(ledger, id_, commune=COMMUNE, entry=ERASED, key=KEY)
    assert await contacts_sent(ledger) == ["", "+33639980101", "+33639980102"]
    await erase_person(ledger, other, commune=COMMUNE, entry=ERASED, key=KEY)
    assert await contacts_sent(ledger) == ["", "", "+33639980102"]


async def under_seal(ledger: Ledger) -> None:
    """Put what ended under a seal, as a worker does within the minute."""
    names = ("serial", "commune", "version_id", "delivery_id", "medium", "state")
    ended = deliveries.c.settled_at.is_not(None)
    async with ledger.writing() as connection:
        wanted = select(*(deliveries.c[name] for name in names)).where(ended)
        rows = (await connection.execute(wanted)).mappings().all()
        for place, row in enumerate(rows, 1):
            sealed = {**row, "seal": 1, "place": place, "pseudonym": ""}
            await connection.execute(insert(evidence).values(sealed))


async def test_erasing_one_leaves_the_others(ledger: Ledger) -> None:
    id_ = await lea_id(ledger)
    yves = Resident("P2", "Yves HENRY", ("fr",), homes=(NOWHERE,))
    await put_residents(ledger, [yves], commune=COMMUNE)
    await erase_person(ledger, id_, commune=COMMUNE, entry=ERASED, key=KEY)
    assert await residents_count(ledger, COMMUNE) == 1


async def test_the_real_addresses_of_bruz_are_kept_with_their_keys(ledger: Ledger) -> None:
    await load_addresses(ledger, "35047", BRUZ / "bruz_35047_addresses.csv")
    columns = await addresses_columns(ledger, "35047")
    assert len(columns.ids) == len(set(columns.ids)) == 5760
    assert np.isfinite(columns.lon).all()
    assert all(columns.place_keys)
    assert -1.9 < columns.lon.min() < columns.lon.max() < -1.6


async def test_addresses_that_are_refused_leave_the_former_ones(ledger: Ledger) -> None:
    door = Address("1", "1 rue Haute", "rue Haute", "1 rue haute", 4.5, None)
    assert await replace_addresses(ledger, COMMUNE, [door]) == 1
    with pytest.raises(IntegrityError):
        await replace_addresses(ledger, COMMUNE, [replace(door, address_id="2")] * 2)
    columns = await addresses_columns(ledger, COMMUNE)
    assert columns.ids == ["1"]
    assert np.isnan(columns.lat[0])
