"""Failures on demand: what the client sees, and what the sandbox's ledger knows."""

import asyncio

import httpx
import pytest

from tests.sandbox_process import SandboxHandle
from tests.sandbox_receiver import Receiver
from tests.sandbox_sms_client import PUBLIC, SENDER, TO, send_sms

pytest_plugins = ("tests.sandbox_doors",)
pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_a_lagging_look_up_does_not_know_the_latest_message_yet(
    sandbox: SandboxHandle,
) -> None:
    await send_sms(sandbox)
    path = f"{sandbox.account_path}/Messages.json?{httpx.QueryParams({'To': TO})}"
    await sandbox.faults("lookup", "lagging", delay_s=30, count=1)
    assert (await sandbox.client.get(path)).json()["messages"] == []
    assert len((await sandbox.client.get(path)).json()["messages"]) == 1


@pytest.mark.parametrize(
    ("kind", "status", "kept"),
    [
        ("refuse_500_before", 500, 0),
        ("accept_then_500", 500, 1),
        ("429", 429, 0),
        ("accept_then_drop", None, 1),
        ("drop_before", None, 0),
        ("truncated", None, 1),
        ("timeout", None, 1),
        ("timeout_before", None, 0),
    ],
)
async def test_a_failure_on_demand_hits_once_and_the_ledger_knows_the_truth(
    sandbox: SandboxHandle, kind: str, status: int | None, kept: int
) -> None:
    await sandbox.faults("sms", kind, count=1, delay_s=0.2)
    if status is None:
        with pytest.raises(
            httpx.RemoteProtocolError if kind == "truncated" else httpx.NetworkError
        ):
            await send_raw(sandbox)
    else:
        assert (await send_raw(sandbox)).status_code == status
    assert len(await sandbox.ledger("sms")) == kept
    assert (await send_raw(sandbox)).status_code == 201


async def send_raw(sandbox: SandboxHandle) -> httpx.Response:
    """Send on a connection of its own; a dropped one is told as a network error either way."""
    auth = httpx.BasicAuth(sandbox.api_key, sandbox.api_secret)
    form = {"To": TO, "From": SENDER, "Body": "Crue"}
    async with httpx.AsyncClient(base_url=sandbox.http, auth=auth, trust_env=False) as client:
        try:
            return await client.post(f"{sandbox.account_path}/Messages.json", data=form)
        except httpx.RemoteProtocolError as problem:
            if "without sending a response" in str(problem):
                raise httpx.ReadError(str(problem)) from problem
            raise


async def test_too_many_requests_says_when_to_come_back(sandbox: SandboxHandle) -> None:
    await sandbox.faults("sms", "429")
    answer = await send_sms(sandbox)
    assert (answer.json()["code"], answer.headers["retry-after"]) == (20429, "2")
    await sandbox.no_more_faults()
    assert (await send_sms(sandbox)).status_code == 201


async def test_a_share_of_failures_is_about_that_share_and_the_same_each_time(
    sandbox: SandboxHandle,
) -> None:
    runs = []
    for _ in range(2):
        await sandbox.reset()
        await sandbox.faults("sms", "refuse_500_before", share=0.3)
        runs.append([(await send_sms(sandbox)).status_code for _ in range(100)])
    assert 15 <= runs[0].count(500) <= 45
    assert runs[0] == runs[1]


async def test_receipts_may_never_come_or_come_ten_times(
    sandbox: SandboxHandle, receiver: Receiver
) -> None:
    await sandbox.faults("sms", "no_receipts", count=1)
    await sandbox.faults("sms", "receipts_x10", count=1)
    await send_sms(sandbox, StatusCallback=f"{PUBLIC}/never")
    await send_sms(sandbox, StatusCallback=f"{PUBLIC}/ten")
    await sandbox.settled("sms", "delivered", number=2)
    posts = await receiver.received(21)
    statuses = [post.fields["MessageStatus"] for post in posts]
    assert (statuses.count("sent"), statuses.count("delivered")) == (11, 10)
    assert all(post.path == "/ten" for post in posts)


@pytest.mark.parametrize(("kind", "medium"), [("smtp_550", "sms"), ("429", "fax")])
async def test_a_failure_that_does_not_exist_is_refused_with_a_sentence(
    sandbox: SandboxHandle, kind: str, medium: str
) -> None:
    order = {"medium": medium, "kind": kind}
    answer = await sandbox.client.post("/sandbox/faults", json=order)
    assert answer.status_code == 400
    assert "use" in answer.json()["message"]


@pytest.mark.parametrize("count", [-1, 1.5])
async def test_a_failure_asked_for_a_senseless_number_of_times_is_refused(
    sandbox: SandboxHandle, count: float
) -> None:
    order = {"medium": "sms", "kind": "429", "count": count}
    answer = await sandbox.client.post("/sandbox/faults", json=order)
    assert (answer.status_code, "count" in answer.json()["message"]) == (400, True)


@pytest.mark.parametrize(
    ("path", "status"),
    [("/sandbox/ledger?after={}", 400), ("/2010-04-01/Accounts/{sid}/Messages.json?Page={}", 404)],
)
async def test_a_number_beyond_counting_is_refused(
    sandbox: SandboxHandle, path: str, status: int
) -> None:
    asked = path.format("9" * 30, sid=sandbox.account_sid)
    assert (await sandbox.client.get(asked)).status_code == status


async def test_magic_numbers_act_only_when_failures_are_switched_on(
    sandbox: SandboxHandle,
) -> None:
    unreachable, stopped = "+33639989911", "+33639989916"
    await send_sms(sandbox, To=unreachable)
    assert (await send_sms(sandbox, To=stopped)).status_code == 201
    await sandbox.settled("sms", "delivered", number=2)
    await sandbox.behave(failures=True)
    assert (await send_sms(sandbox, To=stopped)).json()["code"] == 21610
    await send_sms(sandbox, To=unreachable)
    [entry] = await sandbox.settled("sms", "undelivered")
    assert (entry["to"], entry["error_code"]) == (unreachable, 30003)


async def test_reset_forgets_everything_and_stops_what_is_on_its_way(
    sandbox: SandboxHandle, receiver: Receiver
) -> None:
    await send_sms(sandbox, StatusCallback=f"{PUBLIC}/hooks")
    await sandbox.reset()
    await asyncio.sleep(0.2)
    assert await sandbox.ledger() == []
    assert (await sandbox.summary())["distinct"] == 0
    assert receiver.posts == []
