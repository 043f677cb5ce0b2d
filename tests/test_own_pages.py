"""The pages of a resident: all without a script, mistakes in a sentence, nothing on GET."""

import json
import re

import httpx
import pytest

from dispatcher.privacy.holding import hold, lift
from dispatcher.store.everyone import everyone
from dispatcher.store.holds import holds_of
from dispatcher.store.ledger import Ledger
from dispatcher.store.people import residents_count
from tests.addressed_town import put_addresses
from tests.law import DPO, MAYOR, asked
from tests.resident_visits import HERE, Fields, an_address, code_count, code_sent, plain, post
from tests.situations import COMMUNE, office
from tests.stolen import everything

pytest_plugins = ("tests.console_visits",)
ANA = {"name": "Ana Lopez", "contact": "06 39 98 00 42"}


async def typed(visitor: httpx.AsyncClient, words: str) -> Fields:
    """Return an address of the commune's file as a form has it."""
    label, ident = await an_address(visitor, words)
    return {"typed": label, "address": ident}


@pytest.fixture
async def mine(visitor: httpx.AsyncClient, town: Ledger) -> str:
    """Enrol somebody; return the address of her page."""
    await put_addresses(town)
    sent = await post(visitor, HERE, {**ANA, **await typed(visitor, "1 quai")})
    done = await post(visitor, sent.headers["location"], {"code": await code_sent(town)})
    assert done.headers["location"].endswith("?fait=bienvenue")
    again = await visitor.get(sent.headers["location"])  # her way back, for a day
    path = done.headers["location"].partition("?")[0]
    assert (again.status_code, again.headers["location"]) == (303, path)
    return str(path)


async def test_her_page_shows_what_is_held_and_looking_writes_nothing(
    visitor: httpx.AsyncClient, town: Ledger, mine: str
) -> None:
    before = await everything(town)
    page = await visitor.get(f"{mine}?fait=bienvenue")
    assert "peut vous alerter." in plain(page)
    assert "06 39 98 00 42" in plain(page)
    for path in (mine, f"{mine}/copie", f"{mine}/copie.json", f"{mine}/effacer"):
        assert (await visitor.get(path)).status_code == 200
    assert await everything(town) == before
    assert page.headers["referrer-policy"] == "no-referrer"
    assert page.headers["cache-control"] == "no-store"
    assert (await visitor.get(f"{mine}?lang=en")).text.count('lang="en"') >= 1


async def test_places_contacts_and_choices_are_changed_one_form_at_a_time(
    visitor: httpx.AsyncClient, town: Ledger, mine: str
) -> None:
    school = {**await typed(visitor, "2 quai"), "kind": "school"}
    done = await post(visitor, f"{mine}/adresses", school)
    assert done.headers["location"] == f"{mine}?fait=adresses#adresses"
    page = await visitor.get(f"{mine}?fait=adresses")
    assert "C'est enregistré." in plain(page)
    assert f"{school['typed']} École, crèche" in plain(page)
    asked = await post(visitor, f"{mine}/contacts", {"contact": "ana@foyer.example"})
    where = asked.headers["location"]
    assert "ce contact est ajouté aussitôt" in plain(await visitor.get(where))
    added = await post(visitor, where, {"code": await code_sent(town, "email")})
    assert re.fullmatch(r"/r/[\w-]{22}\?fait=contacts", added.headers["location"])
    await post(visitor, f"{mine}/moyens", {"first": "email", "only": "1"})
    await post(visitor, f"{mine}/langue", {"language": "en"})
    await post(visitor, f"{mine}/besoins", {"warn_first": "1", "household": "3"})
    chosen: Fields = {
        "topics": ["weather", "roadworks"], "start": "8", "until": "20",
    }  # fmt: skip
    assert (await post(visitor, f"{mine}/informations", chosen)).status_code == 303
    (ana,) = [one async for one in everyone(town, COMMUNE) if one.person.name == "Ana Lopez"]
    assert len(ana.homes) == 2
    assert ana.person.chosen_media == ("email",)
    assert ana.person.languages == ("en", "fr")
    assert (ana.person.warn_first, ana.person.help_to_leave) == (True, False)
    assert ana.person.information.off == ("pollution_security",)
    assert ana.person.information.hours == (480, 1200, "Europe/Paris")


async def test_the_last_place_and_the_last_contact_have_no_button(
    visitor: httpx.AsyncClient, town: Ledger, mine: str
) -> None:
    await post(visitor, f"{mine}/adresses", await typed(visitor, "2 quai"))
    asked = await post(visitor, f"{mine}/contacts", {"contact": "ana@foyer.example"})
    await post(visitor, asked.headers["location"], {"code": await code_sent(town, "email")})
    await post(visitor, f"{mine}/informations", {"topics": ["weather", "roadworks"]})
    shown = (await visitor.get(mine)).text
    assert shown.count(' value="weather" checked') == 1
    assert shown.count(' value="pollution_security" checked') == 0
    ref = re.findall(r'name="ref" value="(\w+)"', shown)
    assert len(ref) == 4
    assert (await post(visitor, f"{mine}/contacts/retirer", {"ref": ref[0]})).status_code == 303
    assert (await post(visitor, f"{mine}/adresses/retirer", {"ref": ref[2]})).status_code == 303
    assert 'name="ref"' not in (await visitor.get(mine)).text  # the last ones stay


