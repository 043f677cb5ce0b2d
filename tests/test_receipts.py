"""Receipts in any order, any number of times, genuine or forged: the delivery ends the same."""

import asyncio
import random
import secrets
import time
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import insert, update

from channels.contract import Receipt, Status
from dispatcher.delivery.receipts import receive
from dispatcher.delivery.retries import REDIAL_S
from dispatcher.delivery.tokens import NamedAttempt, TokenKeys, attempt_token
from dispatcher.store.ledger import Ledger
from dispatcher.store.outgoing import deliveries
from tests.keyring import opened, sent_to
from tests.outgoing import COMMUNE, KEYS, Plan, launched

DETAIL = {Status.UNDELIVERED: "30003", Status.FAILED: "30008"}


@dataclass(frozen=True)
class Desk:
    """A ledger with a launched alert, and deliveries of it in any state."""

    ledger: Ledger
    version_id: str

    async def delivery(self, *, attempts: int = 1, state: str = "accepted") -> str:
        """Write a delivery whose attempts are begun; return its id."""
        ident = secrets.token_hex(12)
        values = {
            "commune": COMMUNE, "delivery_id": ident, "version_id": self.version_id,
            "medium": "voice", **sent_to(COMMUNE, ident, f"+33199{ident}"),
            "language": "fr", "route": "live", "lane": 1, "position": 0, "state": state,
            "next_at": 0.0, "attempts": attempts,
        }  # fmt: skip
        async with self.ledger.writing() as connection:
            await connection.execute(insert(deliveries).values(values))
        return ident

    async def tell(self, ident: str, number: int, receipt: Receipt) -> bool:
        """Bring a genuine receipt."""
        token = attempt_token(KEYS, NamedAttempt(COMMUNE, ident, number)).value
        return await receive(self.ledger, KEYS, token, receipt)

    async def row(self, ident: str) -> dict[str, object]:
        """Read the delivery."""
        async with self.ledger.reading() as connection:
            found = await connection.execute(
                deliveries.select().where(deliveries.c.delivery_id == ident)
            )
            return dict(found.mappings().one())

    async def end(self, ident: str) -> tuple[object, ...]:
        """Read what must not depend on the order of receipts."""
        row = await self.row(ident)
        return tuple(row[name] for name in ("state", "status", "rank", "reason"))


@pytest.fixture
async def desk(ledger: Ledger) -> Desk:
    """Launch an alert to nobody."""
    return Desk(ledger, (await launched(ledger, Plan([]))).version_id)


def receipt(status: Status) -> Receipt:
    return Receipt("CA1", status, DETAIL.get(status))


told = st.lists(st.tuples(st.integers(1, 2), st.sampled_from(list(Status))), min_size=1, max_size=8)


@pytest.fixture
def runner() -> Iterator[asyncio.Runner]:
    """Run coroutines of one law on one loop."""
    with asyncio.Runner() as one:
        yield one


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    facts=told, orders=st.lists(st.randoms(use_true_random=False), min_size=2, max_size=2),
    begun=st.integers(2, 3), state=st.sampled_from(["accepted", "unknown", "sending"]),
)  # fmt: skip
def test_any_order_and_repetition_of_receipts_ends_in_the_same_state(
    ledger_url: str, runner: asyncio.Runner, facts: list[tuple[int, Status]],
    orders: list[random.Random],
    begun: int, state: str,
) -> None:  # fmt: skip
    unheard = {Status.UNDELIVERED: "no-answer", Status.FAILED: "30008"}

    async def ends() -> list[tuple[object, ...]]:
        found = []
        async with opened(ledger_url) as ledger:
            one = Desk(ledger, (await launched(ledger, Plan([]))).version_id)
            for order in orders:
                shuffled = facts * 2
                order.shuffle(shuffled)
                ident = await one.delivery(
                    attempts=begun if state == "accepted" else 1, state=state
                )
                for number, status in shuffled:
                    await one.tell(ident, number, Receipt("CA1", status, unheard.get(status)))
                found.append(await one.end(ident))
        return found

    first, second = runner.run(ends())
    assert first == second


async def test_a_lower_rank_never_overwrites_a_higher(desk: Desk) -> None:
    ident = await desk.delivery()
    for status in (Status.SENT, Status.SENDING, Status.QUEUED, Status.ACCEPTED):
        assert await desk.tell(ident, 1, receipt(status))
    assert await desk.end(ident) == ("accepted", "sent", 3, None)
    assert await desk.tell(ident, 1, receipt(Status.DELIVERED))
    await desk.tell(ident, 1, receipt(Status.FAILED))
    assert await desk.end(ident) == ("delivered", "delivered", 4, None)


async def test_a_receipt_is_kept_once(desk: Desk) -> None:
    ident = await desk.delivery()
    assert await desk.tell(ident, 1, receipt(Status.SENT))
    assert not await desk.tell(ident, 1, receipt(Status.SENT))


