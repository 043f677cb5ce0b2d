"""The layers of geo/: features and their properties become sectors, zones, assets, outline."""

import json
import re
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TypeVar

from shapely.geometry import MultiPolygon, Point, Polygon

from plans import sentences as say
from plans.faults import Findings, Sentence, Spot, clean
from plans.forms_ground import ASSET, HAZARD_ZONE, SECTOR
from plans.ground import Asset, HazardZone, Sector
from plans.layer_sentences import in_french
from plans.records import Record
from plans.yaml_lines import node_of
from zones.area import LAYER_LIMITS, Area, AreaRefused, Fault, Place
from zones.atlas import sift_layer_file
from zones.geojson import Feature, sift_features

GEOPACKAGE = "geo/pcs.gpkg"
LAYERS = ("commune", "secteurs", "zones_alea", "enjeux")

_FEATURES = re.compile(r'"features"\s*:\s*\[')
_GAP = re.compile(r"[\s,]*")
_AT_FEATURE = re.compile(r"features\[(\d+)\]")
_AT_LINE = re.compile(r"line (\d+)")
_AT_BYTE = re.compile(r"byte (\d+)")
_NO_FEATURE = re.compile(r'"features"\s*:\s*\[\s*\]')
_NO_SUCH_LAYER = "There is no layer"  # how zones.atlas says that a layer is absent
_A_SURFACE = Sentence("un polygone", "A polygon")
_A_POINT = Sentence("un point", "A point")

_T = TypeVar("_T")


@dataclass(frozen=True)
class Ground:
    """What the layers hold; `insee` are the codes that the commune's outline bears."""

    outline: Area | None = None
    insee: tuple[str, ...] = ()
    sectors: tuple[Sector, ...] = ()
    hazard_zones: tuple[HazardZone, ...] = ()
    assets: tuple[Asset, ...] = ()


@dataclass(frozen=True)
class Layer:
    """A layer as read: where it is, its features, and the line each begins on.

    `undrawn` are the features whose geometry is at fault, index and properties; `table` is the
    name of the layer in a GeoPackage.
    """

    file: str
    features: tuple[Feature, ...] = ()
    lines: tuple[int, ...] = ()
    undrawn: tuple[tuple[int, Mapping[str, object]], ...] = ()
    table: str = "features"

    @property
    def empty(self) -> bool:
        """Whether nothing was drawn in it, well or badly."""
        return not (self.features or self.undrawn)

    def spot(self, index: int) -> Spot:
        """Say where a feature stands."""
        line = self.lines[index] if index < len(self.lines) else 1
        return Spot(self.file, line, f"{self.table}[{index}]")


def layer_file(name: str) -> str:
    """Name the file of a layer in a plan's folder."""
    return f"geo/{name}.geojson"


def read_ground(layers: Mapping[str, Layer], findings: Findings) -> Ground:
    """Turn the layers into the plan's ground; every unfit feature is a fault."""
    empty = Layer("")
    outline = layers.get("commune", empty)
    surfaces = [_surface(feature, outline, findings) for feature in outline.features]
    drawn = [area for area in surfaces if area is not None]
    codes = (feature.properties.get("code_insee") for feature in outline.features)
    sectors = layers.get("secteurs", empty)
    zones = layers.get("zones_alea", empty)
    assets = layers.get("enjeux", empty)
    return Ground(
        outline=drawn[0].union(*drawn[1:]) if drawn else None,
        insee=tuple(code for code in codes if isinstance(code, str)),
        sectors=_things(sectors, SECTOR, findings, drawn=partial(_with_area, Sector)),
        hazard_zones=_things(zones, HAZARD_ZONE, findings, drawn=partial(_with_area, HazardZone)),
        assets=_things(assets, ASSET, findings, drawn=_with_place),
    )


def read_layer(file: str, raw: bytes, findings: Findings) -> Layer | None:
    """Read one GeoJSON file; None after its faults, with the file in `findings.unread`."""
    lines = feature_lines(raw)
    try:
        reading = sift_features(raw, limits=LAYER_LIMITS)
    except AreaRefused as refused:
        if refused.faults[0].place == "features" and _NO_FEATURE.search(_text(raw)):
            return Layer(file)
        for fault in refused.faults:
            _tell(fault, _spot_of(fault, file, lines, raw=raw), findings)
        findings.unread.add(file)
        return None
    for fault in reading.faults:
        _tell(fault, _spot_of(fault, file, lines, raw=raw), findings)
    return Layer(file, reading.features, lines, undrawn=reading.undrawn)


def _tell(fault: Fault, spot: Spot, findings: Findings) -> None:
    said = in_french(fault.message) if findings.language == "fr" else fault.message
    findings.fault(spot, say.BAD_LAYER, message=clean(said))


def read_geopackage(raw: bytes, findings: Findings) -> dict[str, Layer]:
    """Read the layers of geo/pcs.gpkg that bear a plan's names; its faults have no line."""
    with tempfile.TemporaryDirectory(prefix="tocsin-plan-") as folder:
        path = Path(folder) / "pcs.gpkg"
        path.write_bytes(raw)
        found = {name: _read_table(path, name, findings) for name in LAYERS}
    return {name: layer for name, layer in found.items() if layer is not None}


