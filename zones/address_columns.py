"""The columns of address files: what a header calls the id, the street and the coordinates."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from zones.area import AreaFault, AreaRefused, Fault, Place
from zones.metres import grid_for
from zones.reprojection import from_grid

# The documented names, first come first served. BAL 1.3-1.5: `long`, `lat`; BAN: `lon`, `lat`.
LONGITUDE = ("lon", "long", "lng", "longitude")
LATITUDE = ("lat", "latitude")
EASTING, NORTHING = ("x",), ("y",)
COORDINATES = LONGITUDE + LATITUDE + EASTING + NORTHING
NUMBER, SUFFIX = ("numero", "numéro", "housenumber"), ("suffixe", "rep", "repetition")
STREET = ("voie_nom", "toponyme", "nom_voie", "voie", "rue", "street", "nom_ld", "adresse")
COMMUNE = ("commune_insee", "code_insee", "citycode", "insee")
POSITION = ("position", "type_position")
# One address may stand on several lines of a BAL, one for each of its positions: these say it.
SHARED_IDS = ("id_ban_adresse", "cle_interop", "uid_adresse")
OWN_IDS = ("id", "ref", "identifiant")

HAMLET = "99999"  # BAL: the number of a place that has none
# BAL 1.5, as the national base ranks them: what stands closest to the people comes first.
RANKS = (
    "entrée",
    "bâtiment",
    "cage d'escalier",
    "logement",
    "service technique",
    "délivrance postale",
    "parcelle",
    "segment",
)
_NUMBER = re.compile(r"[+-]?\d{1,9}(?:[.,]\d{1,20})?(?:[eE][+-]?\d{1,2})?", re.ASCII)
_OVERSEAS = {"971": 5490, "972": 5490, "973": 2972, "974": 2975, "976": 4471, "977": 5490,
             "978": 5490, "975": 4467, "986": 8903, "988": 3163}  # fmt: skip


class Astray(ValueError):
    """Coordinates that cannot be right, said in a sentence."""


@dataclass(frozen=True)
class Columns:
    """Where each thing stands in a line, by index; None where the file does not have it."""

    width: int  # columns of the header
    lon: int | None
    lat: int | None
    x: int | None
    y: int | None
    number: int | None
    suffix: int | None
    street: int | None
    commune: int | None
    position: int | None
    shared: tuple[int, ...]
    own: int | None

    @classmethod
    def named(cls, header: Sequence[str]) -> "Columns":
        """Find the columns of a header; AreaRefused when coordinates are missing or there twice."""
        names = [name.strip().lower() for name in header]
        places = {name: names.index(name) for name in names}
        lon, lat = _first(places, LONGITUDE), _first(places, LATITUDE)
        x, y = _first(places, EASTING), _first(places, NORTHING)
        if None in (lon, lat) and None in (x, y):
            message = (
                f"No column holds coordinates: name them {', '.join(LONGITUDE)} and "
                f"{', '.join(LATITUDE)} (degrees, WGS 84), or x and y as in a BAL."
            )
            raise AreaRefused([Fault("line 1", message)])
        twin = next((name for name in COORDINATES if names.count(name) > 1), None)
        if twin:
            message = f"Two columns are named {twin!r}: rename the one that is not to be read."
            raise AreaRefused([Fault("line 1", message)])
        return cls(
            width=len(header),
            lon=lon,
            lat=lat,
            x=x,
            y=y,
            number=_first(places, NUMBER),
            suffix=_first(places, SUFFIX),
            street=_first(places, STREET),
            commune=_first(places, COMMUNE),
            position=_first(places, POSITION),
            shared=tuple(places[name] for name in SHARED_IDS if name in places),
            own=_first(places, OWN_IDS),
        )

    def shared_id(self, cells: Sequence[str]) -> str:
        """Return the id that all lines of one address share; empty when the file has none."""
        for index in self.shared:
            found = cell(cells, index)
            if found.startswith("@"):  # BAL 1.3: "@a:address @v:street @c:commune"
                found = next((part for part in found.split() if part.startswith("@a:")), "")
            if found:
                return found
        return ""

    def label(self, cells: Sequence[str]) -> str:
        """Say number, suffix and street; the street alone where the number is none."""
        number = cell(cells, self.number)
        suffix = cell(cells, self.suffix)
        if number == HAMLET:
            number = suffix = ""
        return " ".join(part for part in (number, suffix, cell(cells, self.street)) if part)

    def rank(self, cells: Sequence[str]) -> int:
        """Return how far the position stands from the people; the least is best."""
        kind = cell(cells, self.position).lower()
        return RANKS.index(kind) if kind in RANKS else len(RANKS)

    def spot(self, cells: Sequence[str]) -> Place | None:
        """Return where the address is, None when the line does not say.

        Degrees first; metres of the legal grid of the commune where degrees are missing (BAL).
        Raises Astray for what is no number, not on French ground, or 0, 0, and for a line with
        more cells than the header: which of them are the coordinates then?
        """
        if any(map(str.strip, cells[self.width :])):
            raise Astray(
                f"The line has {len(cells)} cells, the header {self.width}: put quotes around "
                "what holds the delimiter, numbers with a decimal comma for example."
            )
        lon, lat = cell(cells, self.lon), cell(cells, self.lat)
        if lon or lat:
            return _place(_figure(lon, "longitude"), _figure(lat, "latitude"))
        x, y = cell(cells, self.x), cell(cells, self.y)
        if not (x or y):
            return None
        return _from_metres(_figure(x, "x"), _figure(y, "y"), cell(cells, self.commune))


def cell(cells: Sequence[str], index: int | None) -> str:
    """Return the trimmed cell, empty where the line is short or the column unknown."""
    return cells[index].strip() if index is not None and index < len(cells) else ""


def _first(places: Mapping[str, int], names: Sequence[str]) -> int | None:
    return next((places[name] for name in names if name in places), None)


def _figure(text: str, what: str) -> float:
    if not _NUMBER.fullmatch(text):
        raise Astray(f"The {what} {text[:40]!r} is not a number.")
    return float(text.replace(",", "."))


def _place(lon: float, lat: float) -> Place:
    if lon == 0 and lat == 0:
        raise Astray("The coordinates are 0, 0, in the sea off Africa: they were never filled in.")
    try:
        place = Place(lon=lon, lat=lat)
    except AreaFault as fault:
        raise Astray(str(fault)) from fault
    try:
        grid_for(lon, lat)
    except AreaFault as fault:
        raise Astray(
            f"Longitude {lon:g}, latitude {lat:g} is in no French territory: are they in the "
            "columns of each other?"
        ) from fault
    return place


def _from_metres(x: float, y: float, commune: str) -> Place:
    if not commune:
        raise Astray("Metres without the commune's INSEE code do not say in which grid they are.")
    epsg = _OVERSEAS.get(commune[:3], 2154)
    lon, lat = from_grid(np.array([[x, y]]), epsg)[0].tolist()
    try:
        fits = grid_for(lon, lat) == epsg
    except AreaFault:
        fits = False
    if not fits:
        raise Astray(f"The metres {x:.10g}, {y:.10g} lie outside the grid EPSG:{epsg}.")
    return Place(lon=lon, lat=lat)
