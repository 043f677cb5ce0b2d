"""Each route says which permission it needs; none answers without saying."""

from collections.abc import Callable
from typing import Any, TypeVar

Endpoint = TypeVar("Endpoint", bound=Callable[..., Any])
PUBLIC = "public"


def needs(permission: str) -> Callable[[Endpoint], Endpoint]:
    """Declare the permission that an endpoint needs; PUBLIC where another proof opens it."""

    def declare(endpoint: Endpoint) -> Endpoint:
        endpoint.permission = permission  # type: ignore[attr-defined]  # read by the doorkeeper
        return endpoint

    return declare
