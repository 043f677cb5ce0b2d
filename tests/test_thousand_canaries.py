"""A thousand residents known by their words: alerted, erased, and found nowhere in clear.

Not in the database, nor in a dump, a backup, a log, an error page, the logbook's copies or the
binder. The pretend operators' own ledger knows their numbers, as a real operator must.
"""

import re
import shutil
import sqlite3
from collections.abc import AsyncIterator, Mapping
from pathlib import Path

import httpx
import pytest

from dispatcher.residents.importing import Source, import_residents
from dispatcher.residents.invented import write_residents
from dispatcher.store.ledger import Ledger
from dispatcher.store.rights import erase_person, find_person
from tests.consoles import SAME
from tests.journey_house import House, running_house, settle
from tests.outgoing import LOGBOOK_KEY
from tests.situations import COMMUNE, load_example_plan, office
from tests.stolen import everything

MANY = 1000
INSIDE = (5.0232, 47.7822)  # of the sector that the first scenario names
SPOKEN = re.compile(
    rb"canari\d{4}qz|(?:\+33|0033|0)[ .]?6[ .]?39[ .]?98[ .]?[56]\d[ .]?\d\d", re.IGNORECASE
)


def canary(number: int) -> dict[str, str]:
    """Return the line of a resident whose every word is found again."""
    lon, lat = INSIDE
    return {
        "id": f"C-{number}",
        "nom": f"Canari{number:04d}qz",
        "prenom": "Zoé",
        "tel_mobile": f"+3363998{5000 + number:04d}",
        "email": f"canari{number:04d}qz@oiseau.example",
        "numero": "12",
        "voie": f"rue du Canari{number:04d}qz",
        "lon": str(lon),
        "lat": str(lat),
        "langue": "fr",
    }


def sung(folder: Path) -> dict[str, set[str]]:
    """Return which words of canaries each file of a folder holds, but the operators' ledger."""
    found: dict[str, set[str]] = {}
    for path in sorted(folder.rglob("*")):
        if path.is_file() and "sandbox" not in path.relative_to(folder).parts:
            said = {one.decode() for one in SPOKEN.findall(path.read_bytes())}
            if said:
                found[str(path.relative_to(folder))] = said
    return found


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    """Run an installation where two people may act, a thousand canaries among its residents."""
    (tmp_path / "house").mkdir()
    async with running_house(tmp_path / "house") as running:
        await settle(running, second_factor=False)
        for name in ("residents.csv", "addresses.csv"):
            (running.folder / name).unlink(missing_ok=True)
        yield running


def test_the_search_finds_every_way_of_writing_a_canary() -> None:
    for said in ("CANARI0007qz", "+33639985007", "0639985007", "06 39 98 50 07", "06.39.98.50.07"):
        assert SPOKEN.search(said.encode()), said


async def test_no_canary_sings_in_the_ledger_a_dump_a_backup_a_log_or_an_error_page(
    house: House, tmp_path: Path
) -> None:
    lines = tmp_path / "canaries.csv"
    assert write_residents(lines, map(canary, range(MANY))) == MANY
    bad = tmp_path / "bad.csv"
    write_residents(
        bad, [{**canary(7), "tel_mobile": "Canari0007qz"}, {**canary(8), "lon": "Canari"}]
    )
    assert (await house.tocsin("residents", "import", str(lines)))["accepted"] == MANY
    told = await house.tocsin("residents", "import", str(bad))
    assert told["rejected"] or told["warnings"]
    await launched(house)
    pages = await provoked(house)
    await house.tocsin("residents", "erase", "C-9")
    out = tmp_path / "out"
    out.mkdir()
    for form in ("json", "csv", "pdf"):
        await house.tocsin("log", "export", str(out / f"log.{form}"), "--format", form)
    (out / "pages").write_text("\n".join(pages), "utf-8")
    backed_up(house.folder / "ledger.sqlite", out)
    assert sung(house.folder / "sandbox")  # an operator knows whom it sends to
    assert sung(out) == {}
    assert sung(house.folder) == {}


async def launched(house: House) -> None:
    """Launch an alert by two people and wait until all of it has ended."""
    told = await house.tocsin("alert", "draft", "--scenario", "serolle_q100", "--as", "rac")
    assert "alert" in told, told
    alert = str(told["alert"])
    for act, who in (("submit", "rac"), ("approve", "maire"), ("launch", "maire")):
        await house.tocsin("alert", act, alert, "--as", who)
    for _ in range(120):
        states = (await house.tocsin("alert", "show", alert))["deliveries"]
        assert isinstance(states, Mapping)
        if sum(states.values()) >= MANY and not states.keys() & {"ready", "claimed", "sending"}:
            return
    raise AssertionError(alert)


async def provoked(house: House) -> list[str]:
    """Send what makes pages and doors fail, with canaries in it; return what they say.

    What a page gives back to who typed it is asked for by nobody else, and is not searched.
    """
    said = []
    async with httpx.AsyncClient(base_url=house.url, headers=SAME, trust_env=False) as client:
        for path in (
            "/healthz",
            "/readyz",
            "/metrics",
            "/r/none",
            "/a/none",
            "/alertes",
            "/feeds/x",
        ):
            said.append((await client.get(path)).text)
        words = {"contact": canary(3)["tel_mobile"], "name": "Canari0003qz"}
        await client.post(f"/inscription/{COMMUNE}", data=words)
        await client.post(f"/inscription/{COMMUNE}/ma-page", data=words)
        await client.post("/connexion", data={"login": "Canari0003qz", "password": "+33639985003"})
        await client.post("/hooks/twilio/sms/none", data={"From": "+33639985003", "Body": "x"})
        await client.get(f"/inscription/{COMMUNE}?nom=Canari0003qz")
        await client.get("/habitants/Canari0003qz")
    return said


def backed_up(ledger: Path, out: Path) -> None:
    """Back the ledger up as SQLite does, and dump it as text."""
    with sqlite3.connect(ledger) as live, sqlite3.connect(out / "backup.sqlite") as copy:
        live.backup(copy)
        (out / "dump.sql").write_text("\n".join(live.iterdump()), "utf-8")
    shutil.copy(ledger, out / "copied.sqlite")


async def test_no_canary_sings_in_either_database(ledger: Ledger, tmp_path: Path) -> None:
    await load_example_plan(ledger)
    lines = tmp_path / "canaries.csv"
    write_residents(lines, map(canary, range(MANY)))
    done = await import_residents(
        ledger, Source(lines, COMMUNE, {}), author="test", key=LOGBOOK_KEY, progress=lambda *_: None
    )
    assert done.accepted == MANY
    person = await find_person(ledger, COMMUNE, "C-9")
    assert person is not None
    line = office(ledger).line("test", "residents.erased", "Effacé", person=person)
    assert await erase_person(ledger, person, commune=COMMUNE, entry=line.entry, key=LOGBOOK_KEY)
    assert SPOKEN.findall((await everything(ledger)).encode()) == []
