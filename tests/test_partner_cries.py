"""A cry of a partner's team is heard whatever name, mission or clock stands beside it."""

import time
from datetime import UTC, datetime

import httpx
import pytest

from dispatcher.alerts.plan_in_force import load
from dispatcher.store import desk_items
from dispatcher.store.desk_placing import Placing, end_item
from dispatcher.store.ledger import Ledger
from dispatcher.store.logbook import Entry
from dispatcher.store.team_alarms import alarms_of
from dispatcher.store.team_rows import team_rows
from dispatcher.teams.placing import Heard, desk_item
from dispatcher.teams.reporting import Sender, Telling, report_of
from dispatcher.teams.roster import KnownTeam
from tests.offices import AUTHOR, bruz_plan, office_of
from tests.partner_systems import PartnerSystem
from tests.partner_town import LOGBOOK_KEY, TOWN, at

pytest_plugins = ("tests.partner_door_visits",)


async def open_alarms(ledger: Ledger) -> list[tuple[str | None, str]]:
    return [(one.team, one.kind) for one in await alarms_of(ledger, TOWN)]


@pytest.mark.parametrize("team", ["", "%00", "VSAV 2"])
async def test_a_cry_under_no_known_name_waits_at_the_desk_and_rings(
    fire: PartnerSystem, ledger: Ledger, team: str
) -> None:
    told = await fire.post(f"/teams/{team}/status", {"status": "distress", "at": at(1)})
    assert (told.status_code, told.json()["why"]) == (202, "unknown_team")
    assert len(await desk_items.waiting(ledger, TOWN)) == 1
    assert await open_alarms(ledger) == [(team.replace("%00", ""), "distress")]


async def test_a_cry_that_is_placed_becomes_its_team_s(fire: PartnerSystem, ledger: Ledger) -> None:
    await fire.post("/teams/VSAV 2/status", {"status": "distress", "at": at(1)})
    (item,) = await desk_items.waiting(ledger, TOWN)
    known = KnownTeam("FPT1", "FPT 1", "fire")
    telling = Telling(datetime.fromtimestamp(item.happened_at, UTC), said="distress")
    report = report_of(telling, known, sender=Sender("partner", "sdis", "x"))
    placing = Placing(
        item.item, "rac", "FPT 1", Entry("rac", "desk.placed", "Placé", {"item": item.item}),
        report._replace(report_id=item.item),
    )  # fmt: skip
    placed = await end_item(ledger, TOWN, placing, key=LOGBOOK_KEY)
    assert placed.ended
    assert await open_alarms(ledger) == [("FPT1", "distress")]


@pytest.mark.parametrize(
    "beside",
    [
        {"mission": "M-77", "mission_status": "in_progress"},
        {"mission": "M-77", "mission_status": "no word of ours"},
    ],
)
@pytest.mark.parametrize("system", ["fire", "gendarmes"])
async def test_a_cry_in_a_batch_is_held_up_by_no_mission(
    fire: PartnerSystem,
    gendarmes: PartnerSystem,
    ledger: Ledger,
    system: str,
    beside: dict[str, str],
) -> None:
    partner, team = {"fire": (fire, "FPT1"), "gendarmes": (gendarmes, "PATROL1")}[system]
    one = {"team": team, "status": "distress", "at": at(1), **beside}
    told = await partner.post("/reports", {"reports": [one]})
    assert told.json()["results"][0]["status"] == 200, told.text
    assert await open_alarms(ledger) == [(team, "distress")]


async def test_a_radio_code_of_the_plan_rings_for_an_unknown_vehicle_too() -> None:
    heard = Heard(datetime.now(UTC), team="VSAV 2", word=14)
    sender = Sender("partner", "sdis", "m")
    item = desk_item(heard, "unknown_team", "VSAV 2", sender=sender, radio={14: "distress"})
    assert item.cry == "distress"


async def test_a_radio_code_of_the_plan_is_a_cry_in_a_batch_too(
    gendarmes: PartnerSystem, ledger: Ledger
) -> None:
    files = bruz_plan("circle_150m") | {
        "equipes.yaml": b"equipes: []\ncodes_radio: {14: detresse}\n"
    }
    files["pcs.yaml"] = files["pcs.yaml"].replace(b"35047", TOWN.encode())
    reading = await load(office_of(ledger, TOWN), files, actor=AUTHOR)
    assert not reading.faults, reading.faults
    one = {"team": "PATROL1", "status": 14, "mission": "M-77", "mission_status": "IPR", "at": at(1)}
    told = await gendarmes.post("/reports", {"reports": [one]})
    assert told.json()["results"][0]["status"] == 200, told.text
    assert await open_alarms(ledger) == [("PATROL1", "distress")]


async def test_a_note_that_is_null_holds_nothing(fire: PartnerSystem) -> None:
    told = await fire.post("/teams/FPT1/status", {"status": "distress", "at": at(1), "note": None})
    assert told.status_code == 200, told.text


async def test_a_fast_clock_keeps_the_order_of_its_reports(fire: PartnerSystem) -> None:
    now = time.time()
    times = [datetime.fromtimestamp(now + ahead, UTC).isoformat() for ahead in (120, 90)]
    await fire.post("/teams/FPT1/status", {"status": "on_scene", "at": times[0]})
    told = await fire.post("/teams/FPT1/status", {"status": "en_route", "at": times[1]})
    assert (told.json()["state"], told.json()["applied"]) == ("on_scene", False)
    assert "ignored" not in told.json()


async def test_two_places_of_one_second_come_to_the_same_in_either_order(
    fire: PartnerSystem, ledger: Ledger
) -> None:
    came = []
    for minute, lons in ((1, (4.6, 4.7)), (2, (4.7, 4.6))):
        for lon in lons:
            await fire.post("/teams/FPT1/position", {"at": when(minute), "position": [lon, 45.5]})
        came.append((await team_rows(ledger, TOWN))["FPT1"].lon)
    assert came == [4.7, 4.7]


def when(minute: int) -> str:
    """Return an instant that is the same however often it is asked."""
    return datetime.fromtimestamp(time.time() // 86_400 * 86_400 + minute, UTC).isoformat()


@pytest.mark.parametrize(
    ("method", "path", "status", "title"),
    [
        ("POST", "/teams/FPT1/statu", 404, "not-there"),
        ("GET", "/teams/FPT1/status", 405, "not-this-method"),
        ("PUT", "/ping", 405, "not-this-method"),
    ],
)
async def test_an_address_that_is_none_is_told_as_a_problem(
    http: httpx.AsyncClient, method: str, path: str, status: int, title: str
) -> None:
    told = await http.request(method, f"/api/v1{path}")
    assert (told.status_code, told.json()["title"]) == (status, title)
    assert told.headers["content-type"] == "application/problem+json"
    assert ("allow" in told.headers) is (status == 405)
