"""The relying party: this installation as browsers and keys know it (WebAuthn §4).

A key is bound for ever to a host name. It comes from the configured public address, never from
what a request says of itself.
"""

from dataclasses import dataclass, field
from ipaddress import ip_address
from urllib.parse import urlsplit

from dispatcher.store.ledger import Ledger

LOOPBACK = "localhost"  # the one host name that browsers trust without https


@dataclass(frozen=True)
class RelyingParty:
    """Who asks for a key: host name, address of its pages, and what the verbs work with.

    `commune` is the only one served, empty where there are several. Without a host name (`rp_id`
    empty: an address of numbers, or plain http) there are no passkeys here.
    """

    ledger: Ledger
    rp_id: str
    origin: str
    commune: str
    challenge_key: bytes = field(repr=False)
    logbook_key: bytes = field(repr=False)


def names_of(public_url: str, *, port: int) -> tuple[str, str]:
    """Return the host name and the origin that keys of this installation are bound to.

    `public_url` empty, or an address of loopback: `localhost`, on the public address's port or
    else on `port`, where the process listens. Both empty where a browser would refuse.
    """
    parts = urlsplit(public_url)
    host = parts.hostname or ""
    if not host or host == LOOPBACK or _is_loopback(host):
        own = parts.port or (port if not host else None)
        scheme = parts.scheme or "http"
        return LOOPBACK, f"{scheme}://{LOOPBACK}{f':{own}' if own else ''}"
    if parts.scheme != "https" or _is_number(host):
        return "", ""
    return host, f"https://{host}{f':{parts.port}' if parts.port not in (None, 443) else ''}"


def _is_number(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


def _is_loopback(host: str) -> bool:
    return _is_number(host) and ip_address(host).is_loopback
