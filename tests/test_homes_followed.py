"""Homes that follow the ledger's changes are those that it holds, whatever happened meanwhile."""

import asyncio
import itertools
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, select, text, update

from dispatcher.alerts.residences import Residences
from dispatcher.store import own_changes
from dispatcher.store.addresses import Address, replace_addresses
from dispatcher.store.enrolment import put_residents
from dispatcher.store.ledger import Ledger
from dispatcher.store.logbook import Entry
from dispatcher.store.own_links import Own
from dispatcher.store.people import Contact
from dispatcher.store.places import MOST_MOVES
from dispatcher.store.registers import Home, Resident
from dispatcher.store.tables import home_changes, homes, persons
from dispatcher.store.versions import Chained
from tests.homes_seen import SIDE, SOUTH, WEST, seen
from tests.keyring import opened

COMMUNE = "99117"
LINE = Chained(Entry("rac", "residents.changed", "Essai"), b"k" * 32)
KEPT = 10_000  # of the migration that notes the changes
_COMMUNES = itertools.count(10_000)

spots = st.sampled_from([(0.2, 0.2), (0.4, 0.7), (0.8, 0.3), (3.0, 0.5)])
doors = st.sampled_from(["", "1 rue haute", "2 rue haute"])
lived = st.builds(
    lambda spot, door: Home(door, door, *_at(spot)) if spot else Home(door, door),
    spots | st.none(),
    doors,
)
living = st.lists(lived, min_size=1, max_size=3).map(tuple)
who = st.integers(0, 4)


def _at(spot: tuple[float, float]) -> tuple[float, float]:
    return WEST + spot[0] * SIDE, SOUTH + spot[1] * SIDE


def resident(number: int, lived: tuple[Home, ...]) -> Resident:
    ways = (Contact("email", f"p{number}@valombre.example"),)
    return Resident(f"x{number}", f"N{number}", ("fr",), contacts=ways, homes=lived)


Step = Callable[[Ledger, str], Awaitable[object]]


@dataclass(frozen=True)
class Act:
    """Something that happens to a commune; told by its name and what it is about."""

    name: str
    of: tuple[object, ...]
    step: Step = field(repr=False)


def imported(people: list[tuple[int, tuple[Home, ...]]]) -> Act:
    said = [resident(*one) for one in {one[0]: one for one in people}.values()]
    return Act("imported", (people,), lambda to, code: put_residents(to, said, commune=code))


def erased(number: int) -> Act:
    return Act("erased", (number,), lambda to, code: _of_her(to, code, number, own_changes.erase))


def left(number: int, back: bool) -> Act:
    verb = own_changes.come_back if back else own_changes.leave
    return Act("left", (number, back), lambda to, code: _of_her(to, code, number, verb))


async def _of_her(ledger: Ledger, commune: str, number: int, verb: Callable[..., object]) -> None:
    person = await _id_of(ledger, commune, number)
    if person is not None:
        await verb(ledger, Own(commune, person), line=LINE)  # type: ignore[misc]


async def _id_of(ledger: Ledger, commune: str, number: int) -> str | None:
    hers = (persons.c.commune == commune, persons.c.external_id == f"x{number}")
    async with ledger.reading() as connection:
        return (await connection.execute(select(persons.c.person_id).where(*hers))).scalar()


def edited(number: int, spot: tuple[float, float]) -> Act:
    async def step(ledger: Ledger, commune: str) -> None:
        person, (lon, lat) = await _id_of(ledger, commune, number), _at(spot)
        hers = (homes.c.commune == commune, homes.c.person_id == person, homes.c.number == 0)
        async with ledger.writing() as connection:
            await connection.execute(update(homes).where(*hers).values(lon=lon, lat=lat))

    return Act("edited", (number, spot), step)


def unhoused(number: int) -> Act:
    async def step(ledger: Ledger, commune: str) -> None:
        person = await _id_of(ledger, commune, number)
        hers = (homes.c.commune == commune, homes.c.person_id == person, homes.c.number > 0)
        async with ledger.writing() as connection:
            await connection.execute(delete(homes).where(*hers))

    return Act("unhoused", (number,), step)


