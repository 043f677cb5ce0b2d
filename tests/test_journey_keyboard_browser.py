"""The flood's journey by keyboard alone: no mouse at all, the focus always somewhere and seen."""

import re
from collections.abc import AsyncIterator
from pathlib import Path

import pyotp
import pytest
from playwright.async_api import expect

from dispatcher.keys import key
from dispatcher.staff.first_run import set_up_code
from tests.browsing import DESK, PHONE
from tests.journey_house import House, running_house, settle
from tests.journey_steps import LONG, PATIENCE_MS, Codes, people_of
from tests.keyboard_hand import Hand, hand, read_otherwise
from tests.sentinels import until
from tests.situations import COMMUNE, PASSWORD

MAIN = (
    "/",
    "/evenements",
    "/console/alertes",
    "/main-courante",
    "/plan",
    "/console/alertes/nouvelle",
)


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    """Run an installation in an empty folder."""
    async with running_house(tmp_path) as running:
        yield running


async def test_a_flood_from_nothing_to_the_proof_without_a_mouse(
    chromium: Path, house: House
) -> None:
    async with hand(chromium, house.url) as admin:
        await set_up(admin, house)
        assert admin.blames() == []
    await settle(house)
    async with hand(chromium, house.url) as desk, hand(chromium, house.url) as phone:
        await desk.seen.resize(DESK)
        await phone.seen.resize(PHONE)
        await signed_in(desk, "rac", Codes())
        await signed_in(phone, "maire", Codes())
        event = await alert_received(desk)
        await activated(phone, event)
        alert = await submitted(desk, event)
        await approved_and_launched(phone, alert, house=house)
        await followed(desk, alert)
        await helped(desk)
        await new_instructions(desk, alert)
        await approved_and_launched(phone, alert, house=house)
        await stood_down(phone, event)
        await printed(desk)
        assert await read_otherwise(desk, (*MAIN, event, alert, f"{alert}/decision")) == []
        assert desk.blames() + phone.blames() == []
        await desk.page.mouse.click(1, 1)
        await until(lambda: bool(desk.pointed))  # a mouse is told, a moment after it was used
    proof = await house.tocsin("log", "verify")
    assert proof["valid"] is True


async def set_up(admin: Hand, house: House) -> None:
    """Be the first: the code of the server's own screen, a name, a password, an application."""
    await admin.seen.open("/installation")
    await admin.write("Code de mise en route", set_up_code(key(house.folder, "sessions")))
    await admin.write("Code INSEE", COMMUNE)
    await admin.write("Votre nom", "Claire MARTIN")
    await admin.write("Identifiant", "claire.martin")
    await admin.write("Mot de passe", LONG)
    await admin.write("Encore une fois", LONG)
    await admin.press("Continuer", to="/compte/second-facteur$")
    shown = await admin.page.locator("#cle").inner_text()
    await admin.write("Code à six chiffres", pyotp.TOTP(shown.replace(" ", "")).now())
    await admin.press("Enregistrer", to="/compte/codes$")
    await admin.press("Faire dix codes")
    await expect(admin.page.locator(".codes li")).to_have_count(10)
    await admin.press("C'est imprimé : continuer", role="link", to="/compte$")


async def signed_in(one: Hand, login: str, codes: Codes) -> None:
    """Sign in with a password and a code."""
    await one.seen.open("/connexion")
    await expect(one.field("Identifiant")).to_be_focused()
    await one.write("Identifiant", login)
    await one.write("Mot de passe", PASSWORD)
    await one.write("Code à six chiffres", await codes.fresh(one.seen))
    await one.press("Se connecter", to=re.escape(one.seen.url) + "/$")


async def alert_received(desk: Hand) -> str:
    """Note that the prefecture called; return the event's page."""
    await desk.press("Aller au contenu", role="link")
    await desk.press("^Alerte reçue", role="link", to="/alerte-recue$")
    await desk.write("Qui alerte", "Préfecture de la Haute-Marne")
    await desk.write("Que dit-on", "Vigilance crues orange")
    await desk.write("Code d'accusé", "4471")
    await desk.reach("radio", "RÉEL|Oui, maintenant")
    await desk.press("Noter l'alerte", to=r"/evenements/\w{6,}$")
    return desk.page.url.removeprefix(desk.seen.url)


async def activated(phone: Hand, event: str) -> None:
    """Activate the plan for the flood, everybody called."""
    await phone.page.reload()
    await phone.press("Conduire l'événement", role="link", to=f"{event}$")
    await phone.press("Activer le plan", role="link", to="/activer$")
    await phone.choose("Scénario du plan", "Crue")
    await expect(phone.field("Scénario du plan")).to_have_value("serolle_q100")
    await phone.press("^Activer", to=f"{event}$")


