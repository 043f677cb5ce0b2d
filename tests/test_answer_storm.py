"""Everybody answers at once while another alert leaves: F32, by a real web process and worker."""

import asyncio
from collections.abc import Sequence
from pathlib import Path

import httpx
import psutil

from dispatcher.delivery.drain import drain
from dispatcher.delivery.tokens import answer_token
from dispatcher.store.ledger import Ledger
from dispatcher.store.names import number_delivery
from dispatcher.store.results import results
from dispatcher.store.versions import Version
from tests.consoles import SAME, served
from tests.driven_worker import QUICK, working
from tests.fake_channel import FakeChannel, door, once_each
from tests.fan_outs import ended
from tests.keyring import mark_of
from tests.outgoing import COMMUNE, KEYS, Plan, crowd, launched, phone, planned
from tests.sms_operator import SmsOperator, order_for, sms_operator

ANSWERING, OTHERS = 1200, 200
AT_ONCE = 50
MOST_GROWN = 60_000_000  # bytes of the web process, however many answer


def pages(version: Version) -> list[str]:
    """Give each reader's page twice: half of them click again."""
    idents = [
        number_delivery(COMMUNE, version.version_id, "sms", contact_mark=mark_of(phone(number)))
        for number in range(ANSWERING)
    ]
    once = [f"/a/{answer_token(KEYS, ident)}" for ident in idents]
    return once + once[::2]


async def answer(url: str, paths: Sequence[str]) -> list[int]:
    """Press the button on every page, as many at once as a busy evening brings."""
    waiting = list(enumerate(paths))
    taken: list[int] = []

    async def one(client: httpx.AsyncClient) -> None:
        while waiting:
            number, path = waiting.pop()
            kind = "help" if number % 10 == 0 else "understood"
            sent = await client.post(path, data={"kind": kind}, headers=SAME)
            taken.append(sent.status_code)

    async with httpx.AsyncClient(base_url=url, trust_env=False, timeout=60) as client:
        await asyncio.gather(*(one(client) for _ in range(AT_ONCE)))
    return taken


def web_process(data_dir: Path) -> psutil.Process:
    return psutil.Process(int((data_dir / "console.pid").read_text("utf-8")))


async def send_meanwhile(
    ledger: Ledger, ledger_url: str, operator: SmsOperator, data_dir: Path, *, port: int
) -> None:
    """Launch another alert and wait until all of it has left."""
    version = await launched(ledger, Plan(crowd(OTHERS, first=ANSWERING), lane=0))
    nowhere = f"redis://127.0.0.1:{port}"
    order = order_for(
        operator.url, ledger_url=ledger_url, redis_url=nowhere, rate=60.0, timing=QUICK
    )
    async with working(order, data_dir):
        await ended(ledger, version)


async def test_a_storm_of_answers_is_kept_whole_and_holds_no_alert_up(
    ledger: Ledger, ledger_url: str, unused_tcp_port: int, tmp_path: Path
) -> None:
    keys = tmp_path / "keys"
    keys.mkdir(exist_ok=True)
    (keys / "answers").write_bytes(KEYS.answers)
    version = await planned(ledger, Plan(crowd(ANSWERING)))
    await drain(door(ledger, FakeChannel()))
    async with sms_operator(tmp_path) as operator, served(tmp_path, ledger_url) as url:
        paths = pages(version)
        await answer(url, paths[:50])  # what a process holds once it has answered anybody
        before = web_process(tmp_path).memory_info().rss
        meanwhile = asyncio.create_task(
            send_meanwhile(ledger, ledger_url, operator, tmp_path, port=unused_tcp_port)
        )
        taken = await answer(url, paths)
        await meanwhile
        grown = web_process(tmp_path).memory_info().rss - before
        copies = operator.copies()
    found = await results(ledger, COMMUNE, version.version_id)
    assert set(taken) == {303}
    assert len(taken) == ANSWERING + ANSWERING // 2
    assert found.answered["help"] >= ANSWERING // 10
    assert found.reached == ANSWERING
    assert copies == once_each(phone(ANSWERING + number) for number in range(OTHERS))
    assert grown < MOST_GROWN
