"""Calls for help on pages: nobody to call is said, a newer cry is not ended unread, all count."""

import re

import httpx
from sqlalchemy import update

from dispatcher.store import help_calls
from dispatcher.store.clock import db_now
from dispatcher.store.following_tables import help_calls as rows
from dispatcher.store.help_cries import Cry, keep_cry
from dispatcher.store.ledger import Ledger
from tests.situations import COMMUNE, Planned, write_alert
from tests.test_following_pages import LINES, cries, post, said

pytest_plugins = ("tests.console_visits",)


async def change(town: Ledger, **values: object) -> None:
    """Give every call for help other values."""
    async with town.writing() as connection:
        await connection.execute(update(rows).values(**values))


async def test_where_nobody_could_be_called_no_page_says_that_the_rac_was(
    operator: httpx.AsyncClient, town: Ledger
) -> None:
    written = await write_alert(town, Planned(lines=LINES))
    await cries(town, written, 1)
    await change(town, came_at=db_now() - 240, tried_at=db_now())
    (call,) = await help_calls.open_calls(town, COMMUNE)
    for path in ("/", "/console/mur", "/console/aide", f"/console/aide/{call.call_id}"):
        shown = await said(operator, path)
        assert "ersonne à appeler dans le plan" in shown, path
        assert "3 minutes : le RAC est appelé" not in shown, path
        assert "RAC a été appelé" not in shown, path
    assert 'href="/plan/annuaire"' in await said(operator, "/console/aide")
    assert (await operator.get("/plan/annuaire")).status_code == 200
    await change(town, rung_at=db_now(), tried_at=None)
    for path in ("/", "/console/mur", "/console/aide", f"/console/aide/{call.call_id}"):
        assert "ersonne à appeler" not in await said(operator, path), path


async def test_an_old_page_does_not_end_the_cry_that_came_after_it(
    operator: httpx.AsyncClient, town: Ledger
) -> None:
    written = await write_alert(town, Planned(lines=LINES))
    await cries(town, written, 1)
    await change(town, came_at=db_now() - 60)
    (call,) = await help_calls.open_calls(town, COMMUNE)
    here = f"/console/aide/{call.call_id}"
    old = re.search(r'name="again" value="([^"]*)"', await said(operator, here))
    assert old is not None
    await cries(town, written, 1)
    refused = await post(
        operator, f"{here}/clore", outcome="called_back", note="va bien", again=old[1]
    )
    assert refused.status_code == 409
    assert "redemandé de l" in refused.text
    assert "va bien" in refused.text  # what was written stays
    new = re.search(r'name="again" value="([^"]+)"', refused.text)
    assert new is not None
    done = await post(operator, f"{here}/clore", outcome="called_back", again=new[1])
    assert done.status_code == 303


async def test_more_calls_than_a_page_holds_are_counted_and_the_last_is_reached(
    operator: httpx.AsyncClient, town: Ledger
) -> None:
    many = 230
    async with town.writing() as connection:
        for number in range(many):
            cry = Cry(COMMUNE, "sms", f"+3363998{number:04d}", sid=f"S{number}")
            await connection.run_sync(keep_cry, cry)
    words = re.sub(r"<[^>]+>", "", await said(operator, "/"))
    assert f"{many} demandes d'aide" in words
    assert f"Et {many - 6} autres" in words
    assert f"{many} sans responsable" in re.sub(
        r"<[^>]+>", "", await said(operator, "/console/mur")
    )
    found: set[str] = set()
    path = "/console/aide"
    for _ in range(5):
        shown = await said(operator, path)
        found |= set(re.findall(r'name="call" value="(\w+)"', shown))
        next_page = re.search(r'href="(/console/aide\?page=\d+)">Suivante', shown)
        if next_page is None:
            break
        path = next_page[1]
    assert len(found) == many
    assert (await operator.get("/console/aide", params={"page": 99})).status_code == 200


async def test_no_team_is_sent_that_nobody_chose(operator: httpx.AsyncClient, town: Ledger) -> None:
    written = await write_alert(town, Planned(lines=LINES))
    await cries(town, written, 1)
    (call,) = await help_calls.open_calls(town, COMMUNE)
    here = f"/console/aide/{call.call_id}"
    page = (await operator.get(here)).text
    assert re.findall(r'<select name="team" required>(<option[^>]*>)', page) == [
        '<option value="">'
    ]
    refused = await post(operator, f"{here}/mission", team="")
    assert refused.status_code == 422
    assert (await help_calls.open_calls(town, COMMUNE))[0].is_open