def _read_table(path: Path, name: str, findings: Findings) -> Layer | None:
    try:
        reading = sift_layer_file(path, name)
    except AreaRefused as refused:
        for fault in refused.faults:
            if fault.message.startswith(_NO_SUCH_LAYER):
                continue
            whole = fault.place == path.name and "'" not in fault.message
            _tell(fault, Spot(GEOPACKAGE, 1, "" if whole else name), findings)
            findings.unread.add(GEOPACKAGE)
        return None
    for fault in reading.faults:
        _tell(fault, Spot(GEOPACKAGE, 1, clean(fault.place)), findings)
    return Layer(GEOPACKAGE, reading.features, undrawn=reading.undrawn, table=name)


def _text(raw: bytes) -> str:
    return raw.decode("utf-8-sig", errors="replace")


def feature_lines(raw: bytes) -> tuple[int, ...]:
    """Find the line, from 1, that each feature of a GeoJSON text begins on, as far as it reads."""
    return tuple(line for line, _ in _feature_texts(raw))


def _feature_texts(raw: bytes) -> Iterator[tuple[int, str]]:
    """Cut a GeoJSON text into its features, each with its line, as far as it reads."""
    text = _text(raw)
    start = _FEATURES.search(text)
    if start is None:
        return
    decoder = json.JSONDecoder()
    at, line, counted = start.end(), 1, 0
    while True:
        gap = _GAP.match(text, at)
        at = gap.end() if gap else at
        line, counted = line + text.count("\n", counted, at), at
        try:
            _, end = decoder.raw_decode(text, at)
        except (ValueError, RecursionError):
            return
        yield line, text[at:end]
        at = end


def _spot_of(fault: Fault, file: str, lines: tuple[int, ...], *, raw: bytes) -> Spot:
    """Turn the place of a fault of the ground into a spot of the plan."""
    at_line, at_feature = _AT_LINE.search(fault.place), _AT_FEATURE.search(fault.place)
    at_byte = _AT_BYTE.search(fault.place)
    if at_feature:
        index = int(at_feature.group(1))
        return Spot(file, lines[index] if index < len(lines) else 1, clean(fault.place))
    if at_byte:
        return Spot(file, raw.count(b"\n", 0, int(at_byte.group(1))) + 1)
    return Spot(file, int(at_line.group(1)) if at_line else _line_of_unfit(raw))


def _line_of_unfit(raw: bytes) -> int:
    """Find the first feature with a key given twice, or NaN; the first line where there is none."""
    for line, text in _feature_texts(raw):
        try:
            json.loads(text, parse_constant=_refuse, object_pairs_hook=_once)
        except (ValueError, RecursionError):
            return line
    return 1


def _refuse(name: str) -> float:
    raise ValueError(name)


def _once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    if len(dict(pairs)) < len(pairs):
        raise ValueError
    return dict(pairs)


def _things(
    layer: Layer,
    form: Record[_T],
    findings: Findings,
    *,
    drawn: Callable[[Feature, Layer, Findings], Callable[..., _T] | None],
) -> tuple[_T, ...]:
    return tuple(_each(layer, form, findings, drawn))


def _each(
    layer: Layer,
    form: Record[_T],
    findings: Findings,
    drawn: Callable[[Feature, Layer, Findings], Callable[..., _T] | None],
) -> Iterable[_T]:
    judged = _making(form, _nothing)
    for index, properties in layer.undrawn:
        _read_properties(layer, index, properties, form=judged, to=findings)
    for feature in layer.features:
        make = drawn(feature, layer, findings)
        read = judged if make is None else _making(form, make)
        thing = _read_properties(layer, feature.index, feature.properties, form=read, to=findings)
        if thing is not None:
            yield thing


def _making(form: Record[_T], make: Callable[..., _T | None]) -> Record[_T | None]:
    return Record(make, form.title, form.keys, kind=form.kind, lenient=form.lenient)


def _nothing(**_: object) -> None:
    """Make nothing of what a feature says that could not be drawn: it is only judged."""


def _read_properties(
    layer: Layer,
    index: int,
    properties: Mapping[str, object],
    *,
    form: Record[_T],
    to: Findings,
) -> _T | None:
    spot = layer.spot(index)
    tree = node_of(properties, Spot(spot.file, spot.line, spot.key("properties")))
    return form.read(tree, to)


def _surface(feature: Feature, layer: Layer, findings: Findings) -> Area | None:
    if isinstance(feature.geometry, Polygon | MultiPolygon):
        return Area.of(feature.geometry)
    spot, found = layer.spot(feature.index), feature.geometry.geom_type
    findings.fault(spot, say.BAD_SHAPE, expected=_A_SURFACE, found=found)
    return None


def _with_area(
    made: Callable[..., _T], feature: Feature, layer: Layer, findings: Findings
) -> Callable[..., _T] | None:
    area = _surface(feature, layer, findings)
    return partial(made, area=area) if area else None


def _with_place(feature: Feature, layer: Layer, findings: Findings) -> Callable[..., Asset] | None:
    if isinstance(feature.geometry, Point):
        return partial(Asset, place=Place(lon=feature.geometry.x, lat=feature.geometry.y))
    spot, found = layer.spot(feature.index), feature.geometry.geom_type
    findings.fault(spot, say.BAD_SHAPE, expected=_A_POINT, found=found)
    return None
