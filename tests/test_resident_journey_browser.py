"""A resident from her sign-up to her erasure, by keyboard on a telephone, in both languages."""

import re
from pathlib import Path

import pytest
from playwright.async_api import expect

from dispatcher.alerts.drafting import Wanted
from dispatcher.delivery.drain import drain
from dispatcher.store.everyone import everyone
from dispatcher.store.ledger import Ledger
from dispatcher.store.people import residents_count
from tests.addressed_town import put_addresses
from tests.browsing import DESK, PHONE, Visit, visit
from tests.consoles import served
from tests.corrected import launched, send
from tests.fake_channel import FakeChannel, door
from tests.situations import COMMUNE, add_user, office
from zones.area import Place
from zones.drawing import circle

pytest_plugins = ("tests.console_visits",)
BLANKS = {"secteur": "Quai", "point": "la place", "centre": "le gymnase", "tel": "03 53 01 00 02"}
WHERE = "2e étage, nous sommes deux"
WORDS = {
    "fr": {
        "name": "Prénom et nom", "go_on": "Continuer", "read": "Lire et répondre",
        "help": "J'ai besoin d'aide", "has": "La mairie a votre demande d'aide",
        "where": "Dites où vous êtes", "send": "Envoyer ce message", "passed": "est transmis",
        "answered": "j'ai besoin d'aide", "save": "Enregistrer", "saved": "C'est enregistré.",
        "leave": "Ne plus recevoir les alertes", "left": "Vous ne recevez plus les alertes.",
        "erase": "Effacer mes données…", "now": "Effacer mes données maintenant",
        "erased": "Vos données sont effacées", "add": "Ajouter cette adresse",
    },
    "en": {
        "name": "First name and surname", "go_on": "Go on", "read": "Read and answer",
        "help": "I need help", "has": "The town hall has your request for help",
        "where": "Say where you are", "send": "Send this message", "passed": "has been passed on",
        "answered": "I need help", "save": "Save", "saved": "It is saved.",
        "leave": "Receive no alerts any more", "left": "You do not receive the alerts any more.",
        "erase": "Erase my data…", "now": "Erase my data now",
        "erased": "Your data is erased", "add": "Add this address",
    },
}  # fmt: skip


async def sound(seen: Visit) -> None:
    """Expect that the page on the screen can be read by everybody, and fits a telephone."""
    assert await seen.faults() == []
    assert await seen.overflow_px() == 0
    assert seen.problems == []


async def press(seen: Visit, name: str, *, role: str = "button") -> None:
    """Press a button or a link by its words, with a key."""
    await seen.page.get_by_role(role, name=name, exact=True).first.press("Enter")  # type: ignore[arg-type]


async def signed_up(seen: Visit, town: Ledger, words: dict[str, str]) -> str:
    """Enrol, add a school, and return the address of her page."""
    keys = seen.page.keyboard
    await seen.page.get_by_label(words["name"]).focus()
    await keys.type("Ana Lopez")
    await keys.press("Tab")
    await keys.type("06 39 98 00 42")
    await keys.press("Tab")
    await keys.type("12 serolle")
    await expect(seen.page.get_by_role("radio").first).to_be_visible()
    await seen.page.get_by_role("radio").first.press("Space")
    await press(seen, words["go_on"])
    await expect(seen.page.locator("[name=code]")).to_be_focused()
    fake = FakeChannel()
    await drain(door(town, fake))
    await keys.type(re.findall(r"\d{6}", fake.ledger[-1].text)[0])
    await keys.press("Enter")
    await seen.page.wait_for_url(re.compile("/r/"))
    mine = seen.page.url.partition("?")[0].removeprefix(seen.url)
    await seen.page.locator("#adresses summary").press("Enter")
    await seen.page.locator("[name=kind]").select_option("school")
    await seen.page.locator("[name=typed]").focus()
    await keys.type("1 quai")
    await seen.page.get_by_role("radio").first.press("Space")
    await press(seen, words["add"])
    await expect(seen.page.get_by_role("status")).to_contain_text(words["saved"])
    return mine


@pytest.mark.parametrize(("language", "scheme"), [("fr", "light"), ("en", "dark")])
async def test_a_resident_enrols_is_alerted_asks_for_help_leaves_and_is_erased(
    chromium: Path, town: Ledger, tmp_path: Path, language: str, scheme: str
) -> None:
    words, q = WORDS[language], f"?lang={language}"
    await put_addresses(town)
    await add_user(town)
    async with served(tmp_path) as url, visit(chromium, url, color_scheme=scheme) as seen:
        await seen.resize(PHONE)
        await seen.open(f"/inscription/{COMMUNE}{q}")
        mine = await signed_up(seen, town, words)
        await alerted(town)
        await seen.open(f"{mine}{q}")
        await sound(seen)
        await asks_for_help(seen, words)
        await asked_for_help(chromium, url)
        await seen.open(f"{mine}{q}")
        await expect(seen.page.locator("#recus")).to_contain_text(words["answered"])
        await seen.page.locator("#besoins [name=help_to_leave]").press("Space")
        await seen.page.locator("#besoins button").press("Enter")
        await expect(seen.page.get_by_role("status")).to_contain_text(words["saved"])
        await press(seen, words["leave"])
        await expect(seen.page.locator("main")).to_contain_text(words["left"])
        await sound(seen)
        await press(seen, words["erase"], role="link")
        await sound(seen)
        await press(seen, words["now"])
        await expect(seen.page.get_by_role("heading", level=1)).to_have_text(words["erased"])
        await sound(seen)
    assert await residents_count(town, COMMUNE) == 0


async def asks_for_help(seen: Visit, words: dict[str, str]) -> None:
    """Answer « I need help », then say where she is."""
    await press(seen, words["read"], role="link")
    await sound(seen)
    await press(seen, words["help"])
    await expect(seen.page.get_by_role("status")).to_contain_text(words["has"])
    await seen.page.get_by_label(re.compile(words["where"])).focus()
    await seen.page.keyboard.type(WHERE)
    await press(seen, words["send"])
    await expect(seen.page.get_by_text(re.compile(words["passed"]))).to_be_visible()
    await sound(seen)


async def alerted(town: Ledger) -> None:
    """Launch an alert around her door, and let it leave."""
    (ana,) = [one async for one in everyone(town, COMMUNE) if one.person.name == "Ana Lopez"]
    assert len(ana.homes) == 2
    home = ana.homes[0]
    around = circle(Place(home.lon or 0.0, home.lat or 0.0), radius_m=100)
    flood = Wanted(
        template="crue_evacuation", area=around, media=("sms",), escalates=False, blanks=BLANKS
    )
    await launched(office(town), flood)
    await send(office(town), FakeChannel())


async def asked_for_help(chromium: Path, url: str) -> None:
    """Expect her call for help on the console."""
    async with visit(chromium, url) as desk:
        await desk.resize(DESK)
        await desk.sign_in()
        await desk.open("/console/aide")
        await desk.page.get_by_role("button", name=re.compile("Je m'en occupe")).click()
        await expect(desk.page.locator("main")).to_contain_text("Quai de la Sérolle")
        await expect(desk.page.locator("main")).to_contain_text(WHERE)
        assert desk.problems == []
