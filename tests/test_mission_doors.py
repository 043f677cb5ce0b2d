"""Doors of a mission: who is behind them, what was found, in whatever order it is told."""

import asyncio
import itertools
import random
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import cache
from tempfile import mkdtemp

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection

from dispatcher.alerts import door_to_door
from dispatcher.alerts.office import Actor, Office
from dispatcher.alerts.refusals import NotNow, NotSo, NotYou
from dispatcher.distress import calls
from dispatcher.store import help_calls, logbook
from dispatcher.store.ledger import Ledger
from dispatcher.store.migrate import migrate
from dispatcher.store.mission_doors import door_sums
from dispatcher.store.new_doors import DoorsOf, NewDoor, add_doors
from dispatcher.store.told_marks import told_of
from dispatcher.tasking.from_street import Choice, from_street
from dispatcher.tasking.reading import paper, read_doors
from dispatcher.tasking.showing import shown_doors, sums_of
from dispatcher.tasking.wishes import Wish
from dispatcher.teams.adding import NewTeam, add
from dispatcher.teams.doors import Knock, doors_of, note_door
from dispatcher.teams.ordering import NewMission, move, propose
from dispatcher.teams.reporting import Sender
from plans.doors import DOOR_RESULTS, DoorFact, along, door_now
from tests.keyring import RING, opened
from tests.offices import office_of
from tests.outgoing import COMMUNE, phone
from tests.test_call_list import silent_town

RAC, OBSERVER = Actor("rac", "rac"), Actor("voit", "observer")
TEN = datetime(2026, 11, 1, 10, tzinfo=UTC)
BASSE = Choice(streets=("rue basse",))

facts = st.lists(
    st.builds(
        DoorFact,
        st.integers(0, 3).map(float),
        st.sampled_from("abcdef"),
        st.sampled_from(sorted(DOOR_RESULTS)),
    ),
    max_size=8,
    unique_by=lambda one: one.report_id,
)


@given(facts, st.data())
def test_a_door_comes_to_the_same_in_any_order_and_however_often_it_is_told(
    told: list[DoorFact], data: st.DataObject
) -> None:
    again = data.draw(st.permutations([*told, *told]))
    assert door_now(again) == door_now(told)
    if told:
        latest = max(one.at for one in told)
        found = door_now(told)
        assert found is not None
        assert found.at == latest


@given(st.permutations(["1", "2", "2 bis", "3", "10", "11", ""]))
def test_a_team_walks_up_the_odd_side_and_back_the_even_one(numbers: list[str]) -> None:
    walk = sorted(numbers, key=lambda one: along("Rue Basse", one))
    assert walk == ["1", "3", "11", "10", "2", "2 bis", ""]


async def told(
    office: Office, mission: str, door: str, result: str, *, minute: int, counted: int | None = None
) -> None:
    at = TEN + timedelta(minutes=minute)
    sender = Sender("phone", "T1", f"{door}-{minute}-{result}")
    await note_door(office, mission, Knock(door, result, at, counted), sender=sender)


async def test_a_street_of_the_list_becomes_one_mission_with_its_doors_in_order(
    ledger: Ledger,
) -> None:
    _, version = await silent_town(ledger)
    office = office_of(ledger, COMMUNE)
    made = await asyncio.gather(
        *(from_street(office, version.alert_id, BASSE, wish=Wish(), actor=RAC) for _ in range(3))
    )
    assert len({one.mission for one in made}) == 1
    doors = await doors_of(office, made[0].mission)
    assert [one.row.label for one in doors] == ["10 Rue Basse", "2 Rue Basse", "2 bis Rue Basse"]
    assert [one.needs for one in doors] == [("warn_first",), (), ()]
    assert made[0].title == "Porte-à-porte : Rue Basse"
    other = Choice(streets=("Rue Basse", "Rue Haute"))
    rest = await from_street(office, version.alert_id, other, wish=Wish(), actor=RAC)
    assert [one.row.label for one in await doors_of(office, rest.mission)] == ["12 Rue Haute"]
    await move(office, rest.mission, "cancelled", actor=RAC, note="autre équipe")
    anew = await from_street(office, version.alert_id, other, wish=Wish(), actor=RAC)
    assert anew.mission != rest.mission  # that one is over: somebody else has to go


