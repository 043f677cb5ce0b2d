"""The main pages as a screen reader has them: their accessibility trees, kept in `tests/aria`.

Read each as a blind user would: what is named, what is said twice, what comes first. Times, ids and
counts are `#`, so that only words and order count. After a change that is meant, write them anew
and read the difference before it is committed:

    TOCSIN_ARIA=1 .venv/bin/python -m pytest tests/test_aria_browser.py && git diff tests/aria
"""

import re
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from difflib import unified_diff
from pathlib import Path

import pytest
from playwright.async_api import expect
from sqlalchemy import delete

from dispatcher.alerts import life, sketching
from dispatcher.alerts.office import Actor
from dispatcher.alerts.plan_in_force import load
from dispatcher.alerts.sketch import Chosen
from dispatcher.alerts.sketching import Start
from dispatcher.delivery.answers import record_to
from dispatcher.store.ledger import Ledger
from dispatcher.store.outgoing import blocks
from plans.folder import files_of
from tests.browsing import DESK, Visit, visit
from tests.consoles import served
from tests.crises import OPERATOR, activated
from tests.example_commune import EXAMPLE
from tests.peopled import people_in
from tests.real_parts import SuiteSettings
from tests.situations import COMMUNE, Planned, add_user, office, write_alert

pytest_plugins = ("tests.console_visits",)
KEPT = Path(__file__).parent / "aria"
PAGES = (
    *("connexion", "situation", "evenement", "nouvelle-alerte", "zone", "message", "portee"),
    *("decision", "suivi", "mur", "aide", "main-courante", "plan", "acces", "public"),
)
DAYS = "lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche"
MONTHS = "janvier|février|mars|avril|mai|juin|juillet|août|septembre|octobre|novembre|décembre"
SHORT = r"janv\.|févr\.|mars|avr\.|mai|juin|juil\.|août|sept\.|oct\.|nov\.|déc\."
VOLATILE = (  # what another run, another hour, another day has otherwise
    (rf"\d{{1,2}} (?:{SHORT}) (?=\d{{1,2}}:\d{{2}})", ""),  # the day of an hour after midnight
    (rf"(?:(?:{DAYS}) )?\d{{1,2}}(?:er)? (?:{MONTHS})(?: \d{{4}})?", "DATE"),
    (r"/(alertes|evenements)/(?!alerte-recue|ouvrir|nouvelle)[^/\s\"?#]{8,}", r"/\1/ID"),
    (r"registre=\w+%3A", "registre=ID:"),
    (r"(?<!level=)\d[\d\u202f\u00a0.,:]*", "#"),
)
LATE = (  # what comes after the page, and how one sees that it has come
    (".map [data-map]", ".map[data-drawn]"),
    ("[data-live-state]", "[data-live-state][data-state=on]"),
    (".reach-live", ".reach-live > *"),
)


@dataclass(frozen=True)
class Hall:
    """A town's console, and where its main pages are."""

    url: str
    paths: Mapping[str, str]


@pytest.fixture
async def hall(tmp_path: Path, town: Ledger) -> AsyncIterator[Hall]:
    """Serve a town in a flood: an alert that runs, one that waits, a call for help."""
    at_work = office(town)
    files = dict(files_of(EXAMPLE))  # whose week it is would change what is read
    files["annuaire.yaml"] = files["annuaire.yaml"].split(b"astreinte:")[0]
    reading = await load(at_work, files, actor=Actor("test", "dos"))
    assert reading.plan is not None
    await people_in(town, 23)
    await add_user(town, "maire", "dos", "Hélène VASSEUR")
    event = await activated(at_work)
    lines = (("sms", "delivered", 9), ("voice", "failed", 2), ("email", "accepted", 3))
    running = await write_alert(town, Planned(lines=lines, unreachable={"no_contact": 2}))
    await record_to(town, COMMUNE, running.deliveries[0], kind="help", via="page")
    ready = Chosen(template="danger_immediat", sectors=("bas_bourg",), means=("siren", "fr_alert"))
    start = Start("real", event.event_id, ready)
    written, waits = [await sketching.begin(at_work, start, actor=OPERATOR) for _ in range(2)]
    await sketching.freeze(at_work, waits, revision=1, actor=OPERATOR)
    await life.submit(at_work, waits, actor=OPERATOR)
    async with town.writing() as connection:  # nobody sends here: what waits would raise an alarm
        await connection.execute(delete(blocks))
    steps = {step: f"/console/alertes/{written}/{step}" for step in ("zone", "message", "portee")}
    paths = {
        "connexion": "/connexion",
        "situation": "/",
        "evenement": f"/evenements/{event.event_id}",
        "nouvelle-alerte": "/console/alertes/nouvelle",
        **steps,
        "decision": f"/console/alertes/{waits}/decision",
        "suivi": f"/console/alertes/{running.alert_id}",
        "mur": "/console/mur",
        "aide": "/console/aide",
        "main-courante": "/main-courante",
        "plan": "/plan",
        "acces": "/acces",
        "public": "/alertes",
    }
    async with served(tmp_path) as address:
        yield Hall(address, paths)


async def test_the_main_pages_read_as_they_were_read_last(
    chromium: Path, hall: Hall, suite_settings: SuiteSettings
) -> None:
    told: list[str] = []
    async with visit(chromium, hall.url) as seen:
        await seen.resize(DESK)
        for name in PAGES:
            if name == "situation":
                await seen.sign_in("maire")
            tree = await read_aloud(seen, hall.paths[name])
            if suite_settings.aria:
                (KEPT / f"{name}.yml").write_text(tree, "utf-8")
            told += otherwise(name, tree)
        assert seen.problems == []
    assert not told, "\n" + "\n".join(told)


async def read_aloud(seen: Visit, path: str) -> str:
    """Return the accessibility tree of a page, what is volatile in it taken out."""
    await seen.open(path)
    for part, arrived in LATE:
        if await seen.page.locator(part).count():
            await seen.page.wait_for_selector(arrived, state="attached")
    await expect(seen.page.locator("[hx-trigger^=load] > p.small > a[href$=moyens]")).to_have_count(
        0
    )
    tree = await seen.page.locator("body").aria_snapshot()
    for pattern, instead in VOLATILE:
        tree = re.sub(pattern, instead, tree)
    return tree + "\n"


def otherwise(name: str, tree: str) -> list[str]:
    """Return the lines in which a page reads otherwise than its file says."""
    kept = KEPT / f"{name}.yml"
    before = kept.read_text("utf-8") if kept.exists() else ""
    lines = before.splitlines(), tree.splitlines()
    return list(unified_diff(*lines, f"tests/aria/{name}.yml", f"{name} now", lineterm="", n=2))


def test_every_page_that_is_kept_is_read() -> None:
    assert {one.stem for one in KEPT.glob("*.yml")} == set(PAGES)
