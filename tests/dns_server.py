"""A real DNS server on loopback for tests: TXT records by name, silence where it is asked for."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import cast

import dns.flags
import dns.message
import dns.rcode
import dns.rdatatype
import dns.rrset
from typing_extensions import override


class _Zone(asyncio.DatagramProtocol):
    def __init__(self, texts: Mapping[str, Sequence[str]], *, silent: bool) -> None:
        self._texts, self._silent = texts, silent

    @override
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # The loop's own transport is no subclass of the class that it stands for.
        self._out = cast("asyncio.DatagramTransport", transport)

    @override
    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        if self._silent:
            return
        asked = dns.message.from_wire(data)
        question = asked.question[0]
        answer = dns.message.make_response(asked)
        answer.flags |= dns.flags.AA
        found = self._texts.get(question.name.to_text(omit_final_dot=True).lower())
        if found is None:
            answer.set_rcode(dns.rcode.NXDOMAIN)
        elif question.rdtype == dns.rdatatype.TXT and found:
            quoted = [f'"{one[:200]}" "{one[200:]}"' for one in found]
            answer.answer.append(dns.rrset.from_text(question.name, 60, "IN", "TXT", *quoted))
        self._out.sendto(answer.to_wire(), addr)


@asynccontextmanager
async def dns_server(
    texts: Mapping[str, Sequence[str]], *, silent: bool = False
) -> AsyncIterator[str]:
    """Serve these texts; the address and port of the server are given."""
    loop = asyncio.get_running_loop()
    transport, _ = await loop.create_datagram_endpoint(
        lambda: _Zone(texts, silent=silent), local_addr=("127.0.0.1", 0)
    )
    try:
        yield f"127.0.0.1:{transport.get_extra_info('sockname')[1]}"
    finally:
        transport.close()
