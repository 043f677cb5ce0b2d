"""An address as a resident types it, found in the commune's own file; the doors around it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from dispatcher.residents.place_key import place_key
from dispatcher.signup.telling import Place
from dispatcher.signup.written import street_of
from operator_ui.address_book import AddressBook, Found

OTHER = "other"  # chosen where the address is not in the file
MOST_SHOWN = 8
MOST_TYPED = 160
AROUND_M = 130.0  # half of what the picture shows
MOST_DOORS = 60
SAME_M = 2.0
MOST_NAMES = 3
_WIDE, _HIGH = 320, 220
_M_OF_DEGREE = 111_320.0
FEWEST_WORDS = 2  # that are looked for, where more find nothing
_NUMBER = re.compile(r"\d+\s?(?:bis|ter|quater|[a-zA-Z]\b)?")


@dataclass(frozen=True)
class Typed:
    """What is known of an address that was typed: chosen, or to be chosen among some."""

    place: Place | None = None
    among: Sequence[Found] = ()


def place_of(book: AddressBook, *, typed: str, chosen: str, kind: str = "home") -> Typed:
    """Return the place of an address: the one chosen, the only one that it can be, or some.

    What was chosen before something else was typed is not taken for it.
    """
    typed = " ".join(typed.split())[:MOST_TYPED]
    sought = street_of(typed)
    found = book.by_id(chosen) if chosen and chosen != OTHER else None
    if found is not None and _answers(found, sought):
        return Typed(_of(found, kind))
    if not place_key(typed):
        return Typed()
    if chosen == OTHER:
        return Typed(Place(typed, place_key(sought or typed), kind=kind))
    among = proposed(book, typed)
    exact = [one for one in among if place_key(one.label) == place_key(sought)]
    return Typed(_of(exact[0], kind)) if len(exact) == 1 else Typed(among=among)


def proposed(book: AddressBook, typed: str) -> Sequence[Found]:
    """Return the addresses that what is typed may be; words at its end that none has are left."""
    words = street_of(typed[:MOST_TYPED]).split()
    for many in range(len(words), 0, -1):
        found = book.find(" ".join(words[:many]))
        if found or many <= FEWEST_WORDS:
            return found[:MOST_SHOWN]
    return ()


def _answers(found: Found, typed: str) -> bool:
    key = place_key(found.label)
    return all(word in key for word in place_key(typed).split())


def _of(found: Found, kind: str) -> Place:
    return Place(found.label, place_key(found.label), found.lon, found.lat, kind)


@dataclass(frozen=True)
class Mark:
    """A door on the picture: where, in its own units, and its number; hers is `own`."""

    x: float
    y: float
    number: str
    own: bool = False
    street: str = ""


def doors_around(book: AddressBook, place: Place) -> list[Mark]:
    """Return the doors around a place, as a picture of 320 by 220; none where nobody knows it."""
    if place.lon is None or place.lat is None:
        return []
    east = (book.doors.lon - place.lon) * _M_OF_DEGREE * np.cos(np.radians(place.lat))
    north = (book.doors.lat - place.lat) * _M_OF_DEGREE
    near = np.flatnonzero((np.abs(east) < AROUND_M) & (np.abs(north) < AROUND_M * _HIGH / _WIDE))
    order = near[np.argsort(east[near] ** 2 + north[near] ** 2)][:MOST_DOORS]
    order = order[east[order] ** 2 + north[order] ** 2 > SAME_M**2]  # her own door is drawn apart
    scale = _WIDE / (2 * AROUND_M)
    marks = [
        Mark(
            round(float(_WIDE / 2 + east[row] * scale), 1),
            round(float(_HIGH / 2 - north[row] * scale), 1),
            _number_of(book.labels[row]),
            street=book.doors.streets[book.doors.street_of[row]],
        )
        for row in order.tolist()
    ]
    return [*marks, Mark(_WIDE / 2, _HIGH / 2, _number_of(place.label), own=True)]


def streets_around(doors: Sequence[Mark]) -> list[Mark]:
    """Return the names of the nearest streets, each under the middle of its doors."""
    found: dict[str, list[Mark]] = {}
    for one in doors:
        if one.street:
            found.setdefault(one.street, []).append(one)
    return [
        Mark(
            min(max(round(sum(one.x for one in marks) / len(marks), 1), 70.0), _WIDE - 70.0),
            min(round(max(one.y for one in marks) + 20, 1), _HIGH - 6.0),
            name,
        )
        for name, marks in list(found.items())[:MOST_NAMES]
    ]


def _number_of(label: str) -> str:
    found = _NUMBER.match(label)
    return found.group() if found else ""
