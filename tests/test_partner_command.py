"""`partner …`: the same acts from the command line, each by a named user."""

import asyncio
import json
import shutil
from pathlib import Path
from typing import Any

from typer.testing import CliRunner

from dispatcher.access.signing_in import NewUser, create_user
from dispatcher.cli import partner
from dispatcher.store.users import User
from tests.keyring import opened
from tests.situations import COMMUNE, PASSWORD

pytest_plugins = ("tests.console_visits",)


def tocsin(data_dir: Path, *words: str) -> tuple[int, Any]:
    """Run `partner` in this process; return its exit status and its JSON."""
    environ = {"TOCSIN_DATA_DIR": str(data_dir)}
    done = CliRunner().invoke(partner.app, [*words, "--json"], env=environ)
    return done.exit_code, json.loads(done.stdout)


async def enrol(folder: Path) -> None:
    async with opened(f"sqlite+aiosqlite:///{folder / 'ledger.sqlite'}") as ledger:
        for login, function in (("dgs", "administrator"), ("maire", "dos")):
            user = User(COMMUNE, login, login, function)
            await create_user(ledger, NewUser(user, PASSWORD, waived=True), by="t", key=b"k" * 32)


def test_a_partner_is_asked_for_agreed_to_given_a_secret_named_and_ended(
    tmp_path: Path, town_template: Path
) -> None:
    shutil.copy(town_template, tmp_path / "ledger.sqlite")
    asyncio.run(enrol(tmp_path))
    asked = tocsin(
        tmp_path, "ask", "SDIS 99", "--as", "dgs", "--kind", "fire_service", "--team", "POLICE"
    )
    assert (asked[0], asked[1]["partner"], asked[1]["state"]) == (0, "sdis-99", "asked")
    assert tocsin(tmp_path, "agree", "sdis-99", "--as", "dgs")[0] == 1
    assert tocsin(tmp_path, "agree", "sdis-99", "--as", "rac")[0] == 1
    status, agreed = tocsin(tmp_path, "agree", "sdis-99", "--as", "maire")
    assert status == 0
    assert agreed["secrets"][0]["sends"].startswith("whsec_")
    assert tocsin(tmp_path, "secret", "sdis-99", "--as", "dgs") == (0, agreed)
    _, rotated = tocsin(tmp_path, "rotate", "sdis-99", "--as", "dgs", "--hours", "1")
    assert [one["serial"] for one in rotated["keys"]] == [2, 1]
    assert tocsin(tmp_path, "secret", "sdis-99", "--as", "dgs")[0] == 1
    _, handed = tocsin(tmp_path, "secret", "sdis-99", "--as", "maire")
    assert [one["serial"] for one in handed["secrets"]] == [2, 1]
    assert tocsin(tmp_path, "name", "sdis-99", "team", "VSAV 1", "POLICE", "--as", "rac")[0] == 0
    _, shown = tocsin(tmp_path, "show", "sdis-99")
    assert shown["names"] == [{"kind": "team", "external": "VSAV 1", "ours": "POLICE"}]
    gone = tocsin(tmp_path, "name", "sdis-99", "team", "VSAV 1", "--as", "rac", "--remove")
    assert gone[0] == 0
    status, ended = tocsin(tmp_path, "end", "sdis-99", "--as", "dgs", "--reason", "fini")
    assert (status, ended["state"]) == (0, "ended")
    _, listed = tocsin(tmp_path, "list")
    assert [(one["partner"], one["ended_by"]) for one in listed["partners"]] == [("sdis-99", "dgs")]
