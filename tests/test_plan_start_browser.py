"""A plan written from nothing in a real browser, by keyboard alone, is checked and alerts."""

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Page, expect
from sqlalchemy import delete

from dispatcher.store import plan_drafts, plan_history, plans
from dispatcher.store.ledger import Ledger
from dispatcher.store.tables import plans as plan_table
from plans.folder import files_of
from tests.browsing import Visit, visit
from tests.consoles import served
from tests.peopled import people_in
from tests.plan_folders import read
from tests.plan_steps import (
    OUTLINE,
    choose,
    looked_at,
    submit,
    where_and_with_which_words,
    who_decides,
    who_we_are,
    write,
)
from tests.real_parts import ROOT
from tests.situations import COMMUNE

pytest_plugins = ("tests.console_visits",)
LOW = {
    "type": "Polygon",
    "coordinates": [
        [[5.01, 47.775], [5.02, 47.775], [5.02, 47.785], [5.01, 47.785], [5.01, 47.775]]
    ],
}


@pytest.fixture
async def bare(town: Ledger) -> Ledger:
    """Empty a town of its plan; its users stay."""
    async with town.writing() as connection:
        await connection.execute(delete(plan_table))
    return town


@pytest.fixture
async def url(tmp_path: Path, bare: Ledger) -> AsyncIterator[str]:
    """Serve the town's console."""
    async with served(tmp_path) as address:
        yield address


async def test_a_plan_is_written_from_nothing_by_keyboard_and_passes_its_check(
    chromium: Path, url: str, bare: Ledger, tmp_path: Path
) -> None:
    outline = tmp_path / "contour.geojson"
    outline.write_text(json.dumps(OUTLINE), "utf-8")
    async with visit(chromium, url) as seen:
        page = seen.page
        await seen.sign_in()
        await seen.open("/plan")
        await looked_at(seen)
        await page.get_by_role("link", name="Commencer le premier plan").focus()
        await page.keyboard.press("Enter")
        await page.wait_for_url("**/plan/demarrer/commune")
        await who_we_are(seen)
        await page.wait_for_url("**/plan/demarrer/fonctions")
        await seen.open("/")  # she is called away, and takes it up again
        await seen.open("/plan")
        await page.get_by_role("link", name="Continuer le premier plan").click()
        await page.wait_for_url("**/plan/demarrer/fonctions")
        await who_decides(seen)
        await where_and_with_which_words(seen, outline)
        await expect(page.locator("main")).to_contain_text("Le plan est valide")
        await looked_at(seen)
        await submit(page, "Charger le plan")
        await page.wait_for_url("**/plan?fait=demarre")
        await looked_at(seen)
        await _is_sound(bare, tmp_path / "pcs")
        await completed(seen)
        await checked(bare, tmp_path / "completed")
        await people_in(bare, 3)
        await ready_to_submit(seen)
        assert [one for one in seen.problems if "422" not in one] == []  # the refused step


async def written_to(ledger: Ledger, folder: Path) -> None:
    """Write the files of the plan in force."""
    kept = await plans.in_force(ledger, COMMUNE)
    assert kept is not None
    for name, raw in kept.files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(raw)


async def _is_sound(ledger: Ledger, folder: Path) -> None:
    await written_to(ledger, folder)
    reading = read(files_of(folder))
    assert reading.faults == ()
    assert reading.plan is not None
    assert [role.code for role in reading.plan.roles] == ["DOS", "RAC"]
    assert reading.plan.contacts[0].phones[0] == "+33639980001"
    assert {one.id for one in reading.plan.templates} >= {"danger_immediat", "evacuation"}
    assert not [one for one in reading.warnings if one.path.endswith("sms")]
    assert (await plan_drafts.draft_of(ledger, COMMUNE)).revision == 0
    assert await plan_history.count_versions(ledger, COMMUNE) == 2


