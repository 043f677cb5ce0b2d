"""Teams that are out are watched by the ledger's clock; alarms are taken, and ended in words."""

import asyncio
from collections import Counter
from datetime import UTC, datetime

import pytest
from sqlalchemy import select, update

from dispatcher.alerts.office import Actor, Office
from dispatcher.alerts.plan_in_force import in_force
from dispatcher.alerts.refusals import NotNow, NotSo, NotYou
from dispatcher.crisis.posts import DOS, RAC
from dispatcher.distress.team_ringing import TeamRinger
from dispatcher.store import logbook
from dispatcher.store.ledger import Ledger
from dispatcher.store.outgoing import blocks, versions
from dispatcher.store.people import DUTY
from dispatcher.store.team_alarms import TeamAlarm, alarms_of
from dispatcher.store.team_tables import field_reports, missions, team_alarms, team_states
from dispatcher.teams import alarming
from dispatcher.teams.ordering import NewMission, propose
from dispatcher.teams.reporting import Sender, Telling
from dispatcher.teams.typed import say
from dispatcher.teams.watching import Watchdog
from tests.crises import opened, town_hall
from tests.situations import COMMUNE

OPERATOR, OTHER = Actor("etat_civil", "operator"), Actor("dgs", "rac")
MIN = 60.0
_TELLINGS = iter(range(10_000))
ONE = pytest.mark.parametrize("ledger_url", ["sqlite"], indirect=True)


@pytest.fixture
async def town(ledger: Ledger) -> Office:
    return await town_hall(ledger)


async def tells(town: Office, said: str, *, strength: int | None = None) -> None:
    telling = Telling(datetime.now(UTC), said=said, strength=strength)
    sender = Sender("console", "etat_civil", f"m{next(_TELLINGS)}")
    await say(town, "TERRAIN1", telling, sender=sender, forced=True)


async def age(town: Office, seconds: float) -> None:
    """Let time pass: everything known is older."""
    pairs = (
        (team_states, ("changed_at", "since", "heard_at")),
        (team_alarms, ("raised_at", "again_at", "owned_at", "rung_at", "tried_at")),
        (field_reports, ("at", "recorded_at")),
        (missions, ("ordered_at", "made_at")),
    )
    async with town.ledger.writing() as connection:
        for table, names in pairs:
            older = {name: table.c[name] - seconds for name in names}
            await connection.execute(update(table).values(**older))


async def watch(town: Office) -> list[tuple[str, str]]:
    await Watchdog(town).turn()
    return [(one.kind, one.level) for one in await alarms_of(town.ledger, COMMUNE)]


async def the_alarm(town: Office) -> TeamAlarm:
    (alarm,) = await alarms_of(town.ledger, COMMUNE)
    return alarm


async def kinds(town: Office) -> Counter[str]:
    lines = await logbook.read_kinds(town.ledger, COMMUNE, "team.alarm", limit=50)
    return Counter(line.kind for line in lines)


async def rung(town: Office) -> list[str]:
    wanted = (
        select(blocks.c.people)
        .join(versions, versions.c.version_id == blocks.c.version_id)
        .where(versions.c.kind == "summons")
        .order_by(versions.c.launched_at)
    )
    rows = await town.ledger.read(lambda one: one.execute(wanted).all())
    return [person for row in rows for person in row.people]


async def test_silence_is_told_once_as_a_warning_once_as_critical_and_news_arm_it_anew(
    town: Office,
) -> None:
    await tells(town, "en_route")
    await age(town, 29 * MIN)
    assert await watch(town) == []
    await age(town, 2 * MIN)
    assert [await watch(town) for _ in range(3)] == [[("silent", "warning")]] * 3
    await age(town, 15 * MIN)
    assert [await watch(town) for _ in range(2)] == [[("silent", "critical")]] * 2
    assert await kinds(town) == {"team.alarm_raised": 2}
    await tells(town, "message")
    await age(town, 29 * MIN)
    await watch(town)
    assert await kinds(town) == {"team.alarm_raised": 2}
    await age(town, 2 * MIN)
    assert await watch(town) == [("silent", "critical")]  # the same one, and it was not ended
    assert await kinds(town) == {"team.alarm_raised": 3}