def merged(one: int, into: int) -> Act:
    """Give somebody's homes to another: the row stays, its owner does not."""

    async def step(ledger: Ledger, commune: str) -> None:
        person, other = [await _id_of(ledger, commune, number) for number in (one, into)]
        if person is None or other is None or one == into:
            return
        hers = (homes.c.commune == commune, homes.c.person_id == person)
        free = 1000 + next(_COMMUNES)
        async with ledger.writing() as connection:
            given = {
                "person_id": other,
                "number": homes.c.number + free,
                "label": "",
            }  # sealed to her
            await connection.execute(update(homes).where(*hers).values(given))

    return Act("merged", (one, into), step)


def addressed(places: list[tuple[str, tuple[float, float]]]) -> Act:
    rows = [
        Address(f"a{at}", door, "rue haute", door, *_at(spot))
        for at, (door, spot) in enumerate(places)
    ]
    return Act("addressed", (places,), lambda to, code: replace_addresses(to, code, rows))


FOUNDED = imported([(number, (Home("", "", *_at((0.2, 0.2))),)) for number in range(4)])
acts = st.one_of(
    st.builds(imported, st.lists(st.tuples(who, living), min_size=1, max_size=4)),
    st.builds(imported, st.lists(st.tuples(who, living), min_size=1, max_size=1)),
    st.builds(edited, who, spots),
    st.builds(unhoused, who),
    st.builds(left, who, st.booleans()),
    st.builds(erased, who),
    st.builds(merged, who, who),
    st.builds(addressed, st.lists(st.tuples(doors.filter(bool), spots), max_size=3)),
)


@pytest.fixture
def runner() -> Iterator[asyncio.Runner]:
    with asyncio.Runner() as one:
        yield one


@settings(
    max_examples=40,
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],  # a dozen acts at most: small as found
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(steps=st.lists(st.tuples(acts, st.booleans()), min_size=2, max_size=12))
def test_homes_that_are_followed_are_those_read_whole_whatever_happened(
    runner: asyncio.Runner, ledger_url: str, steps: list[tuple[Act, bool]]
) -> None:
    async def law() -> None:
        commune, always, seldom = str(next(_COMMUNES)), Residences(), Residences()
        async with opened(ledger_url) as ledger:
            await FOUNDED.step(ledger, commune)
            await seldom.homes(ledger, commune)
            for act, looks in steps:
                await act.step(ledger, commune)
                whole = seen(await Residences().homes(ledger, commune))
                assert seen(await always.homes(ledger, commune)) == whole
                if looks:
                    assert seen(await seldom.homes(ledger, commune)) == whole
            whole = seen(await Residences().homes(ledger, commune))
            assert seen(await seldom.homes(ledger, commune)) == whole

    runner.run(law())


_THEY = text(
    "INSERT INTO persons (commune, person_id, source, name, language, languages, media)"
    " WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < :people)"
    " SELECT '99117', 'c' || i, 'import', '', 'fr', '[]', '[]' FROM n"
)
_THERE = text(
    "INSERT INTO homes (commune, person_id, number, label, place_mark, lon, lat)"
    " SELECT commune, person_id, 0, '', '',"
    " 5.0 + CAST(substr(person_id, 2) AS integer) / 2000000.0, 47.001"
    " FROM persons WHERE person_id LIKE 'c%' AND length(person_id) < 10"
)
_SOME_MOVE = text(
    "UPDATE homes SET lon = 5.0097"
    " WHERE CAST(substr(person_id, 2) AS integer) BETWEEN :low AND :high"
)


async def crowd(ledger: Ledger, people: int) -> None:
    """Enrol so many people in one statement, and their homes in another."""
    async with ledger.writing() as connection:
        await connection.execute(_THEY, {"people": people})
        await connection.execute(_THERE)


async def noted(ledger: Ledger) -> int:
    async with ledger.reading() as connection:
        return len((await connection.execute(select(home_changes.c.revision))).all())


