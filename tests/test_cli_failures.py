"""What a machine refuses to a command is a sentence, on stdout too where JSON was asked for."""

import fcntl
import json
import socket
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from dispatcher.settings import PlaceSettings
from tests.offices import bruz_plan, write_plan

ROOT = Path(__file__).parents[1]


def tocsin(*words: str, **settings: str) -> tuple[int, Any]:
    given = [f"{name}={value}" for name, value in settings.items()]
    done = subprocess.run(
        ["env", *given, sys.executable, "-m", "dispatcher.cli", *words, "--json"],
        cwd=ROOT, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL,
    )  # fmt: skip
    assert "Traceback" not in done.stderr
    return done.returncode, json.loads(done.stdout)


@pytest.mark.parametrize("words", [("migrate",), ("log", "verify"), ("run",)])
def test_a_data_folder_that_cannot_be_made_is_told(words: tuple[str, ...], tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    code, answer = tocsin(*words, TOCSIN_DATA_DIR=str(tmp_path / "file" / "data"))
    assert code == 1
    assert "TOCSIN_DATA_DIR" in answer["refused"]


@pytest.mark.parametrize("url", ["postgresql://nobody@127.0.0.1:1/nothing", "garbage"])
def test_a_ledger_that_cannot_be_opened_is_told(url: str) -> None:
    code, answer = tocsin("log", "verify", TOCSIN_DATABASE_URL=url)
    assert code == 1
    assert "TOCSIN_DATABASE_URL" in answer["refused"]


@pytest.mark.parametrize("words", [("migrate",), ("run",), ("alert", "show", "x")])
def test_a_ledger_that_a_newer_program_has_is_left_alone(
    words: tuple[str, ...], tmp_path: Path
) -> None:
    tocsin("migrate", TOCSIN_DATA_DIR=str(tmp_path))
    with closing(sqlite3.connect(tmp_path / "ledger.sqlite")) as database:
        database.execute("UPDATE alembic_version SET version_num = '9999'")
        database.commit()
    code, answer = tocsin(*words, TOCSIN_DATA_DIR=str(tmp_path), TOCSIN_PORT="0")
    assert code == 1
    assert "la version la plus récente" in answer["refused"]


@pytest.mark.parametrize("verb", ["serve", "worker"])
def test_a_process_does_not_start_on_a_ledger_of_another_edition(verb: str, tmp_path: Path) -> None:
    tocsin("migrate", TOCSIN_DATA_DIR=str(tmp_path))
    with closing(sqlite3.connect(tmp_path / "ledger.sqlite")) as database:
        database.execute("UPDATE alembic_version SET version_num = '9999'")
        database.commit()
    done = subprocess.run(
        ["env", f"TOCSIN_DATA_DIR={tmp_path}", sys.executable, "-m", "dispatcher.cli", verb],
        cwd=ROOT, capture_output=True, text=True, check=False, timeout=30,
    )  # fmt: skip
    assert done.returncode == 1
    assert "la version la plus récente" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_setting_that_cannot_be_is_named(tmp_path: Path) -> None:
    code, answer = tocsin("log", "verify", TOCSIN_PORT="x", TOCSIN_DATA_DIR=str(tmp_path))
    assert code == 1
    assert "TOCSIN_PORT" in answer["refused"]


def test_a_file_that_is_not_there_is_named_in_words(tmp_path: Path) -> None:
    plan = write_plan(tmp_path / "plan", bruz_plan("circle_150m"))
    tocsin("plan", "load", str(plan), TOCSIN_DATA_DIR=str(tmp_path / "data"))
    missing = str(tmp_path / "habitants.csv")
    code, answer = tocsin("residents", "import", missing, TOCSIN_DATA_DIR=str(tmp_path / "data"))
    assert code == 1
    assert answer["refused"].startswith(f"« {missing} » : introuvable.")


def test_a_second_installation_on_one_data_folder_is_refused(tmp_path: Path) -> None:
    with (tmp_path / "run.lock").open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        code, answer = tocsin("run", TOCSIN_DATA_DIR=str(tmp_path), TOCSIN_PORT="0")
    assert code == 1
    assert "déjà à un autre" in answer["refused"]
    assert not (tmp_path / "redis").exists()


def test_a_port_in_use_is_told_before_anything_starts(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        code, answer = tocsin(
            "run",
            TOCSIN_DATA_DIR=str(tmp_path),
            TOCSIN_HOST=PlaceSettings().host,
            TOCSIN_PORT=str(port),
        )
    assert code == 1
    assert f":{port}" in answer["refused"]
    assert not (tmp_path / "ledger.sqlite").exists()


def test_a_password_asked_where_nobody_types_is_told(tmp_path: Path) -> None:
    code, answer = tocsin(
        "access", "add", "maire", "--function", "dos", TOCSIN_DATA_DIR=str(tmp_path)
    )
    assert code == 1
    assert "terminal" in answer["refused"]


def test_a_test_message_to_what_is_no_number_blames_no_account(tmp_path: Path) -> None:
    code, answer = tocsin("provider", "check", "--to", "mairie", TOCSIN_DATA_DIR=str(tmp_path))
    assert code == 1
    assert answer["refused"] == "« mairie » n'est pas un numéro de téléphone."
