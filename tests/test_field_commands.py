"""Teams, missions, the desk and alarms from the command line and over HTTP: acts and refusals."""

import asyncio
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from typer import Typer
from typer.testing import CliRunner

from dispatcher.cli import desk, mission, team, team_alarm
from dispatcher.store.desk_items import DeskItem, keep_for_desk
from dispatcher.store.ledger import Ledger
from dispatcher.store.logbook import Entry
from dispatcher.store.tasks import of_event, tasks_of
from tests import crises
from tests.consoles import SAME
from tests.keyring import opened
from tests.situations import COMMUNE, office

pytest_plugins = ("tests.console_visits",)
Command = Callable[..., tuple[int, Any]]
PONT = ("secure", "Fermer le pont", "--team", "TERRAIN1")


@pytest.fixture
def tocsin(tmp_path: Path, town_template: Path, monkeypatch: pytest.MonkeyPatch) -> Command:
    """Return what runs a command as the RAC: its exit code and its answer."""
    (tmp_path / "ledger.sqlite").write_bytes(town_template.read_bytes())
    monkeypatch.setenv("TOCSIN_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("TOCSIN_REDIS_URL", "redis://127.0.0.1:1")  # no bell rings here

    def run(app: Typer, *words: str) -> tuple[int, Any]:
        done = CliRunner().invoke(app, [*words, "--as", "rac", "--json"])
        return done.exit_code, json.loads(done.stdout.splitlines()[-1])

    return run


async def kept(path: Path) -> None:
    """Keep a text that nobody understood for the desk."""
    item = DeskItem(
        "i1", 1.0, "sms", "chef_voirie", "unknown_word", "un chat", {"text": "un chat"},
        Entry("sms:chef_voirie", "desk.kept", "Message à placer", {"item": "i1"}),
    )  # fmt: skip
    async with opened(f"sqlite+aiosqlite:///{path / 'ledger.sqlite'}") as ledger:
        await ledger.write(lambda one: keep_for_desk(one, COMMUNE, [item], now=1.0, key=b"k" * 32))


def test_a_team_s_status_is_noted_and_nonsense_is_refused(tocsin: Command) -> None:
    assert tocsin(team.app, "status", "TERRAIN 1", "en_route", "--strength", "2")[1]["state"] == (
        "en_route"
    )
    assert tocsin(team.app, "show", "TERRAIN1")[1]["timeline"][0]["said"] == "en_route"
    code, told = tocsin(team.app, "status", "TERRAIN 9", "en_route")
    assert (code, "n'existe pas" in told["refused"]) == (1, True)
    assert tocsin(team.app, "add", "BRAVO 2", "--kind", "volunteers")[1]["call_sign"] == "BRAVO 2"
    code, told = tocsin(team.app, "add", "TERRAIN 1")
    assert (code, "s'appelle déjà" in told["refused"]) == (1, True)


def test_a_mission_is_made_moved_and_one_a_team_is_all(tocsin: Command) -> None:
    made = tocsin(mission.app, "make", *PONT)[1]
    assert (made["team"], made["state"], made["covered"]) == ("TERRAIN1", "ordered", False)
    assert tocsin(mission.app, "move", made["mission"], "accepted")[1]["state"] == "accepted"
    code, told = tocsin(mission.app, "make", *PONT)
    assert (code, "TERRAIN 1 a déjà une mission" in told["refused"]) == (1, True)
    other = tocsin(mission.app, "make", "other", "Trier")[1]["mission"]
    assert tocsin(mission.app, "line", other, "first", "--urgency", "1")[1]["urgency"] == 1
    assert tocsin(mission.app, "queue", other, "TERRAIN1")[1]["queued_for"] == "TERRAIN1"
    assert tocsin(mission.app, "doors", other)[1]["sums"]["doors"] == 0
    code, told = tocsin(mission.app, "door", other, "d1", "found")
    assert (code, "n'est pas dans la mission" in told["refused"]) == (1, True)
    assert len(tocsin(mission.app, "list")[1]["missions"]) == 2


def test_what_nobody_understood_is_placed_once(tocsin: Command, tmp_path: Path) -> None:
    asyncio.run(kept(tmp_path))
    assert tocsin(desk.app, "list")[1]["items"][0]["said"] == {"text": "un chat"}
    code, told = tocsin(desk.app, "place", "i1", "--status", "message")
    assert (code, "de quelle équipe" in told["refused"]) == (1, True)
    placed = tocsin(desk.app, "place", "i1", "--status", "message", "--team", "TERRAIN1")[1]
    assert placed["placed_now"]
    code, told = tocsin(desk.app, "aside", "i1", "--reason", "trop tard")
    assert (code, "déjà placé" in told["refused"]) == (1, True)


def test_an_alarm_is_taken_and_ended_in_words(tocsin: Command) -> None:
    tocsin(team.app, "say", "TERRAIN1", "reinforcement")
    (alarm,) = tocsin(team_alarm.app, "list")[1]["open"]
    assert tocsin(team_alarm.app, "take", alarm["alarm"])[1]["owner"] == "rac"
    code, told = tocsin(team_alarm.app, "end", alarm["alarm"], "--note", " ")
    assert (code, "en quelques mots" in told["refused"]) == (1, True)
    ended = tocsin(team_alarm.app, "end", alarm["alarm"], "--note", "TERRAIN 2 y est")[1]
    assert (ended["state"], ended["ended_by"]) == ("ended", "rac")


async def test_tasking_over_http_makes_one_mission_of_a_step_and_refuses_in_words(
    operator: httpx.AsyncClient, town: Ledger
) -> None:
    event = await crises.activated(office(town))
    (task, *_) = await tasks_of(town, of_event(COMMUNE, event.event_id))
    api = "/api/v1"
    step = f"/events/{event.event_id}/tasks/{task.card}/{task.step}/mission"

    async def post(path: str, **body: object) -> httpx.Response:
        return await operator.post(f"{api}{path}", json=body, headers=SAME)

    made = await post(step, team="TERRAIN1")
    assert (made.status_code, made.json()["state"]) == (201, "ordered")
    one = f"/missions/{made.json()['mission']}"
    assert (await post(step, team="TERRAIN1")).json()["mission"] == made.json()["mission"]
    other = await post(step, team="TERRAIN2")
    assert (other.status_code, "TERRAIN 1 a déjà" in other.text) == (409, True)
    assert (await operator.get(f"{api}{one}/tellings")).json() == {"tellings": []}
    assert (await operator.get(f"{api}/mission-offers")).json() == {"offers": []}
    assert (await post(f"{one}/line", to="first", urgency=2)).json()["urgency"] == 2
    assert (await post(f"{one}/queue", team="TERRAIN2")).status_code == 409
    knock = await post(f"{one}/doors/d1", id="12345678", result="found")
    assert (knock.status_code, knock.headers["content-type"][:23]) == (
        404,
        "application/problem+jso",
    )
    assert (await post("/help/nobody/mission", team="TERRAIN1")).status_code == 404
