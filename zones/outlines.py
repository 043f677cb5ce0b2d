"""GeoJSON geometries as plain arrays: kinds, counts and numbers checked, nothing drawn yet."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from zones.area import AreaRefused, Fault, Limits
from zones.positions import Faults, Positions, positions, tell_out_of_range, until_full
from zones.reprojection import is_wgs84, to_wgs84

SURFACES = ("Polygon", "MultiPolygon", "GeometryCollection")
ALL_KINDS = ("Polygon", "MultiPolygon", "Point", "LineString", "MultiLineString")


@dataclass(frozen=True)
class Outline:
    """A geometry as arrays: of each part its rings (the outline, then holes) or its one line."""

    kind: str
    parts: tuple[tuple[Positions, ...], ...]
    members: tuple["Outline", ...] = ()  # of a GeometryCollection

    @property
    def is_surface(self) -> bool:
        """Whether it encloses ground."""
        return self.kind in SURFACES

    @property
    def rings(self) -> list[Positions]:
        """Every ring or line of every part."""
        return [ring for part in self.parts for ring in part]


def check_limits(geometries: Iterable[object], *, limits: Limits) -> None:
    """Count polygons and positions on the plain lists; AreaRefused above the limits."""
    polygons = vertices = 0
    for geometry in geometries:
        more_polygons, more_vertices = _counts(geometry)
        polygons += more_polygons
        vertices += more_vertices
    faults = []
    if polygons > limits.polygons:
        faults.append(_too_many("polygons", polygons, limits.polygons))
    if vertices > limits.vertices:
        faults.append(_too_many("points", vertices, limits.vertices))
    if faults:
        raise AreaRefused(faults)


def read_outline(
    value: object, place: str, faults: Faults, *, kinds: tuple[str, ...], crs: str
) -> Outline:
    """Read the outline of a GeoJSON geometry of one of `kinds`, in WGS 84; faults are noted."""
    nothing = Outline("", ())
    if not isinstance(value, Mapping):
        faults.add(place, "The feature has no geometry: draw it or remove it.")
        return nothing
    kind = value.get("type")
    if not isinstance(kind, str) or kind not in kinds:
        shown = kind[:40] if isinstance(kind, str) else kind
        wanted = ", ".join(kinds)
        faults.add(place, f"A geometry of type {shown!r} is not read here: use {wanted}.")
        return nothing
    if kind == "GeometryCollection":
        return _read_collection(value.get("geometries"), place, faults, crs=crs)
    where = f"{place}.coordinates" if place else "coordinates"
    parts = _read_parts(kind, value.get("coordinates"), where, faults, degrees=is_wgs84(crs))
    if faults.found or is_wgs84(crs):
        return Outline(kind, parts)
    return Outline(kind, _reprojected(parts, where, faults, crs=crs))


def _read_collection(value: object, place: str, faults: Faults, *, crs: str) -> Outline:
    where = f"{place}.geometries" if place else "geometries"
    if not isinstance(value, list) or not value:
        faults.add(where, "The collection is empty: draw at least one polygon.")
        return Outline("", ())
    flat = SURFACES[:2]
    members = tuple(
        read_outline(member, f"{where}[{index}]", faults, kinds=flat, crs=crs)
        for index, member in until_full(value, faults)
    )
    parts = tuple(part for member in members for part in member.parts)
    return Outline("GeometryCollection", parts, members)


def _read_parts(
    kind: str, value: object, place: str, faults: Faults, *, degrees: bool
) -> tuple[tuple[Positions, ...], ...]:
    if kind == "Point":
        return ((positions([value], place, faults, kind="point", degrees=degrees),),)
    if kind == "LineString":
        return ((positions(value, place, faults, kind="line", degrees=degrees),),)
    if not isinstance(value, list) or not value:
        faults.add(place, f"The {kind} is empty: draw it or remove it.")
        return ()
    if kind == "Polygon":
        return (_read_rings(value, place, faults, degrees=degrees),)
    if kind == "MultiLineString":
        return tuple(
            (positions(line, f"{place}[{index}]", faults, kind="line", degrees=degrees),)
            for index, line in until_full(value, faults)
        )
    return tuple(
        _read_rings(polygon, f"{place}[{index}]", faults, degrees=degrees)
        for index, polygon in until_full(value, faults)
    )


def _read_rings(
    value: object, place: str, faults: Faults, *, degrees: bool
) -> tuple[Positions, ...]:
    if not isinstance(value, list) or not value:
        faults.add(place, "The polygon is empty: draw it or remove it.")
        return ()
    return tuple(
        positions(ring, f"{place}[{index}]", faults, kind="ring", degrees=degrees)
        for index, ring in until_full(value, faults)
    )


def _reprojected(
    parts: tuple[tuple[Positions, ...], ...], place: str, faults: Faults, *, crs: str
) -> tuple[tuple[Positions, ...], ...]:
    moved = tuple(tuple(to_wgs84(ring, crs) for ring in part) for part in parts)
    for part in moved:
        for ring in part:
            tell_out_of_range(ring, place, faults)
    return moved


def _counts(geometry: object) -> tuple[int, int]:
    """Polygons and positions of a geometry, whatever its shape: wrong shapes count nothing."""
    if not isinstance(geometry, Mapping):
        return 0, 0
    if geometry.get("type") == "GeometryCollection":
        counts = [_counts(member) for member in _list(geometry.get("geometries"))]
        return sum(count[0] for count in counts), sum(count[1] for count in counts)
    depth = {"MultiPolygon": 2, "Polygon": 1, "MultiLineString": 1}.get(str(geometry.get("type")))
    if depth is None:
        return 0, len(_list(geometry.get("coordinates")))
    parts = _list(geometry.get("coordinates")) if depth == 2 else [geometry.get("coordinates")]
    vertices = sum(len(_list(ring)) for part in parts for ring in _list(part))
    return (len(parts) if geometry.get("type") != "MultiLineString" else 0), vertices


def _list(value: object) -> list[object]:
    return value if isinstance(value, list) else []


def _too_many(what: str, count: int, limit: int) -> Fault:
    return Fault("", f"The area has {count:,} {what}; at most {limit:,} are read. Draw it simpler.")
