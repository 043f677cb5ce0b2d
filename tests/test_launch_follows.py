"""Who moves while an alert is launched is in or out, never half; nobody else is lost or added."""

import asyncio
import itertools
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from dispatcher.alerts import life
from dispatcher.alerts.addressees import RESIDENCES
from dispatcher.alerts.audience import area_of
from dispatcher.alerts.office import Office
from dispatcher.alerts.refusals import NotNow
from dispatcher.crisis import overriding
from dispatcher.delivery.content import Content
from dispatcher.store.enrolment import put_residents
from dispatcher.store.ledger import Ledger
from dispatcher.store.personal import place_mark
from dispatcher.store.places import MOST_MOVES, home_places, mark_homes
from dispatcher.store.registers import Home, Resident
from dispatcher.store.tables import addresses, homes, logbook, persons
from tests.decided_town import CLERK, MAYOR, plan_files, planned, submitted_by, town_of
from tests.emergencies import DANGER, audience, looked, minute_passes, with_danger
from tests.offices import MIDDLE
from zones.area import Place

Spot = tuple[float, float]
AWAY = (-1.70, 48.10)
BESIDE = (MIDDLE[0] + 0.0004, MIDDLE[1])  # another door of the same area
READY_S = 1.0  # until a launch has found its audience, and waits for who is writing


@pytest.fixture
async def office(ledger: Ledger, tmp_path: Path) -> Office:
    return await town_of(ledger, tmp_path)


@dataclass(frozen=True)
class Town:
    """An alert that is approved, who lives in its area and who lives elsewhere."""

    alert: str
    here: list[str]
    elsewhere: list[str]


async def approved(office: Office) -> Town:
    alert = await submitted_by(office, CLERK)
    await life.approve(office, alert, actor=MAYOR)
    here = await living_in(office, alert)
    async with office.ledger.reading() as connection:
        wanted = select(homes.c.person_id).order_by(homes.c.person_id)
        everybody = (await connection.execute(wanted)).scalars()
        return Town(alert, sorted(here), [one for one in everybody if one not in here])


async def living_in(office: Office, alert: str) -> set[str]:
    """Return who lives in an alert's area by the ledger, home by home."""
    content = Content.of((await life.find(office, alert)).content)
    rows = await home_places(office.ledger, office.commune)
    area = area_of(content.area)
    return {
        person
        for person, lon, lat in zip(rows.person_ids, rows.lon, rows.lat, strict=True)
        if np.isfinite(lon) and area.covers_place(Place(lon, lat))
    }


async def move(connection: AsyncConnection, office: Office, person: str, *to: Spot) -> None:
    """Let somebody live at these places alone, as her row is written anew."""
    hers = (homes.c.commune == office.commune, homes.c.person_id == person)
    await connection.execute(delete(homes).where(*hers))
    for number, spot in enumerate(to):
        row = {"commune": office.commune, "person_id": person, "number": number}
        there = {"label": "", "place_mark": "", "lon": spot[0], "lat": spot[1]}
        await connection.execute(insert(homes).values(**row, **there))


async def launched_while(
    office: Office, alert: str, change: Callable[[AsyncConnection], Awaitable[None]]
) -> None:
    """Launch an alert that found its audience before a change, and goes on once it is committed."""
    async with office.ledger.writing() as connection:
        await change(connection)
        launching = asyncio.create_task(life.launch(office, alert, actor=MAYOR))
        await asyncio.sleep(READY_S)
        assert not launching.done()
    await launching


async def test_who_moves_while_an_alert_is_launched_is_in_or_out(office: Office) -> None:
    town = await approved(office)
    leaves, comes = town.here[0], town.elsewhere[0]

    async def change(connection: AsyncConnection) -> None:
        await move(connection, office, leaves, AWAY)
        await move(connection, office, comes, MIDDLE)

    await launched_while(office, town.alert, change)
    people = await audience(office, town.alert)
    assert sorted(people) == sorted([*town.here[1:], comes])


async def test_who_moves_within_the_area_meanwhile_is_neither_lost_nor_told_twice(
    office: Office,
) -> None:
    town = await approved(office)
    one, other = town.here[:2]

    async def change(connection: AsyncConnection) -> None:
        await move(connection, office, one, BESIDE)
        await move(connection, office, other, AWAY, BESIDE)  # a second home, in the area still

    await launched_while(office, town.alert, change)
    assert sorted(await audience(office, town.alert)) == town.here


async def test_who_is_erased_while_an_alert_is_launched_is_in_no_audience(office: Office) -> None:
    town = await approved(office)

    async def change(connection: AsyncConnection) -> None:
        await connection.execute(delete(persons).where(persons.c.person_id == town.here[0]))

    await launched_while(office, town.alert, change)
    assert sorted(await audience(office, town.alert)) == town.here[1:]


