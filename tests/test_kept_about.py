"""What is kept about this person, in one question: every table of the schema that leads to her."""

import json
from dataclasses import replace

import pytest
from sqlalchemy import select

from dispatcher.alerts.refusals import NotSo, NotThere, NotYou
from dispatcher.privacy.about import ASKED_SECOND, about
from dispatcher.shelter.counting import Name, arrive
from dispatcher.store import logbook
from dispatcher.store.enrolment import put_residents
from dispatcher.store.kept_about import APART, Leads, leads_to
from dispatcher.store.ledger import Ledger
from dispatcher.store.people import Contact
from dispatcher.store.registers import Home, Resident
from dispatcher.store.replies import Reply, keep_reply
from dispatcher.store.tables import persons
from dispatcher.store.vulnerable_looks import journal_of
from dispatcher.store.whole_schema import metadata
from tests.crises import CHIEF, by, opened
from tests.law import DPO, MAYOR, OPERATOR, sealed_alert
from tests.outgoing import LOGBOOK_KEY, phone
from tests.registers import LEA as VULNERABLE
from tests.registers import filed, kept
from tests.sheltered_town import GYM, with_centre
from tests.situations import COMMUNE, load_example_plan, office

POINTS = {"person_id", "contact_mark", "mark", "delivery_id"}
LEA = Resident(
    "A-1",
    "Léa CANARI",
    ("fr",),
    contacts=(Contact("mobile", "+33639983142"), Contact("email", "lea@canari.example", 1)),
    homes=(Home("12 rue du Canari", "12 rue du canari", 5.0, 47.0),),
)


async def enrolled(ledger: Ledger) -> str:
    await load_example_plan(ledger)
    await put_residents(ledger, [LEA], commune=COMMUNE)
    async with ledger.reading() as connection:
        wanted = select(persons.c.person_id).where(persons.c.external_id == "A-1")
        return str((await connection.execute(wanted)).scalar_one())


def test_every_table_that_points_to_somebody_is_asked_or_named_apart() -> None:
    hers = Leads(["p"], ["m"], ["d"])
    for table in metadata.sorted_tables:
        if POINTS & {one.name for one in table.c}:
            assert (leads_to(table, hers) is None) == (table.name in APART), table.name
    assert set(APART) <= set(metadata.tables)


async def test_the_same_by_her_number_her_mail_or_her_id(ledger: Ledger) -> None:
    lea = await enrolled(ledger)
    said = Reply(COMMUNE, "SM1", "help", "sms", "a", "help", contact="+33639983142", body="Au 12")
    await keep_reply(ledger, said, key=LOGBOOK_KEY)
    here = office(ledger)
    by_id = await about(here, lea, actor=DPO)
    for who in ("A-1", "06 39 98 31 42", "lea@canari.example"):
        assert (await about(here, who, actor=DPO))["tables"] == by_id["tables"]
    told = json.dumps(by_id, default=str, ensure_ascii=False)
    for word in ("Léa CANARI", "+33639983142", "lea@canari.example", "12 rue du Canari", "Au 12"):
        assert word in told
    assert set(by_id["tables"]) == {"persons", "contacts", "homes", "replies"}


async def test_what_was_sent_and_answered_is_in_it(ledger: Ledger) -> None:
    await sealed_alert(ledger)
    found = (await about(office(ledger), phone(3), actor=DPO))["tables"]
    assert {"persons", "contacts", "deliveries"} <= set(found)
    assert found["deliveries"][0]["contact"] == phone(3)
    assert "evidence" not in found


async def test_who_gave_her_number_or_name_in_a_centre_is_found(ledger: Ledger) -> None:
    lea = await enrolled(ledger)
    here = office(ledger)
    event = await opened(here)
    await with_centre(here, event)
    for name, number in (("Canari Léa", ""), ("L.", "06 39 98 31 42"), ("Autre", "x")):
        await arrive(here, event.event_id, GYM, who=Name(name, phone=number), asked=by(CHIEF))
    by_id = (await about(here, lea, actor=DPO))["tables"]["centre_people"]
    assert [one["name"] for one in by_id] == ["Canari Léa"]
    by_phone = (await about(here, "0639983142", actor=DPO))["tables"]["centre_people"]
    assert sorted(one["name"] for one in by_phone) == ["Canari Léa", "L."]


async def test_a_number_that_two_share_shows_nothing_of_the_other_by_her_id(
    ledger: Ledger,
) -> None:
    lea = await enrolled(ledger)
    other = Resident("A-2", "Luc CANARI", ("fr",), contacts=LEA.contacts[:1])
    await put_residents(ledger, [other], commune=COMMUNE)
    by_id = await about(office(ledger), lea, actor=DPO)
    by_phone = await about(office(ledger), "0639983142", actor=DPO)
    (luc,) = [one["person_id"] for one in by_phone["tables"]["persons"] if "Luc" in one["name"]]
    told = json.dumps(by_id, default=str, ensure_ascii=False)
    assert lea in told
    assert luc not in told


async def test_who_asks_is_told_in_the_logbook_which_names_nobody(ledger: Ledger) -> None:
    lea = await enrolled(ledger)
    await about(office(ledger), "lea@canari.example", actor=DPO)
    (line,) = [one for one in await logbook.read(ledger, COMMUNE) if one.kind == "privacy.told"]
    assert (line.author, line.data["people"]) == ("dpd", [lea])
    assert "canari" not in str(line).casefold()


async def test_nobody_else_asks_and_nothing_is_said_of_nobody(ledger: Ledger) -> None:
    await enrolled(ledger)
    with pytest.raises(NotYou):
        await about(office(ledger), "A-1", actor=OPERATOR)
    with pytest.raises(NotSo, match="en entier"):
        await about(office(ledger), "Léa", actor=DPO)
    with pytest.raises(NotThere):
        await about(office(ledger), "+33639980077", actor=DPO)


async def test_the_second_register_answers_to_its_agents_alone_and_notes_the_look(
    ledger: Ledger,
) -> None:
    await enrolled(ledger)
    second = await kept(office(ledger))
    hers = replace(VULNERABLE, surname="Canari", first_names="Léa", phones=("+33639983142",))
    await filed(second, hers)
    await filed(second)  # somebody else
    found = await about(office(ledger), "A-1", actor=DPO, second=second)
    assert found["apart"]["vulnerable_people"] == ASKED_SECOND
    assert "vulnerable_people" not in found["tables"]
    found = await about(office(ledger), "A-1", actor=MAYOR, second=second)
    assert [one["surname"] for one in found["tables"]["vulnerable_people"]] == ["Canari"]
    assert "maire" in {one.login for one in await journal_of(ledger, COMMUNE)}
