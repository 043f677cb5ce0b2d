"""Every channel is asked the same questions, over the wire, and none may be left out."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psutil
import pytest
import pytest_asyncio

from channels.contract import Attempt, NotAccepted, Receipt, Refused, Status, Unavailable
from channels.registry import CHANNELS, NoSuchKind, open_channel
from tests.channel_accounts import EXPECTED, PUBLIC_URL, TEXT, Expected, message, moved, token
from tests.real_parts import free_port
from tests.sandbox_process import SandboxHandle, running_sandbox

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def one_sandbox(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[SandboxHandle]:
    folder: Path = tmp_path_factory.mktemp("contract")
    async with running_sandbox(folder) as started:
        yield started


@pytest_asyncio.fixture(loop_scope="module")
async def sandbox(one_sandbox: SandboxHandle) -> AsyncIterator[SandboxHandle]:
    yield one_sandbox
    await one_sandbox.no_more_faults()
    (await one_sandbox.client.post("/sandbox/reset")).raise_for_status()


@pytest.fixture(params=sorted(CHANNELS))
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def expected(kind: str) -> Expected:
    return EXPECTED[kind]


async def outcome(
    sandbox: SandboxHandle, expected: Expected, order: tuple[str, type[NotAccepted]] | None
) -> None:
    """Send under a fault and compare with what the entry expects."""
    account = expected.account(sandbox)
    async with open_channel(account, public_url=PUBLIC_URL) as channel:
        if order is None:
            receipt = await channel.send(message(), expected.address, attempt=token())
            assert receipt.status is Status.DELIVERED
            return
        fault, failure = order
        await sandbox.faults(expected.faults_of or channel.medium, fault)
        with pytest.raises(NotAccepted) as caught:
            await channel.send(message(), expected.address, attempt=token())
        assert type(caught.value) is failure
        assert caught.value.code
        assert str(caught.value).endswith(".")


async def test_every_registered_kind_has_an_entry_here() -> None:
    assert set(EXPECTED) == set(CHANNELS)


async def test_a_message_is_accepted_with_a_reference(
    sandbox: SandboxHandle, kind: str, expected: Expected
) -> None:
    async with open_channel(expected.account(sandbox), public_url=PUBLIC_URL) as channel:
        receipt = await channel.send(message(), expected.address, attempt=token())
    assert isinstance(receipt, Receipt)
    assert receipt.reference
    kept = await sandbox.ledger(channel.medium)
    assert len(kept) == (0 if kind == "rehearsal" else 1)


async def test_a_bad_address_is_never_tried_again(
    sandbox: SandboxHandle, expected: Expected
) -> None:
    async with open_channel(expected.account(sandbox), public_url=PUBLIC_URL) as channel:
        sending = channel.send(message(), expected.bad_address, attempt=token())
        if expected.refusal is None:
            await sending
        else:
            with pytest.raises(expected.refusal) as caught:
                await sending
            assert caught.value.code
    assert await sandbox.ledger() == []


async def test_an_expired_message_does_not_leave(
    sandbox: SandboxHandle, kind: str, expected: Expected
) -> None:
    late = replace(message(), expires_at=datetime.now(UTC) - timedelta(seconds=1))
    async with open_channel(expected.account(sandbox), public_url=PUBLIC_URL) as channel:
        sending = channel.send(late, expected.address, attempt=token())
        if kind == "rehearsal":
            await sending  # nothing leaves at any time
        else:
            with pytest.raises(Refused, match="expiré"):
                await sending
    assert await sandbox.ledger() == []


async def test_a_provider_that_asks_to_wait_has_taken_nothing(
    sandbox: SandboxHandle, expected: Expected
) -> None:
    await outcome(sandbox, expected, expected.too_fast)
    assert await sandbox.ledger() == []


async def test_a_failure_before_accepting_is_told_as_what_is_known(
    sandbox: SandboxHandle, expected: Expected
) -> None:
    await outcome(sandbox, expected, expected.never_accepted)
    assert await sandbox.ledger() == []


async def test_an_answer_lost_after_accepting_is_never_taken_for_unsent(
    sandbox: SandboxHandle, kind: str, expected: Expected
) -> None:
    await outcome(sandbox, expected, expected.answer_lost)
    assert len(await sandbox.ledger()) == (0 if kind == "rehearsal" else 1)


async def test_a_server_error_is_told_as_what_is_known(
    sandbox: SandboxHandle, expected: Expected
) -> None:
    await outcome(sandbox, expected, expected.server_error)


async def test_a_closed_port_means_that_nothing_left(
    sandbox: SandboxHandle, expected: Expected
) -> None:
    port = str(free_port())
    values = {name: value.format(port=port) for name, value in expected.unreachable.items()}
    account = moved(expected.account(sandbox), **values)
    async with open_channel(account, public_url=PUBLIC_URL) as channel:
        sending = channel.send(message(), expected.address, attempt=token())
        if not values:
            await sending
            return
        with pytest.raises(Unavailable):
            await sending


async def test_an_attempt_whose_answer_was_lost_is_found_where_the_provider_keeps_a_list(
    sandbox: SandboxHandle, expected: Expected
) -> None:
    attempt = Attempt(token(), expected.address, TEXT, datetime.now(UTC))
    async with open_channel(expected.account(sandbox), public_url=PUBLIC_URL) as channel:
        if expected.answer_lost is not None:
            failing = expected.faults_of or channel.medium
            await sandbox.faults(failing, expected.answer_lost[0], count=1)
            with pytest.raises(NotAccepted):
                await channel.send(message(), expected.address, attempt=token())
        found = await channel.find(attempt)
        assert channel.looks_up == expected.found_again
    assert (found is not None) == expected.found_again


async def test_what_became_of_a_message_is_told_by_its_reference_where_that_can_be_asked(
    sandbox: SandboxHandle, expected: Expected
) -> None:
    async with open_channel(expected.account(sandbox), public_url=PUBLIC_URL) as channel:
        sent = await channel.send(message(), expected.address, attempt=token())
        assert sent.reference
        told = await channel.ask(sent.reference, to=expected.address, attempt=token())
    assert (told is not None) == expected.told_when_asked
    assert told is None or told.reference == sent.reference


async def test_a_reference_that_is_nobodys_tells_nothing(
    sandbox: SandboxHandle, kind: str, expected: Expected
) -> None:
    async with open_channel(expected.account(sandbox), public_url=PUBLIC_URL) as channel:
        for none in ("SM" + "f" * 32, "../Balance", "SM1?a=b", "é"):
            told = await channel.ask(none, to=expected.address, attempt=token(7))
            assert (told is None) == (kind != "rehearsal")  # which has no records to look in


@pytest.mark.parametrize("fault", ["refuse_500_before", "429", "drop_before"])
async def test_a_provider_that_cannot_be_asked_now_says_so(
    sandbox: SandboxHandle, kind: str, expected: Expected, fault: str
) -> None:
    async with open_channel(expected.account(sandbox), public_url=PUBLIC_URL) as channel:
        sent = await channel.send(message(), expected.address, attempt=token())
        await sandbox.faults("lookup", fault)
        asking = channel.ask(str(sent.reference), to=expected.address, attempt=token())
        if expected.told_when_asked and kind != "rehearsal":
            with pytest.raises(NotAccepted) as caught:
                await asking
            assert caught.value.code
        else:
            await asking


async def test_two_accounts_are_two_providers(sandbox: SandboxHandle, expected: Expected) -> None:
    first = expected.account(sandbox)
    second = replace(first, name="another")
    async with (
        open_channel(first, public_url=PUBLIC_URL) as one,
        open_channel(second, public_url=PUBLIC_URL) as other,
    ):
        assert one.provider == first.name
        assert other.provider == "another"
        assert one.pace.per_second == first.rate_per_s


async def test_no_secret_is_shown(sandbox: SandboxHandle, expected: Expected) -> None:
    account = expected.account(sandbox)
    async with open_channel(account, public_url=PUBLIC_URL) as channel:
        await channel.send(message(), expected.address, attempt=token())
        shown = f"{channel!r} {channel!s} {account!r} {vars(channel)!r}"
    for secret in account.secrets.values():
        assert secret.get_secret_value().removeprefix("whsec_") not in shown


async def test_closing_leaves_no_connection(
    sandbox: SandboxHandle, kind: str, expected: Expected
) -> None:
    ports = {int(sandbox.http.rsplit(":", 1)[1]), sandbox.smtp_port}
    before = _connections(ports)
    async with open_channel(expected.account(sandbox), public_url=PUBLIC_URL) as channel:
        await channel.send(message(), expected.address, attempt=token())
        kept = _connections(ports) - before
        assert len(kept) == (0 if kind in ("rehearsal", "webhook") else 1)
    async with asyncio.timeout(3):
        while _connections(ports) - before:
            await asyncio.sleep(0.02)


def _connections(ports: set[int]) -> set[int]:
    """Our own ports of the open connections to these."""
    return {
        one.laddr.port
        for one in psutil.Process().net_connections(kind="tcp")
        if getattr(one.raddr, "port", 0) in ports and one.status == psutil.CONN_ESTABLISHED
    }


async def test_a_sound_account_is_usable(sandbox: SandboxHandle, expected: Expected) -> None:
    async with open_channel(expected.account(sandbox), public_url=PUBLIC_URL) as channel:
        found = await channel.check()
    assert (found.ok, found.problem) == (True, "")
    assert await sandbox.ledger() == []


async def test_a_kind_nobody_serves_is_told_with_those_that_are(sandbox: SandboxHandle) -> None:
    account = replace(EXPECTED["smtp"].account(sandbox), kind="pigeon")
    with pytest.raises(NoSuchKind, match=r"'pigeon'.*twilio-sms"):
        open_channel(account, public_url=PUBLIC_URL)
