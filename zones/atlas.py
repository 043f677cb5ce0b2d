"""Layers from files, in any reference system, to WGS 84: the only file that imports GeoPandas."""

import glob
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import geopandas
import numpy as np
import pandas
import pyogrio
import pyogrio.errors
import shapely
from pyproj.exceptions import ProjError
from shapely.geometry import LineString, MultiLineString, MultiPolygon, Point, Polygon
from shapely.geometry.base import BaseGeometry

from zones import archive
from zones.area import LAYER_LIMITS, Area, AreaReading, AreaRefused, Fault, Limits
from zones.geojson import Feature, LayerReading, sift_area, sift_features
from zones.positions import Faults, tell_out_of_range
from zones.reprojection import WGS84
from zones.soundness import check_tangle, unsound

_SURFACES = (Polygon, MultiPolygon)
_DRAWABLE = (Polygon, MultiPolygon, Point, LineString, MultiLineString)
_UNREADABLE = (
    pyogrio.errors.DataSourceError,
    pyogrio.errors.DataLayerError,
    pyogrio.errors.FeatureError,
    pyogrio.errors.GeometryError,
    pyogrio.errors.CRSError,
    UnboundLocalError,  # pyogrio's own slip where the .prj holds bytes that are no text
)
_POINT_BYTES = 16  # of WKB, two doubles: a geometry of n bytes has n / 16 positions at most


@dataclass(frozen=True)
class _Layer:
    """A layer brought to WGS 84, geometry by geometry; None where GEOS could not read one."""

    name: str
    frame: pandas.DataFrame
    geometries: Sequence[BaseGeometry | None]


def read_area_file(
    path: Path,
    *,
    layer: str | None = None,
    limits: Limits = LAYER_LIMITS,
    without_invalid: bool = False,
) -> AreaReading:
    """Read the union of the polygons of a GeoJSON, GeoPackage or Shapefile (also zipped).

    GeoJSON may be gzipped. Of a file with several layers, `layer` alone, or all that hold
    polygons; the reading names them. An invalid feature is refused by its number, or left out
    and told. Raises AreaRefused, OSError.
    """
    if _is_geojson(path):
        raw = archive.read_bounded(path, most=limits.bytes)
        return sift_area(raw, limits=limits, without_invalid=without_invalid)
    polygons: list[Polygon] = []
    faults: list[Fault] = []
    layers = list(_layers(path, layer=layer, surfaces=True, limits=limits))
    _check_counts(layers, limits=limits)
    for found in layers:
        for number, geometry in enumerate(found.geometries):
            said = _said(geometry, _SURFACES, limits=limits)
            if said:
                faults.append(_fault(found, number, said))
            else:
                polygons.extend(shapely.get_parts(geometry).tolist())
    if (faults and not without_invalid) or not polygons:
        raise AreaRefused(faults or [Fault(path.name, "The layer holds no feature.")])
    return AreaReading(Area(tuple(polygons)), tuple(faults), tuple(found.name for found in layers))


def read_layer_file(
    path: Path, layer: str | None = None, *, limits: Limits = LAYER_LIMITS
) -> tuple[Feature, ...]:
    """Read the features of one layer: polygons, points or lines, in WGS 84, with properties.

    `layer` may be left out where the file has one. Raises AreaRefused with all faults, OSError.
    """
    return sift_layer_file(path, layer, limits=limits).sound()


def sift_layer_file(
    path: Path, layer: str | None = None, *, limits: Limits = LAYER_LIMITS
) -> LayerReading:
    """Read a layer as `read_layer_file` does, feature by feature: a faulty one spoils no other.

    Raises AreaRefused for what is no layer at all, or is too much of one, OSError.
    """
    if _is_geojson(path):
        return sift_features(archive.read_bounded(path, most=limits.bytes), limits=limits)
    layers = list(_layers(path, layer=layer, surfaces=False, limits=limits))
    if len(layers) != 1:
        names = ", ".join(found.name for found in layers)
        raise AreaRefused([Fault(path.name, f"Say which layer to read, of: {names}.")])
    _check_counts(layers, limits=limits)
    only = layers[0]
    faults: list[Fault] = []
    features: list[Feature] = []
    undrawn: list[tuple[int, dict[str, object]]] = []
    rows = only.frame.to_dict("records")
    for index, (row, geometry) in enumerate(zip(rows, only.geometries, strict=True)):
        properties = {str(key): _plain(value) for key, value in row.items()}
        said = _said(geometry, _DRAWABLE, limits=limits)
        if said is None and isinstance(geometry, _DRAWABLE):
            features.append(Feature(index, properties, geometry))
        else:
            faults.append(_fault(only, index, said or "it cannot be drawn."))
            undrawn.append((index, properties))
    return LayerReading(tuple(features), tuple(faults), tuple(undrawn))


def _is_geojson(path: Path) -> bool:
    return path.suffix.lower() in {".geojson", ".json", ".gz"}


def _layers(path: Path, *, layer: str | None, surfaces: bool, limits: Limits) -> Iterator[_Layer]:
    """Yield the layers asked for; the file is checked before GDAL opens it."""
    with tempfile.TemporaryDirectory(prefix="tocsin-layer-") as folder:
        for file in _files(path, Path(folder), limits=limits):
            try:
                names = _names(file, layer=layer, surfaces=surfaces)
                for name in names:
                    yield _read(file, name, surfaces=surfaces, limits=limits)
            except UnicodeDecodeError as fault:
                message = (
                    "A text of the layer is not in the encoding that the file announces (a "
                    "Shapefile in its .cpg): export it again as a GeoPackage."
                )
                raise AreaRefused([Fault(path.name, message)]) from fault
            except _UNREADABLE as fault:
                message = "The layer cannot be read: export it again as a GeoPackage."
                raise AreaRefused([Fault(path.name, message)]) from fault


