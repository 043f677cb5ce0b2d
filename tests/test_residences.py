"""Homes kept between a draft and its launch are those of the ledger, whoever moved meanwhile."""

import pytest
from shapely.geometry import box
from sqlalchemy import delete, text, update

from dispatcher.alerts.homes import Homes
from dispatcher.alerts.residences import Residences
from dispatcher.store.enrolment import put_residents
from dispatcher.store.ledger import Ledger
from dispatcher.store.places import home_places, homes_mark
from dispatcher.store.registers import Home, Resident
from dispatcher.store.tables import homes, persons
from zones.area import Area

COMMUNE, OTHER = "99117", "35047"
WORLD = Area.of(box(-170, -80, 170, 80))


def residents(size: int) -> list[Resident]:
    return [
        Resident(f"x{at}", f"N{at}", ("fr",), homes=(Home(f"{at} rue", f"{at}", 5.0, 47.0 + at),))
        for at in range(size)
    ]


@pytest.fixture
async def settled(ledger: Ledger) -> Ledger:
    for commune in (COMMUNE, OTHER):
        await put_residents(ledger, residents(3), commune=commune)
    return ledger


def latitudes(homes: Homes) -> list[float]:
    """Return the latitudes of the homes that an area of all the world finds."""
    read, moved = homes.inside(WORLD)
    hidden = ~homes.persons_of((read, moved))[: len(homes.read.names)]
    there = [lat for lat, owner in zip(homes.read.lat, homes.read.owner, strict=True)
             if not hidden[owner]]  # fmt: skip
    return sorted([*map(float, there), *homes.moved.lat.tolist()])


async def test_homes_are_read_once_while_nobody_moves(settled: Ledger) -> None:
    kept = Residences()
    first = await kept.homes(settled, COMMUNE)
    assert latitudes(first) == [47.0, 48.0, 49.0]
    assert await kept.homes(settled, COMMUNE) is first
    assert await kept.homes(settled, OTHER) is not first
    assert await kept.homes(settled, COMMUNE) is first


@pytest.mark.parametrize(
    "change",
    [
        update(homes).where(homes.c.commune == COMMUNE, homes.c.lat == 48.0).values(lat=40.0),
        delete(homes).where(homes.c.commune == COMMUNE, homes.c.lat == 48.0),
        delete(persons).where(persons.c.commune == COMMUNE, persons.c.external_id == "x1"),
        text(
            "INSERT INTO homes (commune, person_id, number, label, place_mark, lon, lat)"
            " SELECT commune, person_id, 1, '', '', 6, 40 FROM homes WHERE commune = '99117'"
        ),
    ],
    ids=["moved", "left", "erased", "a second home"],
)
async def test_whoever_changes_a_home_it_is_read_again(settled: Ledger, change: object) -> None:
    kept = Residences()
    before = await kept.homes(settled, COMMUNE)
    other = await homes_mark(settled, OTHER)
    async with settled.writing() as connection:
        await connection.execute(change)  # type: ignore[call-overload]  # any of the statements
    after = await kept.homes(settled, COMMUNE)
    assert latitudes(after) != latitudes(before)
    told = await home_places(settled, COMMUNE)
    assert latitudes(after) == sorted(told.lat.tolist())
    assert await homes_mark(settled, OTHER) == other


async def test_a_commune_without_homes_has_none_and_no_mark(ledger: Ledger) -> None:
    assert await homes_mark(ledger, COMMUNE) is None
    assert len((await Residences().homes(ledger, COMMUNE)).names) == 0
