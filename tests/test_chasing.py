"""An ordered mission is told to its team, again, then to those who lead; an answer reports it."""

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update

from dispatcher.alerts.office import Actor, Office
from dispatcher.alerts.plan_in_force import load
from dispatcher.delivery.content import Content
from dispatcher.delivery.mission_words import filled
from dispatcher.store import logbook
from dispatcher.store.ledger import Ledger
from dispatcher.store.mission_rows import mission_of
from dispatcher.store.mission_tellings import tellings_of
from dispatcher.store.outgoing import alerts, versions
from dispatcher.store.tasking_tables import mission_tellings
from dispatcher.store.team_alarms import alarms_of
from dispatcher.tasking.chasing import Chaser
from dispatcher.teams.ordering import NewMission, move, order, propose
from dispatcher.teams.reporting import Sender, Telling
from dispatcher.teams.typed import say
from tests.driven_worker import working
from tests.offices import BRUZ
from tests.outgoing import COMMUNE
from tests.rung_town import ringing
from tests.situations import load_example_plan, office
from tests.summoned_town import COMES, DEPUTY, SILENT, plan_of_duty, town_of_duty

RAC = Actor("rac", "rac")
PONT = NewMission("secure", "Fermer le pont")
ONE = pytest.mark.parametrize("ledger_url", ["sqlite"], indirect=True)


@pytest.fixture
async def town(ledger: Ledger) -> Office:
    await load_example_plan(ledger)
    return office(ledger)


async def age(ledger: Ledger, seconds: float) -> None:
    """Let time pass since teams were told."""
    async with ledger.writing() as connection:
        held = mission_tellings.c.told_at
        await connection.execute(update(mission_tellings).values(told_at=held - seconds))


async def steps(town: Office, mission: str) -> list[tuple[str, list[str]]]:
    found = await tellings_of(town.ledger, town.commune, mission)
    return [(one.what, list(one.people)) for one in found]


async def contents(town: Office) -> list[Mapping[str, Any]]:
    wanted = select(versions.c.content).where(versions.c.kind == "summons")
    rows = await town.ledger.read(lambda one: list(one.execute(wanted).scalars()))
    return list(rows)


async def as_sent(town: Office) -> list[Content]:
    """Return what orders say as they leave, the words of their missions in them."""
    wanted = select(versions.c.alert_id, versions.c.content).where(versions.c.kind == "summons")
    rows = await town.ledger.read(lambda one: one.execute(wanted).all())
    return [
        await filled(town.ledger, town.commune, ident, Content.of(content))
        for ident, content in rows
    ]


async def test_a_team_is_told_then_chased_twice_then_those_who_lead_are_rung(town: Office) -> None:
    made = await propose(town, PONT, actor=RAC, team="TERRAIN1")
    chaser, led = Chaser(town), ("chef_voirie", "agent_voirie1")
    assert await chaser.turn()
    assert not await chaser.turn()
    for _ in range(2):
        await age(town.ledger, 179)
        assert not await chaser.turn()
        await age(town.ledger, 2)
        assert await chaser.turn()
    await age(town.ledger, 181)
    assert await chaser.turn()
    await age(town.ledger, 3600)
    assert not await chaser.turn()
    assert await steps(town, made.mission) == [
        ("told", [led[0]]),
        ("chased", [led[1]]),
        ("chased", [led[0]]),
        ("escalated", ["dgs"]),
    ]
    lines = await logbook.read_kinds(town.ledger, COMMUNE, "mission.", limit=4)
    assert [one.kind.removeprefix("mission.") for one in lines] == [
        "escalated",
        "chased",
        "chased",
        "told",
    ]
    now = await mission_of(town.ledger, COMMUNE, made.mission)
    assert now is not None
    assert now.chased == 3


async def escalated(town: Office, team: str) -> str:
    """Order a mission that nobody answers, till those who lead are told."""
    made = await propose(town, PONT, actor=RAC, team=team)
    for _ in range(4):
        await Chaser(town).turn()
        await age(town.ledger, 181)
    return made.mission


