"""Whose number it is: of which commune a stranger's call or SMS speaks, and what is held of him."""

import secrets
from dataclasses import replace

from sqlalchemy import insert, select

from dispatcher.alerts.plan_in_force import load
from dispatcher.alerts.switchboard import Town, towns_of_number
from dispatcher.store.ledger import Ledger
from dispatcher.store.logbook import Entry
from dispatcher.store.outgoing import versions
from dispatcher.store.people import Contact
from dispatcher.store.replies import to_read
from dispatcher.store.rights import erase_person, export_person
from tests import answering_town
from tests.answering_town import ago, with_plan
from tests.offices import AUTHOR, BRUZ, bruz_plan, office_of
from tests.outgoing import COMMUNE, CONTENT, LOGBOOK_KEY, Inhabitant, Plan, crowd, phone, settle_in

ANNA, STRANGER = phone(0), "+33199000123"


def town(commune: str, *numbers: str, shares: bool = False) -> Town:
    return Town(commune, commune, f"Mairie {commune}", "fr", "", frozenset(numbers), shares)


def test_a_number_stands_for_who_names_it_then_for_who_shows_the_accounts_own() -> None:
    one, two, three = town("1", "+331"), town("2", "+332"), town("3", shares=True)
    towns = (one, two, three)
    assert list(towns_of_number(towns, "+332")) == [two]
    assert list(towns_of_number(towns, "+339")) == [three]
    assert list(towns_of_number((one, two), "+339")) == [one, two]
    assert list(towns_of_number((), "+339")) == []


async def test_a_stranger_hears_the_commune_whose_number_he_called(ledger: Ledger) -> None:
    ours = await with_plan(ledger)
    files = bruz_plan("circle_150m")
    policy = b'emetteur_sms: Bruz\nnumero_appelant: "+33299050505"\n'
    reading = await load(
        office_of(ledger), {**files, "alerte/reglement.yaml": policy}, actor=AUTHOR
    )
    assert not reading.faults
    await ours.sent(Plan(crowd(1), (("voice",),)))
    assert "Montez" in await ours.rings(STRANGER)
    assert "Montez" not in await ours.rings(STRANGER, to="+33299050505")
    assert "Mairie de Bruz" in await ours.texts(STRANGER, "1", to="+33299050505")
    assert [one.contact for one in await to_read(ledger, BRUZ)] == [STRANGER]


async def test_someone_of_another_commune_is_answered_by_her_own(ledger: Ledger) -> None:
    ours = await with_plan(ledger)
    await load(office_of(ledger), bruz_plan("circle_150m"), actor=AUTHOR)
    await settle_in(ledger, [Inhabitant("b", (Contact("mobile", ANNA),))], commune=BRUZ)
    assert "Mairie de Bruz" in await ours.texts(ANNA, "1")


async def test_who_calls_hears_the_newest_version_of_her_alert_and_answers_what_she_received(
    ledger: Ledger,
) -> None:
    ours = answering_town.Town(ledger)
    first = await ours.sent(Plan(crowd(1), (("voice",),), two_way=True))
    content = CONTENT.as_json() | {"two_way": True}
    texts = {code: {**words, "voice": "Consigne corrigée."} for code, words in words_of(content)}
    async with ledger.writing() as connection:
        row = (await connection.execute(select(versions))).mappings().one()
        later = {
            **row,
            "version_id": "v-corrected",
            "number": 2,
            "launch_key": secrets.token_hex(4),
            "launched_at": ago(-1),
            "content": {**content, "texts": texts},
        }
        await connection.execute(insert(versions).values(later))
    assert "Consigne corrigée." in await ours.rings(ANNA)
    corrected = replace(first, version_id="v-corrected")
    await ours.presses(ANNA, "1", corrected)
    assert await ours.answered() == {(first.version_id, "understood", "ring")}


def words_of(content: dict[str, object]) -> list[tuple[str, dict[str, str]]]:
    texts = content["texts"]
    assert isinstance(texts, dict)
    return [(code, dict(words)) for code, words in texts.items()]


async def test_what_someone_wrote_is_in_her_copy_and_goes_with_her(ledger: Ledger) -> None:
    ours = answering_town.Town(ledger)
    shared = Contact("fixed", "+33199000042", 1)
    anna = Inhabitant("anna", (Contact("mobile", ANNA), shared))
    await ours.sent(Plan([anna, Inhabitant("benoit", (shared,))], two_way=True))
    await ours.texts(ANNA, "je suis au 4 rue Haute")
    await ours.texts(shared.value, "nous aussi")
    copy = await export_person(ledger, COMMUNE, "anna")
    assert copy is not None
    assert [one["body"] for one in copy["replies"]] == ["je suis au 4 rue Haute", "nous aussi"]
    entry = Entry("console", "residents.erased", "Habitant effacé", {"person": "anna"})
    assert await erase_person(ledger, "anna", commune=COMMUNE, entry=entry, key=LOGBOOK_KEY)
    left = {(one.contact, one.body) for one in await to_read(ledger, COMMUNE)}
    assert left == {("", None), (shared.value, "nous aussi")}
