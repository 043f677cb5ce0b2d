"""Pages of calls for help whose owner left or that are asked again; people named, not logins."""

import re

import httpx
import pytest
from sqlalchemy import update

from dispatcher.store import help_calls, logbook
from dispatcher.store.clock import db_now
from dispatcher.store.following_tables import help_calls as rows
from dispatcher.store.ledger import Ledger
from dispatcher.store.logbook import Entry
from dispatcher.store.tables import users
from tests.situations import COMMUNE, Planned, add_user, write_alert
from tests.test_following_pages import LINES, cries, post, said

pytest_plugins = ("tests.console_visits",)

LIST, WALL = "/console/aide", "/console/mur"


def words(page: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))


async def change(town: Ledger, **values: object) -> None:
    async with town.writing() as connection:
        await connection.execute(update(rows).values(**values))


@pytest.fixture
async def call(town: Ledger) -> str:
    """Have somebody ask for help ten minutes ago, whom an operator has."""
    await add_user(town, "noe", "operator", "Noé <b>Petit</b>")
    await cries(town, await write_alert(town, Planned(lines=LINES)), 1)
    await change(town, came_at=db_now() - 600, owner="noe", owned_at=db_now() - 500)
    (one,) = await help_calls.open_calls(town, COMMUNE)
    return one.call_id


async def test_who_had_a_call_and_left_is_named_and_the_call_is_there_to_take(
    operator: httpx.AsyncClient, town: Ledger, call: str
) -> None:
    assert "sans responsable" not in words(await said(operator, "/"))
    async with town.writing() as connection:
        hers = update(users).where(users.c.login == "noe")
        await connection.execute(hers.values(disabled_at=db_now()))
    front = await said(operator, "/")
    assert "pris par Noé &lt;b&gt;Petit&lt;/b&gt;, qui n'a plus accès" in front
    assert f'name="call" value="{call}"' in front
    assert 'class="late"' in front
    assert 'data-help-late="1"' in front
    assert "1 sans responsable" in words(await said(operator, WALL))
    listed = await said(operator, LIST)
    assert re.search(r"Noé &lt;b&gt;Petit&lt;/b&gt; \([^)<]+\), qui n'a plus accès", listed)
    one = await said(operator, f"{LIST}/{call}")
    assert "qui n'a plus accès" in one
    assert f'action="{LIST}/{call}/prendre"' in one
    assert f'action="{LIST}/{call}/clore"' in one
    assert (await post(operator, f"{LIST}/prendre", call=call)).status_code == 303
    assert "Camille Aubry" in await said(operator, "/")


async def test_a_second_cry_of_ones_own_call_is_first_in_words_and_answered_by_a_click(
    operator: httpx.AsyncClient, town: Ledger, call: str
) -> None:
    await change(town, owner="rac", again_at=db_now() - 240, anew_at=db_now() - 240)
    front = await said(operator, "/")
    assert "appelle de nouveau, depuis 4 min" in front
    assert "1 appelle de nouveau, sans réponse." in words(front)
    assert 'data-help-late="1"' in front
    wall = words(await said(operator, WALL))
    assert "1 appelle de nouveau" in wall
    assert "toutes prises en charge" not in wall
    assert "Je m'en occupe de nouveau" in await said(operator, LIST)
    one = await said(operator, f"{LIST}/{call}")
    assert "La même personne appelle de nouveau" in one
    assert (await post(operator, f"{LIST}/{call}/prendre")).status_code == 303
    assert "appelle de nouveau" not in await said(operator, f"{LIST}/{call}")
    assert "toutes prises en charge" in words(await said(operator, WALL))


async def test_a_page_read_before_a_second_cry_gives_the_call_to_nobody(
    operator: httpx.AsyncClient, town: Ledger, call: str
) -> None:
    await change(town, owner="rac")
    one = await said(operator, f"{LIST}/{call}")
    assert one.count('name="again" value=""') == 3
    await change(town, again_at=db_now(), anew_at=db_now())
    refused = await post(operator, f"{LIST}/{call}/confier", owner="noe", again="")
    assert refused.status_code == 409
    assert "redemandé de l" in refused.text


async def test_pages_name_who_decided_and_the_logbook_whom_its_lines_mean(
    operator: httpx.AsyncClient, town: Ledger
) -> None:
    await add_user(town, "lf7", "dos", "Lucie <i>Fabre</i>")
    written = await write_alert(town, Planned(lines=LINES))
    async with town.writing() as connection:
        for author, text in (("lf7", "contact:maire : vient"), ("contact:inconnue", "Vu <x>")):
            entry = Entry(author, "event.answer", text, {})
            await logbook.append(connection, commune=COMMUNE, entry=entry, key=b"k" * 32)
    for path in ("/", f"/console/alertes/{written.alert_id}"):
        assert "par Camille Aubry (RAC)" in words(await said(operator, path)), path
    book = await said(operator, "/main-courante")
    assert "Lucie &lt;i&gt;Fabre&lt;/i&gt; (" in book
    assert "contact:" not in book
    assert "inconnue" in book
    assert "Vu &lt;x&gt;" in book
    assert re.search(r'"spoken">[A-Z][^<(]+ \([^)]+\) : vient', book)
