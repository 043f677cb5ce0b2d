"""A crisis over HTTP and from the command line: the same acts, the same refusals."""

import json
import subprocess
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest

from dispatcher.access.signing_in import sign_in
from dispatcher.store.crises import open_event_of
from dispatcher.store.ledger import Ledger
from tests.crises import SCENARIO
from tests.situations import COMMUNE, PASSWORD, add_user, load_example_plan, office
from tests.test_api import client_of

ROOT = Path(__file__).parents[1]
PEOPLE = (("dgs", "rac"), ("maire", "dos"), ("prefecture", "observer"), ("etat_civil", "operator"))


@dataclass
class Tool:
    """A tool of the commune: it signs each person in once, and acts for her."""

    client: httpx.AsyncClient
    ledger: Ledger
    tokens: dict[str, str] = field(default_factory=dict)

    async def post(
        self, path: str, *, user: str, key: str = "", body: dict[str, Any] | None = None
    ) -> httpx.Response:
        """Post to the API of events as someone."""
        if user not in self.tokens:
            self.tokens[user] = await sign_in(
                self.ledger, commune=COMMUNE, login=user, password=PASSWORD
            )
        signed = f"Bearer {self.tokens[user]}"
        headers = {"authorization": signed, "idempotency-key": key or f"un-clic-{path}"[:64]}
        url = f"/api/v1/events{path}"
        return await self.client.post(url, json=body or {}, headers=headers)


@pytest.fixture
async def tool(ledger: Ledger) -> AsyncIterator[Tool]:
    """Be a tool of the example commune, whose people have access."""
    await load_example_plan(ledger)
    for login, function in PEOPLE:
        await add_user(ledger, login, function)
    async with client_of(office(ledger)) as client:
        yield Tool(client, ledger)


async def test_a_crisis_from_the_alert_received_to_its_stand_down(tool: Tool) -> None:
    received = {"sender": "Préfecture", "text": "Vigilance orange", "code": "4471"}
    first = await tool.post("/received", user="etat_civil", body=received)
    assert first.status_code == 201, first.text
    event = first.json()
    assert (event["state"], event["received"]["code"]) == ("signale", "4471")
    assert event["calls"][0]["why"] == "received"
    again = await tool.post("/received", user="etat_civil", body=received)
    assert again.json()["event"] == event["event"]  # the same key is the same click
    path = f"/{event['event']}"
    refused = await tool.post(f"{path}/activate", user="dgs")
    assert (refused.status_code, refused.json()["title"]) == (403, "not-permitted")
    done = await tool.post(f"{path}/activate", user="maire", body={"scenario": SCENARIO})
    told = done.json()
    assert (done.status_code, told["state"], told["scenario"]) == (200, "active", SCENARIO)
    assert [one["kind"] for one in told["proposals"]] == ["prepare", "order", "other"]
    assert "+336" not in done.text  # people by their ids
    late = await tool.post(f"{path}/pre-alert", user="dgs")
    assert (late.status_code, late.json()["detail"]) == (
        409, "L'événement est activé : il ne peut pas passer en pré-alerte.",
    )  # fmt: skip
    task = await tool.post(f"{path}/tasks/FA-CRUE/1", user="etat_civil", body={"to": "done"})
    assert task.json()["open_tasks"] == told["open_tasks"] - 1
    held = await tool.post(f"{path}/holders/RAC", user="dgs", body={"holder": "contact:dgs"})
    assert {one["post"] for one in held.json()["holders"]} == {"DOS", "RAC"}


