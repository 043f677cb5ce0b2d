"""One night in the field: two partners' systems, three phones, SMS, a street, the logbook after.

Police and fire service sign real requests; three teams press buttons at 390 px, one of them without
a network for a while; a fourth texts; the cell follows on its board.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
from playwright.async_api import Page, expect
from sqlalchemy import select

from dispatcher.alerts.office import Office
from dispatcher.alerts.plan_in_force import in_force
from dispatcher.keys import key
from dispatcher.logbook.chain import verify_ledger
from dispatcher.partners import registry
from dispatcher.partners.registry import Wanted
from dispatcher.store import desk_items, logbook
from dispatcher.store.following_tables import told_marks
from dispatcher.store.ledger import Ledger
from dispatcher.store.mission_rows import mission_of
from dispatcher.store.own_teams import OwnTeam, add_team
from dispatcher.store.team_rows import team_rows, timeline
from dispatcher.teams.ordering import NewMission, move, propose
from dispatcher.teams.phone_links import make_link
from dispatcher.teams.reporting import Telling
from dispatcher.teams.watching import Watchdog
from tests.browsing import PHONE, Visit, visit
from tests.consoles import served
from tests.crises import RAC, activated
from tests.fielded_town import ago as past
from tests.fielded_town import tell
from tests.open_town import a_street
from tests.partner_hall import FIRST, POLICE, SECOND
from tests.partner_systems import PartnerSystem, secret
from tests.real_parts import free_port
from tests.sandbox_process import running_sandbox
from tests.situations import COMMUNE, Planned, office, write_alert
from tests.staffed_hall import ADMIN, MAYOR, enrol
from tests.test_answers_sandbox import TEXTED, addresses
from tests.texting_town import phone_of

pytest_plugins = ("tests.console_visits",)
SDIS = Wanted("SDIS 99", "fire_service", verbs=("team.status", "mission.status", "events.read"))


@dataclass(frozen=True)
class Night:
    """The town hall at work, its console, the partners' systems, and what texts it."""

    hall: Office
    console: Visit
    fire: PartnerSystem
    police: PartnerSystem
    text: Any  # number, words → the words that answer

    @property
    def ledger(self) -> Ledger:
        return self.hall.ledger

    async def phone(self, team: str) -> Page:
        """Open a team's page on a phone of its own."""
        browser = self.console.page.context.browser
        assert browser is not None
        size = {"width": PHONE[0], "height": PHONE[1]}
        context = await browser.new_context(locale="fr-FR", viewport=size, has_touch=True)  # type: ignore[arg-type]  # as Playwright takes it
        page = await context.new_page()
        link = await make_link(self.hall, team, actor=RAC)
        await page.goto(self.console.url + link.path)
        return page

    async def state(self, team: str) -> str | None:
        row = (await team_rows(self.ledger, COMMUNE)).get(team)
        return row.state if row else None


def ago(minutes: float) -> str:
    return (datetime.now(UTC) - timedelta(minutes=minutes)).isoformat()


@asynccontextmanager
async def night(chromium: Path, folder: Path, town: Ledger) -> AsyncIterator[Night]:
    """Open an event, let two partners in, serve it all beside the sandbox's operator."""
    hall = office(town)
    (folder / "keys").mkdir(mode=0o700, exist_ok=True)
    (folder / "keys" / "logbook").write_bytes(hall.logbook_key)  # what the town was founded with
    for user in (ADMIN, MAYOR):
        await enrol(town, user)
    master, port = key(folder, "partners"), free_port()
    named = []
    for wanted in (SDIS, POLICE):
        named.append(await registry.ask(hall, wanted, by=FIRST))
        await registry.agree(hall, named[-1], by=SECOND)
    line = hall.line("rac", "team.added", "Équipe ajoutée", team="FPT1")
    await add_team(town, COMMUNE, OwnTeam("FPT1", "FPT 1", "fire", named[0]), by="rac", line=line)
    url = f"http://127.0.0.1:{port}"
    async with (
        running_sandbox(folder / "sandbox") as sandbox,
        served(folder, "", {"TOCSIN_PUBLIC_URL": url}, port=port),
        visit(chromium, url) as console,
        httpx.AsyncClient(base_url=url, trust_env=False, timeout=20) as http,
    ):
        inbound = (await addresses(folder, url))["sandbox-sms"]

        async def text(number: str, words: str) -> str:
            await sandbox.texted(number, words, to=TEXTED, url=inbound)
            heard = (await sandbox.ledger("sms-in"))[-1]["detail"]["heard"]
            return " ".join(part.get("said", "") for part in heard)

        fire, police = (PartnerSystem(http, one, secret(master, COMMUNE, one)) for one in named)
        yield Night(hall, console, fire, police, text)


