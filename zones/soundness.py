"""Is a polygon sound? Judged on the numbers first, then by GEOS; never repaired, never widened."""

import re
from collections.abc import Sequence

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry import MultiPolygon, Polygon

from zones.area import AreaRefused, Fault, Limits
from zones.positions import Positions

_FEW = 128
_HALF_TURN = 180  # degrees; from 179 to -179 is drawn the long way round, over everyone
_BATCH = 32  # edges asked for at a time: the answer, up to all edges for each, stays small
_SPOT = re.compile(r"^(?P<reason>[^\[]*)\[(?P<lon>\S+) (?P<lat>[^\]\s]+)")
_SENTENCES = {
    "Self-intersection": "the outline crosses or touches itself",
    "Ring Self-intersection": "a ring crosses or touches itself",
    "Hole lies outside shell": "a hole lies outside its outline",
    "Holes are nested": "a hole lies inside another hole",
    "Nested shells": "a polygon lies inside another one of the same feature",
    "Duplicate Rings": "two rings are the same",
    "Interior is disconnected": "the holes cut the inside into pieces",
    "Too few points in geometry component": "a ring encloses nothing",
}


def polygon_of(rings: Sequence[Positions]) -> Polygon:
    """Draw the polygon of an outline and its holes, as they are: closed rings of four or more."""
    ring_of = np.repeat(np.arange(len(rings)), [len(ring) for ring in rings])
    # all at once: holes are many
    drawn = np.asarray(shapely.linearrings(np.concatenate(rings), indices=ring_of))
    polygon: Polygon = shapely.polygons(drawn[0], holes=drawn[1:])
    return polygon


def unsound(polygons: Sequence[Polygon]) -> str | None:
    """Why these polygons, the parts of one feature, are no valid geometry; None if they are."""
    if any(_width(polygon) > _HALF_TURN for polygon in polygons):
        return (
            "the outline spans more than half of the Earth; where it crosses the 180th meridian, "
            "draw a polygon on each side."
        )
    geometry = polygons[0] if len(polygons) == 1 else MultiPolygon(polygons)
    said = shapely.is_valid_reason(geometry)
    if said == "Valid Geometry":
        return None
    spot = _SPOT.match(said)
    reason = spot["reason"] if spot else said
    where = f" near longitude {spot['lon']}, latitude {spot['lat']}" if spot else ""
    sentence = _SENTENCES.get(reason.strip(), f"the geometry is invalid ({reason.strip()})")
    return f"{sentence}{where}; correct the drawing."


def _width(polygon: Polygon) -> float:
    west, _, east, _ = polygon.bounds
    return float(east - west)


def check_tangle(rings: Sequence[Positions], *, limits: Limits) -> None:
    """Refuse outlines so tangled that judging them would take seconds (AreaRefused).

    GEOS compares the edges whose boxes overlap: a comb of 20,000 diagonal teeth, within every
    other limit, takes it 19 s. It looks for them by runs of edges that go one way, whose boxes
    may overlap where no edges do: 8,000 squares one in another take it 6 s. And it asks of rings
    whose boxes overlap whether one lies in the other. All three kinds of pairs are counted, up to
    the limit; two quick upper bounds spare most drawings the count.
    """
    edges = sum(len(ring) - 1 for ring in rings)
    if edges * (edges - 1) // 2 <= limits.tangle:
        return
    starts = np.concatenate([ring[:-1] for ring in rings])
    ends = np.concatenate([ring[1:] for ring in rings])
    low, high = np.minimum(starts, ends), np.maximum(starts, ends)
    firsts = np.cumsum([0, *(len(ring) - 1 for ring in rings[:-1])])  # edge of every ring
    for starting in (firsts, _run_starts(ends - starts, firsts), np.arange(edges)):
        low_of, high_of = np.minimum.reduceat(low, starting), np.maximum.reduceat(high, starting)
        if not _tangled(low_of, high_of, most=limits.tangle):
            continue
        message = (
            "The outline is too tangled: too many of its edges run side by side over each other. "
            "Draw it simpler."
        )
        raise AreaRefused([Fault("", message)])


def _run_starts(steps: Positions, firsts: NDArray[np.intp]) -> NDArray[np.intp]:
    """Return the first edge of every run of a ring that goes into one quarter of the compass."""
    quarter = (steps[:, 0] >= 0) * 2 + (steps[:, 1] >= 0)
    turns = np.flatnonzero(np.diff(quarter)) + 1
    return np.union1d(turns, firsts)


def _tangled(low: Positions, high: Positions, *, most: int) -> bool:
    """Say whether more than `most` pairs of these boxes meet."""
    if min(_overlaps(low[:, axis], high[:, axis]) for axis in (0, 1)) <= most:
        return False
    return _meets_more(low, high, most)


def _overlaps(low: NDArray[np.float64], high: NDArray[np.float64]) -> int:
    """Count the pairs of intervals that overlap."""
    apart = int(np.searchsorted(np.sort(high), low, side="left").sum())
    return len(low) * (len(low) - 1) // 2 - apart


def _meets_more(low: Positions, high: Positions, most: int) -> bool:
    """Say whether more than `most` pairs of boxes meet, looking no further than that."""
    if _some_meet_more(low, high, most):
        return True
    boxes = shapely.box(low[:, 0], low[:, 1], high[:, 0], high[:, 1])
    tree = shapely.STRtree(boxes)
    met = -len(boxes)  # each meets itself
    for first in range(0, len(boxes), _BATCH):
        met += tree.query(boxes[first : first + _BATCH]).shape[1]
        if met > 2 * most:  # each pair is met from both sides
            return True
    return False


def _some_meet_more(low: Positions, high: Positions, most: int) -> bool:
    """Say whether the pairs of a few edges are too many already: then no tree is needed."""
    met = 0
    for edge in range(0, len(low), max(1, len(low) // _FEW)):
        west, south = low[edge]
        east, north = high[edge]
        beside = (low[:, 0] <= east) & (high[:, 0] >= west)
        met += int((beside & (low[:, 1] <= north) & (high[:, 1] >= south)).sum()) - 1
    return met > 2 * most  # each pair is met from both sides
