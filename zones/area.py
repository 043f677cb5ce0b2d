"""An Area and a Place on the ground: WGS 84, longitude first, holes kept, limits enforced."""

import hashlib
import math
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Self

import shapely
from shapely.geometry import MultiPolygon, Polygon
from shapely.geometry.base import BaseGeometry
from typing_extensions import override

Bounds = tuple[float, float, float, float]


class AreaFault(ValueError):
    """A value that is no place on the ground, said in a sentence."""


@dataclass(frozen=True)
class Place:
    """A point in WGS 84 degrees. Raises AreaFault when it is not finite or out of range."""

    lon: float
    lat: float

    def __post_init__(self) -> None:
        """Refuse what is not on Earth."""
        if not (math.isfinite(self.lon) and math.isfinite(self.lat)):
            raise AreaFault("A place needs a finite longitude and latitude.")
        if not (-180 <= self.lon <= 180 and -90 <= self.lat <= 90):
            raise AreaFault(
                f"Longitude {self.lon}, latitude {self.lat} is not on Earth: longitude comes first "
                "and goes from -180 to 180, latitude from -90 to 90."
            )


@dataclass(frozen=True)
class Fault:
    """What is wrong, and where: `place` is a path in the document, `message` a sentence."""

    place: str
    message: str

    @override
    def __str__(self) -> str:
        """Say the place, then the sentence."""
        return f"{self.place}: {self.message}" if self.place else self.message


class AreaRefused(Exception):
    """An area, a layer or a file that is not taken, with every fault found in it."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = tuple(faults)
        super().__init__(self.faults)

    @override
    def __str__(self) -> str:
        """Say the first three faults and how many more there are."""
        shown = " ".join(str(fault) for fault in self.faults[:3])
        more = len(self.faults) - 3
        return f"Refused. {shown}" + (f" And {more} more faults." if more > 0 else "")


@dataclass(frozen=True)
class Limits:
    """What is read at most.

    `tangle` bounds the pairs of edges whose boxes overlap: the work that checking an outline for
    crossings costs, which the number of vertices does not bound.
    """

    polygons: int
    vertices: int
    bytes: int
    tangle: int = 1_000_000


# 1,000 polygons and 50,000 points: the rule of GOV.UK Emergency Alerts; 1 MB: one request body.
ALERT_LIMITS = Limits(polygons=1_000, vertices=50_000, bytes=1_000_000)
LAYER_LIMITS = Limits(polygons=100_000, vertices=1_000_000, bytes=100_000_000, tangle=100_000_000)


@dataclass(frozen=True)
class Area:
    """A part of the ground: the union of its polygons, each valid on its own, holes kept.

    The polygons are kept as they were drawn, never merged: computing a merged outline moves
    its corners by a rounding, and a person who lives on the line would fall out.
    """

    polygons: tuple[Polygon, ...]

    def __post_init__(self) -> None:
        """Refuse an empty area and one that is not on Earth."""
        if not self.polygons or any(polygon.is_empty for polygon in self.polygons):
            raise AreaRefused([Fault("", "The area is empty: draw at least one polygon.")])
        west, south, east, north = self.bounds
        Place(west, south)
        Place(east, north)

    @classmethod
    def of(cls, *geometries: BaseGeometry) -> Self:
        """Take the area that valid Polygons and MultiPolygons in WGS 84 cover; else AreaRefused."""
        polygons: list[Polygon] = []
        for number, geometry in enumerate(geometries):
            if not isinstance(geometry, Polygon | MultiPolygon) or not geometry.is_valid:
                reason = shapely.is_valid_reason(geometry)
                said = f"A {geometry.geom_type} ({reason}) is not an area: use a valid polygon."
                raise AreaRefused([Fault(f"[{number}]", said)])
            polygons.extend(_polygons_of(geometry))
        return cls(tuple(polygons))

    @cached_property
    def geometry(self) -> MultiPolygon:
        """One valid MultiPolygon to draw or compare; who is inside is asked of the polygons."""
        drawn = MultiPolygon(self.polygons)
        if len(self.polygons) == 1 or drawn.is_valid:
            return drawn
        return MultiPolygon(list(_polygons_of(shapely.union_all(list(self.polygons)))))

    @cached_property
    def bounds(self) -> Bounds:
        """West, south, east, north in degrees."""
        west, south, east, north = shapely.total_bounds(list(self.polygons)).tolist()
        return west, south, east, north

    @property
    def vertices(self) -> int:
        """How many positions its rings count."""
        return int(shapely.get_num_coordinates(list(self.polygons)).sum())

    def union(self, *areas: "Area") -> "Area":
        """Join this area and the others; exact, it never loses a place."""
        drawn = {polygon: None for area in (self, *areas) for polygon in area.polygons}
        return Area(tuple(drawn))

    def covers_place(self, place: Place) -> bool:
        """Whether the place is inside; the border counts as inside, a hole as outside."""
        return bool(shapely.intersects_xy(list(self.polygons), place.lon, place.lat).any())

    def digest(self) -> str:
        """Return the SHA-256 (hex) of the canonical coordinates.

        The start and the sense of a ring, and the order of rings and polygons, do not change it;
        a moved vertex does.
        """
        plain = shapely.transform(shapely.normalize(list(self.polygons)), lambda xy: xy + 0.0)
        blobs = sorted(set(shapely.to_wkb(plain, byte_order=1, output_dimension=2)))
        whole = hashlib.sha256(b"tocsin-area-1")
        for blob in blobs:
            whole.update(len(blob).to_bytes(8, "little") + blob)
        return whole.hexdigest()


@dataclass(frozen=True)
class AreaReading:
    """An area that was read, what was left out of it on request, and the layers it came from."""

    area: Area
    left_out: tuple[Fault, ...] = ()
    layers: tuple[str, ...] = ()


def _polygons_of(geometry: BaseGeometry) -> Iterable[Polygon]:
    parts = shapely.get_parts(geometry)
    return (part for part in parts.tolist() if isinstance(part, Polygon) and not part.is_empty)