async def test_a_night_in_the_field_is_followed_and_can_be_proved(
    chromium: Path, tmp_path: Path, town: Ledger
) -> None:
    await activated(office(town))
    async with night(chromium, tmp_path, town) as one:
        await one.console.sign_in()
        await one.console.open("/equipes")
        await _partners_report(one)
        await _a_phone_without_network(one)
        await _a_street_is_visited(one)
        await _distress_is_taken(one)
        await _a_team_texts(one)
        await _a_relief(one)
        await _the_logbook_has_it_all(one)
        assert [said for said in one.console.problems if "ERR_INTERNET" not in said] == []


async def _partners_report(one: Night) -> None:
    """Have both systems report, late and twice; the board shows what is so, and nothing is lost."""
    told = {"status": 2, "at": ago(1)}
    first = await one.fire.post("/teams/FPT 1/status", told, message_id="fpt-2")
    assert (first.status_code, first.json()["state"]) == (200, "on_scene")
    late = await one.fire.post("/teams/FPT1/status", {"status": 1, "at": ago(9)})
    assert (late.json()["state"], late.json()["applied"]) == ("on_scene", False)
    again = await one.fire.post("/teams/FPT 1/status", told, message_id="fpt-2")
    assert again.json() == first.json()
    await one.police.post("/teams/POLICE/status", {"status": "AVAILB", "at": ago(3)})
    theirs = await one.police.post("/teams/FPT1/status", {"status": "AVAILB", "at": ago(2)})
    assert theirs.status_code == 403
    strange = await one.fire.post("/teams/VSAV 9/status", {"status": 2, "at": ago(1)})
    assert strange.status_code == 202
    assert [item.named for item in await desk_items.waiting(one.ledger, COMMUNE)] == ["VSAV 9"]
    await expect(one.console.page.locator(".board-lane.on_scene #e-FPT1")).to_be_visible()
    mission = await propose(
        one.hall, NewMission("secure", "Fermer le pont", urgency=2), actor=RAC, team="POLICE"
    )
    states = []
    for said in ("NST", "IPR"):
        moved = await one.police.post(
            f"/missions/{mission.mission}/status", {"status": said, "at": ago(0)}
        )
        assert moved.status_code == 200, moved.text
        states.append(moved.json()["mission_state"])
    assert states == ["accepted", "in_progress"]


async def _a_phone_without_network(one: Night) -> None:
    """Press three buttons of TERRAIN 2 without a network: they come later, in order."""
    await propose(one.hall, NewMission("evaluate", "Voir la digue"), actor=RAC, team="TERRAIN2")
    page = await one.phone("TERRAIN2")
    await page.evaluate("navigator.serviceWorker.ready")
    await expect(page.get_by_role("button", name="Mission reçue")).to_be_visible()
    await page.context.set_offline(True)
    for name in ("Mission reçue", "Parti, 2 à bord", "Sur les lieux"):
        await page.get_by_role("button", name=name, exact=True).tap()
        await asyncio.sleep(0.2)
    await expect(page.locator("#line")).to_have_text("Hors réseau, 3 envois en attente")
    assert await one.state("TERRAIN2") is None
    await page.context.set_offline(False)
    await expect(one.console.page.locator(".board-lane.on_scene #e-TERRAIN2")).to_be_visible(
        timeout=20_000
    )
    rows = [row for row in await timeline(one.ledger, COMMUNE, team="TERRAIN2") if not row.ordered]
    assert [row.said for row in reversed(rows)] == [None, "en_route", "on_scene"]


async def _a_street_is_visited(one: Night) -> None:
    """Send the relay to a street of the unreached list: what it finds comes back to the list."""
    running = await write_alert(one.ledger, Planned(unreachable={"no_contact": 2}))
    mission = await a_street(one.ledger, one.hall, running.alert_id)
    page = await one.phone("RDQ-BAS")
    await page.get_by_role("button", name="Mission reçue").tap()
    await page.get_by_text("À une porte", exact=True).tap()
    await page.get_by_label("Adresse de la porte").fill("4 Rue Basse")
    await page.get_by_role("button", name="Refus").tap()
    for _ in range(100):
        if await _marks(one.ledger):
            break
        await asyncio.sleep(0.1)
    assert await _marks(one.ledger) == [("uno_contact1", "at_door")]
    found = await mission_of(one.ledger, COMMUNE, mission)
    assert found is not None
    assert found.state == "accepted"


