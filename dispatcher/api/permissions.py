"""Each route says which permission it needs; none answers without saying."""

from collections.abc import Callable
from typing import Any, TypeVar

Endpoint = TypeVar("Endpoint", bound=Callable[..., Any])
PUBLIC = "public"
OWN = "account.own"  # what everybody may do about her own access, a second factor kept or not


def needs(
    permission: str, *, confirmed: bool = False, page: str = ""
) -> Callable[[Endpoint], Endpoint]:
    """Declare the permission that an endpoint needs; PUBLIC where another proof opens it.

    Where it must be `confirmed`, a second factor was shown in the last minutes (ASVS V7.5.3).
    `page` is where a form that came too late is found again, where that is not its own path; it
    may hold the endpoint's own blanks, such as `{alert_id}`.
    """

    def declare(endpoint: Endpoint) -> Endpoint:
        endpoint.permission = permission  # type: ignore[attr-defined]  # read by the doorkeeper
        endpoint.confirmed = confirmed  # type: ignore[attr-defined]
        endpoint.page = page  # type: ignore[attr-defined]
        return endpoint

    return declare
