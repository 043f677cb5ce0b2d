"""Webhooks out: signed, to the public internet only, at the address that was checked."""

import asyncio
import gzip
import json
import tracemalloc
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from pydantic import SecretStr
from standardwebhooks import Webhook

from channels.contract import AccountSettings, Address, NotAccepted, Refused, Status, Unavailable
from channels.webhook import WebhookPost, partner_url
from tests.channel_accounts import PUBLIC_URL, message, moved, token, webhook
from tests.one_answer import OneAnswer, running_answer
from tests.sandbox_process import SandboxHandle, running_sandbox

TO = Address("webhook", "https://sdis.example/alertes?canal=1")
OK = b"HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n\r\n"


@pytest.fixture
async def sandbox(tmp_path: Path) -> AsyncIterator[SandboxHandle]:
    async with running_sandbox(tmp_path / "sandbox") as started:
        yield started


def account(relay: str = "", secret: str = "whsec_" + "QUFB" * 8) -> AccountSettings:
    values = {"relay": relay} if relay else {}
    secrets = {"signing": SecretStr(secret)}
    return AccountSettings("webhook", "webhook", 10.0, values=values, secrets=secrets)


@asynccontextmanager
async def towards(server: OneAnswer) -> AsyncIterator[WebhookPost]:
    """Open a channel whose relay gives raw answers."""
    relayed = account(f"{server.url}/webhooks")
    async with WebhookPost.open(relayed, public_url=PUBLIC_URL) as channel:
        yield channel


async def failure(answer: bytes | None, *, hold_s: float = 0.0) -> NotAccepted:
    async with running_answer(answer, hold_s=hold_s) as server, towards(server) as channel:
        with pytest.raises(NotAccepted) as caught:
            await channel.send(message(), TO, attempt=token())
    return caught.value


async def test_a_partner_verifies_the_signature_and_reads_the_words(
    sandbox: SandboxHandle,
) -> None:
    async with WebhookPost.open(webhook(sandbox), public_url=PUBLIC_URL) as channel:
        receipt = await channel.send(message(), TO, attempt=token())
    (entry,) = await sandbox.ledger("webhook")
    assert receipt.status is Status.DELIVERED
    assert receipt.reference == entry["detail"]["webhook_id"] == "livraison1"
    assert entry["to"] == "sdis.example/alertes"
    told = json.loads(entry["content"])
    assert told["type"] == "alert.published"
    assert (told["alert"], told["text"]) == ("alerte-1", message().text)
    remaining = datetime.fromisoformat(told["expires_at"]) - datetime.now(UTC)
    assert timedelta(minutes=59) < remaining <= timedelta(hours=1)


async def test_a_second_attempt_has_the_same_id_and_makes_no_second_copy(
    sandbox: SandboxHandle,
) -> None:
    async with WebhookPost.open(webhook(sandbox), public_url=PUBLIC_URL) as channel:
        await sandbox.faults("webhook", "accept_then_500", count=1)
        with pytest.raises(Unavailable):
            await channel.send(message(), TO, attempt=token())
        again = replace(token(), value="c-livraison1-2-zzzzzzzzzzzzzzzz")
        await channel.send(message(), TO, attempt=again)
    entries = await sandbox.ledger("webhook")
    assert {entry["detail"]["webhook_id"] for entry in entries} == {"livraison1"}


async def test_while_keys_change_both_sign(sandbox: SandboxHandle) -> None:
    other = "whsec_" + "QkJC" * 8
    both = replace(
        webhook(sandbox), secrets={"signing": SecretStr(f"{other} {sandbox.webhook_secret}")}
    )
    async with WebhookPost.open(both, public_url=PUBLIC_URL) as channel:
        assert (await channel.send(message(), TO, attempt=token())).status is Status.DELIVERED


async def test_the_request_names_the_partner_and_carries_what_the_standard_asks() -> None:
    async with running_answer(OK) as server, towards(server) as channel:
        await channel.send(message(), TO, attempt=token())
    head = server.heads[0].decode()
    assert head.startswith("POST /webhooks/sdis.example/alertes?canal=1 HTTP/1.1")
    fields = dict(line.split(": ", 1) for line in head.split("\r\n")[1:] if line)
    lower = {name.lower(): value for name, value in fields.items()}
    Webhook("whsec_" + "QUFB" * 8).verify(server.bodies[0], lower)
    assert lower["content-type"] == "application/json"


