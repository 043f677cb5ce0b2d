"""The turns of the pursuit: killed, doubled, late, in order, to the end of the alert."""

import asyncio
import time
from collections import Counter

import pytest
from sqlalchemy import select, update

from dispatcher.delivery.content import Escalation
from dispatcher.delivery.planning import block_of
from dispatcher.logbook.chain import verify_ledger
from dispatcher.store import logbook
from dispatcher.store.ledger import Ledger
from dispatcher.store.outgoing import versions
from dispatcher.store.pursuit_tables import pursuit_blocks
from tests.fake_channel import REFUSE
from tests.outgoing import (
    COMMUNE,
    LOGBOOK_KEY,
    Inhabitant,
    Plan,
    cancelled,
    phone,
    planned,
    rows,
)
from tests.pursued_town import CHAIN, LONG, Interrupted, Town, plan, pursuer, resident


@pytest.fixture
def town(ledger: Ledger) -> Town:
    return Town(ledger)


async def test_two_workers_at_once_move_each_person_once(town: Town) -> None:
    crowd = [resident(number) for number in range(40)]
    await planned(town.ledger, plan(*crowd))
    await town.send()
    await town.later()
    await asyncio.gather(*(town.turn() for _ in range(3)))
    await town.send()
    assert town.got("voice") == Counter({phone(number): 1 for number in range(40)})
    assert set((await town.people()).values()) == {("waiting", 1, None)}
    assert town.got("email") == Counter()


async def test_a_turn_that_is_killed_has_written_nothing_and_the_next_one_does_it(
    town: Town,
) -> None:
    await planned(town.ledger, plan(resident(1)))
    await town.send()
    await town.later()
    with pytest.raises(RuntimeError):
        await pursuer(Interrupted(town.ledger, dies=True)).turn()
    assert await town.people() == {}
    assert len(await rows(town.ledger)) == 1
    assert await town.turn() == {"voice"}


async def test_an_answer_between_the_look_and_the_write_stops_it(town: Town) -> None:
    await planned(town.ledger, plan(resident(1)))
    await town.send()
    await town.later()
    slow = Interrupted(town.ledger, before=lambda: town.answers(phone(1)))
    assert (await pursuer(slow).turn()).media == frozenset()
    assert await town.turn() == set()
    assert len(await rows(town.ledger)) == 1
    assert await town.people() == {}


async def test_a_worker_that_slept_over_its_look_moves_nobody_back(town: Town) -> None:
    await planned(town.ledger, plan(resident(1)))
    await town.send()
    await town.later()

    async def meanwhile() -> None:
        assert await town.turn() == {"voice"}
        await town.send()
        await town.later()
        assert await town.turn() == {"email"}

    woken = Interrupted(town.ledger, before=meanwhile)
    assert (await pursuer(woken).turn()).media == frozenset()
    assert await town.people() == {"p00001": ("waiting", 2, None)}


async def test_nobody_is_pursued_of_an_alert_that_was_cancelled(town: Town) -> None:
    version = await planned(town.ledger, plan(resident(1)))
    await town.send()
    await cancelled(town.ledger, version)
    await town.later()
    assert await town.turn() == set()
    assert await town.people() == {}


async def test_when_the_alert_expires_those_who_said_nothing_are_listed(town: Town) -> None:
    version = await planned(town.ledger, plan(resident(1), resident(2)))
    await town.send()
    await town.answers(phone(1))
    async with town.ledger.writing() as connection:
        await connection.execute(update(versions).values(expires_at=time.time() - 1))
    assert await town.turn() == set()
    assert await town.people() == {"p00002": ("unreached", 0, "expired")}
    await town.turn()
    async with town.ledger.reading() as connection:
        ended = select(versions.c.pursuit).where(versions.c.version_id == version.version_id)
        assert (await connection.execute(ended)).scalar_one() == "over"


async def test_the_end_of_the_pursuit_is_written_once_with_its_counts(town: Town) -> None:
    alone, moved = Inhabitant("p00003", ()), resident(1)
    await planned(town.ledger, plan(moved, resident(2), alone, how=Escalation((60.0,))))
    await town.send()
    await town.answers(phone(2))
    for _ in range(3):
        await town.later()
        await town.turn()
        await town.send()
    for _ in range(2):
        await asyncio.gather(town.turn(), town.turn())
    lines = [one for one in await logbook.read(town.ledger, COMMUNE) if one.kind == "alert.pursued"]
    assert [one.data["unreached"] for one in lines] == [{"silent": 1}]
    assert lines[0].data["unreachable"] == {"no_contact": 1}
    assert (await verify_ledger(town.ledger, COMMUNE, key=LOGBOOK_KEY)).valid


async def test_an_alert_without_escalation_costs_the_pursuit_nothing(town: Town) -> None:
    await planned(town.ledger, Plan([resident(1)], CHAIN))
    town.doors["sms"].script = [REFUSE]
    await town.send()
    assert await town.turn() == set()
    async with town.ledger.reading() as connection:
        assert (await connection.execute(select(pursuit_blocks))).all() == []


async def test_many_blocks_are_worked_through_turn_by_turn(town: Town) -> None:
    crowd = [resident(number) for number in range(30)]
    await planned(town.ledger, Plan(crowd, CHAIN, block=5, escalation=LONG))
    await town.send()
    await town.later()
    turns = 0
    while await town.turn():
        turns += 1
    assert turns == 6
    await town.send()
    assert town.got("voice") == Counter({phone(number): 1 for number in range(30)})


async def test_later_steps_keep_the_order_of_urgency_behind_all_first_messages(
    town: Town,
) -> None:
    crowd = [resident(number) for number in range(12)]
    await planned(town.ledger, Plan(crowd, CHAIN, block=5, escalation=LONG))
    first = {str(r["contact"]): int(str(r["position"])) for r in await rows(town.ledger)}
    assert [block_of(first[phone(n)]) for n in range(12)] == [n // 5 for n in range(12)]
    await town.send()
    await town.later()
    while await town.turn():
        pass
    voice = [r for r in await rows(town.ledger) if r["medium"] == "voice"]
    in_order = sorted(voice, key=lambda r: int(str(r["position"])))
    assert [r["contact"] for r in in_order] == sorted(first, key=lambda c: first[c])
    assert min(int(str(r["position"])) for r in voice) > max(first.values())
