"""SPF, DKIM and DMARC of the domains that mails come from, asked of the DNS.

RFC 7208 (SPF), RFC 6376 (DKIM), RFC 7489 (DMARC). Without them mails land in spam, and anybody
writes in the town hall's name (SECURITY T30).
"""

import asyncio
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from ipaddress import ip_address

import dns.asyncresolver
import dns.exception
import dns.resolver

WITHIN_S = 5.0  # for one name: an SPF and where it leaves to fit a question's time
_FAULTS = (dns.exception.DNSException, OSError)
SPF_END = re.compile(r"(?:^|\s)([-~?+]?)all(?:\s|$)", re.IGNORECASE)
SPF_REDIRECT = re.compile(r"\sredirect=(\S+)", re.IGNORECASE)


@dataclass(frozen=True)
class Records:
    """The texts found at a name; `asked` is False where the DNS did not answer."""

    texts: tuple[str, ...] = ()
    asked: bool = True


@dataclass(frozen=True)
class MailNames:
    """What the DNS says of a sender's domain.

    `selector` names the DKIM key, empty where it is not known; `inherited` that the DMARC record
    was found at a parent of the domain. `redirect` is the domain that its SPF leaves to, and
    `redirected` what was found there.
    """

    domain: str
    spf: Records
    dmarc: Records
    dkim: Records
    selector: str = ""
    inherited: bool = False
    redirect: str = ""
    redirected: Records = Records()


def resolver_at(server: str) -> dns.asyncresolver.Resolver:
    """Return a resolver: the machine's own, or at `address` or `address:port` of a server.

    Raises ValueError where that is no address, NoResolverConfiguration where the machine has none.
    """
    if not server:
        found = dns.asyncresolver.Resolver()
    else:
        host, _, port = server.rpartition(":") if server.count(":") == 1 else (server, "", "")
        found = dns.asyncresolver.Resolver(configure=False)
        found.nameservers = [str(ip_address(host))]
        found.port = int(port or 53)
    return found


async def ask_names(
    domain: str, *, selector: str, server: str = "", within_s: float = WITHIN_S
) -> MailNames:
    """Ask for the three records of a domain; an SPF that leaves to another is followed once."""
    resolver = _resolver(server, within_s)
    if resolver is None:
        silent = Records(asked=False)
        return MailNames(domain, silent, silent, silent, selector)
    spf_found, dmarc_found, dkim = await asyncio.gather(
        _spf(resolver, domain),
        _dmarc(resolver, domain),
        _key(resolver, domain, selector),
    )
    (spf, redirect, redirected), (dmarc, inherited) = spf_found, dmarc_found
    return MailNames(domain, spf, dmarc, dkim, selector, inherited, redirect, redirected)


async def ask_envelope(domain: str, *, server: str = "", within_s: float = WITHIN_S) -> MailNames:
    """Ask for the SPF of a domain that mails come back to: receivers look for it there."""
    resolver = _resolver(server, within_s)
    if resolver is None:
        return MailNames(domain, Records(asked=False), Records(), Records())
    spf, redirect, redirected = await _spf(resolver, domain)
    return MailNames(domain, spf, Records(), Records(), redirect=redirect, redirected=redirected)


def _resolver(server: str, within_s: float) -> dns.asyncresolver.Resolver | None:
    try:
        resolver = resolver_at(server)
    except _FAULTS:
        return None
    resolver.lifetime = within_s
    return resolver


async def _spf(resolver: dns.asyncresolver.Resolver, domain: str) -> tuple[Records, str, Records]:
    """Find a domain's SPF, where it leaves to another domain, and what is found there."""
    found = await _texts(resolver, domain)
    records = tagged(found, "v=spf1")
    if len(records) != 1 or SPF_END.search(records[0]):  # beside « all », redirect= is ignored
        return found, "", Records()
    leads = SPF_REDIRECT.search(records[0])
    if leads is None or "%" in leads[1]:  # a macro names no domain that can be asked from here
        return found, "", Records()
    redirect = leads[1].rstrip(".").lower()
    return found, redirect, await _texts(resolver, redirect)


async def _key(resolver: dns.asyncresolver.Resolver, domain: str, selector: str) -> Records:
    return await _texts(resolver, f"{selector}._domainkey.{domain}") if selector else Records()


async def _dmarc(resolver: dns.asyncresolver.Resolver, domain: str) -> tuple[Records, bool]:
    """Find the record at the domain, else at its nearest parent that has one."""
    labels = domain.split(".")
    found = Records()
    for at in range(max(1, len(labels) - 1)):
        found = await _texts(resolver, f"_dmarc.{'.'.join(labels[at:])}")
        if not found.asked or tagged(found, "v=dmarc1"):
            return found, at > 0
    return found, False


async def _texts(resolver: dns.asyncresolver.Resolver, name: str) -> Records:
    try:
        answer = await resolver.resolve(name, "TXT")
    except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
        return Records()
    except _FAULTS:
        return Records(asked=False)
    said = (b"".join(one.strings).decode("utf-8", "replace") for one in answer)
    return Records(tuple(said))


def domains_of(accounts: Iterable[Mapping[str, str]]) -> tuple[list[str], list[str]]:
    """Return the domains that mails are from, and the others that they come back to. Pure.

    `accounts` are the values of the accounts that send mails; without `bounces` they come back to
    the sender.
    """
    known = list(accounts)
    senders = _domains(one.get("sender", "") for one in known)
    back = _domains(one.get("bounces", "") for one in known)
    return senders, [one for one in back if one not in senders]


def _domains(addresses: Iterable[str]) -> list[str]:
    found = (one.rpartition("@")[2].strip("<> ").lower() for one in addresses if "@" in one)
    return list(dict.fromkeys(found))


async def ask_all(
    senders: Iterable[str], envelopes: Iterable[str], *, selector: str, server: str
) -> tuple[list[MailNames], list[MailNames]]:
    """Ask for every domain at once: those that mails are from, and those they come back to."""
    named = asyncio.gather(*(ask_names(one, selector=selector, server=server) for one in senders))
    back = asyncio.gather(*(ask_envelope(one, server=server) for one in envelopes))
    return await named, await back


def tagged(records: Records, version: str) -> list[str]:
    """Return the records of a kind among the texts of a name."""
    begin = re.compile(rf"{re.escape(version)}(?:[\s;]|$)", re.IGNORECASE)
    return [one for one in records.texts if begin.match(one.replace("v = ", "v="))]


def tags(record: str) -> dict[str, str]:
    """Return the tags of a record, `name=value` by semicolons."""
    pairs = (one.split("=", 1) for one in record.split(";") if "=" in one)
    return {name.strip().lower(): value.strip() for name, value in pairs}
