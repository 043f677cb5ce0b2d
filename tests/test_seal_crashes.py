"""No delivery is in two seals, or in none: whoever dies, freezes, or comes at the same time."""

import asyncio
import shutil
import signal
import sys
import tempfile
import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import update

from dispatcher.logbook.sealing import seal_due
from dispatcher.store import evidence as store
from dispatcher.store import seals
from dispatcher.store.ledger import Ledger
from dispatcher.store.outgoing import deliveries
from dispatcher.store.seals import LeaseLost
from dispatcher.store.versions import Version
from tests.keyring import opened
from tests.outgoing import COMMUNE, LOGBOOK_KEY, Plan, crowd, planned
from tests.sealed import PEOPLE, hasten, over, seal, sealed_ids, settle, verified


async def test_one_worker_fills_a_seal_and_a_frozen_one_that_wakes_writes_nothing(
    ledger: Ledger,
) -> None:
    await planned(ledger, Plan(crowd(PEOPLE)))
    await settle(ledger, [0, 1, 2])
    await seals.open_seals(ledger)
    await hasten(ledger, until=time.time() - 5)
    frozen = await seals.take(ledger, COMMUNE, holder="frozen")
    assert frozen is not None
    assert await seals.take(ledger, COMMUNE, holder="other") is None
    await hasten(ledger, lease_until=1.0)  # its lease runs out
    (told,) = await seal_due(ledger, key=LOGBOOK_KEY, holder="other")
    assert told["count"] == 3
    await settle(ledger, [3])
    with pytest.raises(LeaseLost):
        await store.fill(ledger, frozen, key=LOGBOOK_KEY)
    with pytest.raises(LeaseLost):
        await seals.tell(ledger, frozen, closed=(), key=LOGBOOK_KEY)
    assert (await verified(ledger)).valid


async def test_many_workers_at_once_tell_each_seal_once(ledger: Ledger) -> None:
    await planned(ledger, Plan(crowd(PEOPLE)))
    await settle(ledger, [0, 1, 2, 3, 4])
    await seals.open_seals(ledger)
    await hasten(ledger, until=time.time() - 5)
    told = await asyncio.gather(
        *(seal_due(ledger, key=LOGBOOK_KEY, holder=f"w{n}") for n in range(6))
    )
    assert sum(len(one) for one in told) == 1
    assert len(await sealed_ids(ledger)) == 5


DYING = """
import asyncio, os, signal, sys
from dispatcher.store import evidence, seals
from tests.keyring import opened
async def main(url, after):
    async with opened(url) as ledger:
        filling = await seals.take(ledger, "99117", holder="dying")
        await evidence.fill(ledger, filling, key=b"k" * 32)
        if after == "told":
            await seals.tell(ledger, filling, closed=(), key=b"k" * 32)
        os.kill(os.getpid(), signal.SIGKILL)
asyncio.run(main(*sys.argv[1:]))
"""


@pytest.mark.parametrize("at", ["filled", "told"])
async def test_after_kill_9_the_next_worker_goes_on_and_nothing_is_sealed_twice(
    ledger: Ledger, ledger_url: str, at: str
) -> None:
    await planned(ledger, Plan(crowd(PEOPLE)))
    await settle(ledger, [0, 1, 2, 3])
    await seals.open_seals(ledger)
    await hasten(ledger, until=time.time() - 5)
    dying = await asyncio.create_subprocess_exec(sys.executable, "-c", DYING, ledger_url, at)
    assert await dying.wait() == -signal.SIGKILL
    assert len(await sealed_ids(ledger)) == 4
    await settle(ledger, [4, 5])
    await hasten(ledger, lease_until=1.0)
    (told,) = await seal_due(ledger, key=LOGBOOK_KEY, holder="next")
    assert told["count"] == (6 if at == "filled" else 2)
    assert len(set(await sealed_ids(ledger))) == len(await sealed_ids(ledger)) == 6
    assert (await verified(ledger)).valid


STEPS = st.lists(
    st.one_of(
        st.tuples(
            st.just("settle"),
            st.integers(0, PEOPLE - 1),
            st.sampled_from(["delivered", "failed", "undelivered", "expired"]),
        ),
        st.tuples(st.sampled_from(["seal", "die", "improve", "over"]), st.just(0), st.just("")),
    ),
    max_size=14,
)


async def _step(ledger: Ledger, step: tuple[str, int, str], version: Version) -> None:
    name, person, state = step
    if name == "settle":
        await settle(ledger, [person], state)
    elif name == "seal":
        await seal(ledger)
    elif name == "over":
        await over(ledger, version)
    elif name == "improve":  # a late receipt
        async with ledger.writing() as connection:
            await connection.execute(
                update(deliveries)
                .where(deliveries.c.state == "undelivered")
                .values(state="delivered", settled_at=time.time())
            )
    else:
        await seals.open_seals(ledger)
        await hasten(ledger)
        filling = await seals.take(ledger, COMMUNE, holder="dying")
        if filling:
            await store.fill(ledger, filling, key=LOGBOOK_KEY)
            await hasten(ledger, lease_until=1.0)


async def _law(url: str, steps: list[tuple[str, int, str]]) -> None:
    async with opened(url) as ledger:
        version = await planned(ledger, Plan(crowd(PEOPLE)))
        for step in steps:
            await _step(ledger, step, version)
        await settle(ledger, list(range(PEOPLE)))
        await over(ledger, version)
        await seal(ledger)
        sealed = await sealed_ids(ledger)
        assert len(sealed) == len(set(sealed)) == PEOPLE
        found = await verified(ledger)
        assert found.valid, found.proof.problem
        assert (found.proof.deliveries, found.proof.pending) == (PEOPLE, 0)


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(steps=STEPS)
def test_whatever_happens_each_delivery_is_in_one_seal(
    sqlite_template: Path, steps: list[tuple[str, int, str]]
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "ledger.sqlite"
        shutil.copy(sqlite_template, path)
        asyncio.run(_law(f"sqlite+aiosqlite:///{path}", steps))
