"""Replies that no counter holds are read at the desk: on the alert's page and the command line."""

import html
import re
import secrets
import time
from pathlib import Path

import httpx
import pytest
from playwright.async_api import expect
from sqlalchemy import insert

from dispatcher.alerts.refusals import NotThere
from dispatcher.cli.replies import lines_of_replies, replies_of
from dispatcher.store.ledger import Ledger
from dispatcher.store.reply_tables import replies
from tests.browsing import DESK, PHONE, visit
from tests.consoles import console, served, sign_in
from tests.keyring import reply_of
from tests.situations import COMMUNE, Planned, Written, add_user, office, write_alert

pytest_plugins = ("tests.console_visits",)
CARD = "section[aria-labelledby=t-reponses]"
HOSTILE = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>"


async def came(town: Ledger, **values: object) -> None:
    """Write a reply that came a minute ago."""
    said = {"kind": "unknown", "contact": "+33639980042", "body": "L'eau monte dans la cave"}
    told = {**said, **values}
    sid = "SM" + secrets.token_hex(16)
    row = {
        "commune": COMMUNE,
        "sid": sid,
        "medium": "sms",
        "account": "twilio-sms",
        "said": "unknown",
        "received_at": time.time() - 60,
        **told,
        **reply_of(COMMUNE, sid, told["kind"], told["contact"], told["body"]),
    }
    async with town.writing() as connection:
        await connection.execute(insert(replies).values(row))


@pytest.fixture
async def crisis(town: Ledger) -> Written:
    written = await write_alert(town, Planned(lines=(("sms", "delivered", 3),)))
    await came(town, version_id=written.version_id)
    await came(town, kind="help", medium="voice", contact="", body=None, said="help")
    await came(town, body="compté", counted=True, version_id=written.version_id)
    await came(town, body="vieux", received_at=time.time() - 90_000)
    return written


async def page_of(client: httpx.AsyncClient, written: Written, asked: str = "") -> str:
    answer = await client.get(f"/console/alertes/{written.alert_id}{asked}")
    assert answer.status_code == 200
    return html.unescape(answer.text)


async def test_the_alert_s_page_lists_what_nobody_counted(
    operator: httpx.AsyncClient, crisis: Written
) -> None:
    page = await page_of(operator, crisis)
    assert "L'eau monte dans la cave" in page
    assert "+33 6 39 98 00 42" in page
    assert "Numéro masqué" in page
    assert "1 demande d'aide que rien ne compte" in page
    assert "compté" not in page.partition('id="t-reponses"')[2].partition("</table>")[0]
    assert "vieux" not in page
    assert "vieux" in (await operator.get("/console/alertes")).text


async def test_the_table_speaks_english_too(operator: httpx.AsyncClient, crisis: Written) -> None:
    page = await page_of(operator, crisis, "?lang=en")
    for words in (
        "Replies to read",
        "Hidden number",
        "1 request for help",
        "invited to reply 1 or 2",
    ):
        assert words in page


async def test_only_who_may_read_residents_words_sees_them(
    tmp_path: Path, town: Ledger, crisis: Written
) -> None:
    await add_user(town, "temoin", "observer", "Un témoin")
    async with console(tmp_path) as client:
        part = f"/console/alertes/{crisis.alert_id}/reponses"
        assert (await client.get(part)).status_code in (303, 401)
        assert (await sign_in(client, "temoin")).status_code == 303
        assert "L'eau monte" not in await page_of(client, crisis)
        assert (await client.get(part)).status_code == 403


async def test_hostile_words_are_shown_as_they_were_written(
    operator: httpx.AsyncClient, town: Ledger, crisis: Written
) -> None:
    await came(town, body=HOSTILE)
    part = (await operator.get(f"/console/alertes/{crisis.alert_id}/reponses")).text
    assert html.escape(HOSTILE, quote=False)[:20] in part
    assert "<script>" not in part
    assert "<img" not in part


async def test_another_commune_s_replies_are_not_shown(
    operator: httpx.AsyncClient, town: Ledger, crisis: Written
) -> None:
    await came(town, commune="99118", body="ailleurs")
    assert "ailleurs" not in await page_of(operator, crisis)
    assert "ailleurs" not in (await operator.get("/console/alertes")).text


async def test_the_command_line_tells_them_to_scripts_and_to_people(
    town: Ledger, crisis: Written
) -> None:
    document = await replies_of(office(town), crisis.alert_id)
    found = document["replies"]
    assert isinstance(found, list)
    assert {(one["kind"], one["from"], one["of_this_alert"]) for one in found} == {
        ("unknown", "+33639980042", True),
        ("help", None, False),
    }
    lines = "\n".join(lines_of_replies(document))
    assert re.search(r"numéro masqué · DEMANDE DE L'AIDE", lines)
    with pytest.raises(NotThere):
        await replies_of(office(town), "none")


@pytest.mark.parametrize("size", [DESK, PHONE])
async def test_the_table_fits_a_phone_and_follows_what_comes(
    chromium: Path, tmp_path: Path, town: Ledger, crisis: Written, size: tuple[int, int]
) -> None:
    await came(town, body="Nous sommes deux sur le toit, 4 rue de la Halle. " * 4)
    async with served(tmp_path) as url, visit(chromium, url) as seen:
        await seen.resize(size)
        await seen.sign_in()
        await seen.open(f"/console/alertes/{crisis.alert_id}")
        card = seen.page.locator(CARD)
        await expect(card.get_by_text("Numéro masqué")).to_be_visible()
        assert await seen.overflow_px() == 0
        assert await seen.faults() == []
        await came(town, body="Un arbre est tombé")
        await expect(card.get_by_text("Un arbre est tombé")).to_be_visible(timeout=20_000)
        await seen.page.screenshot(path=tmp_path / "desk.png", full_page=True)
        assert seen.problems == []