async def test_doors_that_another_team_has_are_refused_with_its_name(ledger: Ledger) -> None:
    _, version = await silent_town(ledger)
    office = office_of(ledger, COMMUNE)
    for sign in ("T1", "T2"):
        await add(office, NewTeam(sign), actor=RAC)
    made = await from_street(office, version.alert_id, BASSE, wish=Wish("T1"), actor=RAC)
    again = await from_street(office, version.alert_id, BASSE, wish=Wish("T1"), actor=RAC)
    assert again.mission == made.mission
    for queued in (False, True):
        other = Wish("T2", queue=queued)
        with pytest.raises(NotNow, match="T1 a déjà cette mission : « Porte-à-porte"):
            await from_street(office, version.alert_id, BASSE, wish=other, actor=RAC)


async def test_what_is_found_flows_back_to_the_list_and_the_latest_counts(ledger: Ledger) -> None:
    _, version = await silent_town(ledger)
    office = office_of(ledger, COMMUNE)
    made = await from_street(office, version.alert_id, BASSE, wish=Wish(), actor=RAC)
    ten, two, bis = (one.row.door for one in await doors_of(office, made.mission))
    await told(office, made.mission, ten, "found", minute=10, counted=3)
    await told(office, made.mission, ten, "empty", minute=20)
    await told(office, made.mission, ten, "refused", minute=15, counted=2)  # late: it stays behind
    await told(office, made.mission, two, "refused", minute=5, counted=1)
    await told(office, made.mission, two, "refused", minute=5, counted=1)
    doors = {one.row.door: one for one in await doors_of(office, made.mission)}
    assert doors[ten].row.result == "empty"
    assert [one.result for one in doors[ten].history] == ["empty", "refused", "found"]
    assert len(doors[two].history) == 1
    sums = sums_of(list(doors.values()))
    assert (sums.doors, sums.done, sums.people, sums.refused, sums.empty) == (3, 2, 1, 1, 1)
    assert await door_sums(ledger, COMMUNE, [made.mission, "m0"]) == {made.mission: sums}
    marks = await told_of(ledger, COMMUNE, version.version_id)
    assert {one: mark.how for one, mark in marks.items()} == {
        "p00003": "at_door",  # she was spoken to: nobody opens later, and she was told
        "p00002": "at_door",
    }
    await door_to_door.mark(office, version.alert_id, "p00004", "phoned", actor=RAC)
    await told(office, made.mission, bis, "empty", minute=1)  # long before she was telephoned
    assert (await told_of(ledger, COMMUNE, version.version_id))["p00004"].how == "phoned"
    lines = [one async for one in logbook.read_all(ledger, COMMUNE) if one.kind[:5] == "door."]
    assert [one.kind for one in lines].count("door.refused") == 2
    assert not any("Basse" in one.text + str(one.data) for one in lines)


async def test_who_answers_meanwhile_is_told_on_her_door(ledger: Ledger) -> None:
    town, version = await silent_town(ledger)
    office = office_of(ledger, COMMUNE)
    made = await from_street(office, version.alert_id, BASSE, wish=Wish(), actor=RAC)
    assert [one.reached for one in await doors_of(office, made.mission)] == [0, 0, 0]
    await town.answers(phone(3), "understood")
    assert [one.reached for one in await doors_of(office, made.mission)] == [1, 0, 0]


async def test_help_needed_at_a_door_is_a_call_for_help_until_somebody_ended_it(
    ledger: Ledger,
) -> None:
    _, version = await silent_town(ledger)
    office = office_of(ledger, COMMUNE)
    before = {one.call_id for one in await help_calls.open_calls(ledger, COMMUNE)}
    made = await from_street(office, version.alert_id, BASSE, wish=Wish(), actor=RAC)
    doors = [one.row.door for one in await doors_of(office, made.mission)]
    for door in doors[:2]:
        await told(office, made.mission, door, "help", minute=1)
    await told(office, made.mission, doors[0], "evacuated", minute=9)  # it is not taken back by it
    new = [one for one in await help_calls.open_calls(ledger, COMMUNE) if one.call_id not in before]
    assert [one.via for one in new] == ["door", "door"]
    found = {(await calls.look(office, one.call_id, actor=RAC))[1] for one in new}
    assert {one.door.label for one in found if one.door} == {"10 Rue Basse", "2 Rue Basse"}
    assert {each.person_id for one in found for each in one.people} == {"p00003", "p00002"}


