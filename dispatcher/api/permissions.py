"""Each route says which permission it needs; none answers without saying."""

from collections.abc import Callable
from typing import Any, TypeVar

Endpoint = TypeVar("Endpoint", bound=Callable[..., Any])
PUBLIC = "public"
OWN = "account.own"  # what everybody may do about her own access, a second factor kept or not


def needs(permission: str, *, confirmed: bool = False) -> Callable[[Endpoint], Endpoint]:
    """Declare the permission that an endpoint needs; PUBLIC where another proof opens it.

    Where it must be `confirmed`, a second factor was shown in the last minutes (ASVS V7.5.3). A
    form that acts so has its page at the same path.
    """

    def declare(endpoint: Endpoint) -> Endpoint:
        endpoint.permission = permission  # type: ignore[attr-defined]  # read by the doorkeeper
        endpoint.confirmed = confirmed  # type: ignore[attr-defined]
        return endpoint

    return declare