async def moved(ledger: Ledger, number: int, lon: float) -> None:
    async with ledger.writing() as connection:
        await connection.execute(
            update(homes).where(homes.c.person_id == f"c{number}").values(lon=lon)
        )


async def test_a_change_is_followed_without_reading_all_again(ledger: Ledger) -> None:
    await crowd(ledger, 40)
    kept = Residences()
    before = seen(await kept.homes(ledger, COMMUNE))
    for number in range(1, 20):
        await moved(ledger, number, 5.0099)
    after = seen(await kept.homes(ledger, COMMUNE))
    assert after == seen(await Residences().homes(ledger, COMMUNE)) != before
    assert kept.readings == 1


async def test_a_home_given_to_another_follows_both(ledger: Ledger) -> None:
    await crowd(ledger, 3)
    kept = Residences()
    await kept.homes(ledger, COMMUNE)
    async with ledger.writing() as connection:
        given = update(homes).where(homes.c.person_id == "c1")
        await connection.execute(given.values(person_id="c2", number=1))
    after = seen(await kept.homes(ledger, COMMUNE))
    assert sorted(after[0]) == ["c2", "c3"]
    assert after == seen(await Residences().homes(ledger, COMMUNE))


@pytest.mark.parametrize("people", [MOST_MOVES + 1, KEPT + 1])
async def test_a_bulk_import_is_read_whole_and_leaves_little_behind(
    ledger: Ledger, people: int
) -> None:
    await put_residents(ledger, [resident(1, (Home("", "", 5.005, 47.005),))], commune=COMMUNE)
    kept = Residences()
    await kept.homes(ledger, COMMUNE)
    await crowd(ledger, people)
    assert len((await kept.homes(ledger, COMMUNE)).names) == people + 1
    assert kept.readings == 2
    assert await noted(ledger) <= KEPT
    await moved(ledger, 7, 6.0)
    after = await kept.homes(ledger, COMMUNE)
    assert kept.readings == 2
    assert seen(after) == seen(await Residences().homes(ledger, COMMUNE))


async def test_changes_that_were_cleared_are_read_whole(ledger: Ledger) -> None:
    await crowd(ledger, 5)
    kept = Residences()
    await kept.homes(ledger, COMMUNE)
    await moved(ledger, 1, 6.0)
    async with ledger.writing() as connection:
        await connection.execute(delete(home_changes))
    await moved(ledger, 2, 6.0)
    after = seen(await kept.homes(ledger, COMMUNE))
    assert after == seen(await Residences().homes(ledger, COMMUNE))
    assert len(after[0]) == 3


async def test_homes_of_a_ledger_put_back_from_a_backup_are_read_whole(ledger: Ledger) -> None:
    await crowd(ledger, 5)
    kept = Residences()
    await kept.homes(ledger, COMMUNE)
    async with ledger.writing() as connection:  # the same count of changes, of another history
        await connection.execute(update(home_changes).values(mark=home_changes.c.mark - 1))
        await connection.execute(text("UPDATE populations SET mark = mark - 1"))
        await connection.execute(text("UPDATE homes SET number = 1 WHERE person_id = 'c1'"))
    await moved(ledger, 3, 6.0)
    after = seen(await kept.homes(ledger, COMMUNE))
    assert kept.readings == 2
    assert after == seen(await Residences().homes(ledger, COMMUNE))


async def test_many_moves_are_folded_into_the_columns(ledger: Ledger) -> None:
    await crowd(ledger, 2 * MOST_MOVES)
    kept = Residences()
    whole = await kept.homes(ledger, COMMUNE)
    for part in range(4):
        low, high = part * MOST_MOVES // 2 + 1, (part + 1) * MOST_MOVES // 2
        async with ledger.writing() as connection:
            await connection.execute(_SOME_MOVE, {"low": low, "high": high})
        whole = await kept.homes(ledger, COMMUNE)
    assert kept.readings == 1
    assert len(whole.moved) < MOST_MOVES
    assert len(whole.names) < 3 * MOST_MOVES
    assert seen(whole) == seen(await Residences().homes(ledger, COMMUNE))
