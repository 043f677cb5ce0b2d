"""Residents under seal: nothing clear in the ledger, nothing moved to somebody else.

Who they are, how they are reached and where they live is read by who holds the key, and by nobody
who holds the file.
"""

from collections.abc import Sequence
from typing import Any

import pytest
from sqlalchemy import Column, Text, select, update

from dispatcher.ciphers import Ring
from dispatcher.delivery.planning import materialise_next
from dispatcher.residents.resealing import reseal_all
from dispatcher.store import ledger as store
from dispatcher.store.call_list import missed
from dispatcher.store.edition import OtherKeys
from dispatcher.store.enrolment import put_residents
from dispatcher.store.everyone import everyone
from dispatcher.store.ledger import Ledger, WithoutKeys
from dispatcher.store.migrate import migrate
from dispatcher.store.names import number_delivery
from dispatcher.store.namesakes import find_ids
from dispatcher.store.outgoing import deliveries
from dispatcher.store.people import Contact, people
from dispatcher.store.personal import contact_of, read
from dispatcher.store.registers import Home, Resident
from dispatcher.store.replies import Reply, keep_reply, to_read
from dispatcher.store.rights import export_person
from dispatcher.store.schema import metadata
from dispatcher.store.sealed_columns import SEALED
from dispatcher.store.tables import contacts, homes, persons
from tests.keyring import KEY, RING, contacts_sent
from tests.outgoing import (
    COMMUNE,
    LOGBOOK_KEY,
    Inhabitant,
    Plan,
    approved,
    crowd,
    launch_once,
    phone,
    planned,
    settle_in,
)
from tests.stolen import everything

NEWER = Ring({1: KEY, 2: b"2" * 32})
OTHER = Ring({1: b"x" * 32})
LEA = Resident(
    external_id="A-1",
    name="Léa CANARI",
    languages=("fr",),
    contacts=(Contact("mobile", "+33639980001"), Contact("email", "lea@canari.example", 1)),
    homes=(Home("12 rue du Canari", "12 rue du canari", 5.0, 47.0),),
)
CLEAR = ("canari", "39980001", "lea@")


async def enrolled(ledger: Ledger, *who: Resident) -> list[str]:
    await put_residents(ledger, who, commune=COMMUNE)
    async with ledger.reading() as connection:
        found = await find_ids(connection, COMMUNE, who, ring=ledger.ring)
    return [one for one in found if one]


async def test_nothing_of_a_resident_is_clear_and_all_of_it_is_given_back(ledger: Ledger) -> None:
    (lea,) = await enrolled(ledger, LEA)
    said = Reply(
        COMMUNE, "SM1", "help", "sms", "twilio", "help", contact="+33639980001", body="Canari au 12"
    )
    await keep_reply(ledger, said, key=LOGBOOK_KEY)
    stolen = await everything(ledger)
    assert [one for one in CLEAR if one in stolen] == []
    assert lea in stolen  # it was printed, and holds her
    copy = await export_person(ledger, COMMUNE, lea)
    assert copy is not None
    assert (copy["name"], copy["homes"][0]["label"]) == ("Léa CANARI", "12 rue du Canari")
    assert [one["value"] for one in copy["contacts"]] == ["+33639980001", "lea@canari.example"]
    assert [one["body"] for one in copy["replies"]] == ["Canari au 12"]
    assert [one.body for one in await to_read(ledger, COMMUNE)] == ["Canari au 12"]


async def test_what_an_alert_sends_is_sealed_for_each_message_and_opened_to_be_sent(
    ledger: Ledger,
) -> None:
    await planned(ledger, Plan(crowd(3)))
    stolen = await everything(ledger)
    assert not any(phone(n)[3:] in stolen for n in range(3))
    assert await contacts_sent(ledger) == [phone(0), phone(1), phone(2)]


async def test_an_id_of_a_message_tells_no_number_to_who_tries_them_all(ledger: Ledger) -> None:
    version = await planned(ledger, Plan(crowd(1)))
    async with ledger.reading() as connection:
        kept = set(await connection.scalars(select(deliveries.c.delivery_id)))
    tried = {
        number_delivery(COMMUNE, version.version_id, "sms", contact_mark=one)
        for one in (phone(0), phone(0)[1:], OTHER.mark("contact", phone(0))[:32])
    }
    assert not kept & tried


@pytest.mark.parametrize("column", [persons.c.name, contacts.c.value, homes.c.label])
async def test_what_is_moved_to_somebody_else_opens_nowhere(
    ledger: Ledger, column: Column[Any]
) -> None:
    yves = Resident("B-2", "Yves HENRY", ("fr",), contacts=(Contact("mobile", "+33639980002"),))
    ids = await enrolled(ledger, LEA, yves)
    held = column.table.c
    async with ledger.writing() as connection:
        hers = await connection.execute(select(column).where(held.person_id == ids[0]))
        his = update(column.table).where(held.person_id == ids[1])
        await connection.execute(his.values({column.name: hers.scalars().first()}))
    found = [one async for one in everyone(ledger, COMMUNE) if one.person.id == ids[1]]
    assert "CANARI" not in str(found).upper()
    assert "+33639980001" not in str(await people(ledger, COMMUNE, [ids[1]]))


