"""Calls in progress: never more than the account has lines, whatever the number of workers."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

import pytest

from channels.contract import AttemptToken, Pace, Receipt, Status, Unit
from channels.twilio_callbacks import read_call_callback
from channels.voice import TwilioVoice
from dispatcher.delivery.accounts import routes
from dispatcher.delivery.drain import drain
from dispatcher.delivery.receipts import receive
from dispatcher.delivery.sending import Door
from dispatcher.store import claims, windows
from dispatcher.store.ledger import Ledger
from dispatcher.store.outgoing import deliveries
from tests.channel_accounts import twilio
from tests.fake_channel import FakeChannel, door, once_each
from tests.keyring import opened
from tests.outgoing import KEYS, PUBLIC_URL, Plan, crowd, phone, planned, rows
from tests.sandbox_process import running_sandbox
from tests.sandbox_receiver import Receiver, running_receiver

LINES = 3
PACE = Pace(Unit.CALLS, 200.0, in_progress=LINES)
VOICE = (("voice",),)


@dataclass
class Exchange:
    """Where the calls of both fakes ring: counts how many do so at once."""

    ledger: Ledger
    call_s: float = 0.1
    now: int = 0
    most: int = 0
    ending: set[asyncio.Task[None]] = field(default_factory=set)

    async def ring(self, attempt: AttemptToken) -> None:
        self.now += 1
        self.most = max(self.most, self.now)
        task = asyncio.create_task(self._end(attempt))
        self.ending.add(task)
        task.add_done_callback(self.ending.discard)

    async def _end(self, attempt: AttemptToken) -> None:
        await asyncio.sleep(self.call_s)
        self.now -= 1
        await receive(self.ledger, KEYS, attempt.value, Receipt("CA1", Status.DELIVERED))


async def until_called(doors: Sequence[Door], fakes: Sequence[FakeChannel], *, all_: int) -> None:
    async def work(one: Door) -> None:
        while sum(fake.calls for fake in fakes) < all_:
            await drain(one)
            await asyncio.sleep(0.02)

    async with asyncio.timeout(60):
        await asyncio.gather(*map(work, doors))


async def test_two_workers_together_never_have_more_calls_than_lines(
    ledger: Ledger, ledger_url: str
) -> None:
    await planned(ledger, Plan(crowd(30), chains=VOICE))
    exchange = Exchange(ledger)
    fakes = [FakeChannel("voice", "fake", PACE, on_accept=exchange.ring) for _ in range(2)]
    async with opened(ledger_url) as other:
        doors = [door(ledger, fakes[0], owner="w1"), door(other, fakes[1], owner="w2")]
        await until_called(doors, fakes, all_=30)
        await asyncio.gather(*exchange.ending)
    assert exchange.most == LINES
    assert fakes[0].copies + fakes[1].copies == once_each(map(phone, range(30)))
    assert {row["attempts"] for row in await rows(ledger)} == {1}  # waiting cost none


async def claimed(ledger: Ledger, owner: str, limit: int) -> list[claims.Claimed]:
    return await claims.claim(ledger, route="live", medium="voice", owner=owner, limit=limit)


async def test_two_windows_at_the_same_moment_share_the_lines_and_give_the_rest_back(
    ledger: Ledger, ledger_url: str
) -> None:
    await planned(ledger, Plan(crowd(10), chains=VOICE))
    async with opened(ledger_url) as other:
        held = [await claimed(ledger, "w1", 5), await claimed(other, "w2", 5)]
        begun = await asyncio.gather(
            *(
                windows.intend(one, rows_, owner=owner, provider="fake", in_progress=LINES)
                for one, rows_, owner in zip((ledger, other), held, ("w1", "w2"), strict=True)
            )
        )
    assert sum(map(len, begun)) == LINES
    waiting = [row for row in await rows(ledger) if row["state"] == "ready"]
    assert len(waiting) == 10 - LINES
    assert {(row["attempts"], row["owner"]) for row in waiting} == {(0, None)}


async def test_a_call_whose_end_nobody_told_holds_its_line_ten_minutes(ledger: Ledger) -> None:
    await planned(ledger, Plan(crowd(LINES + 1), chains=VOICE))
    fake = FakeChannel("voice", "fake", PACE)
    await drain(door(ledger, fake))
    assert fake.calls == LINES
    async with ledger.writing() as connection:
        await connection.execute(deliveries.update().values(began_at=deliveries.c.began_at - 590))
    await drain(door(ledger, fake))
    assert fake.calls == LINES
    async with ledger.writing() as connection:
        await connection.execute(deliveries.update().values(began_at=deliveries.c.began_at - 11))
    await drain(door(ledger, fake))
    assert fake.calls == LINES + 1


async def test_the_lines_of_one_account_are_not_those_of_another(ledger: Ledger) -> None:
    await planned(ledger, Plan(crowd(2 * LINES), chains=VOICE))
    for name in ("one", "other"):
        await drain(door(ledger, FakeChannel("voice", name, PACE)))
    assert {row["state"] for row in await rows(ledger)} == {"accepted"}


@asynccontextmanager
async def told(ledger: Ledger, receiver: Receiver) -> AsyncIterator[None]:
    """Bring the sandbox's callbacks into the ledger, as the web process does."""

    async def carry() -> None:
        done = 0
        while True:
            for post in receiver.posts[done:]:
                done += 1
                token = post.path.rpartition("/")[2]
                await receive(ledger, KEYS, token, read_call_callback(post.fields))
            await asyncio.sleep(0.01)

    task = asyncio.create_task(carry())
    try:
        yield
    finally:
        task.cancel()


