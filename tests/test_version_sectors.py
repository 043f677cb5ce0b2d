"""Counters by sector: by where people live in the plan in force at the launch, beside the sends."""

import asyncio

from sqlalchemy import select, text

from dispatcher.alerts.sectoring import place_next
from dispatcher.store.following_tables import version_sectors
from dispatcher.store.ledger import Ledger
from dispatcher.store.outgoing import deliveries
from dispatcher.store.receipts import record_answer
from dispatcher.store.situation import answered_anew, progress
from tests.outgoing import COMMUNE, Plan, crowd, planned
from tests.situations import load_example_plan, office

INSIDE, ELSEWHERE = (5.018, 47.781), (0.0, 0.0)  # in the Bas-Bourg of the example; in the sea


async def settled(ledger: Ledger, people: int, *, block: int = 2) -> str:
    """Launch an alert to people of whom the even ones live in the Bas-Bourg; return its version."""
    await load_example_plan(ledger)
    version = await planned(ledger, Plan(crowd(people), block=block))
    async with ledger.writing() as connection:
        for number in range(people):
            lon, lat = INSIDE if number % 2 == 0 else ELSEWHERE
            await connection.execute(
                text(
                    "INSERT INTO homes (commune, person_id, number, label, place_mark, lon, lat)"
                    " VALUES (:c, :p, 0, '', '', :lon, :lat)"
                ),
                {"c": COMMUNE, "p": f"p{number:05d}", "lon": lon, "lat": lat},
            )
    return version.version_id


async def all_placed(ledger: Ledger) -> int:
    turns = 0
    while await place_next(office(ledger)):
        turns += 1
    return turns


async def test_people_are_counted_by_the_sector_they_live_in(ledger: Ledger) -> None:
    version = await settled(ledger, 6)
    assert (await progress(ledger, COMMUNE, version)).cases.by_sector == {}
    assert await all_placed(ledger) == 3
    found = (await progress(ledger, COMMUNE, version)).cases
    assert found.by_sector == {"Bas-Bourg": {"waiting": 3}, "": {"waiting": 3}}
    wanted = select(deliveries.c.delivery_id).order_by(deliveries.c.position).limit(1)
    first = await ledger.read(lambda one: one.execute(wanted).scalar_one())
    await record_answer(ledger, commune=COMMUNE, delivery_id=first, kind="understood", via="page")
    stands = await progress(ledger, COMMUNE, version)
    found, bourg = stands.cases, stands.said_by_sector
    assert (stands.answered, stands.delivered, bourg) == (1, 0, {"Bas-Bourg": (1, 0)})
    assert found.by_sector["Bas-Bourg"] == {"waiting": 2, "answered": 1}
    assert found.whole == {"waiting": 5, "answered": 1}
    await record_answer(ledger, commune=COMMUNE, delivery_id=first, kind="help", via="page")
    anew = await answered_anew(ledger, COMMUNE, version, figures=stands)
    assert anew.said_by_sector == {"Bas-Bourg": (1, 1)}  # she is of both
    assert (anew.understood, anew.need_help) == (1, 1)


async def test_two_workers_at_once_place_everybody_once(ledger: Ledger) -> None:
    version = await settled(ledger, 9)
    await asyncio.gather(*(all_placed(ledger) for _ in range(3)))
    wanted = select(version_sectors.c.person_id).where(version_sectors.c.version_id == version)
    found = await ledger.read(lambda one: list(one.execute(wanted).scalars()))
    assert sorted(found) == [f"p{number:05d}" for number in range(9)]
    assert not await place_next(office(ledger))


async def test_who_moves_after_the_launch_is_counted_where_she_lived(ledger: Ledger) -> None:
    version = await settled(ledger, 2)
    await all_placed(ledger)
    async with ledger.writing() as connection:
        await connection.execute(text("UPDATE homes SET lon = 0, lat = 0"))
    found = (await progress(ledger, COMMUNE, version)).cases
    assert found.by_sector == {"Bas-Bourg": {"waiting": 1}, "": {"waiting": 1}}
