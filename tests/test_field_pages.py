"""The pages of a team, of a mission and of the desk: where they lead to, whom they name."""

from datetime import UTC, datetime

import httpx
import pytest

from dispatcher.alerts.refusals import NotNow
from dispatcher.store.desk_items import keep_for_desk
from dispatcher.store.ledger import Ledger
from dispatcher.store.mission_rows import mission_of
from dispatcher.teams.by_voice import Spoken, note
from dispatcher.teams.ordering import NewMission, propose
from dispatcher.teams.phone_links import make_link
from dispatcher.teams.placing import SOURCE, Heard, desk_item
from dispatcher.teams.reporting import Sender, Telling
from dispatcher.teams.typed import say
from operator_ui.team_words import TEAM_WORDS
from tests.crises import RAC
from tests.partner_hall import admitted
from tests.situations import COMMUNE, office
from tests.test_following_pages import said

pytest_plugins = ("tests.console_visits",)


async def test_from_a_team_one_comes_to_its_phones_and_to_its_alarm(
    operator: httpx.AsyncClient, town: Ledger
) -> None:
    cry = Telling(datetime.now(UTC), said="distress")
    await say(office(town), "TERRAIN1", cry, sender=Sender("sms", "pm1", "SM1"))
    shown = await said(operator, "/equipes/TERRAIN1")
    assert 'href="/equipes/TERRAIN1/liens"' in shown
    assert 'href="/equipes/alarmes#alarme-' in shown
    assert 'href="/equipes/TERRAIN1"' in await said(operator, "/equipes/TERRAIN1/liens")


async def test_from_a_mission_one_comes_to_its_doors_and_back(
    operator: httpx.AsyncClient, town: Ledger
) -> None:
    made = await propose(office(town), NewMission("secure", "Barrer le quai"), actor=RAC)
    follow = f"/console/missions/{made.mission}/suivi"
    assert f'href="{follow}"' in await said(operator, f"/missions/{made.mission}")
    assert f'href="/missions/{made.mission}"' in await said(operator, follow)


async def test_what_a_team_says_by_radio_answers_its_mission_as_its_sms_do(town: Ledger) -> None:
    made = await propose(
        office(town), NewMission("secure", "Barrer le quai"), actor=RAC, team="TERRAIN1"
    )
    for word, state in (("en_route", "accepted"), ("on_scene", "in_progress")):
        await note(office(town), "TERRAIN1", Spoken(word), actor=RAC)
        found = await mission_of(town, COMMUNE, made.mission)
        assert found is not None
        assert found.state == state


async def test_who_is_known_to_be_too_few_does_not_leave_unsaid(town: Ledger) -> None:
    few = Telling(datetime.now(UTC), said="available", strength=1)
    await say(office(town), "TERRAIN1", few, sender=Sender("sms", "pm1", "SM1"))
    with pytest.raises(NotNow, match="à moins de 2"):
        await note(office(town), "TERRAIN1", Spoken("en_route"), actor=RAC)
    await note(office(town), "TERRAIN1", Spoken("en_route", forced=True), actor=RAC)


async def test_a_timeline_names_nobody_by_a_key(operator: httpx.AsyncClient, town: Ledger) -> None:
    link = await make_link(office(town), "TERRAIN1", actor=RAC)
    pressed = Telling(datetime.now(UTC), said="available")
    await say(office(town), "TERRAIN1", pressed, sender=Sender("phone", link.link, "aaaaaaaaaaaa"))
    shown = await said(operator, "/equipes/TERRAIN1")
    assert "téléphone de l&#39;équipe" in shown.replace("'", "&#39;")
    assert link.link not in shown


async def test_the_desk_speaks_french_and_names_the_partner(
    operator: httpx.AsyncClient, town: Ledger
) -> None:
    partner = await admitted(office(town))
    heard = Heard(datetime.now(UTC), team="PM-99", word="on_scene", ignored=("colour", "size"))
    item = desk_item(heard, "unknown_team", "PM-99", sender=Sender(SOURCE, partner, "m1"))
    key = office(town).logbook_key
    await town.write(lambda one: keep_for_desk(one, COMMUNE, [item], now=1.0, key=key))
    shown = await said(operator, "/equipes/a-placer")
    assert "<dt>état ou message</dt>" in shown
    assert "<dt>word</dt>" not in shown
    assert "colour, size" in shown
    assert "Police municipale" in shown
    assert partner not in shown


def test_everything_that_the_desk_keeps_has_its_word() -> None:
    assert set(TEAM_WORDS["desk_field"]) == set(Heard._fields) - {"at"}
