"""Connects only to the public internet, and to the very address that was checked (SECURITY T10)."""

import asyncio
import socket
from collections.abc import Awaitable, Callable, Sequence
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Final

import httpx
from typing_extensions import override

RESOLVE_S: Final = 3.0
MOST_TRIED: Final = 3

Ip = IPv4Address | IPv6Address
Resolve = Callable[[str, int], Awaitable[Sequence[str]]]

# `is_global` of the standard library is not enough: it lets 6to4, NAT64 and some metadata pass.
_CLOSED_V4: Final = tuple(
    map(
        ip_network,
        (
            *("0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16"),
            *("172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24", "192.31.196.0/24"),
            *("192.52.193.0/24", "192.88.99.0/24", "192.168.0.0/16", "192.175.48.0/24"),
            *("198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4"),
            "168.63.129.16/32",  # the metadata of a large host, on a public address
        ),
    )
)
# Of IPv6 only the global block is open, less what tunnels IPv4 or is set aside in it.
_OPEN_V6: Final = ip_network("2000::/3")
_CLOSED_V6: Final = tuple(
    map(ip_network, ("2001::/23", "2001:db8::/32", "2002::/16", "2620:4f:8000::/48", "3fff::/20"))
)


class NotPublic(httpx.ConnectError):
    """A name leads to an address that no message may be sent to."""


def is_public(address: Ip) -> bool:
    """Tell whether this address is on the public internet."""
    if isinstance(address, IPv4Address):
        return not any(address in network for network in _CLOSED_V4)
    return address in _OPEN_V6 and not any(address in network for network in _CLOSED_V6)


async def resolve(host: str, port: int) -> Sequence[str]:
    """Return the addresses of a name, best first. Raises OSError."""
    loop = asyncio.get_running_loop()
    async with asyncio.timeout(RESOLVE_S):
        found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


class PublicOnly(httpx.AsyncBaseTransport):
    """Resolves a name once, checks all its addresses, and connects to one of those.

    A second answer of the name server is never asked for (rebinding). The certificate and the
    Host header stay those of the name. Connections are not kept: one kept by address would serve
    another name without a look at its certificate.
    """

    def __init__(
        self,
        inner: httpx.AsyncBaseTransport,
        *,
        resolve: Resolve = resolve,
        permitted: Callable[[Ip], bool] = is_public,
    ) -> None:
        """Wrap `inner`; tests give another resolver, and may permit loopback."""
        self._inner = inner
        self._resolve = resolve
        self._permitted = permitted

    @override
    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send to a checked address. Raises NotPublic before any connection."""
        host = request.url.host
        port = request.url.port or 443
        try:
            found = await self._resolve(host, port)
        except (OSError, TimeoutError, UnicodeError) as error:
            raise httpx.ConnectError(f"{host} has no address", request=request) from error
        addresses = [ip_address(address) for address in found]
        if not addresses or not all(map(self._permitted, addresses)):
            raise NotPublic(f"{host} is not on the public internet", request=request)
        return await self._first(request, addresses[:MOST_TRIED])

    async def _first(self, request: httpx.Request, addresses: Sequence[Ip]) -> httpx.Response:
        *others, last = addresses
        for address in others:
            try:
                return await self._inner.handle_async_request(_pinned(request, address))
            except (httpx.ConnectError, httpx.ConnectTimeout):
                continue  # nothing left: the next address of the same name
        return await self._inner.handle_async_request(_pinned(request, last))

    @override
    async def aclose(self) -> None:
        """Close the wrapped transport."""
        await self._inner.aclose()


def _pinned(request: httpx.Request, address: Ip) -> httpx.Request:
    return httpx.Request(
        request.method,
        request.url.copy_with(host=str(address)),
        headers=request.headers,  # Host was set from the name
        stream=request.stream,
        extensions={**request.extensions, "sni_hostname": request.url.host},
    )
