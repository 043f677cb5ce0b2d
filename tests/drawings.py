"""Random zones for property tests: stars with holes, several of them, and points close to lines."""

import math

import shapely
from hypothesis import strategies as st
from shapely.geometry import Polygon

MILLIMETRE = 1e-8  # of latitude, in degrees

Ring = list[tuple[float, float]]


@st.composite
def stars(draw: st.DrawFn, *, radius: float = 0.05) -> list[Ring]:
    """Draw a star-shaped outline, on some draws with a star-shaped hole."""
    west, south = draw(st.floats(-2, 2)), draw(st.floats(46, 49))
    count = draw(st.integers(3, 12))
    sizes = draw(st.lists(st.floats(0.3, 1.0), min_size=count, max_size=count))
    outline = [_corner(west, south, radius * size, i / count) for i, size in enumerate(sizes)]
    rings = [[*outline, outline[0]]]
    if draw(st.booleans()):
        # cos(pi / 3) of the least corner: the hole stays inside whatever the corners
        inner = radius * 0.3 * 0.4
        hole = [_corner(west, south, inner, i / 5) for i in range(5)]
        rings.append([*hole, hole[0]])
    return rings


@st.composite
def zones(draw: st.DrawFn) -> list[list[Ring]]:
    """One to three stars, valid each, which may overlap."""
    drawn = draw(st.lists(stars(), min_size=1, max_size=3))
    kept = [rings for rings in drawn if Polygon(rings[0], rings[1:]).is_valid]
    return kept or [[[(0.0, 47.0), (0.1, 47.0), (0.1, 47.1), (0.0, 47.0)]]]


@st.composite
def spots(draw: st.DrawFn, polygons: list[list[Ring]]) -> tuple[float, float]:
    """Draw a point: anywhere near, on a corner, on an edge as near as floats are, 1 mm beside."""
    ring = draw(st.sampled_from([ring for rings in polygons for ring in rings]))
    at = draw(st.integers(0, len(ring) - 2))
    share = draw(st.sampled_from([0.0, 0.5, 1.0]) | st.floats(0, 1))
    (x1, y1), (x2, y2) = ring[at], ring[at + 1]
    x, y = x1 + (x2 - x1) * share, y1 + (y2 - y1) * share
    if share == 0.0:
        x, y = x1, y1
    aside = draw(st.sampled_from([0.0, MILLIMETRE, -MILLIMETRE, 1e-15, 0.01, -0.01]))
    return x + aside * draw(st.sampled_from([0, 1, -1])), y + aside


def drawn(polygons: list[list[Ring]]) -> list[Polygon]:
    """Make the polygons of rings."""
    return [Polygon(rings[0], rings[1:]) for rings in polygons]


def wavy(count: int, *, lon: float = -1.7, lat: float = 48.0, radius: float = 0.1) -> Polygon:
    """Draw a smooth outline of `count` corners with bays."""
    turns = [i / count for i in range(count)]
    outline = [
        _corner(lon, lat, radius * (1 + 0.3 * math.sin(14 * math.pi * turn)), turn)
        for turn in turns
    ]
    return shapely.Polygon(outline)


def _corner(x: float, y: float, reach: float, turn: float) -> tuple[float, float]:
    return x + reach * math.cos(2 * math.pi * turn), y + reach * math.sin(2 * math.pi * turn)
