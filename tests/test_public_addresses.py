"""Webhooks reach the public internet only, at the very address that was checked."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from ipaddress import ip_address
from pathlib import Path

import httpx
import pytest
from pydantic import SecretStr
from typing_extensions import override

from channels.contract import AccountSettings, Address, Refused
from channels.public_addresses import PublicOnly, is_public, resolve
from channels.webhook import WebhookPost, webhook_client
from dispatcher.sandbox.certificates import mail_tls
from tests.channel_accounts import PUBLIC_URL, message, token

OK = b"HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n\r\n"
ACCOUNT = AccountSettings(
    "webhook", "webhook", 10.0, secrets={"signing": SecretStr("whsec_" + "QUFB" * 8)}
)


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
    async with WebhookPost.open(ACCOUNT, public_url=PUBLIC_URL) as channel:
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
