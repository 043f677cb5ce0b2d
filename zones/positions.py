"""Plain JSON positions to arrays of lon, lat: each bad number is told with its place."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from zones.area import Fault

Positions = NDArray[np.float64]  # shape (n, 2): lon, lat (or x, y before reprojection)

_TOLD = 100  # faults told at most: an operator reads the first ones, a hostile file has millions
_FEWEST = {"ring": 4, "line": 2, "point": 1}


@dataclass
class Faults:
    """The faults of one geometry as they are found."""

    found: list[Fault] = field(default_factory=list)

    def add(self, place: str, message: str) -> None:
        """Note a fault; beyond the first hundred they are not kept."""
        if len(self.found) < _TOLD:
            self.found.append(Fault(place, message))

    @property
    def full(self) -> bool:
        """Whether looking further would tell nothing."""
        return len(self.found) >= _TOLD


def positions(value: object, place: str, faults: Faults, *, kind: str, degrees: bool) -> Positions:
    """Read the positions of a "ring", a "line" or a "point" (a point as a list of one).

    With `degrees` they must be on Earth; without, they are metres of some grid and only finite.
    Returns what could be read: look at `faults` before using it.
    """
    nothing = np.empty((0, 2))
    if not isinstance(value, list):
        faults.add(place, "Positions must be a list of [longitude, latitude] pairs.")
        return nothing
    numbers = _numbers(value)
    if numbers is None:
        for index, position in until_full(value, faults):
            _tell_position(position, f"{place}[{index}]", faults)
        return nothing
    if len(value) < _FEWEST[kind]:
        faults.add(place, f"A {kind} needs at least {_FEWEST[kind]} positions; {len(value)} here.")
        return nothing
    whole = np.array(numbers, dtype=np.float64).reshape(len(value), -1) + 0.0  # no -0.0
    _tell_numbers(whole, place, faults, degrees=degrees)
    array = whole[:, :2]
    if kind == "ring" and not np.array_equal(array[0], array[-1]):
        faults.add(place, "The ring is not closed: repeat its first position at its end.")
    return array


def until_full(values: Iterable[object], faults: Faults) -> Iterator[tuple[int, object]]:
    """Yield each value with its index, as long as looking further would tell something."""
    for index, value in enumerate(values):
        if faults.full:
            return
        yield index, value


def tell_out_of_range(array: Positions, place: str, faults: Faults) -> None:
    """Note the positions that are not on Earth, after reprojection for example."""
    _tell_numbers(array, place, faults, degrees=True)


def _numbers(value: list[object]) -> list[float] | None:
    """Give the numbers of positions one after the other, as many of each as of the others.

    Where only some have an altitude, the others get one of 0. Exact types: True is an int in
    Python, and no coordinate.
    """
    lists = [position for position in value if type(position) is list]
    if len(lists) < len(value) or not {len(position) for position in lists} <= {2, 3}:
        return None
    if len({len(position) for position in lists}) > 1:
        lists = [[*position, 0][:3] for position in lists]
    numbers = list(chain.from_iterable(lists))
    return numbers if set(map(type, numbers)) <= {int, float} else None


def _tell_position(position: object, place: str, faults: Faults) -> None:
    if not isinstance(position, list) or len(position) not in (2, 3):
        faults.add(place, "A position must be [longitude, latitude], with at most an altitude.")
    elif any(type(number) not in (int, float) for number in position):
        faults.add(place, "Longitude and latitude must be plain numbers, without quotes.")


def _tell_numbers(array: Positions, place: str, faults: Faults, *, degrees: bool) -> None:
    finite = np.isfinite(array).all(axis=1)
    if finite.all() and not (degrees and (np.abs(array[:, :2]) > (180, 90)).any()):
        return
    for index in np.flatnonzero(~finite)[:_TOLD]:
        faults.add(f"{place}[{index}]", "The position is not finite: give real numbers.")
    if not degrees:
        return
    strange = finite & ((np.abs(array[:, 0]) > 180) | (np.abs(array[:, 1]) > 90))
    for index in np.flatnonzero(strange)[:_TOLD]:
        lon, lat = array[index, :2]
        faults.add(
            f"{place}[{index}]",
            f"Longitude {lon:g}, latitude {lat:g} is not on Earth: give degrees in WGS 84, "
            "longitude first.",
        )
