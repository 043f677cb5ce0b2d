"""What everybody may read: alerts to residents, in words, without script, also when all is down."""

import asyncio
import os
import re
import shutil
import time
from pathlib import Path

import httpx
import pytest
from sqlalchemy import update

from dispatcher.delivery.content import Texts
from dispatcher.store.clock_marks import stop_clock
from dispatcher.store.ledger import Ledger
from dispatcher.store.outgoing import alerts, versions
from dispatcher.store.public_alerts import public_alerts
from operator_ui.public_pages import STALE_S, PublicPages, aged, policy
from operator_ui.public_picture import next_word, picture_of, without_link
from operator_ui.public_streets import AlertStreets
from tests.situations import COMMUNE, Planned, Written, load_example_plan, write_alert
from tests.situations import office as situated

pytest_plugins = ("tests.console_visits", "tests.public_process")
HERE = "/alertes"


async def become(ledger: Ledger, written: Written, **values: object) -> None:
    """Give the version of an alert other values."""
    async with ledger.writing() as connection:
        await connection.execute(
            update(versions).where(versions.c.alert_id == written.alert_id).values(**values)
        )


async def shown(ledger: Ledger) -> dict[str, bool]:
    """Return the titles that the page shows, and whether each is over."""
    seen = await picture_of(
        ledger, COMMUNE, streets=AlertStreets(ledger), language="fr", now=time.time()
    )
    return {one.title: one.over for one in (*seen.now_in_force, *seen.just_over)}


@pytest.mark.parametrize("mode", ["exercise", "rehearsal"])
async def test_what_residents_are_not_sent_is_not_shown(ledger: Ledger, mode: str) -> None:
    await load_example_plan(ledger)
    await write_alert(ledger, Planned(mode=mode))
    assert await public_alerts(ledger, COMMUNE) == []


@pytest.mark.parametrize("state", ["draft", "pending_approval", "approved"])
async def test_nothing_is_told_before_it_is_launched(ledger: Ledger, state: str) -> None:
    await load_example_plan(ledger)
    await write_alert(ledger, Planned(state=state, launched_ago_s=None))
    assert await shown(ledger) == {}


async def test_a_canary_and_a_summons_are_nobody_s_business(ledger: Ledger) -> None:
    await load_example_plan(ledger)
    call, canary = await write_alert(ledger, Planned()), await write_alert(ledger, Planned())
    await become(ledger, call, kind="summons")
    async with ledger.writing() as connection:
        await connection.execute(
            update(alerts).where(alerts.c.alert_id == canary.alert_id).values(created_by="tocsin")
        )
    assert await shown(ledger) == {}


async def test_an_alert_holds_until_it_expires_and_is_told_over_for_a_day(ledger: Ledger) -> None:
    await load_example_plan(ledger)
    await write_alert(ledger, Planned(title="tient"))
    over = await write_alert(ledger, Planned(title="finie"))
    await become(ledger, over, expires_at=time.time() - 60)
    old = await write_alert(ledger, Planned(title="vieille"))
    await become(ledger, old, expires_at=time.time() - 25 * 3600)
    stopped = await write_alert(ledger, Planned(title="arrêtée"))
    await become(ledger, stopped, state="cancelled", cancelled_at=time.time() - 60)
    seen = [
        (one.over_at, one.in_force(time.time())) for one in await public_alerts(ledger, COMMUNE)
    ]
    assert sorted(holds for _at, holds in seen) == [False, False, True]


async def test_the_end_of_an_alert_takes_its_place(ledger: Ledger) -> None:
    await load_example_plan(ledger)
    written = await write_alert(ledger, Planned())
    await become(ledger, written, kind="all_clear", launched_at=time.time() - 5)
    seen = await picture_of(
        ledger, COMMUNE, streets=AlertStreets(ledger), language="fr", now=time.time()
    )
    assert seen.now_in_force == ()
    assert [one.kind for one in seen.just_over] == ["all_clear"]


@pytest.mark.parametrize(
    ("body", "left"),
    [
        ("Sortez.\nDites-le : {lien}\nFermez le gaz.", "Sortez.\nFermez le gaz."),
        ("Sortez. {lien}", "Sortez."),
        ("Sortez.", "Sortez."),
        ("", ""),
    ],
)
def test_nobody_s_own_link_is_on_the_page(body: str, left: str) -> None:
    assert without_link(body) == left


async def test_the_next_word_is_due_as_the_policy_says(ledger: Ledger) -> None:
    await load_example_plan(ledger)
    await write_alert(ledger, Planned(launched_ago_s=600.0))
    now = time.time()
    seen = await picture_of(ledger, COMMUNE, streets=AlertStreets(ledger), language="fr", now=now)
    due = next_word(seen.now_in_force, every_min=30, now=now)
    assert due == pytest.approx(now + 1200, abs=5)
    assert next_word(seen.now_in_force, every_min=5, now=now) is None
    assert next_word((), every_min=30, now=now) is None


