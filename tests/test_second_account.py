"""Whom one account of SMS does not reach, another tries once, and only while the alert lives."""

import time

import pytest
from sqlalchemy import update

from channels.contract import Receipt, Status
from dispatcher.delivery.drain import drain
from dispatcher.delivery.receipts import told_of
from dispatcher.delivery.tokens import NamedAttempt
from dispatcher.store import accounts
from dispatcher.store.accounts import Held
from dispatcher.store.ledger import Ledger
from dispatcher.store.receipts import record_receipt
from tests.fake_channel import FakeChannel, door, once_each
from tests.outgoing import COMMUNE, Plan, cancelled, crowd, only_row, phone, planned

HELD = [Held("a", "live", "sms"), Held("b", "live", "sms")]


async def tell(ledger: Ledger, status: Status, *, number: int = 1) -> bool:
    """Bring a receipt of the only delivery."""
    row = await only_row(ledger)
    named = NamedAttempt(COMMUNE, str(row["delivery_id"]), number)
    return await record_receipt(ledger, told_of(named, Receipt(f"R{number}", status, "30003")))


async def sent_by(ledger: Ledger, name: str) -> FakeChannel:
    """Send what is due by this account alone."""
    fake = FakeChannel(provider=name)
    await drain(door(ledger, fake))
    return fake


@pytest.mark.parametrize("status", [Status.UNDELIVERED, Status.FAILED])
async def test_whom_one_account_does_not_reach_another_tries_once(
    ledger: Ledger, status: Status
) -> None:
    await accounts.present(ledger, HELD)
    await planned(ledger, Plan(crowd(1)))
    await sent_by(ledger, "a")
    assert await tell(ledger, status)
    assert (await only_row(ledger))["state"] == "ready"
    assert (await sent_by(ledger, "a")).calls == 0
    assert (await sent_by(ledger, "b")).copies == once_each([phone(0)])
    assert await tell(ledger, status, number=2)
    row = await only_row(ledger)
    assert (row["state"], row["provider"], row["failed_by"]) == (status.value, "b", "|a|")


async def test_an_account_alone_that_does_not_reach_somebody_ends_there(ledger: Ledger) -> None:
    await accounts.present(ledger, [HELD[0], Held("b", "rehearsal", "sms")])
    await planned(ledger, Plan(crowd(1)))
    await sent_by(ledger, "a")
    await tell(ledger, Status.UNDELIVERED)
    assert (await only_row(ledger))["state"] == "undelivered"


async def test_nobody_is_tried_again_after_a_cancel(ledger: Ledger) -> None:
    await accounts.present(ledger, HELD)
    version = await planned(ledger, Plan(crowd(1)))
    await sent_by(ledger, "a")
    await cancelled(ledger, version)
    await tell(ledger, Status.UNDELIVERED)
    assert (await only_row(ledger))["state"] == "undelivered"


async def test_a_late_delivery_by_the_first_account_stops_the_second(ledger: Ledger) -> None:
    await accounts.present(ledger, HELD)
    await planned(ledger, Plan(crowd(1)))
    await sent_by(ledger, "a")
    await tell(ledger, Status.UNDELIVERED)
    await tell(ledger, Status.DELIVERED)
    assert (await sent_by(ledger, "b")).calls == 0
    assert (await only_row(ledger))["state"] == "delivered"


async def test_who_waits_for_a_second_account_that_is_gone_is_told_as_not_reached(
    ledger: Ledger,
) -> None:
    await accounts.present(ledger, HELD)
    await planned(ledger, Plan(crowd(1)))
    await sent_by(ledger, "a")
    await tell(ledger, Status.UNDELIVERED)
    assert await accounts.close_stranded(ledger) == 0
    async with ledger.writing() as connection:
        gone = update(accounts.accounts).where(accounts.accounts.c.name == "b")
        await connection.execute(gone.values(seen_at=time.time() - accounts.GONE_S - 1))
    assert await accounts.close_stranded(ledger) == 1
    assert (await only_row(ledger))["state"] == "undelivered"
