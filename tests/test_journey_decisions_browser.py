"""Decisions in real browsers on one running house: by telephone, in an emergency, in exercises."""

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Page, expect
from sqlalchemy import update

from dispatcher.store.decision_tables import overrides
from plans.folder import files_of
from tests.browsing import DESK, PHONE, Visit, visit
from tests.example_commune import EXAMPLE
from tests.journey_house import House, running_house, settle
from tests.journey_steps import (
    PATIENCE_MS,
    Codes,
    approved_and_launched,
    press,
    said_at_night,
)
from tests.keyring import opened
from tests.sandbox_process import SandboxHandle

pytestmark = pytest.mark.asyncio(loop_scope="module")

MAYOR_PHONE, PIN = "+33639980001", "482915"
OF_THE_PLAN = "+3363998"  # numbers of its directory; residents have others
CODES = Codes()  # never asked for: the sandbox lets a password be enough


@dataclass(frozen=True)
class Hall:
    """A running house, the RAC at a desk and the mayor on a phone, both signed in."""

    house: House
    desk: Visit
    mayor: Visit
    sandbox: SandboxHandle

    async def got(self) -> int:
        """Count the SMS and calls that residents got so far."""
        entries = await self.sandbox.ledger()
        media = [one for one in entries if one["medium"] in ("sms", "voice")]
        return sum(not str(one["to"]).startswith(OF_THE_PLAN) for one in media)

    def problems(self) -> list[str]:
        """Return what went wrong in either browser."""
        return self.desk.problems + self.mayor.problems


def plan_by_telephone() -> dict[str, bytes]:
    """Return the example plan: its approvers may decide by telephone, the mayor is rung first."""
    files = dict(files_of(EXAMPLE))
    policy, people = "alerte/reglement.yaml", "annuaire.yaml"
    files[policy] = files[policy].replace(
        b"decision: {qui: [DOS],", b"decision: {qui: [DOS], validation_telephone: true,"
    )
    files[people] = files[people].split(b"astreinte:")[0]  # whose week it is would be rung first
    return files


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def hall(chromium: Path, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Hall]:
    """Run a house for all these journeys."""
    async with running_house(tmp_path_factory.mktemp("house")) as house:
        await settle(house, files=plan_by_telephone(), second_factor=False)
        async with (
            visit(chromium, house.url) as desk,
            visit(chromium, house.url) as mayor,
            house.sandbox() as sandbox,
        ):
            await desk.resize(DESK)
            await mayor.resize(PHONE)
            await desk.sign_in("rac")
            await mayor.sign_in("maire")
            yield Hall(house, desk, mayor, sandbox)


async def composed(seen: Visit, mode: str) -> tuple[str, int]:
    """Write an alert of this mode up to its decision; return its page and its head-count."""
    await seen.open("/console/alertes/nouvelle")
    await seen.page.locator(f"[name=mode][value={mode}]").check()
    await seen.page.locator("[name=scenario]").select_option("serolle_q100")
    await press(seen, "Commencer")
    await seen.page.wait_for_url(re.compile("/zone$"))
    alert = seen.page.url.removeprefix(seen.url).removesuffix("/zone")
    await press(seen, "Continuer : le message", role="link")
    await seen.page.wait_for_url(re.compile("/message$"))
    for blank in await seen.page.locator(".message-blank.missing input").all():
        await blank.fill("18 h")
    await press(seen, "Enregistrer et voir la portée")
    await seen.page.wait_for_url(re.compile("/portee$"))
    await said_at_night(seen)
    people = await seen.page.locator(".reach-people strong").inner_text()
    await press(seen, "Enregistrer et passer à la décision")
    await seen.page.wait_for_url(re.compile("/decision$"))
    return alert, int("".join(filter(str.isdigit, people)))


async def submitted(seen: Visit) -> None:
    """Submit what is written; its page says who is called."""
    await press(seen, "Soumettre et appeler")
    await expect(seen.page.locator("#appels")).to_be_visible()


async def mode_first(page: Page, word: str) -> None:
    """Check that the mode is the first word of the page's title and of its heading."""
    assert (await page.title()).startswith(f"{word} · ")
    assert (await page.locator("h1").inner_text()).startswith(f"{word} · ")


async def ended(seen: Visit, alert: str) -> None:
    """Follow an alert until all has left."""
    await seen.open(alert)
    await expect(seen.page.locator("[data-figures=end]")).to_contain_text(
        "Tout ce qui devait partir", timeout=PATIENCE_MS
    )


async def lines(seen: Visit, said: str) -> None:
    """Check that the logbook tells this."""
    await seen.open("/main-courante")
    await expect(seen.page.locator("#lignes")).to_contain_text(said)


async def test_an_alert_is_approved_on_the_keypad_of_a_telephone_and_launched(hall: Hall) -> None:
    desk, mayor = hall.desk, hall.mayor
    await mayor.open("/compte/code-telephone")
    for field in ("pin", "again"):
        await mayor.page.locator(f"[name={field}]").fill(PIN)
    await press(mayor, "Garder ce code")
    await mayor.page.wait_for_url(re.compile("/compte"))
    alert, people = await composed(desk, "real")
    await hall.sandbox.types(MAYOR_PHONE, "1", str(people), PIN)
    await submitted(desk)
    await press(desk, "Recharger la page", role="link")
    await expect(desk.page.get_by_role("heading", name="Validée : à lancer")).to_be_visible()
    steps = desk.page.locator(".decision-steps li", has_text="par téléphone")
    await expect(steps).to_contain_text(re.compile(r"\d\d:\d\d.* Maire .*validé.* par téléphone"))
    assert await hall.got() == 0  # approved is not launched
    await press(desk, "Lancer maintenant")
    await ended(desk, alert)
    assert await hall.got() > 10
    assert hall.problems() == []


