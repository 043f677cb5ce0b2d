"""A flood from an empty installation to the proof: real processes, two people, two browsers."""

import re
from collections.abc import AsyncIterator, Iterable
from pathlib import Path

import pytest
from playwright.async_api import expect

from tests.browsing import DESK, PHONE, Visit, visit
from tests.journey_accesses import agreed, invited, link_sent, taken_up
from tests.journey_house import House, founded, running_house
from tests.journey_steps import (
    LONG,
    PATIENCE_MS,
    Codes,
    activated,
    alert_received,
    approved_and_launched,
    corrected,
    help_is_asked_and_given,
    logbook_on_paper,
    press,
    report_on_paper,
    set_up,
    sign_in,
    stood_down,
    written,
)


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    """Run an installation in an empty folder."""
    async with running_house(tmp_path) as running:
        yield running


async def test_a_flood_from_nothing_to_the_proof(chromium: Path, house: House) -> None:
    async with visit(chromium, house.url) as desk, visit(chromium, house.url) as phone:
        await desk.resize(DESK)
        await phone.resize(PHONE)
        phone_codes = await _all_let_in(chromium, house, desk=desk, phone=phone)
        event = await alert_received(desk)
        await activated(phone, event)
        alert = await written(desk, event)
        people = await approved_and_launched(phone, alert, codes=phone_codes, house=house)
        assert people > 0
        await desk.open(alert)
        await expect(desk.page.locator("[data-figures=end]")).to_contain_text(
            "Tout ce qui devait partir", timeout=PATIENCE_MS
        )
        await help_is_asked_and_given(desk)
        await corrected(desk, phone, alert, codes=phone_codes, house=house)
        report = await report_on_paper(desk)
        await stood_down(phone, event)
        proof = await house.tocsin("log", "verify")
        assert proof["valid"] is True
        paper = await logbook_on_paper(desk)
        later = await house.tocsin("log", "verify")  # a seal may come in between
        assert desk.problems + phone.problems == []
    assert re.search(
        r"Communication .+ Alerte « Crue .+ » : \d+ personnes, \d+ ont confirmé", report
    )
    assert re.search(r"Relevé de décisions .+sauvegarde activé.+Alerte lancée : Crue", report)
    story = (
        *("Alerte reçue de Préfecture de la Haute-Marne", "activé, 13 personnes à appeler"),
        *("rac Alerte soumise à validation", "maire Alerte validée", "maire Alerte lancée : Crue"),
        *("rac Demande d'aide prise", "rac Demande d'aide : équipe envoyée"),
        *("rac Nouvelles consignes rédigées", "maire Alerte validée"),
        *("rac Point de situation n° 1", "maire Levée de l'événement. Motif : décrue confirmée"),
        "Fin du registre à l’impression : ligne",
    )
    assert told_in_order(paper, story) == []
    last = re.search(r"à l’impression : ligne (\d+), empreinte", paper)
    assert last
    assert int(str(proof["entries"])) <= int(last[1]) <= int(str(later["entries"]))


async def _all_let_in(chromium: Path, house: House, *, desk: Visit, phone: Visit) -> Codes:
    """Set up, invite the mayor, who agrees that the RAC comes in too; return the mayor's codes."""
    async with visit(chromium, house.url) as admin:
        await set_up(admin, house)
        await founded(house)
        await invited(admin, "maire", contact="maire", function="dos")
        first = await link_sent(house)
        mayors = await taken_up(phone, first)
        await invited(admin, "rac", contact="dgs", function="rac")
        assert admin.problems == []
    await agreed(phone)
    codes = await taken_up(desk, await link_sent(house, taken=frozenset({first})))
    await press(desk, "Se déconnecter")
    await desk.page.wait_for_url("**/connexion")  # else it takes the form's cookie
    await sign_in(desk, "rac", codes, password=LONG)
    return mayors


def told_in_order(paper: str, story: Iterable[str]) -> list[str]:
    """Return what a paper does not tell, or tells before what came earlier."""
    at, lacks = 0, list[str]()
    for part in story:
        found = paper.find(part, at)
        at, lacks = (found + len(part), lacks) if found >= 0 else (at, [*lacks, part])
    return lacks
