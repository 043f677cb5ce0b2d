"""What a team may be doing, from where it may get there, and how others name it (DOMAIN §3.3)."""

import unicodedata
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType


@dataclass(frozen=True)
class Status:
    """A team's status: our code, its French and English names, the words of its partners.

    `emsi` is what a resource is called in EMSI (RSTATUS), `radio` the fire service's code.
    """

    code: str
    fr: str
    en: str
    emsi: str
    radio: int | None = None


STATUSES = (
    Status("off_duty", "indisponible", "off duty", "UNAV", radio=8),
    Status("available", "disponible", "available", "AVAILB", radio=9),
    Status("alerted", "en alerte", "alerted", "RESRVD", radio=101),
    Status("en_route", "parti", "en route", "IN_USE/MOBILE", radio=1),
    Status("on_scene", "sur les lieux", "on scene", "IN_USE/ON_SCENE", radio=2),
    # On the spot or on its way back it can be sent elsewhere: to a partner it is available.
    Status(
        "available_on_scene", "disponible sur les lieux", "available on scene", "AVAILB", radio=44
    ),
    Status("returning", "en transit", "returning", "AVAILB", radio=7),
    Status("resting", "repos", "resting", "UNAV"),
)
_BY_CODE = MappingProxyType({status.code: status for status in STATUSES})
STATUS_CODES = frozenset(_BY_CODE)
FROM_EMSI: Mapping[str, str] = MappingProxyType(
    {
        "AVAILB": "available",
        "RESRVD": "alerted",
        "IN_USE/MOBILE": "en_route",
        "IN_USE/ON_SCENE": "on_scene",
        "UNAV": "off_duty",
        "MAINTC": "off_duty",
    }
)
"""What a resource's EMSI status says of a team; VIRTUAL is no state of people, and is not there."""

_CAME_FROM: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "off_duty": frozenset(status.code for status in STATUSES),
        "available": frozenset({"off_duty", "returning"}),
        "alerted": frozenset({"available"}),
        "en_route": frozenset({"alerted", "returning", "available_on_scene"}),
        "on_scene": frozenset({"en_route"}),
        "available_on_scene": frozenset({"on_scene"}),
        # DOMAIN §3.3 has it from on_scene alone; who is free on the spot comes home as well.
        "returning": frozenset({"on_scene", "available_on_scene"}),
        "resting": frozenset({"available", "returning"}),
    }
)
LONGEST_CODE = 4  # digits of a radio code
DEPARTURE = "en_route"
"""The status a team enters only with its minimum of people aboard."""

OUT = ("en_route", "on_scene", "available_on_scene", "returning")
"""The statuses in which a team is out there: somebody wants to hear of it."""

EVENTS = ("message", "urgent_message", "reinforcement", "distress")
"""What a team may say in any status without changing it."""

RADIO: Mapping[int, str] = MappingProxyType(
    {
        0: "alerted",  # chosen
        **{status.radio: status.code for status in STATUSES if status.radio is not None},
        3: "message",
        4: "urgent_message",
        5: "message",  # takes somebody to hospital, and is still at it
        6: "message",  # … has come there
        22: "on_scene",
        25: "available",  # outside its sector
        **dict.fromkeys(range(30, 39), "on_scene"),  # others "on the spot", 36 and 38 among them
    }
)
"""The codes of one French dispatcher's screen (DOMAIN §3.3): departments differ, and a plan may say
otherwise (`codes_radio`)."""


def may_become(new: str, *, old: str) -> bool:
    """Tell whether a team may go from one status to another; a repeat of the same is no move.

    Raises KeyError for a status that does not exist.
    """
    by_code(old)
    return old in _CAME_FROM[new] and old != new


def by_code(code: str) -> Status:
    """Find a status by our code. Raises KeyError."""
    return _BY_CODE[code]


def by_radio(code: int) -> Status | None:
    """Find the status a fire-service radio code stands for; None where it is no status."""
    return next((status for status in STATUSES if status.radio == code), None)


def said_by(word: str | int, *, radio: Mapping[int, str] = RADIO) -> str | None:
    """Return our status or event that a word stands for: ours, EMSI's, or a radio code.

    None where it is none of them; letter case and outer spaces do not count.
    """
    plain = str(word).strip()
    if plain.isascii() and plain.isdigit():
        return radio.get(int(plain)) if len(plain) <= LONGEST_CODE else None
    if plain.upper() in FROM_EMSI:
        return FROM_EMSI[plain.upper()]
    ours = plain.lower()
    return ours if ours in _CAME_FROM or ours in EVENTS else None


@cache
def steps_between(old: str, new: str) -> tuple[str, ...]:
    """Return the statuses that a team must have passed between two, in order; none where it may go.

    The shortest way that the table of moves allows. Raises KeyError for a status that is not one.
    """
    by_code(old), by_code(new)
    if old == new:
        return ()
    ways: deque[tuple[str, ...]] = deque([(old,)])
    seen = {old}
    while ways:
        way = ways.popleft()
        for status in STATUSES:
            if status.code in seen or not may_become(status.code, old=way[-1]):
                continue
            if status.code == new:
                return way[1:]
            seen.add(status.code)
            ways.append((*way, status.code))
    raise KeyError(new)  # no status is out of reach: a test says so


def plain(name: str) -> str:
    """Return a call sign as it is compared: capitals, no accents, no spaces or dashes."""
    apart = unicodedata.normalize("NFKD", name)
    return "".join(sign for sign in apart if sign.isalnum()).upper()