async def test_an_active_crisis_is_led_and_stood_down_with_its_warnings_known(tool: Tool) -> None:
    opened = await tool.post("", user="dgs", body={"title": "Crue", "scenario": SCENARIO})
    path = f"/{opened.json()['event']}"
    told = (await tool.post(f"{path}/activate", user="maire")).json()
    draft = await tool.post(f"{path}/proposals/crue_preparation", user="dgs")
    assert (draft.status_code, set(draft.json())) == (201, {"alert"})
    stopped = await tool.post(f"{path}/calls/{told['calls'][0]['summons']}/stop", user="dgs")
    assert [one["runs"] for one in stopped.json()["calls"]].count(True) == 0
    down = await tool.post(f"{path}/stand-down", user="maire")
    assert down.status_code == 409
    assert "confirmez que vous savez" in down.json()["detail"]
    down = await tool.post(
        f"{path}/stand-down", user="maire", key="en-sachant",
        body={"knows": ["open_tasks"]},
    )  # fmt: skip
    assert (down.status_code, down.json()["state"]) == (200, "levee")
    assert await open_event_of(tool.ledger, COMMUNE) is None


ALL, LEAD = {"maire", "dgs", "etat_civil"}, {"maire", "dgs"}
NEEDS = {
    "/received": ALL,
    "": ALL,
    "/x/assess": ALL,
    "/x/no-follow-up": LEAD,
    "/x/pre-alert": LEAD,
    "/x/activate": {"maire"},
    "/x/level": LEAD,
    "/x/phase": {"maire"},
    "/x/take-over": LEAD,
    "/x/give-back": LEAD,
    "/x/stand-down": {"maire"},
    "/x/close": {"maire"},
    "/x/holders/DOS": LEAD,
    "/x/tasks/FA/1": ALL,
    "/x/cards/FA": ALL,
    "/x/proposals/crue": ALL,
    "/x/calls/y/stop": LEAD,
}


async def test_each_act_is_shut_to_whoever_may_not_do_it(tool: Tool) -> None:
    let_in: dict[str, set[str]] = {}
    for path in NEEDS:
        answers = {user: await tool.post(path, user=user) for user, _ in PEOPLE}
        let_in[path] = {user for user, answer in answers.items() if answer.status_code != 403}
        unsigned = await tool.client.post(f"/api/v1/events{path}", json={})
        assert unsigned.status_code == 401
    assert let_in == NEEDS


def tocsin(data_dir: Path, *words: str) -> tuple[int, Any]:
    done = subprocess.run(
        ["env", f"TOCSIN_DATA_DIR={data_dir}", sys.executable, "-m", "dispatcher.cli", *words,
         "--json"],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.stdout, done.stderr
    return done.returncode, json.loads(done.stdout)


def test_a_crisis_from_the_command_line(tmp_path: Path) -> None:
    plan = str(ROOT / "plans" / "examples" / "vaubrenne")
    assert tocsin(tmp_path, "plan", "load", plan)[0] == 0
    for login, function in PEOPLE:
        done = subprocess.run(
            ["env", f"TOCSIN_DATA_DIR={tmp_path}", sys.executable, "-m", "dispatcher.cli",
             "access", "add", login, "--name", login, "--function", function, "--json"],
            cwd=ROOT, capture_output=True, text=True, check=False, input=f"{PASSWORD}\n" * 2,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr + done.stdout
    code, event = tocsin(tmp_path, "event", "open", "Crue", "--as", "etat_civil")
    assert (code, event["state"]) == (0, "evaluation")
    ident = event["event"]
    code, told = tocsin(tmp_path, "event", "activate", ident, "--as", "dgs")
    assert code == 1
    assert "n'a pas le droit « event.activate »" in told["refused"]
    code, told = tocsin(tmp_path, "event", "prealert", ident, "--as", "dgs", "--no-call")
    assert (code, told["state"], told["level"], told["calls"]) == (
        0, "pre_alerte", "pre_alerte", [],
    )  # fmt: skip
    code, told = tocsin(tmp_path, "event", "close", ident, "--as", "maire", "--reason", "rangé")
    assert (code, told["refused"]) == (
        1, "L'événement est en pré-alerte : il ne peut pas être clos.",
    )  # fmt: skip
    code, told = tocsin(tmp_path, "event", "list")
    assert (code, told["open"]) == (0, ident)
    code, told = tocsin(tmp_path, "event", "direct", ident, "roi", "--as", "maire")
    assert (code, told["refused"]) == (1, "Qui dirige ? Écrivez prefect ou mayor.")
