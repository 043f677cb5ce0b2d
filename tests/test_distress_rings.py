"""Nobody took a call for help within three minutes: the RAC is rung, once, and nobody else."""

import asyncio
import signal
import sys
from collections import Counter

import pytest
from sqlalchemy import select, update

from dispatcher.alerts.plan_in_force import in_force
from dispatcher.distress import calls
from dispatcher.distress.ringing import Ringer
from dispatcher.store import logbook
from dispatcher.store.ledger import Ledger
from dispatcher.store.outgoing import alerts, blocks, versions
from dispatcher.store.people import DUTY
from tests.distress_town import RAC, Town, town_in_distress
from tests.outgoing import COMMUNE

MINUTES = 60.0


async def rung(ledger: Ledger) -> list[str]:
    """Return who is called up, once for each call."""
    wanted = (
        select(blocks.c.people)
        .join(versions, versions.c.version_id == blocks.c.version_id)
        .where(versions.c.kind == "summons")
    )
    rows = await ledger.read(lambda one: one.execute(wanted).all())
    return [person for row in rows for person in row.people]


async def turn(town: Town) -> bool:
    return await Ringer(town.office).turn()


async def test_before_three_minutes_nobody_is_rung_and_after_them_one_person_once(
    ledger: Ledger,
) -> None:
    town = await town_in_distress(ledger)
    await town.cries()
    await town.age(2.9 * MINUTES)
    assert not await turn(town)
    assert await rung(ledger) == []
    await town.age(0.2 * MINUTES)
    assert await turn(town)
    (who,) = await rung(ledger)
    assert who.startswith(DUTY)
    await town.age(60 * MINUTES)
    assert not await turn(town)
    assert len(await rung(ledger)) == 1


async def test_she_is_the_rac_of_the_plan(ledger: Ledger) -> None:
    town = await town_in_distress(ledger)
    await town.cries()
    await town.age(4 * MINUTES)
    await turn(town)
    plan = (await in_force(town.office)).plan
    (role,) = [one for one in plan.roles if one.code == "RAC"]
    assert await rung(ledger) == [f"{DUTY}{role.people[0]}"]


async def test_what_somebody_took_in_time_rings_nobody(ledger: Ledger) -> None:
    town = await town_in_distress(ledger)
    await town.cries()
    await calls.take(town.office, (await town.the_call()).call_id, actor=RAC)
    await town.age(10 * MINUTES)
    assert not await turn(town)
    assert await rung(ledger) == []


async def test_ten_calls_at_once_ring_once_and_the_next_one_after_three_minutes(
    ledger: Ledger,
) -> None:
    town = await town_in_distress(ledger, 11)
    for number in range(10):
        await town.cries(number)
    await town.age(4 * MINUTES)
    assert await turn(town)
    await town.cries(10)
    await town.age(2.9 * MINUTES)
    assert not await turn(town)  # she is at the first ten
    await town.age(0.2 * MINUTES)
    assert await turn(town)
    assert len(await rung(ledger)) == 2


async def test_two_workers_at_the_same_call_ring_once(ledger: Ledger) -> None:
    town = await town_in_distress(ledger)
    await town.cries()
    await town.age(4 * MINUTES)
    said = await asyncio.gather(*(turn(town) for _ in range(4)))
    assert Counter(said) == {True: 1, False: 3}
    assert len(await rung(ledger)) == 1
    lines = [line async for line in logbook.read_all(ledger, COMMUNE) if line.kind == "help.rung"]
    assert len(lines) == 1


@pytest.mark.parametrize(
    ("mode", "prefix", "route"),
    [("exercise", "EXERCICE ", "live"), ("rehearsal", "Mairie", "rehearsal")],
)
async def test_the_ring_of_an_exercise_says_so_and_a_rehearsal_stays_in_the_house(
    ledger: Ledger, mode: str, prefix: str, route: str
) -> None:
    town = await town_in_distress(ledger)
    async with ledger.writing() as connection:
        await connection.execute(update(alerts).values(mode=mode))
    await town.cries()
    await town.age(4 * MINUTES)
    await turn(town)
    wanted = select(versions.c.content).where(versions.c.kind == "summons")
    (content,) = await ledger.read(lambda one: list(one.execute(wanted).scalars()))
    assert content["mode"] == mode
    assert content["texts"]["fr"]["sms"].startswith(prefix)
    assert content["route"] == route


KILLED = """
import asyncio, os, signal, sys
from dispatcher.distress.ringing import Ringer
from dispatcher.store import help_rings
from tests.keyring import opened
from sqlalchemy import event
from sqlalchemy.engine import Engine
from tests.situations import office

@event.listens_for(Engine, "before_cursor_execute")
def die(connection, cursor, statement, given, context, many):
    if sys.argv[2] in statement:
        os.kill(os.getpid(), signal.SIGKILL)

async def ring():
    async with opened(sys.argv[1]) as ledger:
        await Ringer(office(ledger)).turn()

asyncio.run(ring())
"""


@pytest.mark.parametrize("at", ["UPDATE help_calls", "INSERT INTO blocks", "INSERT INTO logbook"])
async def test_a_worker_killed_while_it_rings_has_rung_nobody_and_the_next_one_rings_once(
    ledger: Ledger, ledger_url: str, at: str
) -> None:
    town = await town_in_distress(ledger)
    await town.cries()
    await town.age(4 * MINUTES)
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", KILLED, ledger_url, at)
    assert await asyncio.wait_for(process.wait(), 60) == -signal.SIGKILL
    assert await rung(ledger) == []
    assert await turn(town)
    assert len(await rung(ledger)) == 1