async def completed(seen: Visit) -> None:
    """Go on with the plan's own pages: who is on call, a team, a sector that is pasted, words."""
    page = seen.page
    await page.locator("a.card[href='/plan/astreintes']").focus()
    await page.keyboard.press("Enter")
    await begun(page, "astreintes")
    await page.locator("[name=semaine]").focus()
    await page.keyboard.type("482026")
    await choose(page, "elu", "Bruno")
    await kept(page, "astreintes", "Bruno Oudot")
    await seen.open("/plan/equipes")
    await begun(page, "equipes")
    await write(page, "indicatif", "Rivière 1")
    await choose(page, "type", "intervention")
    await choose(page, "chef", "Isabelle")
    await submit(page, "Enregistrer")
    await expect(page.locator("#champ-membres")).to_contain_text("il en faut 2 pour partir")
    await page.get_by_label("Bruno Oudot").focus()
    await page.keyboard.press("Space")
    await kept(page, "equipes", "Rivière 1")
    await seen.open("/plan/secteurs")
    await pasted(page)
    await seen.open("/plan/modeles")
    await begun(page, "modeles")
    await write(page, "cap.event", "Eau coupée")
    await write(page, ":sms", "Mairie de Vaubrenne: eau coupee, {secteur}. Infos: {lien}")
    await write(page, ":voix", "La mairie de Vaubrenne coupe l'eau, {secteur}. Ne la buvez pas.")
    await kept(page, "modeles", "Eau coupée")


async def pasted(page: Page) -> None:
    """Bring a sector's outline as a text: the map comes first, the text beside it."""
    await begun(page, "secteurs")
    await write(page, "nom", "Bas-Bourg")
    await page.locator("#champ-trace summary").focus()
    await page.keyboard.press("Enter")
    await write(page, "trace", json.dumps(LOW))
    await kept(page, "secteurs", "Bas-Bourg")


async def begun(page: Page, section: str) -> None:
    """Ask for a new record of a section."""
    await page.locator(f"a[href='/plan/{section}/ajouter']").focus()
    await page.keyboard.press("Enter")
    await page.wait_for_url(f"**/plan/{section}/ajouter")


async def kept(page: Page, section: str, words: str) -> None:
    """Save a record; its list shows it, and no fault was told."""
    await submit(page, "Enregistrer")
    await page.wait_for_url(f"**/plan/{section}?fait=enregistre*")
    await expect(page.locator("main")).to_contain_text(words)


async def checked(ledger: Ledger, folder: Path) -> None:
    """Write the plan in force into a folder, as `plan check` reads one: it has no fault."""
    await written_to(ledger, folder)
    words = ("-m", "dispatcher.cli", "plan", "check", str(folder), "--json")
    process = await asyncio.create_subprocess_exec(
        sys.executable, *words, cwd=ROOT, stdout=asyncio.subprocess.PIPE
    )
    out, _ = await process.communicate()
    answer = json.loads(out)
    assert (answer["valid"], answer["faults"]) == (True, [])


async def ready_to_submit(seen: Visit) -> None:
    """Write an alert with what the plan holds, up to the button that calls the approvers."""
    page = seen.page
    await seen.open("/console/alertes/nouvelle")
    await page.locator("[name=mode][value=real]").focus()
    await page.keyboard.press("Space")
    await submit(page, "Commencer")
    await page.wait_for_url("**/zone")
    await page.get_by_label("Bas-Bourg").focus()
    await page.keyboard.press("Space")
    await page.locator("form:has([name=sector]) .zone-try").focus()
    await page.keyboard.press("Enter")
    await submit(page, "Garder cette zone")
    await page.get_by_role("link", name="Continuer : le message").focus()
    await page.keyboard.press("Enter")
    await page.locator("[name=template][value=eau_coupee]").focus()
    await page.keyboard.press("Space")
    await submit(page, "Prendre ce modèle")
    await submit(page, "Enregistrer et voir la portée")
    await expect(page.locator(".reach-people")).to_contain_text("3 personnes")
    for box in await page.locator("[name=night_confirmed]").all():  # cut water wakes nobody
        await box.focus()
        await page.keyboard.press("Space")
    await submit(page, "Enregistrer et passer à la décision")
    await expect(page.get_by_role("button", name="Soumettre et appeler")).to_be_visible()
    await expect(page.locator("main ol").last).to_contain_text("Bruno Oudot")