def most_at_once(calls: Sequence[Mapping[str, object]]) -> int:
    """Count the most calls in progress at any moment, by the provider's own ledger."""
    marks: list[tuple[float, int]] = []
    for call in calls:
        detail = call["detail"]
        assert isinstance(detail, dict)
        marks += [(datetime.fromisoformat(str(call["at"])).timestamp(), 1)]
        marks += [(float(detail["ended_at"]), -1)]
    now, most = 0, 0
    for _, step in sorted(marks):
        now += step
        most = max(most, now)
    return most


async def test_the_provider_itself_never_counts_more_calls_at_once(
    ledger: Ledger, ledger_url: str, tmp_path: Path
) -> None:
    await planned(ledger, Plan(crowd(16), chains=VOICE))
    async with (
        running_receiver() as receiver,
        running_sandbox(tmp_path, callback_base=receiver.base) as sandbox,
        opened(ledger_url) as other,
        told(ledger, receiver),
    ):
        await sandbox.behave(latency_s=0.05)
        account = twilio(sandbox, "twilio-voice")
        account = replace(account, values={**account.values, "in_progress": str(LINES)})
        async with TwilioVoice.open(account, public_url=PUBLIC_URL) as channel:
            doors = [
                replace(door(one, FakeChannel()), channel=channel, owner=owner, inflight=set())
                for one, owner in ((ledger, "w1"), (other, "w2"))
            ]
            async with asyncio.timeout(60):
                while len(calls := await sandbox.ledger("voice")) < 16:
                    await asyncio.gather(*map(drain, doors))
                    await asyncio.sleep(0.05)
                calls = await sandbox.settled("voice", "completed", number=16)
    assert 2 <= most_at_once(calls) <= LINES


def test_the_setting_is_told_to_the_voice_account_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("TWILIO_ACCOUNT", "SMTP_HOST", "WEBHOOK_SIGNING"):
        monkeypatch.setenv(f"TOCSIN_{name}", "configured")
    monkeypatch.setenv("TOCSIN_TWILIO_VOICE_LINES", "7")
    lines = {one.account.name: one.account.values.get("in_progress") for one in routes(tmp_path)}
    assert lines["twilio-voice"] == "7"
    assert lines["twilio-sms"] is None
