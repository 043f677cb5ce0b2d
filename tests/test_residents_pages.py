"""The general register on the console: enrolled on paper, looked up, taken off, a poster."""

import html
import io
import re

import httpx
import pytest
from pypdf import PdfReader

from dispatcher.residents.place_key import place_key
from dispatcher.store import logbook
from dispatcher.store.enrolment import put_residents
from dispatcher.store.everyone import everyone
from dispatcher.store.ledger import Ledger
from dispatcher.store.people import Contact, residents_count
from dispatcher.store.registered import counts
from dispatcher.store.registers import Home, Resident
from tests.addressed_town import put_addresses
from tests.signing import enrol, enter, send
from tests.situations import COMMUNE
from tests.written_alerts import words

pytest_plugins = ("tests.console_visits",)
HERE = "/habitants"
YVES = {
    "name": "Yves Henry", "contact": "01 99 00 00 42", "other_contact": "yves@foyer.example",
    "typed": "1 Quai Bas", "kind": "home", "help_to_leave": "1", "signed": "1",
}  # fmt: skip


@pytest.fixture
async def clerk(visitor: httpx.AsyncClient, town: Ledger) -> httpx.AsyncClient:
    """Be an operator, signed in."""
    await put_addresses(town)
    await enrol(town, "secretaire", "operator")
    assert (await enter(visitor, "secretaire")).status_code == 303
    return visitor


async def an_address(clerk: httpx.AsyncClient) -> dict[str, str]:
    """Return an address of the commune's file as the form has it."""
    page = await send(clerk, f"/inscription/{COMMUNE}/adresses", typed="1 quai")
    found = re.findall(r'value="([^"]+)"[^>]*> ([^<]+)</label>', page.text)
    ident, label = next((one, two) for one, two in found if one != "other")
    return {"typed": html.unescape(label), "address": ident}


async def kinds(town: Ledger) -> list[str]:
    """Return what the logbook says was done about residents."""
    names = ("signed_up", "looked_up", "looked_at", "unsubscribed", "subscribed", "erased")
    found = [
        line
        for name in names
        for line in await logbook.read_kinds(town, COMMUNE, f"residents.{name}", limit=9)
    ]
    assert all(line.author == "secretaire" for line in found)
    assert not any("Henry" in f"{line.text} {line.data}" for line in found)
    return [line.kind for line in sorted(found, key=lambda one: one.number)]


async def test_a_form_on_paper_enrols_and_the_person_is_found_taken_off_and_erased(
    clerk: httpx.AsyncClient, town: Ledger
) -> None:
    done = await send(clerk, HERE, to=f"{HERE}/inscrire", **{**YVES, **await an_address(clerk)})
    assert done.headers["location"] == f"{HERE}?fait=inscrit"
    (yves,) = [one async for one in everyone(town, COMMUNE) if one.person.name == "Yves Henry"]
    assert [way.kind for way in yves.person.contacts] == ["fixed", "email"]
    assert yves.person.help_to_leave
    assert yves.homes[0].lon is not None
    told = await counts(town, COMMUNE)
    assert (told.people, told.confirmed, told.left, told.unplaced) == (1, 0, 0, 0)
    found = await send(clerk, HERE, to=f"{HERE}/chercher", sought="01.99.00.00.42")
    (card,) = re.findall(rf'href="({HERE}/\w+)"', found.text.partition('id="trouve"')[2])
    assert "Yves Henry" in words(found)
    assert "01 99 00 00 42" in words(await clerk.get(card))
    assert (await send(clerk, HERE, to=f"{card}/quitter")).status_code == 303
    assert "rien ne part pour cette personne" in words(await clerk.get(card))
    assert (await send(clerk, HERE, to=f"{card}/revenir")).status_code == 303
    assert (await counts(town, COMMUNE)).left == 0
    gone = await send(clerk, HERE, to=f"{card}/effacer")
    assert gone.headers["location"] == f"{HERE}?fait=efface"
    assert await residents_count(town, COMMUNE) == 0
    missing = await clerk.get(card)
    assert (missing.status_code, "plus inscrite" in words(missing)) == (404, True)
    assert await kinds(town) == [
        *("residents.signed_up", "residents.looked_up", "residents.looked_at"),
        *("residents.unsubscribed", "residents.looked_at", "residents.subscribed"),
        "residents.erased",
    ]


async def test_the_same_form_twice_enrols_once(clerk: httpx.AsyncClient, town: Ledger) -> None:
    form = {**YVES, **await an_address(clerk)}
    for _ in range(2):
        await send(clerk, HERE, to=f"{HERE}/inscrire", **form)
    assert await residents_count(town, COMMUNE) == 1


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"signed": ""}, "sans accord, personne n'est inscrit"),
        ({"name": " "}, "Écrivez votre nom et votre prénom."),
        ({"contact": "", "other_contact": ""}, "Écrivez un numéro de téléphone"),
        ({"contact": "douze"}, "Ce numéro ne peut pas être lu"),
        ({"typed": "", "address": ""}, "Choisissez au moins une adresse"),
        ({"typed": "rue qui n'y est pas", "address": ""}, "Choisissez votre adresse"),
    ],
)
async def test_a_mistake_enrols_nobody_and_nothing_typed_is_lost(
    clerk: httpx.AsyncClient, town: Ledger, wrong: dict[str, str], said: str
) -> None:
    page = await send(
        clerk, HERE, to=f"{HERE}/inscrire", **{**YVES, **await an_address(clerk), **wrong}
    )
    assert page.status_code == 422
    assert said in words(page)
    assert ('value="yves@foyer.example"' in page.text) == ("other_contact" not in wrong)
    assert await residents_count(town, COMMUNE) == 0


