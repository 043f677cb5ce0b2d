"""Deliveries made from a frozen audience: each contact once, nobody forgotten, however it runs."""

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select, update

from dispatcher.delivery.planning import materialise_next
from dispatcher.delivery.reach import CARRIED_BY, choose
from dispatcher.store import blocks as store
from dispatcher.store.ledger import Ledger
from dispatcher.store.outgoing import blocks, unreachable
from dispatcher.store.people import Contact, Person
from dispatcher.store.results import results
from tests.behind import all_behind
from tests.outgoing import (
    COMMUNE,
    Inhabitant,
    Plan,
    cancelled,
    crowd,
    launched,
    phone,
    planned,
    rows,
)

MEDIA = tuple(CARRIED_BY)
KINDS = {kind for kinds in CARRIED_BY.values() for kind in kinds}
people = st.builds(
    Person,
    languages=st.just(("fr",)),
    id=st.just("p"),
    name=st.just(""),
    chosen_media=st.lists(st.sampled_from(MEDIA), unique=True).map(tuple),
    contacts=st.lists(
        st.builds(
            Contact,
            kind=st.sampled_from(sorted(KINDS)),
            value=st.text("0123456789", min_size=1, max_size=3),
            rank=st.integers(0, 5),
        ),
        max_size=5,
    ).map(tuple),
    unsubscribed=st.booleans(),
)
chains = st.lists(st.lists(st.sampled_from(MEDIA), unique=True, max_size=4), max_size=3)


@given(person=people, targets=chains)
def test_a_medium_is_taken_with_a_contact_of_that_person_that_carries_it(
    person: Person, targets: list[list[str]]
) -> None:
    for medium, value in choose(person, targets).ways:
        assert any(one.value == value and one.kind in CARRIED_BY[medium] for one in person.contacts)


@given(person=people, targets=chains)
def test_a_chain_gives_one_way_at_most(person: Person, targets: list[list[str]]) -> None:
    ways = choose(person, targets).ways
    assert len(ways) == len(set(ways)) <= max(1, len(targets))
    assert len({medium for medium, _ in ways}) == len(ways)


@given(person=people, targets=chains)
def test_nobody_with_a_contact_is_lost_and_nobody_who_left_is_chosen(
    person: Person, targets: list[list[str]]
) -> None:
    choice = choose(person, targets)
    if person.unsubscribed:
        assert (choice.ways, choice.reason) == ((), "unsubscribed")
    else:
        assert bool(choice.ways) == bool(person.contacts)
        assert (choice.reason is None) == bool(choice.ways)


async def readers(ledger: Ledger) -> set[tuple[str, str]]:
    async with ledger.reading() as connection:
        return await all_behind(connection)


async def forget_that_it_was_done(ledger: Ledger) -> None:
    async with ledger.writing() as connection:
        await connection.execute(update(blocks).values(materialised_at=None))


async def test_making_a_block_twice_makes_it_once(ledger: Ledger) -> None:
    await planned(ledger, Plan(crowd(30), block=10))
    before, read = await rows(ledger), await readers(ledger)
    await forget_that_it_was_done(ledger)
    while await materialise_next(ledger) is not None:
        pass
    assert (await rows(ledger), await readers(ledger)) == (before, read)
    assert len(before) == len(read) == 30


async def test_a_crash_between_two_blocks_leaves_the_rest_to_the_next_worker(
    ledger: Ledger,
) -> None:
    version = await launched(ledger, Plan(crowd(25), block=10))
    assert set(await materialise_next(ledger) or ()) == {"sms"}
    found = await results(ledger, COMMUNE, version.version_id)
    assert (found.states, found.waiting_blocks) == ({"ready": 10}, 2)
    while await materialise_next(ledger) is not None:
        pass
    assert (await results(ledger, COMMUNE, version.version_id)).states == {"ready": 25}


async def test_a_block_that_fails_half_way_is_not_begun(ledger: Ledger) -> None:
    await launched(ledger, Plan(crowd(3)))
    block = await store.next_block(ledger)
    assert block is not None
    good = store.Planned("d1", "sms", "m1", phone(1), "fr", 0, ("p00001",))
    bad = store.Planned("d2", "sms", "m2", phone(2), None, 1, ("p00002",))  # type: ignore[arg-type]  # what the ledger refuses
    with pytest.raises(Exception, match=r"(?i)null"):
        await store.materialise(ledger, block, [good, bad], lost={})
    assert await rows(ledger) == []
    assert await store.next_block(ledger) == block


async def test_two_workers_at_the_same_blocks_make_each_delivery_once(ledger: Ledger) -> None:
    await launched(ledger, Plan(crowd(60), block=10))

    async def work() -> None:
        while await materialise_next(ledger) is not None:
            pass

    await asyncio.gather(work(), work(), work())
    assert [row["contact"] for row in await rows(ledger)] == [phone(n) for n in range(60)]


async def test_who_cannot_be_reached_is_listed_with_the_reason(ledger: Ledger) -> None:
    mobile = (Contact("mobile", phone(1)),)
    them = [
        Inhabitant("reached", mobile),
        Inhabitant("silent", ()),
        Inhabitant("gone", mobile, unsubscribed=True),
    ]
    version = await planned(ledger, Plan(them))
    found = await results(ledger, COMMUNE, version.version_id)
    assert found.unreachable == {"no_contact": 1, "unsubscribed": 1}
    async with ledger.reading() as connection:
        listed = await connection.execute(select(unreachable.c.person_id))
        assert {row[0] for row in listed} == {"silent", "gone"}
    assert len(await rows(ledger)) == 1


async def test_nothing_is_made_of_a_cancelled_alert(ledger: Ledger) -> None:
    version = await launched(ledger, Plan(crowd(3)))
    await cancelled(ledger, version)
    assert await materialise_next(ledger) is None
    assert await rows(ledger) == []


async def test_each_target_s_medium_is_planned(ledger: Ledger) -> None:
    both = (Contact("mobile", phone(1)), Contact("email", "lea@valombre.example"))
    await planned(ledger, Plan([Inhabitant("lea", both)], chains=(("voice",), ("email",))))
    assert {str(row["medium"]) for row in await rows(ledger)} == {"voice", "email"}


async def test_people_keep_their_order_over_blocks(ledger: Ledger) -> None:
    await planned(ledger, Plan(crowd(30), block=7))
    places = [int(str(row["position"])) for row in await rows(ledger)]
    assert places == sorted(places)
    assert len(set(places)) == 30
