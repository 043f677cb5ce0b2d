"""Missions given by the cell: one active a team, nonsense refused, two operators at once."""

import asyncio
from datetime import UTC, datetime

import pytest

from dispatcher.alerts.office import Actor, Office
from dispatcher.alerts.refusals import AlertRefused, NotNow, NotSo, NotYou
from dispatcher.store import logbook
from dispatcher.store.ledger import Ledger
from dispatcher.store.own_teams import OwnTeam, add_team
from dispatcher.store.team_rows import team_rows, timeline
from dispatcher.store.versions import Chained
from dispatcher.teams.ordering import NewMission, move, order, propose
from dispatcher.teams.reporting import Sender, Telling
from dispatcher.teams.typed import say
from tests.offices import KEYS

TOWN = "99042"
KEY = b"l" * 32
RAC = Actor("rac", "rac")
PONT = NewMission("secure", "Fermer le pont", "Barrières des deux côtés", urgency=2)


@pytest.fixture
async def office(ledger: Ledger) -> Office:
    line = Chained(logbook.Entry("test", "team.added", "Équipe ajoutée"), KEY)
    for team in ("T1", "T2"):
        await add_team(
            ledger, TOWN, OwnTeam(team, f"TERRAIN {team[1]}", "municipal"), by="rac", line=line
        )
    return Office(ledger, TOWN, KEY, KEYS, "https://alerte.example", {})


async def test_a_mission_is_made_given_done_and_told_in_the_logbook(office: Office) -> None:
    made = await propose(office, PONT, actor=RAC)
    assert (made.state, made.team) == ("proposed", None)
    given = await order(office, made.mission, "terrain 1", actor=RAC)
    assert (given.state, given.team, given.ordered_by) == ("ordered", "T1", "rac")
    assert (await team_rows(office.ledger, TOWN)).get("T1") is None  # never heard of yet
    for state in ("accepted", "in_progress", "done"):
        told = await move(office, made.mission, state, actor=RAC)
        assert told.state == state
    rows = await timeline(office.ledger, TOWN, mission=made.mission)
    assert [row.mission_said for row in rows] == [
        "done",
        "in_progress",
        "accepted",
        "ordered",
        "proposed",
    ]
    lines = await logbook.read_kinds(office.ledger, TOWN, "mission.", limit=9)
    assert lines[0].data["mission_state"] == "done"


async def test_one_click_is_one_mission(office: Office) -> None:
    made = [await propose(office, PONT, actor=RAC, key="click-00001") for _ in range(2)]
    assert made[0].mission == made[1].mission
    assert len(await timeline(office.ledger, TOWN, mission=made[0].mission)) == 1


async def test_a_team_has_one_active_mission(office: Office) -> None:
    await propose(office, PONT, actor=RAC, team="T1")
    other = await propose(office, PONT, actor=RAC)
    with pytest.raises(NotNow, match="TERRAIN 1 a déjà une mission : « Fermer le pont »"):
        await order(office, other.mission, "T1", actor=RAC)
    assert (await order(office, other.mission, "T2", actor=RAC)).team == "T2"


async def test_two_operators_at_once_give_one_team_one_mission(office: Office) -> None:
    made = [await propose(office, PONT, actor=RAC) for _ in range(4)]
    done = await asyncio.gather(
        *(
            order(office, one.mission, "T1", actor=Actor(f"op{n}", "operator"))
            for n, one in enumerate(made)
        ),
        return_exceptions=True,
    )
    assert sum(isinstance(one, AlertRefused) for one in done) == 3
    assert sum(not isinstance(one, BaseException) for one in done) == 1


async def test_two_operators_at_once_give_one_mission_to_one_team(office: Office) -> None:
    made = await propose(office, PONT, actor=RAC)
    done = await asyncio.gather(
        *(order(office, made.mission, team, actor=RAC) for team in ("T1", "T2")),
        return_exceptions=True,
    )
    assert sum(isinstance(one, NotNow) for one in done) <= 1
    rows = await timeline(office.ledger, TOWN, mission=made.mission)
    assert len([row for row in rows if row.mission_said == "ordered"]) == sum(
        not isinstance(one, BaseException) for one in done
    )


async def test_orders_that_make_no_sense_are_refused_in_words(office: Office) -> None:
    with pytest.raises(NotSo, match="quelques mots"):
        await propose(office, NewMission("secure", " "), actor=RAC)
    with pytest.raises(NotYou):
        await propose(office, PONT, actor=Actor("temoin", "observer"))
    made = await propose(office, PONT, actor=RAC, team="T1")
    with pytest.raises(NotNow, match="ordonnée : elle ne peut pas devenir terminée"):
        await move(office, made.mission, "done", actor=RAC)
    with pytest.raises(NotSo, match="pourquoi"):
        await move(office, made.mission, "cancelled", actor=RAC)
    await move(office, made.mission, "cancelled", actor=RAC, note="Pont rouvert")
    with pytest.raises(NotNow, match="annulée : faites-en une nouvelle"):
        await order(office, made.mission, "T2", actor=RAC)


async def test_what_a_person_types_is_refused_where_it_cannot_be(office: Office) -> None:
    async def typed(word: str, **more: bool) -> None:
        told = Telling(datetime.now(UTC), said=word)
        await say(office, "T1", told, sender=Sender("sms", "agent1", word + str(more)), **more)

    await typed("available")
    with pytest.raises(NotNow, match="notée disponible : elle ne peut pas être sur les lieux"):
        await typed("on_scene")
    await typed("distress")
    await typed("on_scene", forced=True)
    row = (await team_rows(office.ledger, TOWN))["T1"]
    assert (row.state, row.missing) == ("on_scene", ["alerted", "en_route"])