async def test_an_address_that_no_file_has_is_placed_by_the_town_hall(
    clerk: httpx.AsyncClient, town: Ledger
) -> None:
    lost = Resident(
        "P1", "Yves HENRY", ("fr",), contacts=(Contact("mobile", "+33639980001"),),
        homes=(Home("Lieu-dit Les Trois Chênes", "les trois chenes"),),
    )  # fmt: skip
    await put_residents(town, [lost], commune=COMMUNE)
    assert (await counts(town, COMMUNE)).unplaced == 1
    page = await clerk.get(f"{HERE}/a-placer")
    assert "Yves HENRY : Lieu-dit Les Trois Chênes" in words(page)
    (to,) = re.findall(rf'action="({HERE}/\w+/placer)"', page.text)
    (ref,) = re.findall(r'name="ref" value="(\w+)"', page.text)
    wrong = await send(clerk, HERE, to=to, ref=ref, typed="rue qui n'y est pas")
    assert (wrong.status_code, "Choisissez votre adresse" in words(wrong)) == (422, True)
    done = await send(clerk, HERE, to=to, ref=ref, **await an_address(clerk))
    assert done.headers["location"] == f"{HERE}/a-placer?fait=place"
    assert "Toutes les adresses sont sur la carte." in words(await clerk.get(f"{HERE}/a-placer"))
    (yves,) = [one async for one in everyone(town, COMMUNE) if one.person.name == "Yves HENRY"]
    (home,) = yves.homes
    assert (home.label, home.lon is not None) == ("Lieu-dit Les Trois Chênes", True)
    assert not yves.person.own_word  # a newer file still tells of her
    assert (await counts(town, COMMUNE)).unplaced == 0


async def test_who_is_found_by_her_door_alone_is_on_the_map_for_everybody(
    clerk: httpx.AsyncClient, town: Ledger
) -> None:
    label = (await an_address(clerk))["typed"]
    known = Resident(
        "P1", "Yves HENRY", ("fr",), contacts=(Contact("mobile", "+33639980001"),),
        homes=(Home(label, place_key(label)),),
    )  # fmt: skip
    await put_residents(town, [known], commune=COMMUNE)  # a file that knows no coordinates
    assert (await counts(town, COMMUNE)).unplaced == 0
    found = await send(clerk, HERE, to=f"{HERE}/chercher", sought="06 39 98 00 01")
    (card,) = re.findall(rf'href="({HERE}/\w+)"', found.text.partition('id="trouve"')[2])
    assert "pas encore sur la carte" not in words(await clerk.get(card))
    assert "Yves" not in words(await clerk.get(f"{HERE}/a-placer"))


async def test_who_may_only_read_neither_enrols_nor_sees_the_form(
    visitor: httpx.AsyncClient, town: Ledger
) -> None:
    await enrol(town, "observateur", "observer")
    await enter(visitor, "observateur")
    assert (await visitor.get(HERE)).status_code == 403
    assert (await send(visitor, f"{HERE}/inscrire", **YVES)).status_code == 403
    assert "/habitants" not in (await visitor.get("/")).text


async def test_a_number_that_nobody_has_and_one_that_is_none_are_told_apart(
    clerk: httpx.AsyncClient,
) -> None:
    nobody = await send(clerk, HERE, to=f"{HERE}/chercher", sought="06 39 98 00 77")
    assert (nobody.status_code, "Personne n'est inscrit avec" in words(nobody)) == (200, True)
    assert (await send(clerk, HERE, to=f"{HERE}/chercher", sought="06 39")).status_code == 422


async def test_somebody_is_found_by_her_whole_name(clerk: httpx.AsyncClient) -> None:
    await send(clerk, HERE, to=f"{HERE}/inscrire", **{**YVES, **await an_address(clerk)})
    for sought, there in (("henry", True), ("HENRY Yves", True), ("Hen", False)):
        found = words(await send(clerk, HERE, to=f"{HERE}/chercher", sought=sought))
        assert ("Yves Henry" in found, "Personne n'est inscrit" in found) == (there, not there)


@pytest.mark.parametrize(
    ("paper", "title"),
    [("affiche", "Soyez alerté en cas de danger"), ("formulaire", "formulaire d'inscription")],
)
async def test_poster_and_form_lead_to_the_sign_up_on_one_page(
    clerk: httpx.AsyncClient, paper: str, title: str
) -> None:
    answer = await clerk.get(f"{HERE}/{paper}.pdf")
    assert answer.headers["content-type"] == "application/pdf"
    (page,) = PdfReader(io.BytesIO(answer.content)).pages
    text = " ".join(page.extract_text().split())
    assert title in text.replace("’", "'")
    assert f"/inscription/{COMMUNE}" in text.replace(" ", "")