async def test_a_contact_that_nothing_opens_stops_nobody_else_and_she_is_on_the_list(
    ledger: Ledger,
) -> None:
    people_ = [*crowd(2), Inhabitant("p00009", (Contact("mobile", phone(9)),))]
    await settle_in(ledger, people_)
    async with ledger.writing() as connection:
        hers = contacts.c.person_id == "p00009"
        await connection.execute(update(contacts).where(hers).values(value="AQ=="))
    plan = Plan(people_)
    version = await launch_once(ledger, (await approved(ledger, plan)).version_id, plan)
    while await materialise_next(ledger) is not None:
        pass
    assert await contacts_sent(ledger) == [phone(0), phone(1)]
    lost = await missed(ledger, COMMUNE, version.version_id)
    assert [(one.person_id, one.reason) for one in lost] == [("p00009", "no_contact")]


async def test_without_the_keys_nobody_is_read_and_the_ledger_is_not_changed(
    ledger: Ledger, ledger_url: str
) -> None:
    (lea,) = await enrolled(ledger, LEA)
    async with store.opened(ledger_url) as bare:
        with pytest.raises(WithoutKeys):
            await people(bare, COMMUNE, [lea])
        with pytest.raises(WithoutKeys):
            await put_residents(bare, [LEA], commune=COMMUNE)
    async with store.opened(ledger_url, ring=OTHER) as thief:
        found = [one async for one in everyone(thief, COMMUNE)]
    assert (found[0].person.name, found[0].person.contacts, found[0].homes[0].label) == ("", (), "")


async def test_other_keys_are_refused_before_they_seal_anything(ledger_url: str) -> None:
    await migrate(ledger_url, ring=RING)
    await migrate(ledger_url, ring=NEWER)  # its second key is known from now on
    another_second = Ring({1: KEY, 2: b"3" * 32})
    for refused in (OTHER, RING, another_second):  # an older copy of the folder is one, too
        with pytest.raises(OtherKeys):
            await migrate(ledger_url, ring=refused)
    await migrate(ledger_url, ring=NEWER)


async def test_all_is_sealed_again_by_a_newer_key_while_others_work(
    ledger: Ledger, ledger_url: str
) -> None:
    (lea,) = await enrolled(ledger, LEA)
    await planned(ledger, Plan(crowd(30)))
    held_back = Ring({1: KEY}, lambda: NEWER.keys)  # a process that began before the newer key
    async with (
        store.opened(ledger_url, ring=NEWER) as renewing,
        store.opened(ledger_url, ring=held_back) as older,
    ):
        done = await reseal_all(renewing, key=LOGBOOK_KEY)
        assert done.unopened == 0
        assert done.values == 2 * 30 + 30 + 4  # names and numbers, messages, and all of hers
        assert (await reseal_all(renewing, key=LOGBOOK_KEY)).values == 0
        copy = await export_person(older, COMMUNE, lea)
        assert copy is not None
        assert copy["name"] == "Léa CANARI"
        assert older.ring.newest == 2
        await put_residents(older, [LEA], commune=COMMUNE)
    async with store.opened(ledger_url, ring=Ring({2: b"2" * 32, 1: b"0" * 32})) as newest:
        assert len(await contacts_sent_by(newest)) == 30  # nothing is left under the first key


async def contacts_sent_by(ledger: Ledger) -> Sequence[str]:
    async with ledger.reading() as connection:
        rows = (await connection.execute(select(deliveries))).all()
    return [found for row in rows if (found := contact_of(ledger.ring, row))]


def test_every_word_of_a_resident_has_its_seal_or_its_reason() -> None:
    sealed = {(one.column.table.name, one.column.name) for one in SEALED}
    texts = {
        (table.name, column.name)
        for table in metadata.sorted_tables
        if table.name in {one for one, _ in sealed} | {"addresses", "recipients", "unreachable"}
        for column in table.columns
        if isinstance(column.type, Text)
    }
    public = {("addresses", name) for name in ("label", "street", "place_key")}
    ours = {
        ("missions", "origin_ref"), ("missions", "result"), ("deliveries", "tried"),
        ("deliveries", "failed_by"),
        ("persons", "information"),  # words of ours: topics, and hours of the day
    }  # fmt: skip
    assert texts == sealed | public | ours


def test_a_damaged_value_is_told_and_gives_nothing() -> None:
    for damaged in ("", "é", "====", "AQ", "AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRob"):
        assert read(RING, damaged, "persons.name.99117.x") == ""
