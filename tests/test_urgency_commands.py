"""The danger marked and the rate changed from outside: command line and HTTP, asked wrongly too."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError
from typer.testing import CliRunner

from dispatcher.access.signing_in import NewUser, create_user
from dispatcher.api.alerts import DraftBody
from dispatcher.cli import alert, plan, provider
from dispatcher.store.paces import changed_paces
from dispatcher.store.users import User
from dispatcher.store.versions import version_of
from tests.keyring import opened
from tests.offices import BRUZ, bruz_plan, write_plan
from zones.area import AreaRefused, Place
from zones.danger import Danger

DOORS = {
    "http": "http://127.0.0.1:1",
    "account_sid": "AC0",
    "api_key": "SK0",
    "api_secret": "s",
    "auth_token": "t",
    "webhook_secret": "w",
    "texto_key": "k",
    "texto_secret": "r",
    "smtp": {"host": "127.0.0.1", "port": 1, "ca_file": "", "user": "u", "password": "p"},
}


FAMILIES = {"alert": alert, "plan": plan, "provider": provider}


def tocsin(*words: str, data_dir: Path) -> tuple[int, Any]:
    """Run a command in this process; return its exit status and its JSON."""
    done = CliRunner().invoke(
        FAMILIES[words[0]].app, [*words[1:], "--json"], env={"TOCSIN_DATA_DIR": str(data_dir)}
    )
    return done.exit_code, json.loads(done.stdout)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Give the data folder of an installation with a plan, a RAC, and a sandbox's doors."""
    folder = tmp_path / "data"
    files = write_plan(tmp_path / "plan", bruz_plan("circle_150m"))
    assert tocsin("plan", "load", str(files), data_dir=folder)[0] == 0
    (folder / "sandbox").mkdir(exist_ok=True)
    (folder / "sandbox" / "sandbox.json").write_text(json.dumps(DOORS))
    asyncio.run(_enrol(folder))
    return folder


async def _enrol(folder: Path) -> None:
    user = NewUser(User(BRUZ, "rac", "rac", "rac"), "quatre mots sans rapport", waived=True)
    async with opened(_url(folder)) as ledger:
        await create_user(ledger, user, by="test", key=(folder / "keys" / "logbook").read_bytes())


def _url(folder: Path) -> str:
    return f"sqlite+aiosqlite:///{folder / 'ledger.sqlite'}"


async def _paces(folder: Path) -> dict[str, float]:
    async with opened(_url(folder)) as ledger:
        return dict(await changed_paces(ledger))


async def _content(folder: Path, ident: str) -> Any:  # noqa: ANN401 - what the ledger keeps
    async with opened(_url(folder)) as ledger:
        version = await version_of(ledger, BRUZ, ident)
    assert version is not None
    return version.content


def test_an_account_s_rate_is_changed_and_given_back_by_name(data: Path) -> None:
    words = ("provider", "pace", "sandbox-sms")
    code, answer = tocsin(*words, "12.5", "--as", "rac", data_dir=data)
    assert code == 0, answer
    assert answer == {"account": "sandbox-sms", "rate_per_s": 12.5, "configured_per_s": 400.0}
    assert asyncio.run(_paces(data)) == {"sandbox-sms": 12.5}
    code, answer = tocsin(*words, "--as", "rac", data_dir=data)
    assert (code, answer["rate_per_s"]) == (0, 400.0)
    assert asyncio.run(_paces(data)) == {}


def test_an_account_that_is_not_there_is_refused_with_those_that_are(data: Path) -> None:
    words = ("provider", "pace", "twilio", "5", "--as", "rac")
    code, answer = tocsin(*words, data_dir=data)
    assert code == 1
    assert "sandbox-sms" in answer["refused"]


def test_a_draft_takes_its_danger_from_a_point_or_a_file(data: Path, tmp_path: Path) -> None:
    line = tmp_path / "rive.geojson"
    drawn = {"type": "LineString", "coordinates": [[-1.75, 48.02], [-1.74, 48.03]]}
    line.write_text(json.dumps(drawn))
    for mark, kept in (
        ("-1.748, 48.026", {"type": "Point", "coordinates": [-1.748, 48.026]}),
        (str(line), drawn),
    ):
        words = ("alert", "draft", "--scenario", "crue", f"--danger={mark}", "--as", "rac")
        code, answer = tocsin(*words, data_dir=data)
        assert code == 0, answer
        assert asyncio.run(_content(data, answer["alert"]))["danger"] == kept


def test_a_danger_that_is_no_point_nor_line_is_refused(data: Path, tmp_path: Path) -> None:
    words = ("alert", "draft", "--scenario", "crue", "--as", "rac")
    for mark, said in (("200,48", "not on Earth"), (str(tmp_path / "none"), "none")):
        code, answer = tocsin(*words, f"--danger={mark}", data_dir=data)
        assert code == 1
        assert said in answer["refused"]


def test_the_api_takes_a_danger_as_geojson() -> None:
    point = {"type": "Point", "coordinates": [-1.748, 48.026]}
    assert DraftBody(scenario="crue", danger=point).wanted().danger == Danger.at(
        Place(-1.748, 48.026)
    )
    many = {"type": "MultiLineString", "coordinates": [[[-1.7, 48.0], [-1.6, 48.0]]]}
    with pytest.raises(AreaRefused, match="one Point or one LineString"):
        DraftBody(danger=many).wanted()
    with pytest.raises(ValidationError):
        DraftBody.model_validate({"danger": "here"})