@ONE
async def test_a_second_silence_is_told_whole_though_nobody_ended_the_alarm_of_the_first(
    town: Office,
) -> None:
    await tells(town, "en_route")
    await age(town, 50 * MIN)
    await watch(town)
    await alarming.take(town, (await the_alarm(town)).alarm, actor=OPERATOR)
    await tells(town, "message")
    await age(town, 31 * MIN)
    await watch(town)
    await alarming.take(town, (await the_alarm(town)).alarm, actor=OPERATOR)
    assert await kinds(town) == {"team.alarm_raised": 2, "team.alarm_taken": 2}
    await age(town, 15 * MIN)
    for _ in range(2):
        await watch(town)
        assert (await the_alarm(town)).waits  # asked again: who had the first has to look anew
    assert await kinds(town) == {"team.alarm_raised": 3, "team.alarm_taken": 2}


@ONE
async def test_what_was_ended_is_not_told_again_until_there_was_news(town: Office) -> None:
    await tells(town, "on_scene")
    await age(town, 50 * MIN)
    await watch(town)
    alarm = await the_alarm(town)
    await alarming.end(town, alarm.alarm, "Jointe par radio, tout va bien", actor=OPERATOR)
    assert await watch(town) == []
    await tells(town, "message")
    await age(town, 50 * MIN)
    assert await watch(town) == [("silent", "critical")]


async def test_a_team_at_home_is_left_alone_and_one_with_a_mission_is_not(town: Office) -> None:
    await tells(town, "available")
    await age(town, 300 * MIN)
    assert await watch(town) == []
    await propose(town, NewMission("secure", "Fermer le pont"), actor=OPERATOR, team="TERRAIN2")
    await age(town, 31 * MIN)
    assert await watch(town) == [("silent", "warning")]  # never heard of since it was ordered
    assert (await the_alarm(town)).team == "TERRAIN2"


async def test_four_workers_at_once_tell_it_once(town: Office) -> None:
    await tells(town, "en_route")
    await age(town, 31 * MIN)
    await asyncio.gather(*(watch(town) for _ in range(4)))
    assert await kinds(town) == {"team.alarm_raised": 1}


@ONE
async def test_a_person_alone_is_told_and_again_only_where_it_is_said_again(town: Office) -> None:
    await tells(town, "on_scene", strength=1)
    assert [await watch(town) for _ in range(2)] == [[("lone", "critical")]] * 2
    alarm = await the_alarm(town)
    await alarming.end(town, alarm.alarm, "Renfort arrivé", actor=OPERATOR)
    assert await watch(town) == []
    await tells(town, "message", strength=2)
    assert await watch(town) == []
    await tells(town, "message", strength=1)
    assert await watch(town) == [("lone", "critical")]


async def test_after_six_hours_out_a_relief_is_proposed_once(town: Office) -> None:
    await tells(town, "en_route")
    await age(town, 359 * MIN)
    await tells(town, "on_scene")
    assert await watch(town) == []
    await age(town, 2 * MIN)
    assert [await watch(town) for _ in range(2)] == [[("relief", "warning")]] * 2
    lines = await logbook.read_kinds(town.ledger, COMMUNE, "team.alarm", limit=5)
    assert lines[0].text.startswith("TERRAIN 1 : Relève à prévoir depuis 361 min. Proposez")


