"""The invented commune as tests use it: its folder, its layers, its addresses."""

import json
from pathlib import Path
from typing import Any

from shapely.geometry import shape
from shapely.geometry.base import BaseGeometry

from dispatcher.residents.invented import AddressPoint, InventedCommune, invented_addresses

EXAMPLE = Path(__file__).parents[1] / "plans" / "examples" / "vaubrenne"
COMMUNE = InventedCommune("99117", "Vaubrenne-sur-Sérolle", "99170", "vaubrenne.example")
SEED = 1
FIRST_SCENARIO_SECTORS = ("bas_bourg", "moulins", "prairie")


def features(layer: str) -> list[dict[str, Any]]:
    document = json.loads((EXAMPLE / "geo" / f"{layer}.geojson").read_text(encoding="utf-8"))
    found: list[dict[str, Any]] = document["features"]
    return found


def shapes(layer: str) -> dict[str, BaseGeometry]:
    return {f["properties"]["id"]: shape(f["geometry"]) for f in features(layer)}


def address_rows(*, seed: int = SEED) -> list[dict[str, str]]:
    return list(invented_addresses(features("rues"), commune=COMMUNE, seed=seed))


def address_points(*, seed: int = SEED) -> list[AddressPoint]:
    return [
        AddressPoint(
            row["cle_interop"],
            f"{row['numero']} {row['voie_nom']}",
            float(row["long"]),
            float(row["lat"]),
        )
        for row in address_rows(seed=seed)
    ]
