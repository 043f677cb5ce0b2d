"""Following an alert on the console: help first, then what is decided, what is due, whom to see."""

import re
import time

import httpx
import pytest
from sqlalchemy import select, update

from dispatcher.store import help_calls, logbook
from dispatcher.store.following_tables import help_calls as rows
from dispatcher.store.ledger import Ledger
from dispatcher.store.outgoing import versions
from dispatcher.store.receipts import record_answer
from tests.consoles import SAME, form_token, sign_in
from tests.situations import COMMUNE, Planned, Written, add_user, change_version, write_alert

pytest_plugins = ("tests.console_visits",)

LINES = (("sms", "delivered", 6), ("sms", "ready", 2), ("voice", "failed", 1))
NUMBER = "+33639980001"
KEY = b"k" * 32


@pytest.fixture
async def alert(town: Ledger) -> Written:
    """Write an alert under way in which somebody asks for help."""
    written = await write_alert(town, Planned(lines=LINES, unreachable={"no_contact": 3}))
    await cries(town, written, 1)
    return written


async def cries(town: Ledger, written: Written, number: int) -> None:
    ident = written.deliveries[number]
    await record_answer(town, commune=COMMUNE, delivery_id=ident, kind="help", via="keypad")


async def the_call(town: Ledger) -> str:
    (one,) = await help_calls.open_calls(town, COMMUNE)
    return one.call_id


async def post(client: httpx.AsyncClient, path: str, **given: str) -> httpx.Response:
    token = await form_token(client)
    return await client.post(path, data={"token": token, **given}, headers=SAME)


async def said(client: httpx.AsyncClient, path: str) -> str:
    answer = await client.get(path)
    assert answer.status_code == 200, path
    return answer.text.replace("&#39;", "'")


async def test_a_call_for_help_stands_first_on_every_page_that_shows_the_alert(
    operator: httpx.AsyncClient, alert: Written
) -> None:
    for path in ("/", f"/console/alertes/{alert.alert_id}"):
        shown = await said(operator, path)
        help_at, figures_at = shown.index("1 demande d'aide"), shown.index('class="card live"')
        assert help_at < figures_at
        assert NUMBER not in shown[help_at:figures_at]
    assert "1 sans responsable" in re.sub(r"<[^>]+>", "", await said(operator, "/console/mur"))


async def test_one_click_takes_a_call_and_shows_who_made_it(
    operator: httpx.AsyncClient, alert: Written, town: Ledger
) -> None:
    ident = await the_call(town)
    answer = await post(operator, "/console/aide/prendre", call=ident)
    assert (answer.status_code, answer.headers["location"]) == (303, f"/console/aide/{ident}")
    shown = await said(operator, f"/console/aide/{ident}")
    assert f'href="tel:{NUMBER}"' in shown
    lines = [line async for line in logbook.read_all(town, COMMUNE) if line.kind == "help.looked"]
    assert [line.author for line in lines] == ["rac"]


async def test_who_may_not_read_numbers_sees_that_help_is_asked_and_no_more(
    visitor: httpx.AsyncClient, alert: Written, town: Ledger
) -> None:
    await add_user(town, "voit", "observer", "Ida Roux")
    await sign_in(visitor, "voit")
    ident = await the_call(town)
    shown = await said(visitor, "/")
    assert "1 demande d'aide" in shown
    assert "aide-prendre" not in shown
    assert (await visitor.get(f"/console/aide/{ident}")).status_code == 403
    assert (await post(visitor, "/console/aide/prendre", call=ident)).status_code == 403
    assert NUMBER not in await said(visitor, "/console/aide")


async def test_a_call_ends_passed_on_to_the_control_room_and_leaves_the_screens(
    operator: httpx.AsyncClient, alert: Written, town: Ledger
) -> None:
    ident = await the_call(town)
    late = await post(operator, f"/console/aide/{ident}/clore", outcome="passed_on", hour="25:99")
    assert late.status_code == 422
    assert "03:12" in late.text
    bare = await post(
        operator, f"/console/aide/{ident}/clore", outcome="passed_on", hour="", reference="n° 4"
    )
    assert bare.status_code == 422
    assert 'value="n° 4"' in bare.text  # what was written stays
    shown = await said(operator, f"/console/aide/{ident}")
    hour = re.search(r'name="hour"[^>]*value="([\d:]+)"', shown)
    assert hour is not None
    done = await post(
        operator,
        f"/console/aide/{ident}/clore",
        outcome="passed_on",
        hour=hour[1],
        reference="n° 4",
    )
    assert done.status_code == 303
    listed = await said(operator, "/console/aide")
    assert "transmis au CODIS" in listed
    assert "n° 4" in listed
    assert "1 demande d'aide" not in await said(operator, "/")


async def test_who_comes_second_is_told_who_has_it(
    operator: httpx.AsyncClient, alert: Written, town: Ledger
) -> None:
    await add_user(town, "noe", "operator", "Noé Petit")
    ident = await the_call(town)
    async with town.writing() as connection:
        await connection.execute(update(rows).values(owner="noe", owned_at=time.time()))
    answer = await post(operator, "/console/aide/prendre", call=ident)
    assert answer.status_code == 409
    assert "Noé Petit" in answer.text
    taken = await post(operator, f"/console/aide/{ident}/confier", owner="rac")
    assert taken.status_code == 303
    reopened = await post(operator, f"/console/aide/{ident}/rouvrir", reason="x")
    assert reopened.status_code == 303


