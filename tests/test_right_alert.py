"""A reply belongs to the newest alert in force that its number received, whatever else runs."""

import asyncio
import itertools
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import insert

from dispatcher.store.ledger import Ledger
from dispatcher.store.outgoing import attempts, receipts
from dispatcher.store.people import Contact
from dispatcher.store.versions import Version
from tests.answering_town import Town, ago
from tests.keyring import opened
from tests.outgoing import COMMUNE, Inhabitant, Plan, cancelled, crowd, phone, planned, rows

NEIGHBOUR = "99118"
ANNA = phone(0)


@dataclass(frozen=True)
class Made:
    """An alert of an example: how long ago it was launched, what became of it, who got it."""

    ago_s: int
    end: str  # open | cancelled | expired
    mine: bool
    commune: str


made = st.builds(
    Made,
    st.integers(1, 3000),
    st.sampled_from(["open", "open", "cancelled", "expired"]),
    st.booleans(),
    st.sampled_from([COMMUNE, NEIGHBOUR]),
)
_NUMBERS = itertools.count(100)


@pytest.fixture
def runner() -> Iterator[asyncio.Runner]:
    with asyncio.Runner() as one:
        yield one


@settings(
    max_examples=12,
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],  # four alerts at most: small as found
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(several=st.lists(made, min_size=1, max_size=4, unique_by=lambda one: one.ago_s))
def test_of_several_alerts_the_newest_open_one_that_was_received_gets_the_answer(
    runner: asyncio.Runner, ledger_url: str, several: list[Made]
) -> None:
    async def law() -> None:
        number = next(_NUMBERS)  # of nobody else: alerts of other examples are not hers
        async with opened(ledger_url) as ledger:
            town = Town(ledger)
            written = [(one, await write(town, one, number)) for one in several]
            await town.texts(phone(number), "1")
            mine = [pair for pair in written if pair[0].mine and pair[0].end == "open"]
            newest = min(mine, key=lambda pair: pair[0].ago_s, default=None)
            wanted = {newest[1].version_id} if newest else set()
            ids = {version.version_id for _, version in written}
            assert {found[0] for found in await town.answered()} & ids == wanted

    runner.run(law())


async def write(town: Town, one: Made, number: int) -> Version:
    whose = number if one.mine else number + 5000
    people = crowd(1, first=whose)
    named = [type(person)(f"{one.ago_s}-{person.id}", person.contacts) for person in people]
    version = await town.sent(Plan(named, two_way=True, commune=one.commune))
    if one.end == "cancelled":
        await cancelled(town.ledger, version)
    ends = {"expires_at": ago(1)} if one.end == "expired" else {}
    await town.change(version, launched_at=ago(one.ago_s), **ends)
    return version


@pytest.mark.parametrize(
    ("state", "received"),
    [
        *((state, True) for state in ("sending", "unknown", "accepted", "delivered")),
        ("undelivered", True),
        *((state, False) for state in ("ready", "claimed", "failed", "expired", "suppressed")),
    ],
)
async def test_what_may_have_left_was_received_and_what_never_began_was_not(
    ledger: Ledger, state: str, received: bool
) -> None:
    town = Town(ledger)
    version = await planned(ledger, Plan(crowd(1), two_way=True))
    await town.change_deliveries(version, state=state)
    await town.texts(ANNA, "1")
    assert bool(await town.answered()) == received


@pytest.mark.parametrize(
    ("outcome", "received"),
    [("accepted", True), ("unknown", True), ("lost", True), ("unsent", False), ("refused", False)],
)
async def test_a_message_that_waits_to_be_tried_again_was_received_if_a_try_may_have_left(
    ledger: Ledger, outcome: str, received: bool
) -> None:
    town = Town(ledger)
    await planned(ledger, Plan(crowd(1), two_way=True))
    (row,) = await rows(ledger)
    tried = {
        "commune": COMMUNE, "delivery_id": row["delivery_id"], "number": 1, "provider": "a",
        "started_at": 0.0, "ended_at": 0.0, "outcome": outcome,
    }  # fmt: skip
    async with ledger.writing() as connection:
        await connection.execute(insert(attempts).values(tried))
    await town.texts(ANNA, "1")
    assert bool(await town.answered()) == received


async def test_a_phone_that_rang_unanswered_received_the_alert(ledger: Ledger) -> None:
    town = Town(ledger)
    await planned(ledger, Plan(crowd(1), (("voice",),), two_way=True))
    (row,) = await rows(ledger)
    told = {
        "commune": COMMUNE, "delivery_id": row["delivery_id"], "number": 1,
        "status": "undelivered", "detail": "no-answer", "received_at": 0.0,
    }  # fmt: skip
    async with ledger.writing() as connection:
        await connection.execute(insert(receipts).values(told))
    await town.texts(ANNA, "1")
    assert await town.answered()


async def test_a_rehearsal_takes_no_answer_since_it_left_for_nobody(ledger: Ledger) -> None:
    town = Town(ledger)
    real = await town.sent(Plan(crowd(1), two_way=True))
    again = [Inhabitant("again", (Contact("mobile", ANNA),))]
    rehearsal = await planned(ledger, Plan(again, two_way=True, route="rehearsal"))
    await town.change_deliveries(rehearsal, state="accepted")
    await town.change(rehearsal, launched_at=ago(-5))
    await town.texts(ANNA, "1")
    assert {found[0] for found in await town.answered()} == {real.version_id}


async def test_a_number_is_nobody_else_s(ledger: Ledger) -> None:
    town = Town(ledger)
    await town.sent(Plan(crowd(3), two_way=True))
    await town.texts(phone(7), "1")
    assert await town.answered() == set()
