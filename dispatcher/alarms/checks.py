"""The checks of a day: each account, each certificate that messages need, asked for real."""

import asyncio
from collections.abc import Awaitable, Sequence
from datetime import UTC, datetime
from ipaddress import ip_address
from urllib.parse import urlsplit

from channels.contract import NotAccepted, Usability
from channels.public_addresses import is_public, resolve
from channels.registry import open_channel
from dispatcher.alarms.certificates import Server, certified
from dispatcher.alarms.ending import certificate_fault, credit_fault, key_fault, unusable
from dispatcher.delivery.accounts import Route
from dispatcher.store import dailies
from dispatcher.store.alarms import Raised
from dispatcher.store.ledger import Ledger

PARTNERS = 100  # receivers of webhooks whose certificates are asked for
TOGETHER = 8


async def check_all(ledger: Ledger, routes: Sequence[Route], *, public_url: str) -> list[Raised]:
    """Ask everything; return what is wrong or ends soon."""
    live = [one for one in routes if one.route == "live"]
    people = await dailies.how_many(ledger, "mobile")
    servers = {*(servers_of(live)), *own_server(public_url), *await _partners(ledger, live)}
    asked: list[Awaitable[Raised | None]] = [_account(one, public_url, people) for one in live]
    asked += [_certificate(one) for one in sorted(servers, key=lambda one: one.name)]
    turns = asyncio.Semaphore(TOGETHER)

    async def in_turn(one: Awaitable[Raised | None]) -> Raised | None:
        async with turns:
            return await one

    faults = await asyncio.gather(*map(in_turn, asked))
    today = datetime.now(UTC).date()
    keys = [
        key_fault(one.account.name, one.expires, today=today)
        for one in live
        if one.expires is not None
    ]
    return [one for one in (*faults, *keys) if one is not None]


async def _account(route: Route, public_url: str, people: int) -> Raised | None:
    name = route.account.name
    try:
        async with open_channel(route.account, public_url=public_url) as channel:
            found = await channel.check()
    except (NotAccepted, ValueError, OSError) as error:
        found = Usability(ok=False, problem=str(error), remedy="Lancez « tocsin provider check ».")
    if not found.ok:
        return unusable(name, found.problem, found.remedy)
    if route.medium == "sms" and found.credit is not None:
        return credit_fault(name, found.credit, people=people, cost_eur=route.cost_eur)
    return None


async def _certificate(server: Server) -> Raised | None:
    return certificate_fault(server.name, await certified(server), now=datetime.now(UTC))


def servers_of(routes: Sequence[Route]) -> list[Server]:
    """Return the servers of the accounts themselves."""
    found = []
    for one in routes:
        values = one.account.values
        if one.account.kind == "smtp":
            tls, ca_file = values.get("tls", "starttls"), values.get("ca_file", "")
            found.append(Server(values["host"], int(values["port"]), tls, ca_file))
        elif one.account.kind == "http-sms" and not one.account.sandbox:
            found += own_server(values["url"])
    return found


def own_server(url: str) -> list[Server]:
    """Return the web server of an address, where it is https."""
    parts = urlsplit(url)
    if parts.scheme != "https" or not parts.hostname:
        return []
    return [Server(parts.hostname, parts.port or 443)]


async def _partners(ledger: Ledger, routes: Sequence[Route]) -> list[Server]:
    """Return the receivers of webhooks, at addresses that are public and nowhere else."""
    if not any(one.medium == "webhook" and not one.account.sandbox for one in routes):
        return []
    urls = await dailies.some_of(ledger, "webhook", limit=PARTNERS)
    found = []
    for server in dict.fromkeys(one for url in urls for one in own_server(url)):
        try:
            addresses = await resolve(server.host, server.port)
        except OSError:
            continue  # its deliveries say so; a name is no certificate
        if addresses and all(is_public(ip_address(one)) for one in addresses):
            found.append(Server(server.host, server.port, address=addresses[0]))
    return found