@pytest.mark.parametrize("number", [0, 2, 3])
async def test_an_attempt_that_never_began_has_no_receipt(desk: Desk, number: int) -> None:
    ident = await desk.delivery()
    assert not await desk.tell(ident, number, receipt(Status.DELIVERED))
    assert (await desk.row(ident))["state"] == "accepted"


async def test_a_delivery_that_is_not_ours_has_no_receipt(desk: Desk) -> None:
    assert not await desk.tell("nobody", 1, receipt(Status.DELIVERED))


async def test_a_forged_token_changes_nothing(desk: Desk) -> None:
    ident = await desk.delivery(attempts=2)
    genuine = attempt_token(KEYS, NamedAttempt(COMMUNE, ident, 1)).value
    foreign = TokenKeys(b"x" * 32, b"y" * 32)
    forged = [
        attempt_token(foreign, NamedAttempt(COMMUNE, ident, 1)).value,
        genuine.replace(f"-{ident}-1-", f"-{ident}-2-"),
        genuine[:-1] + ("a" if genuine[-1] != "a" else "b"),
        genuine.upper(), genuine + "-", genuine.rpartition("-")[0], "", "---", "é-é-1-é",
        genuine.replace("-1-", "-¹-"),
    ]  # fmt: skip
    for token in forged:
        assert not await receive(desk.ledger, KEYS, token, receipt(Status.DELIVERED)), token
    assert (await desk.row(ident))["state"] == "accepted"


async def test_who_did_not_pick_up_is_called_again_three_times(desk: Desk) -> None:
    ident = await desk.delivery()
    for number, wait_s in enumerate((120.0, 300.0, 900.0), 1):
        async with desk.ledger.writing() as connection:
            await connection.execute(update(deliveries).values(attempts=number, state="accepted"))
        reason = "busy" if number == 2 else "no-answer"
        begun = time.time()
        await desk.tell(ident, number, Receipt("CA1", Status.UNDELIVERED, reason))
        row = await desk.row(ident)
        assert (row["state"], row["reason"], row["rank"]) == ("ready", reason, 0)
        wait = float(str(row["next_at"])) - begun
        assert wait_s - 0.1 <= wait <= wait_s + 2
    async with desk.ledger.writing() as connection:
        await connection.execute(update(deliveries).values(attempts=4, state="accepted"))
    await desk.tell(ident, 4, Receipt("CA1", Status.UNDELIVERED, "no-answer"))
    assert (await desk.row(ident))["state"] == "undelivered"


async def test_calls_that_never_left_do_not_count_as_calls_unanswered(desk: Desk) -> None:
    ident = await desk.delivery(attempts=5)  # four of them met a provider that was too busy
    begun = time.time()
    await desk.tell(ident, 5, Receipt("CA1", Status.UNDELIVERED, "busy"))
    row = await desk.row(ident)
    assert float(str(row["next_at"])) == pytest.approx(begun + REDIAL_S[0], abs=2)


async def test_a_late_word_on_an_unanswered_call_does_not_stop_the_next(desk: Desk) -> None:
    ident = await desk.delivery()
    await desk.tell(ident, 1, Receipt("CA1", Status.UNDELIVERED, "no-answer"))
    await desk.tell(ident, 1, Receipt("CA1", Status.SENDING))
    assert (await desk.row(ident))["state"] == "ready"


async def test_a_number_that_does_not_exist_is_not_called_again(desk: Desk) -> None:
    ident = await desk.delivery()
    await desk.tell(ident, 1, Receipt("CA1", Status.FAILED, "21211"))
    row = await desk.row(ident)
    assert (row["state"], row["reason"]) == ("failed", "21211")


@pytest.mark.parametrize("state", ["accepted", "sending", "unknown", "ready"])
async def test_a_late_failure_of_the_first_attempt_does_not_close_the_second(
    desk: Desk, state: str
) -> None:
    ident = await desk.delivery(attempts=2, state=state)
    assert await desk.tell(ident, 1, receipt(Status.FAILED))
    assert (await desk.row(ident))["state"] == state


@pytest.mark.parametrize("state", ["sending", "unknown", "ready", "claimed", "exhausted"])
async def test_a_delivery_in_doubt_is_settled_by_a_receipt_of_any_attempt(
    desk: Desk, state: str
) -> None:
    ident = await desk.delivery(attempts=2, state=state)
    await desk.tell(ident, 1, receipt(Status.SENT))
    row = await desk.row(ident)
    assert (row["state"], row["reference"], row["owner"]) == ("accepted", "CA1", None)


async def test_what_was_cancelled_stays_cancelled(desk: Desk) -> None:
    ident = await desk.delivery(state="cancelled")
    await desk.tell(ident, 1, receipt(Status.DELIVERED))
    assert (await desk.row(ident))["state"] == "cancelled"


async def test_a_providers_long_words_fit_the_ledger(desk: Desk) -> None:
    ident = await desk.delivery()
    assert await desk.tell(ident, 1, Receipt("CA1", Status.FAILED, "x" * 300))
    assert (await desk.row(ident))["reason"] == "x" * 40
