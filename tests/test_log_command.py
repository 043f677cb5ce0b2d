"""`tocsin log …` as a server's keeper uses it."""

import asyncio
import json
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from dispatcher.access.signing_in import NewUser, create_user
from dispatcher.logbook.marks import mark
from dispatcher.store.logbook import Head
from dispatcher.store.users import User
from tests.example_commune import EXAMPLE
from tests.keyring import opened
from tests.situations import COMMUNE
from tests.test_cli_failures import tocsin


@pytest.fixture
def place(tmp_path: Path) -> str:
    folder = str(tmp_path / "data")
    assert tocsin("plan", "load", str(EXAMPLE), TOCSIN_DATA_DIR=folder)[0] == 0
    asyncio.run(_admit(folder))
    return folder


async def _admit(folder: str) -> None:
    user = User(COMMUNE, "rac", "Camille Aubry", "rac")
    async with opened(f"sqlite+aiosqlite:///{folder}/ledger.sqlite") as ledger:
        key = (Path(folder) / "keys" / "logbook").read_bytes()
        await create_user(ledger, NewUser(user, "quatre mots sans rapport"), by="test", key=key)


def log(place: str, *words: str) -> tuple[int, Any]:
    return tocsin("log", *words, TOCSIN_DATA_DIR=place)


def harmed(place: str, *statements: str) -> None:
    with closing(sqlite3.connect(Path(place) / "ledger.sqlite")) as database:
        for one in statements:
            database.execute(one)
        database.commit()


def test_a_whole_logbook_verifies_with_its_seals(place: str) -> None:
    code, found = log(place, "verify")
    assert (code, found["valid"], found["first_bad"]) == (0, True, None)
    assert found["entries"] >= 1
    assert (found["seals"], found["sealed_deliveries"], found["problem"]) == (0, 0, None)


def test_marks_kept_elsewhere_are_compared_and_refused_in_a_sentence(
    place: str, tmp_path: Path
) -> None:
    key = (Path(place) / "keys" / "logbook").read_bytes()
    entries = log(place, "verify")[1]["entries"]
    ahead = mark(Head(entries + 4, "a" * 64), commune=COMMUNE, key=key, now=datetime.now(UTC))
    kept = tmp_path / "reperes.jsonl"
    kept.write_bytes(ahead)
    code, found = log(place, "verify", "--marks", str(kept))
    assert (code, found["valid"], found["first_bad"]) == (1, False, entries + 1)
    kept.write_bytes(ahead.replace(b"aaaa", b"bbbb"))
    code, found = log(place, "verify", "--marks", str(kept))
    assert code != 0
    assert "Ligne 1" in found["refused"]


def test_a_cut_end_is_found_against_an_earlier_export_and_a_changed_line_is_named(
    place: str, tmp_path: Path
) -> None:
    copy = str(tmp_path / "copy.jsonl")
    assert log(place, "export", copy)[0] == 0
    assert log(place, "verify", "--against", copy)[1]["valid"]
    entries = log(place, "verify")[1]["entries"]
    cut = "DELETE FROM logbook WHERE number = (SELECT max(number) FROM logbook)"
    harmed(place, "DROP TRIGGER logbook_no_DELETE", cut)
    code, found = log(place, "verify", "--against", copy)
    assert (code, found["valid"], found["first_bad"]) == (1, False, entries)
    assert str(entries) in found["problem"]


def test_copies_are_made_in_each_form_and_told(place: str, tmp_path: Path) -> None:
    for form, begins in (("csv", b"\xef\xbb\xbf"), ("pdf", b"%PDF-")):
        file = tmp_path / f"log.{form}"
        code, done = log(place, "export", str(file), "--format", form)
        assert (code, done["format"]) == (0, form)
        assert file.read_bytes().startswith(begins)
    code, refused = log(place, "export", str(tmp_path / "x"), "--format", "docx")
    assert (code, "docx" in refused["refused"]) == (1, True)


def test_a_report_is_drafted_and_its_issue_asks_who(place: str, tmp_path: Path) -> None:
    code, drafted = log(place, "sitrep", "--event", "crue")
    assert (code, drafted["number"], drafted["issued"]) == (0, 1, False)
    changed = tmp_path / "parts.json"
    changed.write_text(json.dumps({"situation": "Calme"}))
    code, refused = log(place, "sitrep", "--issue", "--parts", str(changed))
    assert (code, "logbook.write" in refused["refused"]) == (1, True)
    words = ("sitrep", "--issue", "--parts", str(changed), "--as", "rac")
    pdf = tmp_path / "point.pdf"
    code, issued = log(place, *words, "--pdf", str(pdf), "--event", "crue")
    assert (code, issued["number"], issued["issued"]) == (0, 1, True)
    assert pdf.read_bytes().startswith(b"%PDF-")
    assert log(place, "verify")[1]["valid"]


def test_a_line_is_written_with_the_hour_of_its_event(place: str) -> None:
    at = ("--at", "2026-01-02 03:04:05", "--channel", "paper", "--as", "rac")
    code, done = log(place, "write", "Noté sur papier", *at)
    assert code == 0
    assert done["number"] == log(place, "verify")[1]["entries"]
    code, refused = log(place, "write", "x", "--channel", "fumée", "--as", "rac")
    assert (code, "canal" in refused["refused"]) == (1, True)
    code, refused = log(place, "write", "x", "--as", "personne")
    assert (code, "personne" in refused["refused"]) == (1, True)