async def test_what_was_said_by_other_means_counts_for_the_next_word(ledger: Ledger) -> None:
    await load_example_plan(ledger)
    first = await write_alert(ledger, Planned(launched_ago_s=2400.0))
    second = await write_alert(ledger, Planned(launched_ago_s=1200.0))
    now = time.time()

    async def due() -> float | None:
        streets = AlertStreets(ledger)
        seen = await picture_of(ledger, COMMUNE, streets=streets, language="fr", now=now)
        assert all(one.updated_at < now - 1000 for one in seen.now_in_force)
        return next_word(seen.now_in_force, every_min=30, now=now)

    assert await due() is None  # the first is late
    office = situated(ledger)
    for clock in ("sitrep", "information"):  # a report to the prefecture tells the public nothing
        assert await due() is None
        of = (COMMUNE, first.alert_id, clock)
        line = office.line("maire", f"clock.{clock}", "Fait", alert=first.alert_id)
        await stop_clock(ledger, of, note="Fait", line=line)
    assert await due() == pytest.approx(now + 600, abs=30)  # the second's turn
    line = office.line("maire", "clock.information", "Fait", alert=second.alert_id)
    await stop_clock(ledger, (COMMUNE, second.alert_id, "information"), note="Fait", line=line)
    assert await due() == pytest.approx(now + 1800, abs=30)


async def test_the_page_is_whole_in_itself_and_runs_nothing(
    visitor: httpx.AsyncClient, town: Ledger
) -> None:
    nasty = "<script>alert(1)</script>\"'--><img src=x onerror=alert(2)>"
    texts = {"fr": Texts(sms=nasty, voice=nasty, email_subject=nasty, email_body=nasty)}
    await write_alert(town, Planned(title=nasty, texts=texts))
    page = await visitor.get(HERE)
    assert page.status_code == 200
    assert "<script" not in page.text
    assert "onerror=alert(2)&gt;" in page.text
    links = r"\?lang=|data:,|tel:|sms:|/accessibilite\"|/inscription\"|\""
    assert not re.search(rf"(?:src|href)=\"(?!{links})", page.text)
    assert page.headers["content-security-policy"] == policy()
    assert "'self'" not in page.headers["content-security-policy"]
    assert "set-cookie" not in page.headers
    assert page.headers["cache-control"].startswith("public, max-age=")


async def test_the_page_tells_where_what_to_do_and_whom_to_call_in_two_languages(
    visitor: httpx.AsyncClient, town: Ledger
) -> None:
    await write_alert(town, Planned())
    french = (await visitor.get(HERE)).text
    assert "1 alerte en cours" in french
    assert "Quittez le Bas-Bourg maintenant." in french
    assert "/a/" not in french
    assert "{lien}" not in french
    assert 'href="tel:112"' in french
    english = await visitor.get(HERE, params={"lang": "en"})
    assert "1 alert in force" in english.text
    assert "Leave the Bas-Bourg now" in english.text
    assert english.headers["content-language"] == "en"


async def test_a_page_that_did_not_change_costs_nothing(
    visitor: httpx.AsyncClient, town: Ledger
) -> None:
    first = await visitor.get(HERE)
    second = await visitor.get(HERE, headers={"if-none-match": first.headers["etag"]})
    assert (second.status_code, second.content) == (304, b"")


@pytest.mark.parametrize("commune", ["../../etc/passwd", "00000", "99117x", "%2e%2e", "é"])
async def test_another_commune_is_not_there(visitor: httpx.AsyncClient, commune: str) -> None:
    assert (await visitor.get(f"{HERE}/{commune}")).status_code == 404


async def test_a_ledger_that_does_not_answer_leaves_the_last_page_which_says_so(
    tmp_path: Path, town: Ledger
) -> None:
    await write_alert(town, Planned())
    folder = tmp_path / "alertes"
    await PublicPages(town, own=COMMUNE, folder=folder).fresh()
    shutil.move(tmp_path / "ledger.sqlite", tmp_path / "gone.sqlite")
    for path in folder.iterdir():  # it was read a while ago
        old = time.time() - STALE_S - 5
        os.utime(path, (old, old))
    later = PublicPages(town, own=COMMUNE, folder=folder)
    page = later.page(COMMUNE, "fr")
    assert page is not None
    assert "n'a pas pu être vérifiée" in page.html.decode()
    assert "Quittez le Bas-Bourg" in page.html.decode()


def test_what_is_fresh_says_nothing_of_its_age() -> None:
    assert b"Warning" in aged(b"<!--age-->", "en")
    assert aged(b"<p>", "en") == b"<p>"


async def test_the_process_apart_serves_what_was_just_launched(apart: str, town: Ledger) -> None:
    async with httpx.AsyncClient(base_url=apart, trust_env=False) as client:
        assert "Aucune alerte en cours" in (await client.get(HERE)).text
        await write_alert(town, Planned())
        for _ in range(100):
            if "1 alerte en cours" in (await client.get(HERE)).text:
                break
            await asyncio.sleep(0.1)
        page = await client.get(HERE)
        assert "1 alerte en cours" in page.text
        assert page.headers["content-encoding"] == "gzip"
        assert (await client.get("/connexion")).status_code == 404  # nothing of the console
        assert (await client.post(HERE)).status_code == 405
