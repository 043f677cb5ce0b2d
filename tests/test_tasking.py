"""Missions of a card's step and of a call for help; the line, and a busy team's queue."""

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatcher.alerts.office import Actor, Office
from dispatcher.alerts.refusals import NotNow, NotSo
from dispatcher.crisis import cards
from dispatcher.crisis.cards import TaskChange
from dispatcher.distress import calls
from dispatcher.distress.calls import End
from dispatcher.store import logbook
from dispatcher.store.ledger import Ledger
from dispatcher.store.mission_rows import Mission, missions_of
from dispatcher.store.registers import Home
from dispatcher.store.statements import insert_rows
from dispatcher.store.tables import homes
from dispatcher.store.tasks import of_event, tasks_of
from dispatcher.tasking.from_help import from_help
from dispatcher.tasking.from_step import from_step, missions_of_tasks, ref_of
from dispatcher.tasking.in_line import moved, offers, put_in_line, queue
from dispatcher.tasking.wishes import Wish
from dispatcher.teams.ordering import NewMission, move, order, propose
from tests import crises
from tests.distress_town import OPERATOR, RAC, town_in_distress
from tests.keyring import home_row
from tests.outgoing import COMMUNE

SENT = End("team_sent")


async def done(office: Office, mission: str) -> None:
    for state in ("accepted", "in_progress", "done"):
        await move(office, mission, state, actor=RAC)


async def test_a_step_has_one_open_mission_and_says_where_it_stands(ledger: Ledger) -> None:
    office = await crises.town_hall(ledger)
    event = await crises.activated(office)
    (task, *_) = await tasks_of(ledger, of_event(COMMUNE, event.event_id))
    step = (task.card, task.step)
    answers = await asyncio.gather(
        *(
            from_step(
                office, event.event_id, step, wish=Wish(team, queue=True), asked=crises.by(actor)
            )
            for team, actor in (("TERRAIN1", crises.RAC), ("TERRAIN2", crises.OPERATOR), ("", RAC))
        ),
        return_exceptions=True,
    )
    told = [one for one in answers if isinstance(one, NotNow)]
    assert all("a déjà cette mission" in str(one) or "sans équipe" in str(one) for one in told)
    made = [one for one in answers if isinstance(one, Mission)]
    assert len(told) + len(made) == 3
    assert len({one.mission for one in made}) == 1
    assert made[0].event == event.event_id
    assert len(await missions_of(ledger, COMMUNE)) == 1
    (known,) = (await missions_of_tasks(office, event.event_id)).items()
    assert known[0] == ref_of(step)
    mission = made[0] if made[0].team else await order(office, known[1].mission, "EVAL", actor=RAC)
    await done(office, mission.mission)
    assert (await missions_of_tasks(office, event.event_id))[ref_of(step)].state == "done"
    (same, *_) = await tasks_of(ledger, of_event(COMMUNE, event.event_id))
    assert same.state == "open"  # a person confirms that the task is done
    anew = await from_step(office, event.event_id, step, wish=Wish(), asked=crises.by(RAC))
    assert anew.mission != mission.mission
    assert (await missions_of_tasks(office, event.event_id))[ref_of(step)] == anew
    confirmed = TaskChange(*step, "done")
    await cards.change(office, event.event_id, confirmed, asked=crises.by(RAC, "fait"))
    with pytest.raises(NotNow, match="déjà terminée"):
        await from_step(office, event.event_id, step, wish=Wish(), asked=crises.by(RAC))


async def lives_at(ledger: Ledger, person: str, label: str) -> None:
    home = home_row(COMMUNE, person, Home(label, label, 5.1, 48.0))
    async with ledger.writing() as connection:
        await insert_rows(connection, homes, [home])