@pytest.mark.parametrize(
    ("form", "wrong", "said"),
    [
        ("adresses", {"typed": "quai"}, "Choisissez votre adresse dans la liste."),
        ("contacts", {"contact": ""}, "Écrivez un numéro de téléphone ou une adresse e-mail."),
        ("contacts", {"contact": "pas un numéro"}, "Ce numéro ne peut pas être lu"),
        ("contacts/retirer", {"ref": ""}, ""),
        ("moyens", {"first": "email"}, "Choisissez parmi les moyens que vous avez donnés."),
        ("prevenir", {"name": "", "to": "06 39 98 00 77"}, "Écrivez le nom de la personne"),
        ("prevenir", {"name": "Luis", "to": "01 99 00 00 42"}, "par SMS ou par e-mail"),
        ("langue", {"language": "klingon"}, "Choisissez une langue de la liste."),
        ("besoins", {"household": "99"}, "Un foyer compte de 1 à 20 personnes."),
        ("informations", {"start": "8"}, "Choisissez les deux heures, ou aucune."),
        ("informations", {"start": "25", "until": "3"}, "Choisissez les deux heures, ou aucune."),
        ("informations", {"start": "8", "until": "8"}, "Choisissez deux heures différentes"),
    ],
)
async def test_every_mistake_is_said_and_changes_nothing(
    visitor: httpx.AsyncClient, town: Ledger, mine: str,
    form: str, wrong: Fields, said: str,
) -> None:  # fmt: skip
    before = [one async for one in everyone(town, COMMUNE)]
    page = await post(visitor, f"{mine}/{form}", wrong)
    assert page.status_code == (422 if said else 303)
    assert said in plain(page)
    assert [one async for one in everyone(town, COMMUNE)] == before


async def test_she_chooses_whom_to_tell_and_takes_them_off(
    visitor: httpx.AsyncClient, town: Ledger, mine: str
) -> None:
    form: Fields = {"name": "Luis Lopez", "to": "06 39 98 00 77"}
    asked = await post(visitor, f"{mine}/prevenir", form)
    assert "Demandez-le à cette personne" in plain(await visitor.get(asked.headers["location"]))
    done = await post(visitor, asked.headers["location"], {"code": await code_sent(town)})
    assert done.headers["location"].endswith("?fait=prevenir")
    page = await visitor.get(mine)
    assert "Luis Lopez" in plain(page)
    assert json.loads((await visitor.get(f"{mine}/copie.json")).text)["kin"] == [
        {"name": "Luis Lopez", "contact": "+33639980077"}
    ]
    (ref,) = re.findall(r'prevenir/retirer.*?name="ref" value="(\w+)"', page.text)
    await post(visitor, f"{mine}/prevenir/retirer", {"ref": ref})
    assert "Luis Lopez" not in plain(await visitor.get(mine))


async def test_she_leaves_comes_back_and_is_erased(
    visitor: httpx.AsyncClient, town: Ledger, mine: str
) -> None:
    left = await post(visitor, f"{mine}/quitter")
    page = plain(await visitor.get(left.headers["location"]))
    assert "plus aucune alerte ne part pour vous" in page
    assert "Vous ne recevez plus les alertes." in page
    assert [one async for one in everyone(town, COMMUNE) if one.person.name == "Ana Lopez"] == []
    await post(visitor, f"{mine}/revenir")
    assert "Vous ne recevez plus" not in plain(await visitor.get(mine))
    assert "Effacer mes données maintenant" in plain(await visitor.get(f"{mine}/effacer"))
    assert await residents_count(town, COMMUNE) == 1
    gone = await post(visitor, f"{mine}/effacer")
    assert "ne contient plus rien de vous" in plain(gone)
    assert await residents_count(town, COMMUNE) == 0
    for path in (mine, f"{mine}/copie", f"{mine}/copie.json"):
        assert (await visitor.get(path)).status_code == 404
    for form in ("quitter", "effacer", "adresses", "contacts"):
        assert (await post(visitor, f"{mine}/{form}")).status_code == 404


async def test_on_a_shared_computer_she_shuts_her_page(
    visitor: httpx.AsyncClient, town: Ledger, mine: str
) -> None:
    shut = await post(visitor, f"{mine}/fermer")
    assert (shut.status_code, "Votre page est fermée" in plain(shut)) == (200, True)
    assert (await visitor.get(mine)).status_code == 404
    assert await residents_count(town, COMMUNE) == 1


