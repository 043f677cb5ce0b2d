"""Who goes first: urgent lanes overtake all that is queued, equal alerts take turns (fault F31)."""

import asyncio
from collections import Counter

from channels.contract import Pace, Unit
from dispatcher.delivery.drain import drain
from dispatcher.delivery.planning import materialise_next
from dispatcher.store import claims
from dispatcher.store.ledger import Ledger
from dispatcher.store.people import Contact
from tests.fake_channel import FakeChannel, door
from tests.keyring import opened
from tests.outgoing import Inhabitant, Plan, crowd, launched, phone, planned, rows

RATE = 80.0
WINDOW = 20  # messages that leave within a quarter of a second at this rate
COMMUNES = 20


def urgent(size: int) -> list[Inhabitant]:
    return crowd(size, first=9_000)


async def claim(ledger: Ledger, limit: int) -> list[claims.Claimed]:
    return await claims.claim(ledger, route="live", medium="sms", owner="w1", limit=limit)


async def make_all(ledger: Ledger) -> None:
    while await materialise_next(ledger) is not None:
        pass


async def test_an_urgent_alert_overtakes_all_that_is_queued_within_two_windows(
    ledger: Ledger,
) -> None:
    await planned(ledger, Plan(crowd(400)))
    fake = FakeChannel(pace=Pace(Unit.MESSAGES, RATE))
    sending = asyncio.create_task(drain(door(ledger, fake)))
    while len(fake.ledger) < 30:
        await asyncio.sleep(0.01)
    await planned(ledger, Plan(urgent(60), lane=0))
    before = len(fake.ledger)
    while len(fake.ledger) < before + 60 + 3 * WINDOW:
        await asyncio.sleep(0.01)
    sending.cancel()
    await asyncio.gather(sending, return_exceptions=True)
    order = [int(one.contact[-4:]) >= 9_000 for one in fake.ledger[before:]]
    first = order.index(True)
    assert first <= 2 * WINDOW  # the one that leaves, and the one that stands ready
    # A window that stood ready and missed its places on a busy machine leaves a little later.
    assert sum(order[first : first + 60 + WINDOW]) == 60


async def test_what_was_overtaken_goes_back_and_leaves_later_as_if_never_claimed(
    ledger: Ledger,
) -> None:
    await planned(ledger, Plan(crowd(100)))
    fake = FakeChannel(pace=Pace(Unit.MESSAGES, RATE))
    sending = asyncio.create_task(drain(door(ledger, fake)))
    while len(fake.ledger) < 5:
        await asyncio.sleep(0.01)
    await planned(ledger, Plan(urgent(5), lane=0))
    await sending
    assert {row["attempts"] for row in await rows(ledger)} == {1}
    assert len(fake.copies) == len(fake.ledger) == 105


async def test_tests_and_information_wait_for_ordinary_alerts(ledger: Ledger) -> None:
    await planned(ledger, Plan(crowd(60), lane=2))
    await planned(ledger, Plan(crowd(60, first=60), lane=1))
    fake = FakeChannel(pace=Pace(Unit.MESSAGES, RATE))
    await drain(door(ledger, fake))
    order = [int(one.contact[-4:]) >= 60 for one in sorted(fake.ledger, key=lambda one: one.at)]
    # A window that stood ready and missed its places on a busy machine leaves a little later.
    assert order[:WINDOW] == [True] * WINDOW
    assert sum(order[: 60 + WINDOW]) == 60
    assert len(order) == 120


async def test_blocks_of_an_urgent_alert_are_made_before_those_launched_earlier(
    ledger: Ledger,
) -> None:
    await launched(ledger, Plan(crowd(60), block=10))
    await materialise_next(ledger)
    await launched(ledger, Plan(urgent(20), block=10, lane=0))
    await materialise_next(ledger)
    await materialise_next(ledger)
    made = [int(str(row["contact"])[-4:]) for row in await rows(ledger)]
    assert made == [*range(10), *range(9_000, 9_020)]


async def launch_together(ledger: Ledger, *, people: int, block: int = 500) -> None:
    for commune in range(COMMUNES):
        crowd_of = crowd(people, first=commune * people)
        await launched(ledger, Plan(crowd_of, block=block, commune=f"9{commune:04d}"))


def apart(counts: Counter[int]) -> int:
    """Tell by how many the most served commune is ahead of the least."""
    served = [counts[commune] for commune in range(COMMUNES)]
    return max(served) - min(served)


async def test_twenty_communes_that_launch_at_once_have_their_blocks_made_in_turn(
    ledger: Ledger,
) -> None:
    await launch_together(ledger, people=9, block=3)
    ahead = []
    for _ in range(COMMUNES * 3):
        await materialise_next(ledger)
        counts = Counter(int(str(row["commune"])[1:]) for row in await rows(ledger))
        ahead.append(apart(counts))
    assert max(ahead) == 3  # one block
    assert ahead[-1] == 0


async def test_twenty_communes_that_launch_at_once_are_served_alike_at_any_moment(
    ledger: Ledger, ledger_url: str
) -> None:
    people = 12
    await launch_together(ledger, people=people)
    await make_all(ledger)
    fake = FakeChannel(pace=Pace(Unit.MESSAGES, 100.0))
    async with opened(ledger_url) as other:
        await asyncio.gather(
            drain(door(ledger, fake, owner="w1")), drain(door(other, fake, owner="w2"))
        )
    counts: Counter[int] = Counter()
    ahead = []
    for one in sorted(fake.ledger, key=lambda one: one.at):
        counts[int(one.contact[-4:]) // people] += 1
        ahead.append(apart(counts))
    assert counts == Counter(dict.fromkeys(range(COMMUNES), people))
    assert max(ahead) <= 4  # each worker is somewhere in a round of its own


async def test_one_worker_serves_twenty_communes_person_by_person(ledger: Ledger) -> None:
    people = 12
    await launch_together(ledger, people=people)
    await make_all(ledger)
    fake = FakeChannel(pace=Pace(Unit.MESSAGES, 400.0))
    await drain(door(ledger, fake))
    counts: Counter[int] = Counter()
    for one in fake.ledger:
        counts[int(one.contact[-4:]) // people] += 1
        assert apart(counts) <= 2  # a round, and what two messages side by side may swap
    assert counts.total() == COMMUNES * people


async def test_the_first_people_of_a_later_alert_go_before_the_last_of_an_earlier(
    ledger: Ledger,
) -> None:
    await planned(ledger, Plan(crowd(100)))
    await claim(ledger, 40)
    await planned(ledger, Plan(crowd(100, first=100)))
    order = [int(one.contact[-4:]) for one in await claim(ledger, 70)]
    assert order[:40] == [*range(100, 140)]  # until it has had as much as the other
    assert sorted(order[40:]) == [*range(40, 55), *range(140, 155)]  # then in turn


async def test_positions_are_ranks_over_all_blocks_whatever_the_chains(ledger: Ledger) -> None:
    people = [
        Inhabitant(
            f"p{at:03d}",
            (Contact("mobile", phone(at)), Contact("email", f"p{at}@valombre.example")),
        )
        for at in range(30)
    ]
    media = (["sms"], ["email"], ["email", "sms"])
    kinds = [tuple((medium,) for medium in kind) for kind in media]
    choice = tuple(at % 3 for at in range(30))
    await planned(ledger, Plan(people, chains=kinds[0], others=tuple(kinds[1:]), choice=choice))
    made = sorted((int(str(row["position"])), str(row["medium"])) for row in await rows(ledger))
    assert made == [(at, medium) for at in range(30) for medium in media[at % 3]]