async def test_a_mission_without_an_answer_is_an_alarm_of_its_team_until_it_is_answered(
    town: Office,
) -> None:
    mission = await escalated(town, "TERRAIN1")
    (alarm,) = await alarms_of(town.ledger, COMMUNE)
    assert (alarm.team, alarm.kind, alarm.level, alarm.mission) == (
        "TERRAIN1",
        "not_acknowledged",
        "critical",
        mission,
    )
    assert alarm.waits
    (line,) = await logbook.read_kinds(town.ledger, COMMUNE, "mission.escalated", limit=4)
    assert line.data["alarms"] == ["not_acknowledged"]
    await order(town, mission, "TERRAIN2", actor=RAC)
    assert len(await alarms_of(town.ledger, COMMUNE)) == 1  # another team has it: not its answer
    await move(town, mission, "accepted", actor=RAC)
    assert await alarms_of(town.ledger, COMMUNE) == []
    (ended,) = await alarms_of(town.ledger, COMMUNE, ended=True)
    assert (ended.alarm, ended.ended_by) == (alarm.alarm, "system")
    lines = await logbook.read_kinds(town.ledger, COMMUNE, "team.alarm_ended", limit=4)
    assert [one.data["alarm"] for one in lines] == [alarm.alarm]


@ONE
async def test_the_answer_to_one_mission_ends_no_alarm_of_another(town: Office) -> None:
    first = await escalated(town, "TERRAIN1")
    await order(town, first, "TERRAIN2", actor=RAC)
    second = await escalated(town, "TERRAIN1")
    await move(town, first, "accepted", actor=RAC)
    (alarm,) = await alarms_of(town.ledger, COMMUNE)
    assert (alarm.team, alarm.mission) == ("TERRAIN1", second)
    telling = Telling(datetime.now(UTC), "message", second, "failed", note="pneu crevé")
    sender = Sender("console", "rac", "m1")
    await say(town, "TERRAIN1", telling, sender=sender, forced=True)
    (alarm,) = await alarms_of(town.ledger, COMMUNE)
    assert alarm.again_at is not None  # refused: people alone end it


async def test_a_life_in_danger_is_chased_after_a_minute_and_an_accepted_mission_never(
    town: Office,
) -> None:
    urgent = NewMission("evacuate", "Évacuer le 3", urgency=1)
    made = await propose(town, urgent, actor=RAC, team="TERRAIN1")
    chaser = Chaser(town)
    await chaser.turn()
    await age(town.ledger, 61)
    assert await chaser.turn()
    await move(town, made.mission, "accepted", actor=RAC)
    await age(town.ledger, 600)
    assert not await chaser.turn()
    wanted = select(versions.c.state).where(versions.c.kind == "summons")
    states = await town.ledger.read(lambda one: list(one.execute(wanted).scalars()))
    assert states == ["cancelled", "cancelled"]  # what had not left leaves no more


@ONE
async def test_the_plan_says_how_long_an_answer_is_waited_for(town: Office) -> None:
    made = await propose(town, NewMission("evacuate", "Le 3"), actor=RAC, team="TERRAIN1")
    await Chaser(town).turn()
    await age(town.ledger, 119)
    assert not await Chaser(town).turn()
    await age(town.ledger, 2)
    assert await Chaser(town).turn()  # two minutes, says the example's plan of an evacuation
    assert [one[0] for one in await steps(town, made.mission)] == ["told", "chased"]


async def test_given_to_another_team_it_is_told_anew_and_to_the_first_that_it_is_not_its_own(
    town: Office,
) -> None:
    made = await propose(town, PONT, actor=RAC, team="TERRAIN1")
    chaser = Chaser(town)
    await chaser.turn()
    await order(town, made.mission, "TERRAIN2", actor=RAC)
    assert await chaser.turn()
    assert not await chaser.turn()
    assert await steps(town, made.mission) == [
        ("told", ["chef_voirie"]),
        ("withdrawn", ["chef_voirie"]),
        ("told", ["agent_voirie2"]),
    ]
    said = [one.texts["fr"].sms for one in await as_sent(town)]
    assert any("MISSION DONNEE A TERRAIN 2. Fermer le pont." in one for one in said)