async def _distress_is_taken(one: Night) -> None:
    """Hold the red button of TERRAIN 1: the board cries, somebody takes it and ends it."""
    page, board = await one.phone("TERRAIN1"), one.console.page
    await page.get_by_role("button", name="DÉTRESSE, appui long").focus()
    await page.keyboard.down(" ")
    await expect(page.locator("#now")).to_contain_text("a votre appel de DÉTRESSE")
    await page.keyboard.up(" ")
    await expect(board.locator("#detresses")).to_contain_text("TERRAIN 1")
    await board.get_by_role("link", name="Prendre ou terminer").first.click()
    await board.get_by_role("button", name="Je m'en occupe").first.click()
    await board.get_by_label("Comment se termine-t-elle ?").first.fill("Chute sans gravité, vue")
    await board.get_by_role("button", name="Terminer l'alarme").first.click()
    await one.console.open("/equipes")
    await expect(board.locator("#detresses")).not_to_contain_text("TERRAIN 1")


async def _a_team_texts(one: Night) -> None:
    """Text as a tired person does: nonsense is refused in words, the rest is understood."""
    number = phone_of((await in_force(one.hall)).plan, "EVAL")
    assert "EVALUATION" in await one.text(number, "dispo")
    refused = await one.text(number, "Retour")
    assert ("RETOUR!" in refused, await one.state("EVAL")) == (True, "available"), refused
    await one.text(number, "ROUTE, rue de la Lerne")
    await one.text(number, "surplace")
    assert await one.state("EVAL") == "on_scene"


async def _a_relief(one: Night) -> None:
    """TERRAIN 1 has been out too long: the watchdog proposes a relief, and TERRAIN 2 takes over."""
    for hours, said in ((7.5, "en_route"), (7.0, "on_scene")):
        await tell(one.hall, "TERRAIN1", Telling(past(hours * 60), said))
    await Watchdog(one.hall).turn()
    await expect(one.console.page.locator("#e-TERRAIN1")).to_contain_text("Relève")
    mine = await propose(
        one.hall, NewMission("secure", "Barrer le quai"), actor=RAC, team="TERRAIN1"
    )
    await move(one.hall, mine.mission, "cancelled", actor=RAC, note="Relève par TERRAIN 2")
    old = [
        row.mission for row in await timeline(one.ledger, COMMUNE, team="TERRAIN2") if row.mission
    ]
    await move(one.hall, old[0] or "", "done", actor=RAC)
    taken = await propose(
        one.hall, NewMission("secure", "Barrer le quai"), actor=RAC, team="TERRAIN2"
    )
    assert taken.team == "TERRAIN2"


async def _the_logbook_has_it_all(one: Night) -> None:
    """Audit the logbook: its chain holds, each report has one line, each partner reads its own."""
    verdict = await verify_ledger(one.ledger, COMMUNE, key=one.hall.logbook_key)
    assert verdict.valid, verdict
    lines = [line async for line in logbook.read_all(one.ledger, COMMUNE)]
    told = [line.data["report"] for line in lines if "report" in line.data]
    assert len(told) == len(set(told)) > 12
    assert {"desk.received", "team.report", "mission.report"} <= {line.kind for line in lines}
    assert not [line for line in lines if "Rue Basse" in line.text]
    feed = (await one.police.get("/events?after=0")).json()
    teams = {event["data"].get("team") for event in feed["events"]}
    assert teams - {None} == {"POLICE"}
    log = (await one.fire.get("/partner/log")).json()
    assert any(entry.get("repeats") == 1 for entry in _entries(log))


def _entries(log: dict[str, Any]) -> Sequence[dict[str, Any]]:
    return next(value for value in log.values() if isinstance(value, list))


async def _marks(ledger: Ledger) -> list[tuple[str, str]]:
    wanted = select(told_marks.c.person_id, told_marks.c.how)
    async with ledger.reading() as connection:
        return [tuple(row) for row in await connection.execute(wanted)]
