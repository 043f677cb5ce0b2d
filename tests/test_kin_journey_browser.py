"""A daughter far away proposes her mother, who has a landline: by keyboard, in both languages."""

import re
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.async_api import expect

from dispatcher.alerts.drafting import Wanted
from dispatcher.delivery.answers import record_keypad
from dispatcher.signup.asking import Answered, answer_call
from dispatcher.signup.kin import KinTeller
from dispatcher.store.everyone import everyone
from dispatcher.store.ledger import Ledger
from dispatcher.store.people import residents_count
from tests.addressed_town import put_addresses
from tests.browsing import PHONE, Visit, visit
from tests.consoles import served
from tests.corrected import launched, send
from tests.fake_channel import Accepted, FakeChannel
from tests.outgoing import KEYS
from tests.resident_visits import texts_sent
from tests.situations import COMMUNE, office
from tests.test_resident_journey_browser import BLANKS, press, sound
from zones.area import Place
from zones.drawing import circle

pytest_plugins = ("tests.console_visits",)
MOTHER, DAUGHTER = "+33199000042", "+33639980077"
HOME = "12 Quai de la Sérolle"
WORDS = {
    "fr": {
        "propose": "Proposer un proche", "hers": "Son prénom et son nom", "go_on": "Continuer",
        "call": "Faire appeler mon proche", "waits": "Nous appelons votre proche",
        "again": "Actualiser", "agreed": "Votre proche a accepté",
        "told": "Ana Lopez a demandé de l'aide à la mairie", "back": "Retrouver ma page",
        "way": "Téléphone ou adresse e-mail", "code": "Recevoir un code", "open": "Ouvrir ma page",
        "erase": "Effacer mes données…", "now": "Effacer mes données maintenant",
        "erased": "Vos données sont effacées",
    },
    "en": {
        "propose": "Propose somebody close", "hers": "First name and surname", "go_on": "Go on",
        "call": "Have the call made", "waits": "We are calling", "again": "Refresh",
        "agreed": "The person agreed", "told": "Ana Lopez asked the town hall",
        "back": "Find my page again", "way": "Telephone number or e-mail address",
        "code": "Receive a code", "open": "Open my page", "erase": "Erase my data…",
        "now": "Erase my data now", "erased": "Your data is erased",
    },
}  # fmt: skip


@pytest.mark.parametrize(("language", "scheme"), [("fr", "light"), ("en", "dark")])
async def test_she_is_enrolled_by_her_key_and_her_daughter_learns_that_she_needs_help(
    chromium: Path, town: Ledger, tmp_path: Path, language: str, scheme: str
) -> None:
    words, q = WORDS[language], f"?lang={language}"
    await put_addresses(town)
    async with served(tmp_path) as url, visit(chromium, url, color_scheme=scheme) as far:
        await far.resize(PHONE)
        await far.open(f"/inscription/{COMMUNE}{q}")
        await proposes(far, town, words)
        await mother_answers(town)
        await press(far, words["again"], role="link")
        await expect(far.page.get_by_role("heading", level=1)).to_have_text(words["agreed"])
        await sound(far)
        call = await alerted(town)
        await record_keypad(town, KEYS, token=call.token, kind="help")
        await KinTeller(office(town), every_s=0.0).turn()
        (told,) = await texts_sent(town)
        assert words["told"] in told
        assert "Quai" not in told
        assert await residents_count(town, COMMUNE) == 1
        await erases_herself(far, town, words, q=q)
    assert await residents_count(town, COMMUNE) == 0


async def proposes(far: Visit, town: Ledger, words: dict[str, str]) -> None:
    """Fill in the form of a relative, and type the code back."""
    keys = far.page.keyboard
    await press(far, words["propose"], role="link")
    await sound(far)
    await far.page.get_by_label(words["hers"]).focus()
    await keys.type("Ana Lopez")
    await keys.press("Tab")
    await keys.type("01 99 00 00 42")
    await keys.press("Tab")
    await keys.type("12 serolle")
    await expect(far.page.get_by_role("radio").first).to_be_visible()
    await far.page.get_by_role("radio").first.press("Space")
    await far.page.locator("[name=own_name]").focus()
    await keys.type("Luisa Lopez")
    await keys.press("Tab")
    await keys.type("06 39 98 00 77")
    await press(far, words["go_on"])
    await expect(far.page.locator("[name=code]")).to_be_focused()
    await sound(far)
    (text,) = await texts_sent(town)
    await keys.type(re.findall(r"\d{6}", text)[0])
    await press(far, words["call"])
    await expect(far.page.get_by_role("heading", level=1)).to_have_text(words["waits"])
    await sound(far)
    assert await residents_count(town, COMMUNE) == 0


async def mother_answers(town: Ledger) -> None:
    """Answer the call with 3: enrolled, and her daughter may learn how she is."""
    fake = await send(office(town), FakeChannel("voice"))
    (call,) = fake.ledger
    assert call.contact == MOTHER
    keyed = replace(office(town, ""), tokens=KEYS)
    assert await answer_call(keyed, call.token, Answered(agrees=True, tells=True))


async def alerted(town: Ledger) -> Accepted:
    """Launch an alert around her door; return the call that she gets."""
    everybody = [one async for one in everyone(town, COMMUNE)]
    (ana,) = [one for one in everybody if one.person.name == "Ana Lopez"]
    (home,) = ana.homes
    assert home.label == HOME
    around = circle(Place(home.lon or 0.0, home.lat or 0.0), radius_m=100)
    flood = Wanted(
        template="crue_evacuation", area=around, media=("voice",), escalates=False, blanks=BLANKS
    )
    await launched(office(town), flood)
    fake = await send(office(town), FakeChannel("voice"))
    return next(one for one in fake.ledger if one.contact == MOTHER)


async def erases_herself(seen: Visit, town: Ledger, words: dict[str, str], *, q: str) -> None:
    """Find her page again by a code that her landline is told, and have herself erased."""
    await seen.open(f"/inscription/{COMMUNE}{q}")
    await press(seen, words["back"], role="link")
    await seen.page.get_by_label(words["way"]).focus()
    await seen.page.keyboard.type("01 99 00 00 42")
    await press(seen, words["code"])
    await expect(seen.page.locator("[name=code]")).to_be_focused()
    await sound(seen)
    (said,) = await texts_sent(town, "voice")
    await seen.page.keyboard.type("".join(re.findall(r"\d", said))[:6])
    await press(seen, words["open"])
    await seen.page.wait_for_url(re.compile("/r/"))
    await sound(seen)
    await press(seen, words["erase"], role="link")
    await press(seen, words["now"])
    await expect(seen.page.get_by_role("heading", level=1)).to_have_text(words["erased"])
    await sound(seen)
