"""Is a polygon sound? Judged on the numbers first, then by GEOS; never repaired, never widened."""

import hashlib
import re
from collections.abc import Sequence

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry import MultiPolygon, Polygon

from zones.area import AreaRefused, Fault, Limits
from zones.positions import Positions

_SAMPLE = 200  # edges compared with all others to estimate the tangle
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
    return Polygon(rings[0], rings[1:])


def unsound(polygons: Sequence[Polygon]) -> str | None:
    """Why these polygons, the parts of one feature, are no valid geometry; None if they are."""
    geometry = polygons[0] if len(polygons) == 1 else MultiPolygon(polygons)
    if geometry.is_valid:
        return None
    said = shapely.is_valid_reason(geometry)
    spot = _SPOT.match(said)
    reason = spot["reason"] if spot else said
    where = f" near longitude {spot['lon']}, latitude {spot['lat']}" if spot else ""
    sentence = _SENTENCES.get(reason.strip(), f"the geometry is invalid ({reason.strip()})")
    return f"{sentence}{where}; correct the drawing."


def check_tangle(rings: Sequence[Positions], *, limits: Limits) -> None:
    """Refuse outlines so tangled that judging them would take seconds (AreaRefused).

    GEOS compares the edges whose boxes overlap: a comb of 20,000 diagonal teeth within every
    other limit takes it 19 s. The pairs are estimated on edges drawn at random, by a seed that
    depends on the content, so that no drawing can hide from it.
    """
    edges = sum(len(ring) - 1 for ring in rings)
    if edges * edges // 2 <= limits.tangle:
        return
    starts = np.concatenate([ring[:-1] for ring in rings])
    ends = np.concatenate([ring[1:] for ring in rings])
    if _overlapping_pairs(starts, ends) > limits.tangle:
        message = (
            "The outline is too tangled: too many of its edges run side by side over each other. "
            "Draw it simpler."
        )
        raise AreaRefused([Fault("", message)])


def _overlapping_pairs(starts: Positions, ends: Positions) -> float:
    low, high = np.minimum(starts, ends), np.maximum(starts, ends)
    seed = hashlib.sha256(low.tobytes()).digest()
    drawn = np.random.default_rng(int.from_bytes(seed)).integers(len(low), size=_SAMPLE)
    met = sum(int(_boxes_met(low, high, edge).sum()) - 1 for edge in drawn.tolist())
    return met / _SAMPLE * len(low) / 2


def _boxes_met(low: Positions, high: Positions, edge: int) -> NDArray[np.bool_]:
    west, south = low[edge]
    east, north = high[edge]
    return np.asarray(
        (low[:, 0] <= east) & (high[:, 0] >= west) & (low[:, 1] <= north) & (high[:, 1] >= south)
    )
