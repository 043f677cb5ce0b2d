"""Houses along the streets of an invented commune, as a local address base (BAL 1.4)."""

import csv
import math
import random
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

# https://aitf-sig-topo.github.io/voies-adresses/ : the columns of the format, in its order.
BAL_COLUMNS = (
    "id_ban_commune", "id_ban_toponyme", "id_ban_adresse", "cle_interop", "commune_insee",
    "commune_nom", "commune_deleguee_insee", "commune_deleguee_nom", "voie_nom",
    "lieudit_complement_nom", "numero", "suffixe", "position", "x", "y", "long", "lat",
    "cad_parcelles", "source", "date_der_maj", "certification_commune",
)  # fmt: skip

METRES_PER_DEGREE = 111_195.0  # of latitude, on the mean sphere: a drawing needs no better
DEFAULT_SPACING_M = 30.0
SETBACK_M = (6.0, 10.0)  # how far a front door stands from the middle of its street


@dataclass(frozen=True)
class InventedCommune:
    """What the invented rows say about where they are."""

    code_insee: str
    nom: str
    code_postal: str
    domain: str  # of the commune's own machines: panneau-1.<domain>


@dataclass(frozen=True)
class _Plane:
    """A flat drawing in metres around a street: x east, y north."""

    lon: float
    lat: float

    @property
    def _metres_per_lon(self) -> float:
        return METRES_PER_DEGREE * math.cos(math.radians(self.lat))

    def to_metres(self, lon: float, lat: float) -> tuple[float, float]:
        return (lon - self.lon) * self._metres_per_lon, (lat - self.lat) * METRES_PER_DEGREE

    def to_degrees(self, x_m: float, y_m: float) -> tuple[float, float]:
        lon = self.lon + x_m / self._metres_per_lon
        return round(lon, 7), round(self.lat + y_m / METRES_PER_DEGREE, 7)


def invented_addresses(
    streets: Iterable[Mapping[str, Any]], *, commune: InventedCommune, seed: int
) -> Iterator[dict[str, str]]:
    """Rows of `BAL_COLUMNS`: house numbers on both sides of each street, odd on its left.

    `streets` are the GeoJSON features of `geo/rues.geojson`: a LineString with the property
    `nom`, and `espacement_m`, the metres from one house to the next of the same side (30 when
    missing, 0 on a bridge, where nobody lives). The same streets and seed give the same rows.
    """
    dice = random.Random(seed)  # noqa: S311 - dice for a drawing, not a secret
    for rank, street in enumerate(streets, start=1):
        properties = street["properties"]
        spacing_m = float(properties.get("espacement_m", DEFAULT_SPACING_M))
        if spacing_m <= 0:
            continue
        for numero, (lon, lat) in _houses(
            street["geometry"]["coordinates"], spacing_m=spacing_m, dice=dice
        ):
            yield dict.fromkeys(BAL_COLUMNS, "") | {
                "cle_interop": f"{commune.code_insee}_{rank:04d}_{numero:05d}",
                "commune_insee": commune.code_insee,
                "commune_nom": commune.nom,
                "voie_nom": str(properties["nom"]),
                "numero": str(numero),
                "position": "entrée",
                "long": f"{lon:.7f}",
                "lat": f"{lat:.7f}",
                "source": commune.nom,
                "date_der_maj": "2026-09-01",
                "certification_commune": "1",
            }


def write_addresses(path: Path, rows: Iterable[Mapping[str, str]]) -> int:
    """Write the rows as the format asks (UTF-8 with its mark, semicolons); how many they are."""
    written = 0
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        table = csv.DictWriter(file, BAL_COLUMNS, delimiter=";", lineterminator="\r\n")
        table.writeheader()
        for row in rows:
            table.writerow(row)
            written += 1
    return written


def _houses(
    line: Sequence[Sequence[float]], *, spacing_m: float, dice: random.Random
) -> Iterator[tuple[int, tuple[float, float]]]:
    """Yield (number, (lon, lat)) of each house, at least one per side."""
    plane = _Plane(lon=line[0][0], lat=line[0][1])
    path = [plane.to_metres(lon, lat) for lon, lat in line]
    length_m = sum(math.dist(a, b) for a, b in pairwise(path))
    per_side = max(1, int(length_m / spacing_m))
    for rank in range(per_side):
        for side in (1, -1):  # odd numbers on the left, even ones on the right
            along_m = length_m * (rank + dice.uniform(0.3, 0.7)) / per_side
            x_m, y_m = _beside(path, along_m, aside_m=side * dice.uniform(*SETBACK_M))
            yield 2 * rank + (1 if side == 1 else 2), plane.to_degrees(x_m, y_m)


def _beside(
    path: Sequence[tuple[float, float]], along_m: float, *, aside_m: float
) -> tuple[float, float]:
    """Find the point `along_m` down the path and `aside_m` to its left (negative: right)."""
    left_m = along_m
    legs = [(a, b) for a, b in pairwise(path) if a != b]
    for (ax, ay), (bx, by) in legs:
        leg_m = math.dist((ax, ay), (bx, by))
        if left_m <= leg_m:
            break
        left_m -= leg_m
    else:
        (ax, ay), (bx, by) = legs[-1]
        left_m = leg_m = math.dist((ax, ay), (bx, by))
    ux, uy = (bx - ax) / leg_m, (by - ay) / leg_m
    return ax + ux * left_m - uy * aside_m, ay + uy * left_m + ux * aside_m
