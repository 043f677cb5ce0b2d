"""Webhooks out: signed, to the public internet only, at the address that was checked."""

import asyncio
import gzip
import json
import ssl
import tracemalloc
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import httpx
import pytest
from pydantic import SecretStr
from standardwebhooks import Webhook
from typing_extensions import override

from channels.contract import AccountSettings, Address, NotAccepted, Refused, Status, Unavailable
from channels.public_addresses import PublicOnly, is_public, resolve
from channels.webhook import WebhookPost, partner_url, webhook_client
from dispatcher.sandbox.certificates import mail_tls
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


async def resolved_to(*addresses: str) -> httpx.Response:
    """Ask for a page whose name has these addresses; nothing may be connected to."""

    async def names(host: str, port: int) -> Sequence[str]:
        return addresses

    async with webhook_client(PublicOnly(Unreached(), resolve=names)) as http:
        return await http.post("https://partenaire.example/x", content=b"")


class Unreached(httpx.AsyncBaseTransport):
    """A transport that must not be used."""

    @override
    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        raise AssertionError(f"{request.url} was connected to")


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


@pytest.mark.parametrize(
    "address",
    [
        *("127.0.0.1", "127.8.8.8", "0.0.0.1", "10.1.2.3", "172.16.0.1", "172.31.255.255"),
        *("192.168.1.1", "169.254.169.254", "100.64.0.1", "100.127.255.255", "192.0.0.192"),
        *("192.0.2.1", "198.18.0.1", "198.51.100.1", "203.0.113.1", "192.88.99.1", "224.0.0.1"),
        *("240.0.0.1", "255.255.255.255", "168.63.129.16", "::", "::1", "fe80::1", "fc00::1"),
        *("fd00:ec2::254", "ff02::1", "::ffff:127.0.0.1", "::ffff:8.8.8.8", "::127.0.0.1"),
        *("64:ff9b::7f00:1", "64:ff9b::808:808", "64:ff9b:1::1", "2002:7f00:1::1", "100::1"),
        *("2001::1", "2001:db8::1", "3fff::1", "fec0::1", "5f00::1", "4000::1"),
    ],
)
def test_an_address_off_the_public_internet_is_closed(address: str) -> None:
    assert not is_public(ip_address(address))


@pytest.mark.parametrize(
    "address",
    ["8.8.8.8", "93.184.216.34", "172.32.0.1", "100.128.0.1", "2a01:e0a::1", "2606:4700::1"],
)
def test_an_address_of_the_public_internet_is_open(address: str) -> None:
    assert is_public(ip_address(address))


@pytest.mark.parametrize(
    "host",
    [
        *("127.0.0.1", "127.1", "2130706433", "0x7f000001", "0x7f.0.0.1", "0177.0.0.1"),
        *("017700000001", "0", "localhost", "[::1]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]"),
        *("[64:ff9b::7f00:1]", "[2002:7f00:1::]", "169.254.169.254", "[fe80::1]"),
        "\uff11\uff12\uff17.0.0.1",
    ],
)
async def test_no_way_of_writing_this_machine_reaches_it(host: str) -> None:
    async with WebhookPost.open(account(), public_url=PUBLIC_URL) as channel:
        with pytest.raises(Refused) as caught:
            await channel.send(message(), Address("webhook", f"https://{host}/x"), attempt=token())
    assert caught.value.code == "closed-address"


async def test_one_private_address_among_public_ones_closes_the_name() -> None:
    with pytest.raises(httpx.ConnectError, match="not on the public internet"):
        await resolved_to("93.184.216.34", "10.0.0.1")


async def test_a_name_without_any_address_is_not_reached() -> None:
    with pytest.raises(httpx.ConnectError, match="not on the public internet"):
        await resolved_to()


async def test_the_checked_address_is_the_one_connected_to_and_the_name_is_kept(
    tmp_path: Path,
) -> None:
    """A name server that changes its answer (rebinding) is asked once only."""
    asked: list[str] = []

    async def names(host: str, port: int) -> Sequence[str]:
        asked.append(host)
        return ["127.0.0.1"] if len(asked) == 1 else ["10.0.0.1"]

    async with secure_server(tmp_path) as (port, seen, trust):
        direct = httpx.AsyncHTTPTransport(verify=trust)
        inside = PublicOnly(direct, resolve=names, permitted=lambda _: True)
        async with webhook_client(inside) as http:
            answer = await http.post(f"https://localhost:{port}/x", content=b"{}")
    assert (answer.status_code, asked) == (204, ["localhost"])
    assert b"Host: localhost:%d\r\n" % port in seen[0]


async def test_the_certificate_must_be_that_of_the_name(tmp_path: Path) -> None:
    async def names(host: str, port: int) -> Sequence[str]:
        return ["127.0.0.1"]

    async with secure_server(tmp_path) as (port, seen, trust):
        direct = httpx.AsyncHTTPTransport(verify=trust)
        inside = PublicOnly(direct, resolve=names, permitted=lambda _: True)
        async with webhook_client(inside) as http:
            with pytest.raises(httpx.ConnectError, match="certificate"):
                await http.post(f"https://sdis.example:{port}/x", content=b"{}")
    assert seen == []


@asynccontextmanager
async def secure_server(folder: Path) -> AsyncIterator[tuple[int, list[bytes], ssl.SSLContext]]:
    """Serve 204 over TLS as `localhost`; gives the port, what came, and whom to trust."""
    seen: list[bytes] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        seen.append(await reader.readuntil(b"\r\n\r\n"))
        writer.write(OK)
        await writer.drain()
        writer.close()

    context = mail_tls(folder)
    trust = ssl.create_default_context(cafile=str(folder / "ca.pem"))
    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=context)
    async with server:
        yield server.sockets[0].getsockname()[1], seen, trust


async def test_a_name_resolves_to_addresses() -> None:
    assert set(await resolve("localhost", 443)) <= {"127.0.0.1", "::1"}


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