async def test_who_changes_without_end_is_asked_to_wait(
    visitor: httpx.AsyncClient, mine: str
) -> None:
    answers = [await post(visitor, f"{mine}/langue", {"language": "fr"}) for _ in range(31)]
    assert [one.status_code for one in answers[-2:]] == [303, 409]
    assert "attendez un instant" in plain(answers[-1])


async def test_her_copy_holds_all_that_the_register_holds(
    visitor: httpx.AsyncClient, mine: str
) -> None:
    answer = await visitor.get(f"{mine}/copie.json")
    copied = json.loads(answer.text)
    assert answer.headers["content-disposition"].startswith("attachment")
    assert copied["name"] == "Ana Lopez"
    assert [one["value"] for one in copied["contacts"]] == ["+33639980042"]
    assert copied["contacts"][0]["confirmed_at"]
    assert copied["places"][0]["label"]
    assert (copied["messages"], copied["left_at"]) == ([], None)
    read = plain(await visitor.get(f"{mine}/copie"))
    assert "Ana Lopez" in read
    assert copied["places"][0]["label"] in read


async def test_the_way_back_is_the_same_for_who_is_not_enrolled(
    visitor: httpx.AsyncClient, town: Ledger, mine: str
) -> None:
    assert (await visitor.get(f"{HERE}/ma-page")).status_code == 200
    pages = []
    for contact in ("06 39 98 00 42", "06 39 98 00 77"):
        asked = await post(visitor, f"{HERE}/ma-page", {"contact": contact})
        page = plain(await visitor.get(asked.headers["location"]))
        pages.append(page.replace(contact[-2:], "••"))
    assert pages[0] == pages[1]
    opened = await post(
        visitor,
        (await post(visitor, f"{HERE}/ma-page", {"contact": "06 39 98 00 42"})).headers["location"],
        {"code": await code_sent(town)},
    )
    assert re.match(r"/r/[\w-]{22}$", opened.headers["location"])
    assert opened.headers["location"] != mine
    assert (await post(visitor, f"{HERE}/ma-page", {"contact": "x"})).status_code == 422
    assert (await visitor.get("/inscription/99999/ma-page")).status_code == 404


async def test_a_link_that_opens_nothing_says_how_to_get_another(
    visitor: httpx.AsyncClient,
) -> None:
    page = await visitor.get("/r/AAAAAAAAAAAAAAAAAAAAAA")
    assert page.status_code == 404
    assert "Ce lien n'ouvre plus de page" in plain(page)


@pytest.mark.parametrize(
    ("seen", "posted", "fields"),
    [
        ("{here}/ma-page", "{here}/ma-page", {"contact": "06 39 98 00 42"}),
        ("{mine}", "{mine}/contacts", {"contact": "ana@foyer.example"}),
        ("{mine}", "{mine}/prevenir", {"name": "Luis", "to": "06 39 98 00 77"}),
    ],
)
async def test_a_form_that_asks_for_a_code_and_is_sent_twice_has_one_code_sent(
    visitor: httpx.AsyncClient, town: Ledger, mine: str, seen: str, posted: str,
    fields: dict[str, str],
) -> None:  # fmt: skip
    page, to = seen.format(here=HERE, mine=mine), posted.format(here=HERE, mine=mine)
    before = await code_count(town)
    forms = (await visitor.get(page)).text.split(f'action="{to}')[1:]
    once = re.findall(r'name="once" value="([^"]+)"', forms[-1])[0]
    links = {(await post(visitor, to, {**fields, "once": once})).headers["location"] for _ in "123"}
    assert len(links) == 1
    assert await code_count(town) == before + 1


async def test_who_has_herself_erased_under_a_hold_is_told_what_stays(
    visitor: httpx.AsyncClient, town: Ledger, mine: str
) -> None:
    kept = "Une procédure est en cours"
    assert kept not in plain(await visitor.get(f"{mine}/effacer"))
    await hold(office(town), "", reason="enquête", reference="gendarmerie", asked=asked(DPO))
    assert kept in plain(await visitor.get(f"{mine}/effacer"))
    mayor, dpo = asked(MAYOR), asked(DPO)
    (one,) = await holds_of(town, COMMUNE)
    await lift(office(town), one.hold_id, asked=mayor)
    await lift(office(town), one.hold_id, asked=dpo)
    assert kept not in plain(await visitor.get(f"{mine}/effacer"))


async def test_a_double_click_on_the_last_code_of_ten_minutes_is_not_told_that_it_was_refused(
    visitor: httpx.AsyncClient, mine: str
) -> None:
    to, her = f"{HERE}/ma-page", {"contact": "06 39 98 00 42"}
    assert (await post(visitor, to, her)).status_code == 303  # the second: she enrolled by one
    seen = [(await post(visitor, to, {**her, "once": "a"})).status_code for _ in range(2)]
    assert seen == [303, 303]
    assert (await post(visitor, to, {**her, "once": "b"})).status_code == 409