async def test_an_alarm_is_taken_and_ended_in_words_by_who_may(town: Office) -> None:
    await tells(town, "reinforcement")
    alarm = (await the_alarm(town)).alarm
    with pytest.raises(NotYou):
        await alarming.take(town, alarm, actor=Actor("vue", "observer"))
    await alarming.take(town, alarm, actor=OPERATOR)
    await alarming.take(town, alarm, actor=OPERATOR)  # a second click
    with pytest.raises(NotNow, match="s'occupe déjà"):
        await alarming.take(town, alarm, actor=OTHER)
    with pytest.raises(NotNow, match="s'occupe déjà"):
        await alarming.end(town, alarm, "fini", actor=OTHER)
    with pytest.raises(NotSo, match="en quelques mots"):
        await alarming.end(town, alarm, "  ", actor=OPERATOR)
    ended = await alarming.end(town, alarm, "TERRAIN 2 envoyée", actor=OPERATOR)
    assert (ended.note, ended.ended_by) == ("TERRAIN 2 envoyée", "etat_civil")
    with pytest.raises(NotNow, match="déjà terminée"):
        await alarming.end(town, alarm, "encore", actor=OPERATOR)
    assert await kinds(town) == {"team.alarm_taken": 1, "team.alarm_ended": 1}


async def test_a_distress_that_nobody_takes_rings_the_rac_then_the_next_then_the_dos(
    town: Office,
) -> None:
    plan = (await in_force(town)).plan
    phones = {one.id for one in plan.contacts if one.phones}
    order = dict.fromkeys((*plan.role(RAC).people, *plan.role(DOS).people))
    expected = [f"{DUTY}{one}" for one in order if one in phones]
    await tells(town, "distress")
    await age(town, 58)
    assert not await TeamRinger(town).turn()
    await age(town, 4)
    said = await asyncio.gather(*(TeamRinger(town).turn() for _ in range(3)))
    assert Counter(said) == {True: 1, False: 2}
    for _ in expected[1:]:
        assert not await TeamRinger(town).turn()
        await age(town, 181)
        assert await TeamRinger(town).turn()
    assert Counter(await rung(town)) == Counter(expected)
    await alarming.take(town, (await the_alarm(town)).alarm, actor=OPERATOR)
    await age(town, 1000)
    assert not await TeamRinger(town).turn()


@ONE
@pytest.mark.parametrize("mode", ["real", "exercise"])
async def test_a_distress_of_an_exercise_rings_and_says_both(town: Office, mode: str) -> None:
    await opened(town, mode=mode)
    await tells(town, "distress")
    await age(town, alarming.UNTAKEN_S + 1)
    assert await TeamRinger(town).turn()
    wanted = select(versions.c.content).where(versions.c.kind == "summons")
    content = (await town.ledger.read(lambda one: list(one.execute(wanted).scalars())))[-1]
    exercise = mode == "exercise"
    assert (content["mode"], content["route"]) == (mode, "live")
    for code, first, real in (
        ("fr", "EXERCICE ", "Le danger est peut-être réel"),
        ("en", "EXERCISE ", "The danger may be real"),
    ):
        sms = content["texts"][code]["sms"]
        assert (sms.startswith(first), real in sms) == (exercise, exercise)
    (alarm,) = await alarms_of(town.ledger, COMMUNE)
    assert alarm.mode == mode


async def test_a_distress_asked_again_rings_anew_where_its_owner_does_nothing(
    town: Office,
) -> None:
    await tells(town, "distress")
    first = await the_alarm(town)
    await alarming.take(town, first.alarm, actor=OPERATOR)
    await age(town, 5)
    for _ in range(4):  # each asks again: late by the first of them
        await tells(town, "distress")
        await age(town, 20)
    assert (await the_alarm(town)).alarm == first.alarm
    assert await TeamRinger(town).turn()
    with pytest.raises(NotNow, match="a redemandé"):
        await alarming.end(town, first.alarm, "fini", actor=OPERATOR)
    taken = await alarming.take(town, first.alarm, actor=OTHER)  # who had it did nothing
    assert (taken.owner, taken.waits) == ("dgs", False)
    await alarming.end(town, first.alarm, "Équipe à l'abri", actor=OTHER)
    await tells(town, "distress")
    assert (await the_alarm(town)).alarm != first.alarm
