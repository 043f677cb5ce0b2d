"""`privacy …`: what is kept and until when, asked and decided on the server itself."""

import asyncio
from pathlib import Path

import pytest

from dispatcher.access.signing_in import NewUser, create_user
from dispatcher.privacy.kinds import KINDS
from dispatcher.store.users import User
from tests.keyring import opened
from tests.offices import BRUZ, bruz_plan, write_plan
from tests.test_cli import tocsin

LINE = "id,nom,prenom,tel_mobile,numero,voie\nA-1,CANARI,Léa,+33639983142,12,rue du Canari\n"
WHY = ("--reason", "Plainte", "--reference", "TJ de Rennes n° 12")


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Give the data folder of a commune with a resident, a mayor and a data protection officer."""
    folder = tmp_path / "data"
    files = write_plan(tmp_path / "plan", bruz_plan("circle_150m"))
    assert tocsin("plan", "load", str(files), data_dir=folder)[0] == 0
    (tmp_path / "lines.csv").write_text(LINE, "utf-8")
    told = tocsin("residents", "import", str(tmp_path / "lines.csv"), "--json", data_dir=folder)
    assert told[1]["accepted"] == 1
    asyncio.run(_enrol(folder))
    return folder


async def _enrol(folder: Path) -> None:
    url = f"sqlite+aiosqlite:///{folder / 'ledger.sqlite'}"
    key = (folder / "keys" / "logbook").read_bytes()
    async with opened(url) as ledger:
        for login, function in (("maire", "dos"), ("dpd", "dpo"), ("op", "operator")):
            user = NewUser(
                User(BRUZ, login, login, function), "quatre mots sans rapport", waived=True
            )
            await create_user(ledger, user, by="test", key=key)


def test_what_is_kept_about_somebody_is_one_command(data: Path) -> None:
    for who in ("A-1", "06 39 98 31 42"):
        code, told, err = tocsin("privacy", "about", who, "--as", "dpd", "--json", data_dir=data)
        assert code == 0, err
        assert told["tables"]["persons"][0]["name"] == "Léa CANARI"
        assert "rue du Canari" in told["tables"]["homes"][0]["label"]
    code, told, _ = tocsin("privacy", "about", "A-1", "--as", "op", "--json", data_dir=data)
    assert (code, "n'a pas le droit" in told["refused"]) == (1, True)
    code, told, _ = tocsin("privacy", "about", "nobody", "--as", "dpd", "--json", data_dir=data)
    assert (code, "en entier" in told["refused"]) == (1, True)


def test_periods_are_shown_decided_and_purged(data: Path) -> None:
    words = ("privacy", "period", "sends", "100", "--reference", "avis", "--json")
    assert tocsin(*words, "--as", "maire", data_dir=data)[0] == 1
    assert tocsin(*words, "--as", "dpd", data_dir=data)[0] == 0
    told = tocsin("privacy", "clocks", "--json", data_dir=data)[1]
    assert set(told) == {one.kind for one in KINDS}
    assert (told["sends"]["days"], told["sends"]["decided"]) == (100, "avis")
    purged = tocsin("privacy", "purge", "--json", data_dir=data)[1]
    assert {one["left"] for one in purged.values()} == {0}


def test_a_hold_and_the_evidence_take_two_people(data: Path) -> None:
    held = tocsin("privacy", "hold", *WHY, "--as", "dpd", "--json", data_dir=data)[1]["hold"]
    lift = ("privacy", "lift", held, "--json", "--as")
    assert tocsin(*lift, "dpd", data_dir=data)[1] == {"lifted": False}
    assert tocsin(*lift, "maire", data_dir=data)[1] == {"lifted": True}
    asked = tocsin("privacy", "evidence", "ask", *WHY, "--as", "dpd", "--json", data_dir=data)[1]
    ident = asked["opening"]
    look = (
        "privacy",
        "evidence",
        "look",
        ident,
        "--contact",
        "0639983142",
        "--as",
        "dpd",
        "--json",
    )
    assert "n'est pas ouverte" in tocsin(*look, data_dir=data)[1]["refused"]
    agreed = ("privacy", "evidence", "agree", ident, "--as", "maire", "--json")
    assert tocsin(*agreed, data_dir=data)[0] == 0
    assert tocsin(*look, data_dir=data)[1] == {"messages": []}
    code, told, _ = tocsin("privacy", "slip", "make", "--as", "dpd", "--json", data_dir=data)
    assert (code, "Rien n'est arrivé à son terme" in told["refused"]) == (1, True)


def test_the_register_of_processing_and_the_starter_are_written(data: Path, tmp_path: Path) -> None:
    told = tocsin("privacy", "register", "--json", data_dir=data)[1]
    assert len(told["activities"]) > 5
    file = tmp_path / "aipd.md"
    assert tocsin("privacy", "impact", str(file), "--json", data_dir=data)[0] == 0
    assert "Habitants inscrits : 1" in file.read_text("utf-8")