@pytest.mark.parametrize(
    "answer",
    [
        None,
        b"HTTP/1.1 500 Oops\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 302 Found\r\nContent-Length: 0\r\n\r\n",
        b"nonsense\r\n\r\n",
    ],
)
async def test_what_a_partner_may_still_put_right_is_tried_again(answer: bytes | None) -> None:
    assert type(await failure(answer)) is Unavailable


async def test_a_redirect_is_not_followed_with_the_words() -> None:
    elsewhere = b"HTTP/1.1 307 Moved\r\nLocation: /elsewhere\r\nContent-Length: 0\r\n\r\n"
    async with running_answer(elsewhere, then=OK) as server, towards(server) as channel:
        with pytest.raises(Unavailable):
            await channel.send(message(), TO, attempt=token())
    assert server.requests == 1


async def test_a_partner_that_is_gone_is_not_asked_again() -> None:
    told = await failure(b"HTTP/1.1 410 Gone\r\nContent-Length: 0\r\n\r\n")
    assert (type(told), told.code) == (Refused, "http-410")


async def test_the_wait_a_partner_asks_for_is_kept() -> None:
    told = await failure(b"HTTP/1.1 429 Slow\r\nRetry-After: 9\r\nContent-Length: 0\r\n\r\n")
    assert isinstance(told, Unavailable)
    assert told.retry_after_s == 9.0


@pytest.mark.alone("a wait ends within a second of its limit")
async def test_a_partner_that_never_answers_is_left_after_ten_seconds() -> None:
    started = asyncio.get_running_loop().time()
    assert type(await failure(OK, hold_s=30)) is Unavailable
    assert 9 < asyncio.get_running_loop().time() - started < 11


async def test_an_answer_without_end_is_not_read_to_its_end() -> None:
    size = 50_000_000
    head = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % size
    async with running_answer(head + b"x" * 4_000_000) as server, towards(server) as channel:
        receipt = await channel.send(message(), TO, attempt=token())
    assert receipt.status is Status.DELIVERED


async def test_a_packed_bomb_is_never_unpacked() -> None:
    bomb = gzip.compress(b"0" * 30_000_000)
    head = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(bomb)
    async with running_answer(head + bomb) as server, towards(server) as channel:
        tracemalloc.start()
        try:
            await channel.send(message(), TO, attempt=token())
            peak = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
    assert peak < 2_000_000


@pytest.mark.parametrize(
    "url",
    [
        "http://sdis.example/x",
        "https://sdis.example:22/x",
        "https://sdis.example:8080/x",
        "https://sdis.example:0/x",
        "https://xn--/x",
        "https://user:pass@sdis.example/x",
        "https:///x",
        "ftp://sdis.example/x",
        "file:///etc/passwd",
        "//sdis.example/x",
        "https://exa mple/x",
        "",
    ],
)
def test_an_address_of_another_kind_is_refused(url: str) -> None:
    with pytest.raises(Refused):
        partner_url(url)


@pytest.mark.parametrize("url", ["https://sdis.example", "https://sdis.example:8443/a?b=c"])
def test_https_on_its_two_ports_passes(url: str) -> None:
    assert partner_url(url).host == "sdis.example"


async def test_a_relay_elsewhere_than_here_is_refused() -> None:
    with pytest.raises(ValueError, match="on this machine"):
        async with WebhookPost.open(account("https://relay.example/x"), public_url=PUBLIC_URL):
            pass


@pytest.mark.parametrize("secret", ["", "whsec_", "whsec_***", "pas du base64 é"])
async def test_a_malformed_secret_is_told_without_being_shown(secret: str) -> None:
    with pytest.raises(ValueError, match=r"^webhook: the signing secret") as caught:
        async with WebhookPost.open(account(secret=secret), public_url=PUBLIC_URL):
            pass
    assert "***" not in str(caught.value)


async def test_a_short_secret_makes_the_account_unusable(sandbox: SandboxHandle) -> None:
    short = moved(account(secret="whsec_QUFB"))
    async with WebhookPost.open(short, public_url=PUBLIC_URL) as channel:
        found = await channel.check()
    assert (found.ok, "trop court" in found.problem) == (False, True)
