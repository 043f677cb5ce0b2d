"""The numbers of a street that an area holds a part of: from which to which, on which side."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from zones.streets import StreetRead

BOTH, ODD, EVEN = "both", "odd", "even"


@dataclass(frozen=True)
class NumberRun:
    """Numbers one after the other, all of them inside: no address between them is outside.

    `side` is both, odd or even: which numbers of the street the run counts.
    """

    first: str
    last: str
    side: str = BOTH

    @property
    def is_one(self) -> bool:
        """Whether it is a single number."""
        return self.first == self.last

    @property
    def is_number(self) -> bool:
        """Whether it is one at all: a farm of its own name is none."""
        return bool(_digits(self.first))


def runs_of(street: StreetRead) -> tuple[NumberRun, ...]:
    """Return the numbers inside as runs, by side of the street where that says it shorter.

    An address that stands on both lists, as the same number twice, counts as inside.
    """
    inside = dict.fromkeys(street.inside)
    outside = [one for one in dict.fromkeys(street.outside) if one not in inside]
    numbers = sorted((*inside, *outside), key=_rank)
    sides = {side: [one for one in numbers if _side(one) == side] for side in (ODD, EVEN)}
    together = _runs(numbers, inside, side=BOTH)
    apart = tuple(run for side, some in sides.items() for run in _runs(some, inside, side=side))
    return apart if len(apart) < len(together) else together


def _runs(numbers: Sequence[str], inside: Iterable[str], *, side: str) -> tuple[NumberRun, ...]:
    """Cut numbers in their order where one is outside, or is no number."""
    held, found = frozenset(inside), list[NumberRun]()
    going: list[str] = []
    for one in (*numbers, ""):
        if one in held and _digits(one):
            going.append(one)
            continue
        if going:
            found.append(NumberRun(going[0], going[-1], side))
        going = []
        if one in held:
            found.append(NumberRun(one, one, side))
    return tuple(found)


def _digits(number: str) -> int:
    figures = "".join(sign for sign in number.split(" ")[0] if sign.isdecimal())
    return int(figures[:9] or 0)


def _side(number: str) -> str:
    return ODD if _digits(number) % 2 else EVEN


def _rank(number: str) -> tuple[int, str]:
    return _digits(number), number
