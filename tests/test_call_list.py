"""The call list: everyone not reached, in the order of a walk, and no cell that computes."""

import csv
import io
import json
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import update

from dispatcher.alerts.call_list import CallList, ToCall, call_list, split_label
from dispatcher.alerts.call_list_csv import COLUMNS, as_csv
from dispatcher.alerts.office import Actor, Office
from dispatcher.alerts.showing import show
from dispatcher.cli.call_list import lines_of
from dispatcher.cli.call_list import listed as written
from dispatcher.delivery.content import Escalation
from dispatcher.logbook.cells import harmless
from dispatcher.store import logbook
from dispatcher.store.addresses import Address, replace_addresses
from dispatcher.store.ledger import Ledger
from dispatcher.store.people import Contact
from dispatcher.store.registers import Home
from dispatcher.store.statements import insert_rows
from dispatcher.store.tables import homes, persons
from dispatcher.store.versions import Version
from tests.keyring import home_row
from tests.offices import office_of
from tests.outgoing import COMMUNE, Inhabitant, Plan, phone, planned
from tests.pursued_town import Town

BOSS = Actor("rac", "rac")
STREETS = {
    "p00001": "12 Rue Haute",
    "p00002": "2 Rue Basse",
    "p00003": "10 Rue Basse",
    "p00004": "2 bis Rue Basse",
}


def one(number: int) -> Inhabitant:
    return Inhabitant(f"p{number:05d}", (Contact("mobile", phone(number)),))


async def silent_town(ledger: Ledger) -> tuple[Town, Version]:
    """Pursue five people in vain; the fifth answers that she needs help, a sixth has no phone."""
    people = [*(one(n) for n in range(1, 6)), Inhabitant("p00006", ())]
    how = Escalation((60.0,))
    version = await planned(ledger, Plan(people, (("sms", "voice"),), escalation=how))
    town = Town(ledger)
    await town.send()
    await town.answers(phone(5), "help")
    for _ in range(3):
        await town.later()
        await town.turn()
        await town.send()
    lived = [home_row(COMMUNE, ident, Home(label, label)) for ident, label in STREETS.items()]
    async with ledger.writing() as connection:
        await insert_rows(connection, homes, lived)
        first = persons.c.person_id == "p00003"
        await connection.execute(update(persons).where(first).values(warn_first=True))
    return town, version


async def listed(office: Office, version: Version, form: str = "json") -> CallList:
    return await call_list(office, version.alert_id, actor=BOSS, form=form)


async def test_everyone_not_reached_is_listed_by_street_and_number_who_asked_for_help_first(
    ledger: Ledger,
) -> None:
    _, version = await silent_town(ledger)
    found = await listed(office_of(ledger, COMMUNE), version)
    assert [(line.name, line.reason) for line in found.lines] == [
        ("p00005", "help_asked"),
        ("p00002", "silent"),
        ("p00004", "silent"),
        ("p00003", "silent"),
        ("p00001", "silent"),
        ("p00006", "no_contact"),
    ]
    assert [line.warn_first for line in found.lines] == [False, False, False, True, False, False]


async def test_a_line_tells_what_was_tried_when_and_what_was_not_and_why(ledger: Ledger) -> None:
    _, version = await silent_town(ledger)
    found = await listed(office_of(ledger, COMMUNE), version)
    line = next(line for line in found.lines if line.name == "p00001")
    assert [(t.medium, t.contact, t.state) for t in line.tried] == [
        ("sms", phone(1), "accepted"),
        ("voice", phone(1), "accepted"),
    ]
    assert all(tried.at is not None for tried in line.tried)
    assert set(line.left_out) == {"email:no_contact", "webhook:no_contact"}


async def test_the_street_is_written_as_the_address_base_writes_it(ledger: Ledger) -> None:
    _, version = await silent_town(ledger)
    base = [
        Address(f"a{n}", "12 Rue Haute", "Rue du Haut", "12 Rue Haute", None, None) for n in (1, 2)
    ]
    await replace_addresses(ledger, COMMUNE, base)
    found = await listed(office_of(ledger, COMMUNE), version)
    assert {line.street for line in found.lines if line.name == "p00001"} == {"Rue du Haut"}