async def test_the_version_and_the_logbook_count_those_it_goes_to_in_the_end(
    office: Office,
) -> None:
    town = await approved(office)

    async def change(connection: AsyncConnection) -> None:
        for one in town.here[:7]:
            await move(connection, office, one, AWAY)

    await launched_while(office, town.alert, change)
    people = len(town.here) - 7
    assert (await life.find(office, town.alert)).people == people
    async with office.ledger.reading() as connection:
        wanted = select(logbook.c.data).where(logbook.c.kind == "alert.launched")
        assert [row[0]["people"] for row in await connection.execute(wanted)] == [people]


async def test_so_many_who_move_meanwhile_have_it_approved_again(office: Office) -> None:
    town = await approved(office)
    gone = town.here[:12]

    async def change(connection: AsyncConnection) -> None:
        for one in gone:
            await move(connection, office, one, AWAY)

    with pytest.raises(NotNow, match="valider de nouveau"):
        await launched_while(office, town.alert, change)
    assert (await life.find(office, town.alert)).state == "approved"
    assert await audience(office, town.alert) == []


async def test_a_change_between_the_approval_and_the_launch_is_in_the_launch(
    office: Office,
) -> None:
    town = await approved(office)
    async with office.ledger.writing() as connection:
        await move(connection, office, town.here[0], AWAY)
        await move(connection, office, town.elsewhere[0], MIDDLE)
    await life.launch(office, town.alert, actor=MAYOR)
    people = await audience(office, town.alert)
    assert sorted(people) == sorted([*town.here[1:], town.elsewhere[0]])


async def test_addresses_replaced_while_an_alert_is_launched_place_who_lives_there(
    office: Office,
) -> None:
    said = Resident("neuf", "NEUF", ("fr",), homes=(Home("1 rue Neuve", "1 rue neuve"),))
    await put_residents(office.ledger, [said], commune=office.commune)
    town = await approved(office)
    door = {
        "commune": office.commune, "address_id": "neuve", "label": "", "street": "",
        "place_key": "1 rue neuve", "place_mark": place_mark(office.ledger.ring, "1 rue neuve"),
        "lon": MIDDLE[0], "lat": MIDDLE[1],
    }  # fmt: skip

    async def change(connection: AsyncConnection) -> None:
        await connection.execute(insert(addresses).values(door))
        await mark_homes(connection, office.commune)

    await launched_while(office, town.alert, change)
    people = await audience(office, town.alert)
    assert len(people) == len(town.here) + 1
    assert set(people) == await living_in(office, town.alert)


async def test_a_file_imported_while_an_alert_is_launched_is_read_whole(office: Office) -> None:
    town = await approved(office)

    async def change(connection: AsyncConnection) -> None:
        await move(connection, office, town.here[0], AWAY)
        for _ in range(MOST_MOVES // len(town.elsewhere) + 1):
            hers = (homes.c.commune == office.commune, homes.c.person_id.in_(town.elsewhere))
            await connection.execute(update(homes).where(*hers).values(lon=homes.c.lon + 1e-9))

    before = RESIDENCES.readings
    await launched_while(office, town.alert, change)
    assert RESIDENCES.readings == before + 1
    assert sorted(await audience(office, town.alert)) == town.here[1:]


async def test_an_alert_of_the_emergency_procedure_goes_to_those_of_its_launch(
    office: Office,
) -> None:
    await planned(office, with_danger(plan_files()))
    alert = await overriding.hold(office, DANGER, actor=MAYOR)
    here = sorted(await living_in(office, alert))
    await minute_passes(office)
    async with office.ledger.writing() as connection:
        await move(connection, office, here[0], AWAY)
        leaving = asyncio.create_task(looked(office))
        await asyncio.sleep(READY_S)
        assert not leaving.done()
    assert await leaving
    assert sorted(await audience(office, alert)) == here[1:]


async def test_while_people_move_all_the_time_nobody_is_lost_and_nobody_added(
    office: Office,
) -> None:
    town = await approved(office)
    moving, away = town.here[:40], town.elsewhere[:40]  # half of them by each hand
    over = asyncio.Event()

    async def moves(first: int) -> None:
        for turn in itertools.count(first, 2):
            if over.is_set():
                return
            async with office.ledger.writing() as connection:
                await move(connection, office, moving[turn % 40], (MIDDLE, BESIDE)[turn // 40 % 2])
                await move(connection, office, away[turn % 40], AWAY)
            await asyncio.sleep(0)

    movers = [asyncio.create_task(moves(first)) for first in range(2)]
    await asyncio.sleep(0.1)
    await life.launch(office, town.alert, actor=MAYOR)
    over.set()
    await asyncio.gather(*movers)
    assert sorted(await audience(office, town.alert)) == town.here