async def submitted(desk: Hand, event: str) -> str:
    """Draw, write, choose the media, submit; return the alert's page."""
    await desk.page.reload()
    await desk.press("Préparer ce message", to="/zone$")
    alert = desk.page.url.removeprefix(desk.seen.url).removesuffix("/zone")
    await drawn(desk)
    await desk.press("Continuer : le message", role="link", to="/message$")
    for blank in await desk.page.locator(".message-blank.missing input").all():
        await desk.to(blank)
        await desk.page.keyboard.type("18 h")
    await desk.press("Enregistrer et voir la portée", to="/portee$")
    await desk.press("Enregistrer et passer à la décision", to="/decision$")
    await desk.press("Soumettre et appeler")
    await expect(desk.page.locator("#appels")).to_be_visible()
    return alert


async def drawn(desk: Hand) -> None:
    """Take the proposed zone away: draw another with the arrows, corner by corner."""
    await desk.page.wait_for_selector(".map[data-drawn]", timeout=PATIENCE_MS)
    await desk.choose("Le tracé", "remplace")
    await desk.to(desk.page.get_by_role("button", name="Polygone"), back=True)
    await desk.key("Enter")
    told = desk.page.locator("[data-zone-told]")
    await expect(told).to_contain_text("flèches pour déplacer le viseur")
    for move in ("ArrowLeft", "ArrowUp", "ArrowRight", "ArrowDown"):
        await desk.key(*[f"Shift+{move}"] * 3, "Enter")
    await expect(told).to_contain_text("Point 4 posé")
    await desk.page.keyboard.press("Enter")  # twice at the same place: that was all
    await desk.page.wait_for_selector("#proposition")
    await expect(desk.page.get_by_role("button", name="Garder cette zone")).to_be_focused()
    await desk.key("Enter")
    await expect(desk.page.locator(".zone-steps")).to_contain_text("un tracé")


async def approved_and_launched(phone: Hand, alert: str, *, house: House) -> None:
    """On a phone: open what was rung for, read, type the number, launch."""
    await phone.seen.open(f"{alert}/decision")  # the address that the SMS gave
    await phone.write("Tapez en chiffres", str(await people_of(house, alert)))
    await phone.press("Valider et lancer maintenant", to=f"{alert}(/decision)?$")


async def followed(desk: Hand, alert: str) -> None:
    """Follow the counters to their end, and ask for the summary on its key."""
    await desk.page.reload()
    await desk.press("Alertes", role="link", to="/console/alertes$")
    await desk.press("Crue possible", role="link", to=f"{alert}$")
    await desk.reach("button", "Lire le résumé")
    await expect(desk.page.locator("[data-figures=end]")).to_contain_text(
        "Tout ce qui devait partir", timeout=PATIENCE_MS
    )
    assert await desk.page.get_by_role("button", name="Lire le résumé").evaluate(
        "(one) => one === document.activeElement"
    )  # the figures went on under the hand without taking the focus
    await desk.key("Alt+r")
    await expect(desk.page.locator("[data-summary-said]")).not_to_be_empty()


async def helped(desk: Hand) -> None:
    """Press for help as a resident does; take it at the desk and say what came of it."""
    await desk.press("Bac à sable", role="link", to="/bac-a-sable$")
    await desk.press("^SMS$", role="link", to="canal=sms$")
    await desk.to(desk.page.locator("a[href^='/a/']"))
    await desk.page.keyboard.press("Enter")
    await desk.page.wait_for_url(re.compile("/a/"))
    await desk.press("J'ai besoin d'aide")
    await expect(desk.page.get_by_text("La mairie a votre demande d'aide")).to_be_visible()
    await desk.seen.open("/")
    await desk.press("Je m'en occupe", to="/console/aide/")
    await desk.press("Équipe envoyée", to="/console/aide$")
    await expect(desk.page.get_by_text("Équipe envoyée").first).to_be_visible()


async def new_instructions(desk: Hand, alert: str) -> None:
    """Give new instructions in two acts."""
    await desk.press("Alertes", role="link", to="/console/alertes$")
    await desk.press("Crue possible", role="link", to=f"{alert}$")
    await desk.press("Nouvelles consignes", role="link", to="/consignes$")
    for blank in await desk.page.locator("input[name^=blank-]").all():
        await desk.to(blank)
        await desk.page.keyboard.type("montez à l'étage")
    await desk.press("Soumettre à la validation", to=f"{alert}(/decision)?$")


async def stood_down(phone: Hand, event: str) -> None:
    """End the crisis, knowing what is left open."""
    await phone.press("Événements", role="link", to="/evenements$")
    await phone.press("Conduire l'événement", role="link", to=f"{event}$")
    await phone.press("Lever l'événement", role="link", to="/lever$")
    for box in await phone.page.locator("main input[type=checkbox]").all():
        await phone.to(box)
        await phone.key("Space")
        await expect(box).to_be_checked()
    await phone.write("Motif|Pourquoi", "décrue confirmée")
    await phone.press("^Lever", to=f"{event}$")


async def printed(desk: Hand) -> None:
    """Take the logbook on paper."""
    await desk.press("Main courante", role="link", to="/main-courante$")
    await desk.reach("link", r"Imprimer \(PDF\)")
    async with desk.page.expect_download() as taking:
        await desk.page.keyboard.press("Enter")
    assert (await (await taking.value).path()).read_bytes().startswith(b"%PDF-")
