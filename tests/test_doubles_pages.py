"""Possible duplicates on the console; and what a resident who leaves is told of other numbers."""

import re
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
from playwright.async_api import expect

from dispatcher.residents.place_key import place_key
from dispatcher.store.doubles import doubled_count
from dispatcher.store.enrolment import put_residents
from dispatcher.store.everyone import everyone
from dispatcher.store.ledger import Ledger
from dispatcher.store.registers import Home
from tests.addressed_town import put_addresses
from tests.browsing import DESK, PHONE, visit
from tests.consoles import served
from tests.doubled_town import FILED, leave, of_two, twice
from tests.resident_visits import HERE as SIGN_UP
from tests.resident_visits import an_address, code_sent, plain, post
from tests.signing import enrol, enter, send
from tests.situations import COMMUNE, add_user, office
from tests.written_alerts import words

pytest_plugins = ("tests.console_visits",)
HERE = "/habitants/doublons"
OTHER_NUMBER = "peut encore être appelé"


@pytest.fixture
async def clerk(visitor: httpx.AsyncClient, town: Ledger) -> httpx.AsyncClient:
    """Be an operator, signed in."""
    await enrol(town, "secretaire", "operator")
    assert (await enter(visitor, "secretaire")).status_code == 303
    return visitor


def pair_on(page: httpx.Response) -> dict[str, str]:
    """Return the fields of the first pair on the page."""
    fields = re.findall(r'name="(one|other|left)" value="(\w+)"', page.text)
    return dict(reversed(fields[:3]))


async def test_a_pair_is_shown_with_what_is_needed_and_joined(
    clerk: httpx.AsyncClient, town: Ledger
) -> None:
    assert "en double" not in words(await clerk.get("/habitants"))
    assert "Aucune fiche n'est en double" in words(await clerk.get(HERE))
    await twice(office(town))
    assert "1 fiche en double possible Les comparer" in words(await clerk.get("/habitants"))
    page = await clerk.get(HERE)
    said = words(page)
    for told in ("LOPEZ Ana", "Ana Lopez", "3 Quai Bas", "un fichier de la mairie", "42"):
        assert told in said
    assert "son inscription" in said
    assert "639980042" not in page.text
    assert "199000042" not in page.text
    assert "est partie" not in said
    done = await send(clerk, HERE, to=f"{HERE}/une-seule", **pair_on(page))
    assert done.headers["location"] == f"{HERE}?fait=une"
    assert "une seule fiche, avec tous les contacts" in words(await clerk.get(f"{HERE}?fait=une"))
    (one,) = [one async for one in everyone(town, COMMUNE) if not one.person.of_plan]
    assert len(one.person.contacts) == 2


async def test_the_page_says_before_and_after_that_one_has_left(
    clerk: httpx.AsyncClient, town: Ledger
) -> None:
    own, _ = await twice(office(town))
    page = await clerk.get(HERE)
    await leave(office(town), own)
    late = await send(clerk, HERE, to=f"{HERE}/une-seule", **pair_on(page))
    assert (late.status_code, "vient de quitter les alertes" in words(late)) == (409, True)
    assert "l'une des deux est partie" in words(late)
    assert "plus rien ne partira pour elle, même en cas de danger" in words(late)
    done = await send(clerk, HERE, to=f"{HERE}/une-seule", **pair_on(late))
    assert "rien ne part plus pour elle" in words(await clerk.get(done.headers["location"]))
    assert not [one async for one in everyone(town, COMMUNE) if not one.person.of_plan]


async def test_two_people_are_not_shown_again(clerk: httpx.AsyncClient, town: Ledger) -> None:
    await twice(office(town))
    pair = pair_on(await clerk.get(HERE))
    done = await send(clerk, HERE, to=f"{HERE}/deux", one=pair["one"], other=pair["other"])
    assert "ne sera plus proposée" in words(await clerk.get(done.headers["location"]))
    assert "Aucune fiche n'est en double" in words(await clerk.get(HERE))
    again = await send(clerk, HERE, to=f"{HERE}/deux", one=pair["one"], other=pair["other"])
    assert (again.status_code, "ne sont plus à comparer" in words(again)) == (404, True)


