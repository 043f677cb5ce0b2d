"""Alarms of teams by page, by JSON, on the command line: taken, ended in words, told in English."""

import re
from datetime import UTC, datetime

import httpx
import pytest

from dispatcher.cli.team_alarm import _lines
from dispatcher.store.ledger import Ledger
from dispatcher.store.team_alarms import alarms_of
from dispatcher.teams import alarming
from dispatcher.teams.alarming import KINDS
from dispatcher.teams.reporting import Sender, Telling
from dispatcher.teams.typed import say
from operator_ui.words import translations
from tests.situations import COMMUNE, office
from tests.test_following_pages import post, said

pytest_plugins = ("tests.console_visits",)


async def cry(town: Ledger, number: int = 0) -> str:
    telling = Telling(datetime.now(UTC), said="distress", note="coincés au pont")
    await say(office(town), "TERRAIN1", telling, sender=Sender("sms", "pm1", f"SM{number}"))
    return (await alarms_of(town, COMMUNE))[0].alarm


async def test_an_alarm_is_taken_and_ended_on_its_page(
    operator: httpx.AsyncClient, town: Ledger
) -> None:
    assert "Aucune alarme" in await said(operator, "/equipes/alarmes")
    here = f"/equipes/alarmes/{await cry(town)}"
    shown = await said(operator, "/equipes/alarmes")
    assert "Sans responsable" in shown
    assert "Appelez l" in shown
    refused = await post(operator, f"{here}/terminer", note="  ")
    assert refused.status_code == 422
    assert (await post(operator, f"{here}/prendre")).status_code == 303
    assert "Comment se termine-t-elle" in await said(operator, "/equipes/alarmes")
    assert (await post(operator, f"{here}/terminer", note="Équipe à l'abri")).status_code == 303
    shown = await said(operator, "/equipes/alarmes")
    assert "Aucune alarme" in shown
    assert re.search("Équipe à l(&#39;|')abri", shown)
    assert (await post(operator, f"{here}/terminer", note="encore")).status_code == 409


async def test_tools_and_the_command_line_read_the_same_list(
    operator: httpx.AsyncClient, town: Ledger
) -> None:
    alarm = await cry(town)
    document = await alarming.listed(office(town))
    assert (await operator.get("/api/v1/team-alarms")).json() == document
    (one,) = (await operator.get("/api/v1/team-alarms")).json()["open"]
    assert (one["alarm"], one["level"], one["waits"]) == (alarm, "critical", True)
    lines = list(_lines(document))
    assert lines[0] == "1 alarmes d'équipes ouvertes."
    assert lines[1].endswith("SANS RESPONSABLE")


@pytest.mark.parametrize("words", [w for one in KINDS for w in (one.fr, one.to_do)])
def test_every_kind_of_alarm_has_its_english(words: str) -> None:
    assert translations("en").gettext(words) != words
