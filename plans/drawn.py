"""The sectors of a plan as their file holds them: properties and geometry, one feature a line."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from plans.forms_ground import SECTOR
from plans.records import Key
from plans.sections import Files
from plans.yaml_written import Value
from zones.area import ALERT_LIMITS
from zones.geojson import read_area, write_area

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
    """Add a sector or change the one of that id; the rest of the layer stays as it is."""
    features = _features(files)
    mine = next((one for one in features if _named(one) == sketch.ident), None)
    if mine is None:
        mine = {"type": "Feature", "properties": {"id": sketch.ident}, "geometry": None}
        features.append(mine)
    held: dict[str, Any] = mine.setdefault("properties", {})
    for name, value in sketch.properties.items():
        if value is None:
            held.pop(name, None)
        else:
            held[name] = value
    if sketch.geometry is not None:
        mine["geometry"] = sketch.geometry
    return {**files, SECTORS: layer(features)}


def drop_sector(files: Files, ident: str) -> dict[str, bytes]:
    """Take a sector out."""
    return {**files, SECTORS: layer([one for one in _features(files) if _named(one) != ident])}


def layer(features: Sequence[Mapping[str, object]]) -> bytes:
    """Write a layer, one feature a line, so that two versions compare well."""
    lines = ",\n".join(json.dumps(one, ensure_ascii=False) for one in features)
    return f'{{"type": "FeatureCollection", "features": [\n{lines}\n]}}\n'.encode()


def _named(feature: Mapping[str, Any]) -> str:
    return str((feature.get("properties") or {}).get("id", ""))


def _features(files: Files) -> list[dict[str, Any]]:
    if SECTORS not in files:
        return []
    try:
        features = json.loads(files[SECTORS])["features"]
    except (ValueError, KeyError, TypeError, RecursionError) as fault:
        raise NotALayer(SECTORS) from fault
    if not isinstance(features, list) or not all(isinstance(one, dict) for one in features):
        raise NotALayer(SECTORS)
    return features


def _text(value: object) -> Value:
    if isinstance(value, list):
        return [_text(one) for one in value]
    return str(value)
