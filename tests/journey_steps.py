"""What people do in a crisis on the console, step by step, each in a page of a real browser."""

import re

import pyotp
from playwright.async_api import expect
from pypdf import PdfReader

from dispatcher.alerts import life
from dispatcher.keys import key
from dispatcher.staff.first_run import set_up_code
from tests.browsing import Visit
from tests.journey_house import House
from tests.keyring import opened
from tests.signing import SECRET
from tests.situations import COMMUNE, PASSWORD, office

LONG = "quatre mots sans aucun rapport"
PATIENCE_MS = 180_000


async def set_up(seen: Visit, house: House) -> None:
    """Be the first: the code of the server's own screen, a name, a password, an application."""
    start = set_up_code(key(house.folder, "sessions")).replace(" ", "")
    await seen.open(f"/installation?code={start}")
    await seen.page.locator("[name=code]").focus()
    for word in (start, COMMUNE, "Claire MARTIN", "claire.martin", LONG, LONG):
        await seen.page.keyboard.press("Control+A")
        await seen.page.keyboard.type(word)
        await seen.page.keyboard.press("Tab")
    await seen.page.keyboard.press("Enter")
    await seen.page.wait_for_url(house.url + "/compte/second-facteur")
    shown = await seen.page.locator("#cle").inner_text()
    await seen.page.locator("[name=code]").fill(pyotp.TOTP(shown.replace(" ", "")).now())
    await seen.page.locator("[name=code]").press("Enter")
    await seen.page.wait_for_url(house.url + "/compte/codes")


class Codes:
    """The one-time codes of somebody: one serves once, so the next is waited for."""

    def __init__(self, secret: str = SECRET) -> None:
        self._secret, self._used = pyotp.TOTP(secret), set[str]()

    async def fresh(self, seen: Visit) -> str:
        """Return a code that was not used yet."""
        while (code := self._secret.now()) in self._used:
            await seen.page.wait_for_timeout(500)
        self._used.add(code)
        return code


async def sign_in(seen: Visit, login: str, codes: Codes, *, password: str = PASSWORD) -> None:
    """Sign in with a password and a code, by keyboard."""
    await seen.open("/connexion")
    for word in (login, password, await codes.fresh(seen)):
        await seen.page.keyboard.type(word)
        await seen.page.keyboard.press("Tab")
    await seen.page.keyboard.press("Enter")
    await seen.page.wait_for_url(seen.url + "/")


async def confirm(seen: Visit, codes: Codes) -> None:
    """Show the second factor where the page asks for it."""
    await seen.page.locator("[name=code]").fill(await codes.fresh(seen))
    await seen.page.locator("[name=code]").press("Enter")


async def press(seen: Visit, name: str, *, role: str = "button") -> None:
    """Press what is called so, once it is there."""
    found = seen.page.get_by_role(role, name=re.compile(name)).first  # type: ignore[arg-type]
    await found.click()


async def alert_received(seen: Visit) -> str:
    """Note that the prefecture called; return the event's page."""
    await seen.open("/evenements/alerte-recue")
    await seen.page.get_by_label("Qui alerte ?").fill("Préfecture de la Haute-Marne")
    await seen.page.get_by_label(re.compile("Que dit-on")).fill("Vigilance crues orange")
    await seen.page.get_by_label(re.compile("Code d'accusé")).fill("4471")
    await press(seen, "Noter l'alerte")
    await seen.page.wait_for_url(re.compile(r"/evenements/\w+$"))
    return seen.page.url.removeprefix(seen.url)


async def activated(seen: Visit, event: str) -> None:
    """Activate the plan for the flood, everybody called."""
    await seen.open(f"{event}/activer")
    await seen.page.locator("[name=scenario]").select_option("serolle_q100")
    await seen.page.locator("form[action$=activer] button.big").click()
    await seen.page.wait_for_url(re.compile(f"{event}$"))


async def written(seen: Visit, event: str) -> str:
    """Draw, write, choose the media, submit; return the alert's page."""
    await seen.open(event)
    await press(seen, "Préparer ce message")
    await seen.page.wait_for_url(re.compile("/zone$"))
    alert = seen.page.url.removeprefix(seen.url).removesuffix("/zone")
    await drawn(seen)
    await press(seen, "Continuer : le message", role="link")
    for blank in await seen.page.locator(".message-blank.missing input").all():
        await blank.fill("18 h")
    await press(seen, "Enregistrer et voir la portée")
    await said_at_night(seen)
    await press(seen, "Enregistrer et passer à la décision")
    await press(seen, "Soumettre et appeler")
    await expect(seen.page.locator("#appels")).to_be_visible()
    return alert


