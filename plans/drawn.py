"""The sectors of a plan as their file holds them: properties and geometry, one feature a line."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import shapely

from plans.forms_ground import SECTOR
from plans.records import Key
from plans.sections import Files
from plans.yaml_written import Value
from zones.area import ALERT_LIMITS
from zones.geojson import read_area, write_area
from zones.reprojection import from_wgs84, is_wgs84, known_crs

SECTORS = "geo/secteurs.geojson"
OUTLINE = "geo/commune.geojson"
LARGEST_DRAWN = ALERT_LIMITS.bytes
SECTOR_KEYS: tuple[Key, ...] = tuple(key for key in SECTOR.keys if key.name != "itineraire")


class NotALayer(ValueError):
    """The file of the sectors is no GeoJSON that can be changed here."""


@dataclass(frozen=True)
class Sketch:
    """A sector to write: its properties (None takes one out), its geometry where it is new."""

    ident: str
    properties: Mapping[str, Value | None]
    geometry: Mapping[str, object] | None = None


def sectors_of(files: Files) -> dict[str, dict[str, Value]]:
    """Give the properties of each sector as texts, by id, in the order of the file."""
    found: dict[str, dict[str, Value]] = {}
    try:
        features = _features(files)
    except NotALayer:
        return {}
    for one in features:
        held = one.get("properties") or {}
        ident = str(held.get("id", ""))
        if ident:
            found.setdefault(
                ident,
                {name: _text(value) for name, value in held.items() if value is not None},
            )
    return found


def geometry_of(files: Files, ident: str) -> Mapping[str, object] | None:
    """Give the geometry of a sector, None where there is none."""
    for one in _features(files):
        if str((one.get("properties") or {}).get("id", "")) == ident:
            geometry: Mapping[str, object] | None = one.get("geometry")
            return geometry
    return None


def drawn_in(raw: bytes) -> Mapping[str, object]:
    """Read what somebody uploaded or pasted: the union of its polygons, as one geometry.

    Raises AreaRefused with what is wrong, and where.
    """
    return write_area(read_area(raw))


def put_sector(files: Files, sketch: Sketch) -> dict[str, bytes]:
    """Add a sector or change the one of that id; all else of the layer stays as it is.

    A new outline is brought to the system of coordinates that the layer names. Raises AreaRefused
    where it cannot be.
    """
    document = _document(files)
    features = _listed(document)
    mine = next((one for one in features if _named(one) == sketch.ident), None)
    if mine is None:
        mine = {"type": "Feature", "properties": {"id": sketch.ident}, "geometry": None}
        features.append(mine)
    held: dict[str, Any] = dict(mine.get("properties") or {})
    for name, value in sketch.properties.items():
        if value is None:
            held.pop(name, None)
        else:
            held[name] = value
    mine["properties"] = held
    if sketch.geometry is not None:
        mine["geometry"] = _in_system_of(document, sketch.geometry)
        _rebox(mine, [mine])
    return {**files, SECTORS: _written(document, features)}


def drop_sector(files: Files, ident: str) -> dict[str, bytes]:
    """Take a sector out."""
    document = _document(files)
    left = [one for one in _listed(document) if _named(one) != ident]
    return {**files, SECTORS: _written(document, left)}


def _written(document: dict[str, Any], features: Sequence[Mapping[str, Any]]) -> bytes:
    """Write a layer with all its own members, one feature a line: two versions compare well."""
    _rebox(document, features)
    lines = ",\n".join(json.dumps(one, ensure_ascii=False) for one in features)
    members = [
        f"{json.dumps(name, ensure_ascii=False)}: "
        + (f"[\n{lines}\n]" if name == "features" else json.dumps(value, ensure_ascii=False))
        for name, value in document.items()
    ]
    return f"{{{', '.join(members)}}}\n".encode()


def _rebox(holder: dict[str, Any], features: Sequence[Mapping[str, Any]]) -> None:
    """Draw the box anew that a layer or a feature says of itself; one that says none has none."""
    if "bbox" not in holder:
        return
    spots = [spot for one in features for spot in _spots(one.get("geometry"))]
    if not spots:
        del holder["bbox"]
        return
    x, y = [one[0] for one in spots], [one[1] for one in spots]
    holder["bbox"] = [min(x), min(y), max(x), max(y)]


def _spots(geometry: object) -> Iterator[Sequence[float]]:
    """Give the positions of a geometry, whatever its shape."""
    if isinstance(geometry, Mapping):
        for part in ("coordinates", "geometries"):
            yield from _spots(geometry.get(part))
    elif isinstance(geometry, list | tuple):
        if geometry and isinstance(geometry[0], int | float):
            yield geometry
            return
        for one in geometry:
            yield from _spots(one)


def _in_system_of(
    document: Mapping[str, Any], geometry: Mapping[str, object]
) -> Mapping[str, object]:
    """Bring an outline in WGS 84 to the system that the layer names, where it names another."""
    crs = document.get("crs")
    named = (crs.get("properties") or {}).get("name") if isinstance(crs, Mapping) else None
    if not isinstance(named, str) or is_wgs84(named):
        return geometry
    drawn = shapely.from_geojson(json.dumps(geometry))
    system = known_crs(named, place="crs")
    moved = shapely.transform(drawn, lambda xy: from_wgs84(xy, system))
    brought: Mapping[str, object] = json.loads(shapely.to_geojson(moved))
    return brought


def _named(feature: Mapping[str, Any]) -> str:
    return str((feature.get("properties") or {}).get("id", ""))


def _document(files: Files) -> dict[str, Any]:
    """Read the layer; an empty one where there is none. Raises NotALayer."""
    if SECTORS not in files:
        return {"type": "FeatureCollection", "features": []}
    try:
        document = json.loads(files[SECTORS])
    except (ValueError, RecursionError) as fault:
        raise NotALayer(SECTORS) from fault
    if not isinstance(document, dict):
        raise NotALayer(SECTORS)
    return document


def _listed(document: Mapping[str, Any]) -> list[dict[str, Any]]:
    features = document.get("features")
    if not isinstance(features, list) or not all(isinstance(one, dict) for one in features):
        raise NotALayer(SECTORS)
    return features


def _features(files: Files) -> list[dict[str, Any]]:
    return _listed(_document(files))


def _text(value: object) -> Value:
    if isinstance(value, list):
        return [_text(one) for one in value]
    return str(value)