async def test_the_figures_of_an_alert_tell_people_reached_and_not(ledger: Ledger) -> None:
    _, version = await silent_town(ledger)
    office = office_of(ledger, COMMUNE)
    told = await show(office, version.alert_id)
    assert (told["people"], told["reached"], told["not_reached"]) == (6, 1, 4)
    assert (told["need_help"], told["acknowledged"]) == (1, 0)
    assert told["unreachable"] == {"no_contact": 1}
    assert told["not_reached_by_reason"] == {"silent": 4}
    assert told["escalation"] == "over"


async def test_each_reading_is_in_the_logbook_and_names_nobody(ledger: Ledger) -> None:
    _, version = await silent_town(ledger)
    await listed(office_of(ledger, COMMUNE), version, form="csv")
    (line,) = [
        line
        for line in await logbook.read(ledger, COMMUNE)
        if line.kind == "alert.unreached_exported"
    ]
    assert (line.author, line.data["people"], line.data["form"]) == ("rac", 6, "csv")
    assert not re.search(r"\+33|p0000|Rue", json.dumps(dict(line.data)) + line.text)


async def test_the_file_on_the_command_line_is_its_owner_s_alone(
    ledger: Ledger, tmp_path: Path
) -> None:
    _, version = await silent_town(ledger)
    office, file = office_of(ledger, COMMUNE), tmp_path / "appels.csv"
    file.touch(mode=0o644)
    told = await written(office, version.alert_id, actor=BOSS, file=file)
    assert told == {"alert": version.alert_id, "people": 6, "file": str(file)}
    assert file.stat().st_mode & 0o777 == 0o600
    read = read_back(file.read_text(encoding="utf-8"))
    assert [row["telephones"] for row in read][:2] == [f"'{phone(5)}", f"'{phone(2)}"]
    assert [row["motif"] for row in read][:2] == ["a demandé de l'aide", "aucune réponse"]
    shown = await written(office, version.alert_id, actor=BOSS, file=None)
    assert any("AIDE DEMANDÉE" in line and phone(5) in line for line in lines_of(shown))


def to_call(**said: object) -> ToCall:
    blank = {
        "sector": "", "street": "", "number": "", "address": "", "name": "", "language": "fr",
        "phones": (), "emails": (), "reason": "silent", "tried": (), "left_out": (),
        "help_asked": False, "warn_first": False, "help_to_leave": False,
    }  # fmt: skip
    return ToCall(**{**blank, **said})  # type: ignore[arg-type]  # the fields of a line


def read_back(text: str) -> list[dict[str, str]]:
    assert text.startswith("\ufeff")
    table = csv.DictReader(io.StringIO(text.removeprefix("\ufeff")), delimiter=";")
    return list(table)


@given(st.text(max_size=12), st.lists(st.text("+=-@\t\r\n;\"' 0x", max_size=6), max_size=3))
def test_no_cell_begins_a_formula_and_none_is_lost(name: str, phones: list[str]) -> None:
    line = to_call(name=name, phones=tuple(phones), street=name)
    (row,) = read_back(as_csv(CallList("a", "Europe/Paris", [line])))
    assert tuple(row) == COLUMNS
    for cell in row.values():
        assert cell.lstrip()[:1] not in ("=", "+", "-", "@", "\uff1d", "\uff0b")
        assert cell[:1] not in ("\t", "\r")
    assert row["nom"].removeprefix("'") == name.removeprefix("'")


@pytest.mark.parametrize(
    ("cell", "written"),
    [
        ("+33639980001", "'+33639980001"),
        ('=HYPERLINK("http://x")', '\'=HYPERLINK("http://x")'),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\t=1", "'\t=1"),
        ("Rue Haute", "Rue Haute"),
    ],
)
def test_a_cell_that_would_compute_is_made_text(cell: str, written: str) -> None:
    assert harmless(cell) == written


@pytest.mark.parametrize(
    ("label", "number", "street"),
    [
        ("12 Rue Basse", "12", "Rue Basse"),
        ("12 bis Rue Basse, 2e étage", "12 bis", "Rue Basse"),
        ("3B Chemin du Lac", "3 B", "Chemin du Lac"),
        ("12 allée des Pins", "12", "allée des Pins"),
        ("Le Moulin", "", "Le Moulin"),
        ("", "", ""),
    ],
)
def test_a_label_is_cut_into_number_and_street(label: str, number: str, street: str) -> None:
    assert split_label(label) == (number, street)