async def test_after_three_minutes_the_page_says_that_it_is_late(
    operator: httpx.AsyncClient, alert: Written, town: Ledger
) -> None:
    assert 'data-help-late="0"' in await said(operator, "/")
    async with town.writing() as connection:
        await connection.execute(update(rows).values(came_at=rows.c.came_at - 200))
    assert 'data-help-late="1"' in await said(operator, "/")


async def test_stopping_takes_two_clicks_and_says_first_what_follows(
    operator: httpx.AsyncClient, alert: Written, town: Ledger
) -> None:
    path = f"/console/alertes/{alert.alert_id}"
    assert f'href="{path}/arreter"' in await said(operator, path)
    assert "Personne n'est prévenu de l'arrêt" in await said(operator, f"{path}/arreter")
    assert (await post(operator, f"{path}/arreter")).status_code == 303
    assert "Arrêtée" in await said(operator, path)
    assert f'href="{path}/arreter"' not in await said(operator, path)


async def test_the_false_alarm_leaves_in_the_words_that_were_shown(
    operator: httpx.AsyncClient, alert: Written, town: Ledger
) -> None:
    path = f"/console/alertes/{alert.alert_id}/fausse-alerte"
    assert "Mairie de Vaubrenne: FAUSSE ALERTE." in await said(operator, path)
    assert (await post(operator, path)).status_code == 303
    wanted = select(versions.c.kind, versions.c.state).where(versions.c.alert_id == alert.alert_id)
    found = await town.read(lambda one: {tuple(row) for row in one.execute(wanted)})
    assert ("false_alarm", "launched") in found
    assert "déjà envoyée" in await said(operator, path)


async def test_new_instructions_are_read_again_then_wait_for_another_person(
    operator: httpx.AsyncClient, alert: Written, town: Ledger
) -> None:
    path = f"/console/alertes/{alert.alert_id}/fin"
    shown = await said(operator, path)
    names = re.findall(r'name="(blank-[^"]+)"', shown)
    given = {name: f"valeur{number}" for number, name in enumerate(names)}
    again = await operator.get(path, params=given)
    for value in given.values():
        assert value in again.text
    done = await post(operator, path, key="un-deux-trois", **given)
    assert done.status_code == 303, done.text
    wanted = select(versions.c.kind, versions.c.state).where(versions.c.alert_id == alert.alert_id)
    found = await town.read(lambda one: {tuple(row) for row in one.execute(wanted)})
    assert ("all_clear", "pending_approval") in found
    page = await said(operator, f"/console/alertes/{alert.alert_id}")
    assert "Une correction est en préparation" in page
    assert "déjà en préparation" in await said(operator, path)
    assert (await post(operator, f"/console/alertes/{alert.alert_id}/retirer")).status_code == 303
    assert "Une correction est en préparation" not in await said(
        operator, f"/console/alertes/{alert.alert_id}"
    )


async def test_what_is_due_is_shown_with_its_hour_and_late_in_words_until_somebody_did_it(
    operator: httpx.AsyncClient, alert: Written, town: Ledger
) -> None:
    await change_version(town, alert, launched_at=time.time() - 31 * 60)
    path = f"/console/alertes/{alert.alert_id}"
    assert await said(operator, path)
    shown = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", await said(operator, path)))
    assert re.search(r"Prochaine information du public en retard de 1 min", shown), shown
    assert "Contrôle de la réception" in shown
    bare = await post(operator, f"{path}/echeances/information", note=" ")
    assert bare.status_code == 422
    done = await post(operator, f"{path}/echeances/information", note="voiture, par Noé")
    assert done.status_code == 303
    shown = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", await said(operator, path)))
    assert "Prochaine information du public à" in shown
    lines = [line async for line in logbook.read_all(town, COMMUNE)]
    assert "clock.information" in [line.kind for line in lines]


async def test_the_unreached_are_listed_marked_and_turned_page_by_page(
    operator: httpx.AsyncClient, town: Ledger
) -> None:
    written = await write_alert(town, Planned(lines=LINES, unreachable={"no_contact": 230}))
    path = f"/console/alertes/{written.alert_id}/non-joints"
    first = await said(operator, path)
    assert "230 personnes non jointes" in first
    assert "Page 1 sur 3" in first
    assert first.count('name="person"') == 100
    assert (await said(operator, f"{path}?page=3")).count('name="person"') == 30
    person = re.search(r'name="person" value="([^"]+)"', first)
    assert person is not None
    done = await post(operator, f"{path}?motif=no_contact", person=person[1], how="at_door")
    assert done.headers["location"].endswith("?motif=no_contact")
    after = await said(operator, path)
    assert f'value="{person[1]}"' not in after
    assert "1 traitée" in after
    everyone = await said(operator, f"{path}?tous=1")
    assert "avertie à la porte" in everyone
    assert "Camille Aubry" in everyone
    lines = [line.kind async for line in logbook.read_all(town, COMMUNE)]
    assert lines.count("told.at_door") == 1
    assert lines.count("alert.unreached_exported") == 1  # its pages are one reading
    stranger = await post(operator, path, person="p1", how="phoned")
    assert stranger.status_code == 404
    odd = await post(operator, path, person=person[1], how="vanished")
    assert odd.status_code == 422


async def test_the_card_of_the_event_is_a_part_that_asks_again_by_itself(
    operator: httpx.AsyncClient,
) -> None:
    assert 'hx-get="/console/evenement"' in await said(operator, "/")
    part = await said(operator, "/console/evenement")
    assert "Aucun événement en cours" in part
    assert "<html" not in part