async def test_whoever_was_told_of_a_mission_is_texted_once_that_it_was_called_off(
    town: Office,
) -> None:
    silent = await propose(town, PONT, actor=RAC, team="TERRAIN1")
    await move(town, silent.mission, "cancelled", actor=RAC, note="fausse alerte")
    chaser = Chaser(town)
    assert not await chaser.turn()  # nobody had been told
    made = await propose(town, replace(PONT, mode="exercise"), actor=RAC, team="TERRAIN1")
    await chaser.turn()
    await age(town.ledger, 181)
    await chaser.turn()
    await move(town, made.mission, "accepted", actor=RAC)
    await chaser.turn()
    await move(town, made.mission, "cancelled", actor=RAC, note="pont emporté")
    said = await asyncio.gather(*(Chaser(town).turn() for _ in range(3)))
    assert sorted(said) == [False, False, True]
    led = ["chef_voirie", "agent_voirie1"]
    assert (await steps(town, made.mission))[2:] == [("withdrawn", led)]
    last = next(one for one in await contents(town) if "ANNULEE" in one["texts"]["fr"]["sms"])
    assert last["texts"]["fr"]["sms"].startswith("EXERCICE ")
    assert (last["media"], last["asks"]) == (["sms"], "mission")
    (line,) = await logbook.read_kinds(town.ledger, COMMUNE, "mission.withdrawn", limit=4)
    assert line.data["people"] == [f"contact:{one}" for one in led]
    done = await propose(town, PONT, actor=RAC, team="TERRAIN2")
    await chaser.turn()
    for state in ("accepted", "in_progress", "done"):
        await move(town, done.mission, state, actor=RAC)
    assert not await chaser.turn()  # its end is the team's own


async def test_workers_at_the_same_mission_tell_it_once(town: Office) -> None:
    made = await propose(town, PONT, actor=RAC, team="TERRAIN1")
    said = await asyncio.gather(*(Chaser(town).turn() for _ in range(4)))
    assert sorted(said) == [False, False, False, True]
    assert len(await steps(town, made.mission)) == 1


@pytest.mark.parametrize(
    ("mode", "prefix", "route"),
    [("real", "Mairie", "live"), ("exercise", "EXERCICE ", "live"),
     ("rehearsal", "Mairie", "rehearsal")],
)  # fmt: skip
async def test_an_exercise_says_so_and_a_rehearsal_stays_in_the_house(
    town: Office, mode: str, prefix: str, route: str
) -> None:
    new = NewMission("secure", "Fermer le pont", mode=mode)
    await propose(town, new, actor=RAC, team="TERRAIN1")
    await Chaser(town).turn()
    (content,) = await contents(town)
    assert content["texts"]["fr"]["sms"].startswith(prefix)
    assert (content["mode"], content["route"]) == (mode, route)
    kept = select(alerts.c.mode)
    assert await town.ledger.read(lambda one: list(one.execute(kept).scalars())) == [mode]


async def test_the_one_who_is_silent_is_followed_by_the_next_whose_key_is_the_mission_s_report(
    ledger: Ledger, ledger_url: str, valkey_url: str, tmp_path: Path
) -> None:
    town = await town_of_duty(ledger, tmp_path)
    teams = (
        b"equipes:\n  - {id: T1, indicatif: TERRAIN 1, type: intervention, chef: maire,"
        b" membres: [maire, adj2], effectif_min: 2}\n"
    )
    reading = await load(town, {**plan_of_duty(), "equipes.yaml": teams}, actor=DEPUTY)
    assert not reading.faults, reading.faults
    made = await propose(town, PONT, actor=RAC, team="T1")
    async with (
        ringing(ledger, ledger_url, valkey_url, folder=tmp_path) as rung,
        working(rung.order, tmp_path),
        asyncio.timeout(60),
    ):
        while not (await rung.got("voice"))[SILENT]:
            await asyncio.sleep(0.1)
        await age(ledger, 181)
        while True:
            now = await mission_of(ledger, BRUZ, made.mission)
            if now is not None and now.state != "ordered":
                break
            await asyncio.sleep(0.1)
        heard = [str(entry["content"]) for entry in await rung.sandbox.ledger("voice")]
        texts = [str(entry["content"]) for entry in await rung.sandbox.ledger("sms")]
        assert set(await rung.got("voice")) == {SILENT, COMES}
    assert now.state == "accepted"
    assert any("Si vous avez reçu la mission, tapez 1" in one for one in heard)
    assert any("MISSION TERRAIN 1. Fermer le pont." in one for one in texts)
    told = await tellings_of(ledger, BRUZ, made.mission)
    assert [(one.what, one.answer, one.answered_by) for one in told][1] == (
        "chased",
        "coming",
        "adj2",
    )