async def test_names_are_for_those_who_may_read_them_on_paper_too(ledger: Ledger) -> None:
    _, version = await silent_town(ledger)
    office = office_of(ledger, COMMUNE)
    made = await from_street(office, version.alert_id, BASSE, wish=Wish(), actor=RAC)
    for actor, sees in ((RAC, True), (OBSERVER, False)):
        read = await read_doors(office, made.mission, actor=actor, form="csv")
        assert ("p00003" in await paper(office, read)) is sees
        assert ("p00003" in str(shown_doors(read.doors, names=read.named))) is sees
    lines = await logbook.read_kinds(ledger, COMMUNE, "mission.doors_read", limit=9)
    assert [one.author for one in lines] == ["rac"]


async def test_what_makes_no_mission_is_refused_in_words(ledger: Ledger) -> None:
    _, version = await silent_town(ledger)
    office = office_of(ledger, COMMUNE)
    for empty in (Choice(), Choice(streets=("Rue Perdue",))):
        with pytest.raises(NotSo, match="Aucune porte"):
            await from_street(office, version.alert_id, empty, wish=Wish(), actor=RAC)
    with pytest.raises(NotYou):
        await from_street(office, version.alert_id, BASSE, wish=Wish(), actor=OBSERVER)
    made = await from_street(office, version.alert_id, BASSE, wish=Wish(), actor=RAC)
    (door, *_) = await doors_of(office, made.mission)
    with pytest.raises(NotSo, match="n'est pas un résultat"):
        await told(office, made.mission, door.row.door, "gone", minute=1)


results = st.lists(
    st.tuples(
        st.integers(0, 3), st.sampled_from(("a", "b")), st.sampled_from(sorted(DOOR_RESULTS))
    ),
    max_size=6,
)


@settings(max_examples=6, deadline=None)
@given(results, st.randoms(use_true_random=False))
def test_in_any_order_and_however_often_the_ledger_s_list_is_the_same(
    told: list[tuple[int, str, str]], dice: random.Random
) -> None:
    shuffled = [*told, *told]
    dice.shuffle(shuffled)
    url = _migrated()

    async def both() -> bool:
        async with opened(url) as ledger:
            return await _as_told(ledger, told) == await _as_told(ledger, shuffled)

    assert asyncio.run(both())


@cache
def _migrated() -> str:
    url = f"sqlite+aiosqlite:///{mkdtemp()}/ledger.sqlite"
    asyncio.run(migrate(url))
    return url


TOWNS = itertools.count(10_000)  # each time another one, in the same ledger


async def _as_told(ledger: Ledger, order: Sequence[tuple[int, str, str]]) -> list[object]:
    commune = str(next(TOWNS))
    town = office_of(ledger, commune)
    doors = [NewDoor(d, n, "Rue", d, None, None, (f"p-{d}",)) for n, d in enumerate("ab")]

    def beside(connection: Connection, mission: str) -> None:
        add_doors(connection, DoorsOf(commune, mission, "v", RING), doors)

    made = await propose(town, NewMission("other", "Rue", beside=beside), actor=RAC)
    for minute, door, result in order:
        await told_at(town, made.mission, door, result, minute)
    rows = await doors_of(town, made.mission)
    marks = await told_of(ledger, commune, "v")
    cries = await help_calls.open_calls(ledger, commune)
    kept = [(one.row.door, one.row.result, one.row.at, len(one.history)) for one in rows]
    return [kept, sorted((who, mark.how) for who, mark in marks.items()), len(cries)]


async def told_at(town: Office, mission: str, door: str, result: str, minute: int) -> None:
    knock = Knock(door, result, TEN + timedelta(minutes=minute))
    # The report's id is made of what is said: the mission's own id must not decide a tie.
    await note_door(town, mission, knock, sender=Sender("phone", "T1", f"{door}{minute}{result}"))
