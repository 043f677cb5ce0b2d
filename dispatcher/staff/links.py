"""Links that give access: random, kept as a hash, used once, sent to the person herself.

Who invites never sees the link: an account that two people agreed on is taken up by the third.
"""

import hashlib
import secrets
from dataclasses import dataclass, field

from dispatcher.store.access_requests import LINKED, AccessRequest, Link

INVITED_S = 72 * 3600.0
RECOVERING_S = 30 * 60.0


@dataclass(frozen=True)
class Sent:
    """A request as it was kept, with the token of its link where it was granted."""

    asked: AccessRequest
    token: str = field(default="", repr=False)

    @property
    def granted(self) -> bool:
        """Whether it is done, rather than waiting for a second person."""
        return self.asked.state == "granted"


def link_for(asked: AccessRequest) -> tuple[str, Link | None]:
    """Return a new token and what is kept of it; nothing for what needs no link."""
    if asked.kind not in LINKED:
        return "", None
    token = secrets.token_urlsafe(24)
    life_s = INVITED_S if asked.kind == "invitation" else RECOVERING_S
    return token, Link(token_hash(token), life_s)


def token_hash(token: str) -> str:
    """Return what the ledger keeps of a link's token."""
    return hashlib.sha256(b"link\n" + token.encode()).hexdigest()


def address_of(public_url: str, token: str) -> str:
    """Return the address of the page where a link is taken up."""
    return f"{public_url}/invitation/{token}"
