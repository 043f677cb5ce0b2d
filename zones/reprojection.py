"""From any coordinate reference system to WGS 84 and back, by PROJ, x (longitude) first."""

from functools import lru_cache

import numpy as np
import pyproj
from numpy.typing import NDArray
from pyproj.exceptions import CRSError, ProjError

from zones.area import AreaRefused, Fault

WGS84 = "EPSG:4326"
# Spellings of "degrees, longitude first" that writers of GeoJSON use for the default.
_SAME_AS_WGS84 = frozenset(
    {
        "urn:ogc:def:crs:ogc:1.3:crs84",
        "urn:ogc:def:crs:ogc::crs84",
        "ogc:crs84",
        "crs84",
        "urn:ogc:def:crs:epsg::4326",
        "epsg:4326",
    }
)


def is_wgs84(name: str) -> bool:
    """Whether the name says WGS 84 in degrees."""
    return name.strip().lower() in _SAME_AS_WGS84


def known_crs(name: str, *, place: str) -> str:
    """Return the name, if PROJ knows this coordinate reference system; else AreaRefused."""
    try:
        pyproj.CRS.from_user_input(name)
    except (CRSError, UnicodeEncodeError) as fault:
        message = (
            f"The coordinate reference system {name[:80]!r} is not known: "
            "export the layer in WGS 84 (EPSG:4326) or Lambert 93 (EPSG:2154)."
        )
        raise AreaRefused([Fault(place, message)]) from fault
    return name


def to_wgs84(xy: NDArray[np.float64], crs: str) -> NDArray[np.float64]:
    """Positions (n, 2) of `crs` as lon, lat; what has no place on Earth comes back infinite."""
    if is_wgs84(crs):
        return xy
    return _through(crs, WGS84, xy)


def from_wgs84(lon_lat: NDArray[np.float64], crs: str) -> NDArray[np.float64]:
    """Positions (n, 2) lon, lat in `crs`, x first. Raises AreaRefused where PROJ cannot."""
    return lon_lat if is_wgs84(crs) else _through(WGS84, crs, lon_lat)


def to_grid(lon_lat: NDArray[np.float64], epsg: int) -> NDArray[np.float64]:
    """Positions (n, 2) lon, lat as metres of the grid."""
    return _through(WGS84, f"EPSG:{epsg}", lon_lat)


def from_grid(xy: NDArray[np.float64], epsg: int) -> NDArray[np.float64]:
    """Positions (n, 2) in metres of the grid as lon, lat."""
    return _through(f"EPSG:{epsg}", WGS84, xy)


@lru_cache(maxsize=32)
def _transformer(source: str, target: str) -> pyproj.Transformer:
    return pyproj.Transformer.from_crs(source, target, always_xy=True)


def _through(source: str, target: str, xy: NDArray[np.float64]) -> NDArray[np.float64]:
    try:
        x, y = _transformer(source, target).transform(xy[:, 0], xy[:, 1])
    except ProjError as fault:
        message = f"The positions cannot be brought from {source[:80]} to {target}."
        raise AreaRefused([Fault("", message)]) from fault
    return np.column_stack([np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64)])
