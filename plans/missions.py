"""What a mission may be, from where it may get there, and how partners name it (DOMAIN §3.4)."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True)
class MissionState:
    """A state of a mission: our code, French and English names, EMSI's word (MISSION STATUS).

    `rank` is how far it has come; what is `over` does not go on.
    """

    code: str
    fr: str
    en: str
    emsi: str
    rank: int
    over: bool = False


MISSION_STATES = (
    MissionState("proposed", "proposée", "proposed", "NST", 0),
    MissionState("ordered", "ordonnée", "ordered", "NST", 1),
    MissionState("accepted", "acceptée", "accepted", "NST", 2),
    MissionState("in_progress", "en cours", "in progress", "IPR", 3),
    MissionState("suspended", "suspendue", "suspended", "PAU", 3),
    MissionState("done", "terminée", "done", "COM", 4, over=True),
    MissionState("failed", "abandonnée", "given up", "ABO", 4, over=True),
    MissionState("cancelled", "annulée", "cancelled", "CANCLD", 4, over=True),
)
_BY_CODE = MappingProxyType({state.code: state for state in MISSION_STATES})
MISSION_FROM_EMSI: Mapping[str, str] = MappingProxyType(
    {
        "NST": "accepted",  # told of it, it has not begun
        "IPR": "in_progress",
        "PAU": "suspended",
        "ABO": "failed",
        "CANCLD": "cancelled",
        "COM": "done",
    }
)
_CAME_FROM: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "proposed": frozenset(),
        "ordered": frozenset({"proposed"}),
        "accepted": frozenset({"ordered"}),
        "in_progress": frozenset({"accepted", "suspended"}),
        "suspended": frozenset({"in_progress"}),
        "done": frozenset({"in_progress"}),
        "failed": frozenset({"accepted", "in_progress", "suspended"}),
        "cancelled": frozenset({"proposed", "ordered", "accepted", "in_progress", "suspended"}),
    }
)
BY_ORDER = ("proposed", "ordered")  # states that the cell alone decides
_WAY = ("proposed", "ordered", "accepted", "in_progress")
MISSION_KINDS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {  # G2005: what a safeguard mission may be, in its urgency and after it
        "evaluate": ("évaluer", "evaluate"),
        "alert": ("alerter", "alert"),
        "door_to_door": ("porte-à-porte", "door to door"),
        "evacuate": ("mettre à l'abri, évacuer", "shelter, evacuate"),
        "secure": ("sécuriser", "secure"),
        "inform": ("informer", "inform"),
        "assist": ("assister les secours", "assist the rescue services"),
        "urgent_works": ("actions urgentes", "urgent works"),
        "shelter": ("héberger, ravitailler", "lodge, feed"),
        "support": ("soutien", "support"),
        "rehousing": ("relogement", "rehousing"),
        "repair": ("remise en service", "repair"),
        "volunteers": ("bénévoles", "volunteers"),
        "donations": ("dons", "donations"),
        "other": ("autre", "other"),
    }
)


def mission_state(code: str) -> MissionState:
    """Find a state by our code. Raises KeyError."""
    return _BY_CODE[code]


def mission_may_become(new: str, *, old: str) -> bool:
    """Tell whether a mission may go from one state to another; a repeat is no move.

    Raises KeyError for a state that does not exist.
    """
    mission_state(old)
    return old in _CAME_FROM[new] and old != new


def mission_said_by(word: str) -> str | None:
    """Return our state that a word stands for, ours or EMSI's; None where it is neither."""
    plain = word.strip()
    if plain.upper() in MISSION_FROM_EMSI:
        return MISSION_FROM_EMSI[plain.upper()]
    return plain.lower() if plain.lower() in _CAME_FROM else None


def mission_steps_between(old: str, new: str) -> tuple[str, ...]:
    """Return the states that a mission must have passed between two, in order.

    Towards its end that is the way on: a mission told done at once was accepted and begun. From an
    end, or backwards, nothing is missing: it was opened again. Raises KeyError for no state.
    """
    before, after = mission_state(old), mission_state(new)
    if before.over or before.rank >= after.rank or new == "cancelled":
        return ()
    at = _WAY.index("in_progress" if old == "suspended" else old)
    if new in _WAY:
        return _WAY[at + 1 : _WAY.index(new)]
    until = "accepted" if new == "failed" else "in_progress"
    return _WAY[at + 1 : _WAY.index(until) + 1]


# What a team's own status says of its mission, by the state in which the mission is.
MOVED_BY: Mapping[str, Mapping[str, str]] = {
    "en_route": {"ordered": "accepted"},
    "on_scene": dict.fromkeys(("ordered", "accepted", "suspended"), "in_progress"),
}
