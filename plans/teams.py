"""What a team may be doing, and from where it may get there (DOMAIN §3.3), as data."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True)
class Status:
    """A team's status: our code, its French and English names, the fire service's radio code."""

    code: str
    fr: str
    en: str
    radio: int | None = None


STATUSES = (
    Status("off_duty", "indisponible", "off duty", radio=8),
    Status("available", "disponible", "available", radio=9),
    Status("alerted", "en alerte", "alerted", radio=101),
    Status("en_route", "parti", "en route", radio=1),
    Status("on_scene", "sur les lieux", "on scene", radio=2),
    Status("available_on_scene", "disponible sur les lieux", "available on scene", radio=44),
    Status("returning", "en transit", "returning", radio=7),
    Status("resting", "repos", "resting"),
)

_CAME_FROM: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "off_duty": frozenset(status.code for status in STATUSES),
        "available": frozenset({"off_duty", "returning"}),
        "alerted": frozenset({"available"}),
        "en_route": frozenset({"alerted", "returning", "available_on_scene"}),
        "on_scene": frozenset({"en_route"}),
        "available_on_scene": frozenset({"on_scene"}),
        "returning": frozenset({"on_scene"}),
        "resting": frozenset({"available", "returning"}),
    }
)
DEPARTURE = "en_route"
"""The status a team enters only with its minimum of people aboard."""

EVENTS = ("message", "urgent_message", "distress")
"""What a team may say in any status without changing it."""


def may_become(new: str, *, old: str) -> bool:
    """Tell whether a team may go from one status to another; a repeat of the same is no move.

    Raises KeyError for a status that does not exist.
    """
    by_code(old)
    return old in _CAME_FROM[new] and old != new


def by_code(code: str) -> Status:
    """Find a status by our code. Raises KeyError."""
    for status in STATUSES:
        if status.code == code:
            return status
    raise KeyError(code)


def by_radio(code: int) -> Status | None:
    """Find the status a fire-service radio code stands for; None where it is no status."""
    return next((status for status in STATUSES if status.radio == code), None)