async def test_many_pairs_come_ten_at_a_time(clerk: httpx.AsyncClient, town: Ledger) -> None:
    for number in range(12):
        await put_residents(town, of_two(number), commune=COMMUNE)
    assert "Les 10 premières sont ici, sur 12" in words(await clerk.get(HERE))


async def test_who_may_not_change_residents_sees_no_pair(
    visitor: httpx.AsyncClient, town: Ledger
) -> None:
    await enrol(town, "observateur", "observer")
    await enter(visitor, "observateur")
    assert (await visitor.get(HERE)).status_code == 403


async def test_what_is_sent_in_the_place_of_ids_harms_nothing(
    clerk: httpx.AsyncClient, town: Ledger
) -> None:
    await twice(office(town))
    for ids in (
        {"one": "", "other": ""},
        {"one": "x", "other": "x"},
        {"one": "'\x00é", "other": "contact:maire"},
    ):
        for act in ("une-seule", "deux"):
            assert (await send(clerk, HERE, to=f"{HERE}/{act}", **ids)).status_code in (404, 422)
    assert await doubled_count(town, COMMUNE) == 1


@pytest.mark.parametrize("double", [False, True], ids=["alone", "with a double"])
async def test_who_leaves_or_erases_is_told_the_same_of_other_numbers_whoever_she_is(
    visitor: httpx.AsyncClient, town: Ledger, double: bool
) -> None:
    await put_addresses(town)
    label, ident = await an_address(visitor)
    form = {"name": "Ana Lopez", "contact": "06 39 98 00 42", "typed": label, "address": ident}
    begun = await post(visitor, SIGN_UP, form)
    done = await post(visitor, begun.headers["location"], {"code": await code_sent(town)})
    mine = done.headers["location"].partition("?")[0]
    if double:
        homes = (Home(label, place_key(label)),)
        await put_residents(town, [replace(FILED, homes=homes)], commune=COMMUNE)
        assert await doubled_count(town, COMMUNE) == 1
    assert plain(await visitor.get(mine)).count(OTHER_NUMBER) == 1
    assert OTHER_NUMBER in plain(await visitor.get(f"{mine}/effacer"))
    left = await post(visitor, f"{mine}/quitter")
    assert plain(await visitor.get(left.headers["location"])).count(OTHER_NUMBER) == 1
    assert "may still be called" in plain(await visitor.get(f"{mine}/effacer?lang=en"))
    assert OTHER_NUMBER in plain(await post(visitor, f"{mine}/effacer"))


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_pairs_are_judged_by_keyboard_on_any_screen(
    chromium: Path, tmp_path: Path, town: Ledger, size: tuple[int, int], scheme: str
) -> None:
    await add_user(town, "secretaire", "operator", "Anne Petit")
    pair = await twice(office(town))
    await leave(office(town), pair.other)
    long = "Marie-Clémentine DE LA ROCHEFOUCAULD-MONTBRISON"
    rows = [replace(one, name=long) for one in of_two(1)]
    await put_residents(town, rows, commune=COMMUNE)
    async with served(tmp_path) as url, visit(chromium, url, color_scheme=scheme) as seen:
        await seen.resize(size)
        await seen.sign_in("secretaire")
        await seen.open("/habitants")
        await seen.page.get_by_role("link", name="Les comparer").press("Enter")
        first = seen.page.locator("main section").first
        await expect(first).to_contain_text("l'une des deux est partie")
        await seen.page.screenshot(path=tmp_path / "doublons.png", full_page=True)
        assert (await seen.overflow_px(), await seen.faults(), await seen.covered()) == (0, [], [])
        await seen.open(f"{HERE}?lang=en")
        await expect(seen.page.get_by_role("heading", name="Possible duplicates")).to_be_visible()
        two = seen.page.get_by_role("button", name="Two people").last
        await two.focus()
        await seen.page.keyboard.press("Enter")
        await expect(seen.page.get_by_role("status")).to_contain_text("two people")
        assert await seen.page.locator("main section").count() == 1
        assert (await seen.overflow_px(), await seen.faults(), seen.problems) == (0, [], [])