async def test_three_wrong_codes_on_the_keypad_refuse_and_the_desk_sees_it(hall: Hall) -> None:
    desk, before = hall.desk, await hall.got()
    alert, people = await composed(desk, "real")
    await hall.sandbox.types(MAYOR_PHONE, "1", str(people), "111213", "482914", "000111")
    await submitted(desk)
    await expect(desk.page.locator("#appels")).to_contain_text(
        "par téléphone : trois erreurs, refusé", timeout=PATIENCE_MS
    )
    await desk.open(f"{alert}/decision")
    await expect(desk.page.get_by_text("attend la validation d'une autre personne")).to_be_visible()
    await lines(desk, "Validation par téléphone refusée : trois erreurs")
    await desk.open(f"{alert}/decision")
    await press(desk, "Retirer l'alerte")
    assert await hall.got() == before
    assert hall.problems() == []


async def held(mayor: Visit) -> str:
    """Have the mayor alone send the pre-approved message; return the alert's page."""
    await mayor.open("/console/alertes")
    await press(mayor, "Envoi d'urgence", role="link")
    await mayor.page.get_by_label("Bas-Bourg").check()
    await mayor.page.locator("[name=mode][value=real]").check()
    await mayor.page.get_by_label("Pourquoi sans deuxième personne ?").fill("La digue cède")
    await press(mayor, "Lancer seul, dans soixante secondes")
    await mayor.page.wait_for_url(re.compile(r"/console/alertes/\w{8,}$"))
    return mayor.page.url.removeprefix(mayor.url)


async def test_an_emergency_sending_is_stopped_within_its_minute_then_one_leaves(
    hall: Hall,
) -> None:
    desk, mayor, before = hall.desk, hall.mayor, await hall.got()
    await desk.open("/main-courante")
    await held(mayor)
    band = desk.page.locator(".override")
    await expect(band).to_contain_text("Motif : La digue cède", timeout=PATIENCE_MS)
    await expect(band).to_contain_text("Décidé par Maire")
    await press(desk, "Arrêter cet envoi")
    await expect(band).to_have_count(0)
    await expect(mayor.page.locator(".override")).to_have_count(0, timeout=PATIENCE_MS)
    assert await hall.got() == before
    alert = await held(mayor)
    count = mayor.page.locator(".override-count")
    await expect(count).to_contain_text(re.compile(r"Part dans (60|5\d) s"))
    await half_a_minute_passes(hall.house)
    await expect(count).to_contain_text(re.compile(r"Part dans 1?\d s"), timeout=PATIENCE_MS)
    assert await hall.got() == before
    said = mayor.page.locator("#urgence-dite")
    await expect(said).to_contain_text("dans dix secondes", timeout=PATIENCE_MS)
    await expect(mayor.page.locator(".override")).to_have_count(0, timeout=PATIENCE_MS)
    await ended(mayor, alert)
    await mode_first(mayor.page, "RÉEL")
    await expect(mayor.page.locator("main")).to_contain_text("Danger immédiat")
    assert await hall.got() > before
    await lines(desk, "Envoi d'urgence arrêté avant son départ")
    await lines(desk, "Alerte lancée en urgence, sans deuxième personne : Danger immédiat")
    assert hall.problems() == []


async def half_a_minute_passes(house: House) -> None:
    """Let 35 s pass for what is held, by the ledger's own clock."""
    async with opened(house.ledger_url) as ledger, ledger.writing() as connection:
        earlier = overrides.c.leaves_at - 35.0
        await connection.execute(
            update(overrides).where(overrides.c.state == "holding").values(leaves_at=earlier)
        )


@pytest.mark.parametrize(("mode", "word"), [("exercise", "EXERCICE"), ("rehearsal", "RÉPÉTITION")])
async def test_what_is_not_real_says_so_first_and_reaches_no_resident(
    hall: Hall, mode: str, word: str
) -> None:
    desk, mayor = hall.desk, hall.mayor
    residents, everybody = await hall.got(), len(await hall.sandbox.ledger())
    alert, people = await composed(desk, mode)
    for step in ("zone", "message", "portee", "decision"):
        await desk.open(f"{alert}/{step}")
        await mode_first(desk.page, word)
    await submitted(desk)
    await mayor.open(f"{alert}/decision")
    await mode_first(mayor.page, word)
    await approved_and_launched(mayor, alert, codes=CODES, house=hall.house)
    await ended(desk, alert)
    await mode_first(desk.page, word)
    sent = (await hall.sandbox.ledger())[everybody:]
    assert all(word in one["content"] for one in sent)
    told = {one["to"] for one in sent if "la Sérolle monte" in one["content"]}
    assert len(told) == (people if mode == "exercise" else 0)
    assert {one["to"][: len(OF_THE_PLAN)] for one in sent} == ({OF_THE_PLAN} if told else set())
    assert await hall.got() == residents
    assert hall.problems() == []
