"""GeoJSON (RFC 7946) in and out: each fault located, found on plain numbers before any geometry."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from shapely.geometry import LineString, MultiLineString, MultiPolygon, Point, Polygon, mapping

from zones import outlines
from zones.area import ALERT_LIMITS, Area, AreaReading, AreaRefused, Fault, Limits
from zones.document import read_json
from zones.outlines import Outline
from zones.positions import Faults
from zones.reprojection import WGS84, is_wgs84, known_crs
from zones.soundness import check_tangle, polygon_of, unsound

FeatureGeometry: TypeAlias = Polygon | MultiPolygon | Point | LineString | MultiLineString


@dataclass(frozen=True)
class Feature:
    """One feature of a layer, in WGS 84: its index in the file, properties and geometry."""

    index: int
    properties: Mapping[str, object]
    geometry: FeatureGeometry


@dataclass(frozen=True)
class LayerReading:
    """A layer as it could be read: its sound features, every fault, what the others say.

    `undrawn` are the features whose geometry is at fault: index in the file, and properties.
    """

    features: tuple[Feature, ...]
    faults: tuple[Fault, ...] = ()
    undrawn: tuple[tuple[int, Mapping[str, object]], ...] = ()

    def sound(self) -> tuple[Feature, ...]:
        """Give all its features; raises AreaRefused with every fault where there is one."""
        if self.faults:
            raise AreaRefused(self.faults)
        return self.features


@dataclass(frozen=True)
class _Source:
    """A feature or bare geometry as it stands in the document."""

    index: int
    place: str
    called: str
    properties: Mapping[str, object]
    geometry: object


def read_area(raw: bytes, *, limits: Limits = ALERT_LIMITS) -> Area:
    """Read the area drawn in a GeoJSON document in WGS 84: the union of its polygons.

    Raises AreaRefused with every fault located (at most a hundred in each feature).
    """
    document = read_json(raw, limits=limits)
    crs = _crs_of(document, place="crs")
    if crs != WGS84:
        message = f"The area is in {crs[:80]!r}: give longitude and latitude in WGS 84."
        raise AreaRefused([Fault("crs", message)])
    return _sift(document, limits=limits, crs=WGS84, without_invalid=False).area


def sift_area(raw: bytes, *, limits: Limits, without_invalid: bool) -> AreaReading:
    """Read an area in any CRS the document names, on request without its faulty features.

    Those are then told in `left_out`. Raises AreaRefused, also when nothing sound is left.
    """
    document = read_json(raw, limits=limits)
    crs = known_crs(_crs_of(document, place="crs"), place="crs")
    return _sift(document, limits=limits, crs=crs, without_invalid=without_invalid)


def read_features(raw: bytes, *, limits: Limits) -> tuple[Feature, ...]:
    """Read the features of a layer of polygons, points or lines, brought to WGS 84.

    Raises AreaRefused with the faults of all features.
    """
    return sift_features(raw, limits=limits).sound()


def sift_features(raw: bytes, *, limits: Limits) -> LayerReading:
    """Read a layer as `read_features` does, feature by feature: a faulty one spoils no other.

    Raises AreaRefused for what is no layer at all, or is too much of one.
    """
    document = read_json(raw, limits=limits)
    crs = known_crs(_crs_of(document, place="crs"), place="crs")
    sources = list(_sources(document, crs=crs))
    outlines.check_limits([source.geometry for source in sources], limits=limits)
    features: list[Feature] = []
    faults: list[Fault] = []
    undrawn: list[tuple[int, Mapping[str, object]]] = []
    for source in sources:
        outline, found = _outline(source, crs=crs, kinds=outlines.ALL_KINDS)
        if outline is not None:
            check_tangle(outline.rings, limits=limits)
            said = unsound(_polygons(outline)) if outline.is_surface else None
            found = [Fault(source.place, f"{source.called}: {said}")] if said else []
        if outline is None or found:
            faults.extend(found)
            undrawn.append((source.index, source.properties))
        else:
            features.append(Feature(source.index, source.properties, _drawn(outline)))
    return LayerReading(tuple(features), tuple(faults), tuple(undrawn))


def write_area(area: Area) -> dict[str, object]:
    """Write the area as a GeoJSON geometry that read_area reads back to the same digest.

    Polygons that overlap or share a side become a GeometryCollection: a MultiPolygon of them
    would be invalid, and merging them would move their corners.
    """
    if len(area.polygons) == 1:
        return dict(mapping(area.polygons[0]))
    whole = MultiPolygon(area.polygons)
    if whole.is_valid:
        return dict(mapping(whole))
    parts = [dict(mapping(polygon)) for polygon in area.polygons]
    return {"type": "GeometryCollection", "geometries": parts}


def _sift(document: object, *, limits: Limits, crs: str, without_invalid: bool) -> AreaReading:
    sources = list(_sources(document, crs=crs))
    outlines.check_limits([source.geometry for source in sources], limits=limits)
    polygons: list[Polygon] = []
    faults: list[Fault] = []
    sound: list[tuple[_Source, Outline]] = []
    for source in sources:
        outline, found = _outline(source, crs=crs, kinds=outlines.SURFACES)
        faults.extend(found)
        if outline is not None:
            sound.append((source, outline))
    if faults and not without_invalid:
        raise AreaRefused(faults)
    check_tangle([ring for _, outline in sound for ring in outline.rings], limits=limits)
    for source, outline in sound:
        said = _unsound_surface(outline)
        if said:
            faults.append(Fault(source.place, f"{source.called}: {said}"))
        else:
            polygons.extend(_polygons(outline))
    if faults and not (without_invalid and polygons):
        raise AreaRefused(faults)
    return AreaReading(Area(tuple(polygons)), tuple(faults))


def _unsound_surface(outline: Outline) -> str | None:
    parts = outline.members or (outline,)
    said = (unsound(_polygons(part)) for part in parts)
    return next((sentence for sentence in said if sentence), None)


def _outline(
    source: _Source, *, crs: str, kinds: tuple[str, ...]
) -> tuple[Outline | None, list[Fault]]:
    faults = Faults()
    outline = outlines.read_outline(source.geometry, source.place, faults, kinds=kinds, crs=crs)
    return (None if faults.found else outline), faults.found


def _polygons(outline: Outline) -> list[Polygon]:
    return [polygon_of(part) for part in outline.parts]


def _drawn(outline: Outline) -> FeatureGeometry:
    if outline.is_surface:
        polygons = _polygons(outline)
        return polygons[0] if outline.kind == "Polygon" else MultiPolygon(polygons)
    lines = [part[0] for part in outline.parts]
    if outline.kind == "Point":
        return Point(lines[0][0])
    return LineString(lines[0]) if outline.kind == "LineString" else MultiLineString(lines)


def _crs_of(holder: object, *, place: str, otherwise: str = WGS84) -> str:
    """Return the CRS that a `crs` member (GeoJSON 2008) names, `otherwise` without one."""
    if not isinstance(holder, dict) or holder.get("crs") is None:
        return otherwise
    member = holder["crs"]
    properties = member.get("properties") if isinstance(member, dict) else None
    name = properties.get("name") if isinstance(properties, dict) else None
    if not isinstance(name, str):
        message = "The crs member names no coordinate reference system: remove it for WGS 84."
        raise AreaRefused([Fault(place, message)])
    return WGS84 if is_wgs84(name) else name


def _sources(document: object, *, crs: str) -> Iterator[_Source]:
    if not isinstance(document, dict):
        raise AreaRefused([Fault("", "GeoJSON is an object with a type: this is something else.")])
    if document.get("type") != "FeatureCollection":
        yield _source(0, document, place="", called="The area", crs=crs)
        return
    features = document.get("features")
    if not isinstance(features, list) or not features:
        raise AreaRefused([Fault("features", "The file holds no feature: draw at least one.")])
    for index, feature in enumerate(features):
        called = f"Feature {index + 1} of {len(features)}"
        if not isinstance(feature, dict) or feature.get("type") != "Feature":
            message = f"{called} is not a Feature: export the layer again as GeoJSON."
            raise AreaRefused([Fault(f"features[{index}]", message)])
        yield _source(index, feature, place=f"features[{index}]", called=called, crs=crs)


def _source(
    index: int, holder: Mapping[str, object], *, place: str, called: str, crs: str
) -> _Source:
    _check_same_crs(holder, place, crs=crs)
    if holder.get("type") != "Feature":
        return _Source(index, place, called, {}, holder)
    properties = holder.get("properties")
    kept = properties if isinstance(properties, dict) else {}
    inner = f"{place}.geometry" if place else "geometry"
    _check_same_crs(holder.get("geometry"), inner, crs=crs)
    return _Source(index, inner, called, kept, holder.get("geometry"))


def _check_same_crs(holder: object, place: str, *, crs: str) -> None:
    """Refuse a feature or geometry that names another CRS than its document (PostGIS can)."""
    where = f"{place}.crs" if place else "crs"
    own = _crs_of(holder, place=where, otherwise=crs)
    if own != crs:
        message = f"This part is in {own[:80]!r}, the document in {crs[:80]!r}: use one for all."
        raise AreaRefused([Fault(where, message)])