async def test_a_team_is_sent_to_who_called_and_the_call_ended_by_the_same_act(
    ledger: Ledger,
) -> None:
    town = await town_in_distress(ledger)
    await town.cries()
    call = await town.the_call()
    whose = (await calls.look(town.office, call.call_id, actor=RAC))[1]
    (person,) = whose.people
    await lives_at(ledger, person.person_id, "3 Rue X")
    with pytest.raises(NotSo, match="quelle équipe"):
        await from_help(town.office, call.call_id, wish=Wish(), how=SENT, actor=RAC)
    await propose(town.office, NewMission("secure", "Fermer le pont"), actor=RAC, team="TERRAIN2")
    with pytest.raises(NotNow, match="a déjà une mission"):
        await from_help(town.office, call.call_id, wish=Wish("TERRAIN2"), how=SENT, actor=RAC)
    assert (await town.the_call()).is_open  # nothing of it was done
    made = await asyncio.gather(
        *(
            from_help(town.office, call.call_id, wish=Wish("TERRAIN 1"), how=SENT, actor=RAC)
            for _ in range(3)
        ),
        return_exceptions=True,
    )
    sent = {one.mission for one in made if isinstance(one, Mission)}
    assert len(sent) == 1
    ended = await calls.find(town.office, call.call_id)
    assert (ended.outcome, ended.closed_by, ended.mission) == ("team_sent", "rac", *sent)
    mission = (await missions_of(ledger, COMMUNE))[0]
    assert (mission.team, mission.state, mission.urgency) == ("TERRAIN1", "ordered", 1)
    assert (mission.lon, mission.text.splitlines()[0]) == (5.1, "3 Rue X")
    kept_apart = (person.name, whose.contact)
    assert not any(one in mission.text + mission.title for one in kept_apart)
    lines = [line async for line in logbook.read_all(ledger, COMMUNE)]
    assert not any("Rue X" in line.text + str(line.data) for line in lines)
    assert [line.data["mission"] for line in lines if line.kind == "help.ended"] == list(sent)
    again = await from_help(
        town.office, call.call_id, wish=Wish("TERRAIN1"), how=SENT, actor=OPERATOR
    )
    assert again.mission == mission.mission
    with pytest.raises(NotNow, match="TERRAIN 1 a déjà cette mission"):
        await from_help(town.office, call.call_id, wish=Wish("EVAL"), how=SENT, actor=OPERATOR)


async def test_a_busy_team_is_offered_what_waits_for_it_once_it_is_free(ledger: Ledger) -> None:
    office = await crises.town_hall(ledger)
    event = await crises.activated(office)
    first = await propose(office, NewMission("secure", "Pont"), actor=RAC, team="TERRAIN1")
    tasks = await tasks_of(ledger, of_event(COMMUNE, event.event_id))
    steps = [(one.card, one.step) for one in tasks[:2]]
    wish = Wish("TERRAIN1", queue=True)
    waits = [
        await from_step(office, event.event_id, step, wish=wish, asked=crises.by(RAC))
        for step in steps
    ]
    assert [(one.state, one.team, one.queued_for) for one in waits] == [
        ("proposed", None, "TERRAIN1"),
        ("proposed", None, "TERRAIN1"),
    ]
    assert await offers(office) == {}
    await done(office, first.mission)
    assert await offers(office) == {"TERRAIN1": waits[0].mission}
    await put_in_line(office, waits[1].mission, "up", actor=RAC)
    assert await offers(office) == {"TERRAIN1": waits[1].mission}
    given = await order(office, waits[1].mission, "TERRAIN1", actor=RAC)
    assert given.queued_for is None
    assert await offers(office) == {}
    await queue(office, waits[0].mission, "", actor=RAC)
    assert [one.queued_for for one in await missions_of(ledger, COMMUNE, going=True)] == [None] * 2


async def test_the_line_is_by_urgency_then_place_and_one_act_moves_one_mission(
    ledger: Ledger,
) -> None:
    office = await crises.town_hall(ledger)
    for name in "abc":
        await propose(office, NewMission("other", name), actor=RAC)
    await propose(office, NewMission("other", "d", urgency=1), actor=RAC)

    async def titles() -> str:
        return "".join(one.title for one in await missions_of(ledger, COMMUNE, going=True))

    async def ident(title: str) -> str:
        found = await missions_of(ledger, COMMUNE)
        return next(one.mission for one in found if one.title == title)

    assert await titles() == "dabc"
    await put_in_line(office, await ident("c"), "first", actor=RAC)
    assert await titles() == "dcab"
    await put_in_line(office, await ident("c"), "down", actor=RAC)
    assert await titles() == "dacb"
    await put_in_line(office, await ident("b"), f"before:{await ident('a')}", actor=RAC)
    assert await titles() == "dbac"
    await put_in_line(office, await ident("c"), "first", actor=RAC, urgency=1)
    assert await titles() == "cdba"
    with pytest.raises(NotSo, match="n'est pas une place"):
        await put_in_line(office, await ident("c"), "sideways", actor=RAC)
    lines = await logbook.read_kinds(ledger, COMMUNE, "mission.line", limit=9)
    assert len(lines) == 4


@given(st.permutations("abcde"), st.sampled_from("abcde"), st.data())
def test_moving_one_loses_none_and_leaves_the_others_in_order(
    line: list[str], one: str, data: st.DataObject
) -> None:
    to = data.draw(st.sampled_from(["up", "down", "first", "last", "before:a", "before:e"]))
    after = moved(line, one, to=to)
    assert sorted(after) == sorted(line)
    assert [x for x in after if x != one] == [x for x in line if x != one]


async def test_an_exercise_s_call_makes_a_mission_of_the_exercise(ledger: Ledger) -> None:
    office = await crises.town_hall(ledger)
    await crises.activated(office)  # a real crisis, which is not the exercise's
    new = NewMission("secure", "Pont", mode="exercise")
    made = await propose(office, new, actor=Actor("rac", "rac"))
    assert (made.mode, made.event) == ("exercise", None)
