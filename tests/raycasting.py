"""An oracle of our own: is a point inside polygons? By ray casting on exact fractions."""

from collections.abc import Sequence
from fractions import Fraction
from itertools import pairwise

Point = tuple[float, float]
Ring = Sequence[Point]


def covers(polygons: Sequence[Sequence[Ring]], lon: float, lat: float) -> bool:
    """Whether any polygon (outline, then holes) covers the point; every border counts."""
    return any(_covers(rings, Fraction(lon), Fraction(lat)) for rings in polygons)


def _covers(rings: Sequence[Ring], x: Fraction, y: Fraction) -> bool:
    if any(_on_border(ring, x, y) for ring in rings):
        return True
    outline, *holes = rings
    return _inside(outline, x, y) and not any(_inside(hole, x, y) for hole in holes)


def _edges(ring: Ring) -> list[tuple[Fraction, Fraction, Fraction, Fraction]]:
    exact = [(Fraction(x), Fraction(y)) for x, y in ring]
    return [(*start, *end) for start, end in pairwise(exact)]


def _on_border(ring: Ring, x: Fraction, y: Fraction) -> bool:
    for x1, y1, x2, y2 in _edges(ring):
        cross = (x2 - x1) * (y - y1) - (y2 - y1) * (x - x1)
        if cross == 0 and min(x1, x2) <= x <= max(x1, x2) and min(y1, y2) <= y <= max(y1, y2):
            return True
    return False


def _inside(ring: Ring, x: Fraction, y: Fraction) -> bool:
    """Count the edges that a ray to the east crosses; a corner belongs to its upper edge."""
    odd = False
    for x1, y1, x2, y2 in _edges(ring):
        if (y1 > y) != (y2 > y) and x < x1 + (x2 - x1) * (y - y1) / (y2 - y1):
            odd = not odd
    return odd