async def said_at_night(seen: Visit) -> None:
    """Say that it may leave at night, where the page asks it at this hour."""
    for box in await seen.page.locator("[name=night_confirmed]").all():
        await box.check()


async def drawn(seen: Visit) -> None:
    """Take the proposed zone away and draw a rectangle on the map, corner by corner."""
    await seen.page.wait_for_selector(".map[data-drawn]", timeout=PATIENCE_MS)
    await seen.page.locator("[data-draw-op]").select_option("replace")
    await press(seen, "^Polygone$")
    box = await seen.page.locator(".map canvas").first.bounding_box()
    assert box is not None
    for across, down in ((0.25, 0.25), (0.75, 0.25), (0.75, 0.75), (0.25, 0.75)):
        await seen.page.mouse.click(
            box["x"] + box["width"] * across, box["y"] + box["height"] * down
        )
    await press(seen, "Terminer le tracé")
    await press(seen, "Garder cette zone")
    await expect(seen.page.locator("#t-zone")).to_be_visible()


async def people_of(house: House, alert: str) -> int:
    """Return how many people the newest version goes to: the page says it in words."""
    async with opened(house.ledger_url) as ledger:
        return (await life.find(office(ledger), alert.rsplit("/", 1)[1])).people


async def approved_and_launched(seen: Visit, alert: str, *, codes: Codes, house: House) -> int:
    """On a phone: read, show who one is, type the number, launch; return the number."""
    await seen.open(f"{alert}/decision")
    if not await seen.page.locator("#people").count():  # she has signed in more than 5 min ago
        await press(seen, "Confirmer que c'est vous", role="link")
        await confirm(seen, codes)
    people = await people_of(house, alert)
    await seen.page.locator("#people").fill(str(people))
    await press(seen, "Valider et lancer maintenant")
    await seen.page.wait_for_url(re.compile(f"{alert}(/decision)?$"))
    return people


async def help_is_asked_and_given(desk: Visit) -> None:
    """Press for help as a resident does; take it at the desk and say what came of it."""
    await desk.open("/console/bac-a-sable?canal=sms")
    page = await desk.page.locator("a[href^='/a/']").first.get_attribute("href")
    assert page is not None
    await desk.open(page)
    await press(desk, "J'ai besoin d'aide")
    await desk.open("/")
    await press(desk, "Je m'en occupe")
    await desk.open("/console/aide")
    await press(desk, "Ouvrir", role="link")
    await press(desk, "Équipe envoyée")
    await expect(desk.page.get_by_text("Équipe envoyée").first).to_be_visible()


async def corrected(desk: Visit, phone: Visit, alert: str, *, codes: Codes, house: House) -> None:
    """Give new instructions in two clicks at the desk; decide them on the phone."""
    await desk.open(alert)
    await press(desk, "Nouvelles consignes", role="link")
    for blank in await desk.page.locator("input[name^=blank-]").all():
        await blank.fill("montez à l'étage")
    await desk.page.locator("form button.big.primary").click()
    assert await approved_and_launched(phone, alert, codes=codes, house=house) > 0
    await desk.open(alert)
    await expect(desk.page.locator("[data-figures=people]")).to_be_visible()


async def stood_down(phone: Visit, event: str) -> None:
    """End the crisis, knowing what is left open."""
    await phone.open(f"{event}/lever")
    for box in await phone.page.locator("form[action$=lever] input[type=checkbox]").all():
        await box.check()
    reason = phone.page.locator("form[action$=lever] [name=reason]")
    if await reason.count():
        await reason.fill("décrue confirmée")
    await phone.page.locator("form[action$=lever] button.big").click()
    await phone.page.wait_for_url(re.compile(f"{event}$"))


async def report_on_paper(seen: Visit) -> str:
    """Issue the situation report that the logbook drafted, and read its PDF back."""
    await seen.open("/main-courante")
    await press(seen, "^Point de situation$", role="link")
    await press(seen, "Émettre le point n° 1")
    await expect(seen.page.locator(".notice.ok")).to_contain_text("Point de situation n° 1 émis")
    return await downloaded(seen, r"Point de situation n° 1 \(PDF\)")


async def logbook_on_paper(seen: Visit) -> str:
    """Print the logbook, and read its PDF back."""
    await seen.open("/main-courante")
    return await downloaded(seen, r"Imprimer \(PDF\)")


async def downloaded(seen: Visit, name: str) -> str:
    """Take the PDF behind a link, as a browser does, and return its words on single spaces."""
    async with seen.page.expect_download() as taking:
        await press(seen, name, role="link")
    paper = PdfReader(await (await taking.value).path())
    return " ".join(" ".join(page.extract_text() for page in paper.pages).split())