def _files(path: Path, folder: Path, *, limits: Limits) -> list[Path]:
    kind = path.suffix.lower()
    if kind == ".gpkg":
        archive.check_geopackage(path, most=limits.bytes)
        return [path]
    if kind == ".shp":
        for part in sorted({path, *path.parent.glob(f"{glob.escape(path.stem)}.*")}):
            archive.check_size(part, most=limits.bytes)
        return [path]
    if kind == ".zip":
        return archive.unpack_shapefiles(path, folder, most=limits.bytes)
    message = "Areas are read from .geojson, .geojson.gz, .gpkg, .shp or a .zip of a Shapefile."
    raise AreaRefused([Fault(path.name, message)])


def _names(file: Path, *, layer: str | None, surfaces: bool) -> list[str]:
    kinds = {str(name): str(kind or "") for name, kind in pyogrio.list_layers(file).tolist()}
    if layer is not None:
        if layer not in kinds:
            message = f"There is no layer {layer[:80]!r}, but: {', '.join(kinds)}."
            raise AreaRefused([Fault(file.name, message)])
        return [layer]
    spatial = [name for name, kind in kinds.items() if kind]
    polygons = [name for name in spatial if "Polygon" in kinds[name] or "Unknown" in kinds[name]]
    if surfaces and not polygons:
        raise AreaRefused([Fault(file.name, "The file holds no layer of polygons.")])
    return polygons if surfaces else spatial


def _read(file: Path, name: str, *, surfaces: bool, limits: Limits) -> _Layer:
    columns: list[str] | None = (
        [] if surfaces else None
    )  # an area needs no text, whatever its encoding
    meta, _, blobs, values = pyogrio.raw.read(file, layer=name, columns=columns, force_2d=True)
    blobs = [] if blobs is None else list(blobs)
    size = sum(len(blob) for blob in blobs if blob is not None)
    if size > limits.vertices * _POINT_BYTES * 2:  # rings and parts have headers of their own
        message = f"The layer {name!r} has more than {limits.vertices:,} points. Draw it simpler."
        raise AreaRefused([Fault(file.name, message)])
    crs = str(meta["crs"] or "Undefined")
    if "Undefined" in crs.partition(",")[0]:  # a GeoPackage may say just that
        message = (
            f"The layer {name!r} does not say its coordinate reference system (a Shapefile needs "
            "its .prj file): export it again in WGS 84 or Lambert 93."
        )
        raise AreaRefused([Fault(file.name, message)])
    try:
        drawn = geopandas.GeoSeries(shapely.from_wkb(blobs, on_invalid="ignore"), crs=crs)
        shapes = [shape or None for shape in drawn.to_crs(WGS84)]
    except ProjError as fault:
        message = (
            f"The layer {name!r} is in a coordinate reference system that has no place on Earth: "
            "export it again in WGS 84 or Lambert 93."
        )
        raise AreaRefused([Fault(file.name, message)]) from fault
    cells = dict(zip(meta["fields"].tolist(), values, strict=True))
    return _Layer(name, pandas.DataFrame(cells, index=range(len(shapes))), shapes)


def _check_counts(layers: Sequence[_Layer], *, limits: Limits) -> None:
    shapes = [shape for layer in layers for shape in layer.geometries if shape is not None]
    vertices = int(shapely.get_num_coordinates(shapes).sum()) if shapes else 0
    parts = int(shapely.get_num_geometries(shapes).sum()) if shapes else 0
    if vertices > limits.vertices or parts > limits.polygons:
        message = (
            f"The area has {parts:,} polygons and {vertices:,} points; at most {limits.polygons:,} "
            f"and {limits.vertices:,} are read. Draw it simpler."
        )
        raise AreaRefused([Fault("", message)])


def _said(
    geometry: BaseGeometry | None, kinds: tuple[type[BaseGeometry], ...], *, limits: Limits
) -> str | None:
    """Say what is wrong with a geometry, None when nothing is."""
    if geometry is None or geometry.is_empty:
        return "the geometry is missing or empty, or damaged; draw it or remove it."
    if not isinstance(geometry, kinds):
        return f"a {geometry.geom_type} is not read here."
    positions, faults = shapely.get_coordinates(geometry), Faults()
    tell_out_of_range(positions, "", faults)
    if faults.found:
        return faults.found[0].message
    if not isinstance(geometry, _SURFACES):
        return None
    parts: list[Polygon] = shapely.get_parts(geometry).tolist()
    rings = [np.asarray(ring.coords) for part in parts for ring in (part.exterior, *part.interiors)]
    check_tangle(rings, limits=limits)
    return unsound(parts)


def _fault(layer: _Layer, number: int, said: str) -> Fault:
    called = f"Feature {number + 1} of {len(layer.geometries)} in layer {layer.name!r}"
    return Fault(f"{layer.name}[{number}]", f"{called}: {said}")


def _plain(value: object) -> object:
    """Give a cell as a Python value: numpy scalars unwrapped, missing ones None."""
    if isinstance(value, np.generic):
        value = value.item()
    return None if value is None or value != value else value  # NaN and NaT differ from themselves
