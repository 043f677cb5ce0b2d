"""A TCP connection made in good time, or none: each address of a name has its share of it."""

import asyncio
import socket

CONNECT_S = 3.0


async def connected(host: str, port: int, *, within_s: float = CONNECT_S) -> socket.socket:
    """Return an open socket to the first address that answers. Raises OSError, TimeoutError.

    An address that swallows packets (a broken IPv6 route) leaves time for the next one.
    """
    loop = asyncio.get_running_loop()
    until = loop.time() + within_s
    async with asyncio.timeout_at(until):
        found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    failure: OSError = OSError(f"{host} has no address")
    for place, (family, kind, protocol, _, address) in enumerate(found):
        one = socket.socket(family, kind, protocol)
        one.setblocking(False)
        share_s = (until - loop.time()) / (len(found) - place)
        try:
            async with asyncio.timeout(share_s):
                await loop.sock_connect(one, address)
        except OSError as error:  # TimeoutError is one
            one.close()
            failure = error
        except BaseException:
            one.close()
            raise
        else:
            return one
    raise failure
