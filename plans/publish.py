"""What may be shown of a plan: its JSON Schema, and the public version without people."""

from collections.abc import Mapping
from datetime import date
from typing import Protocol

from plans.forms_events import CARD, CENTRES, MEANS, RISKS
from plans.forms_ground import ASSET, HAZARD_ZONE, SECTOR
from plans.forms_people import DIRECTORY, ORGANISATION, TEAMS
from plans.forms_plan import MANIFEST
from plans.forms_policy import POLICY
from plans.forms_templates import TEMPLATE
from plans.plan import Plan
from plans.shapes import Schema
from zones.area import Place
from zones.geojson import write_area

DIALECT = "https://json-schema.org/draft/2020-12/schema"


class _Form(Protocol):
    @property
    def title(self) -> str: ...

    def schema(self) -> Schema: ...


_FORMS: Mapping[str, _Form] = {
    "pcs.yaml": MANIFEST,
    "organisation.yaml": ORGANISATION,
    "annuaire.yaml": DIRECTORY,
    "risques.yaml": RISKS,
    "moyens.yaml": MEANS,
    "centres.yaml": CENTRES,
    "equipes.yaml": TEAMS,
    "fiches/*.yaml": CARD,
    "alerte/reglement.yaml": POLICY,
    "alerte/modeles/*.yaml": TEMPLATE,
}
_LAYERS: Mapping[str, tuple[_Form, tuple[str, ...]]] = {
    "geo/secteurs.geojson": (SECTOR, ("Polygon", "MultiPolygon")),
    "geo/zones_alea.geojson": (HAZARD_ZONE, ("Polygon", "MultiPolygon")),
    "geo/enjeux.geojson": (ASSET, ("Point",)),
}
REQUIRED = ("pcs.yaml", "organisation.yaml", "annuaire.yaml")


def json_schema() -> Schema:
    """Describe a plan folder as one object: each file's path a key, its content the value.

    `$defs` holds one schema a file, by the file's name (`fiches` and `modeles` for the cards
    and templates), to be pointed at by an editor.
    """
    files = {file: {"$ref": f"#/$defs/{name_of(file)}"} for file in (*_FORMS, *_LAYERS)}
    named = {file: schema for file, schema in files.items() if "*" not in file}
    patterns = {_pattern(file): schema for file, schema in files.items() if "*" in file}
    definitions = {name_of(file): form.schema() for file, form in _FORMS.items()}
    drawn = {name_of(file): _layer(form, kinds) for file, (form, kinds) in _LAYERS.items()}
    return {
        "$schema": DIALECT,
        "title": "Plan communal de sauvegarde (PCS)",
        "description": "Les fichiers d'un plan : chemin du fichier, contenu.",
        "type": "object",
        "properties": named,
        "patternProperties": patterns,
        "required": list(REQUIRED),
        "$defs": {**definitions, **drawn},
    }


def file_schema(file: str) -> Schema:
    """Describe one file: `pcs.yaml`, `fiches/*.yaml`, or the path of a card. Raises KeyError."""
    folder = file.rpartition("/")[0]
    if f"{folder}/*.yaml" in _FORMS:
        file = f"{folder}/*.yaml"
    if file in _FORMS:
        return {"$schema": DIALECT, **_FORMS[file].schema()}
    form, kinds = _LAYERS[file]
    return {"$schema": DIALECT, **_layer(form, kinds)}


def described_files() -> tuple[str, ...]:
    """List the files that have a schema of their own."""
    return (*_FORMS, *_LAYERS)


def name_of(file: str) -> str:
    """Name the definition of a file: pcs, fiches, modeles."""
    stem = file.removesuffix("/*.yaml").rpartition("/")[2]
    return stem.partition(".")[0]


def _pattern(file: str) -> str:
    return "^" + file.replace(".", r"\.").replace("*", "[^/]+") + "$"


def _layer(form: _Form, kinds: tuple[str, ...]) -> Schema:
    shape = {
        "type": "object",
        "properties": {"type": {"enum": list(kinds)}, "coordinates": {"type": "array"}},
        "required": ["type", "coordinates"],
    }
    feature = {
        "type": "object",
        "properties": {
            "type": {"const": "Feature"},
            "properties": form.schema(),
            "geometry": shape,
        },
        "required": ["type", "properties", "geometry"],
    }
    return {
        "type": "object",
        "title": form.title,
        "properties": {
            "type": {"const": "FeatureCollection"},
            "features": {"type": "array", "items": feature, "minItems": 1},
        },
        "required": ["type", "features"],
    }


def public_version(plan: Plan) -> dict[str, object]:
    """Give what anyone may read (R731-8 V CSI), in the words of the plan's files.

    A whitelist: no person, no phone, no address of a contact, no key, no headcount of a
    sensitive site, no triggers, no means. A field that is not named here is not published.
    """
    commune = plan.commune
    return {
        "commune": {
            "code_insee": commune.insee,
            "nom": commune.name,
            "departement": commune.department,
            "population": commune.population,
            "telephone": commune.information_phone,
        },
        "version": plan.version,
        "revision": _day(plan.dates.revised_on),
        "niveaux": [{"code": level.code, "libelle": level.label} for level in plan.levels],
        "risques": [{"code": hazard.code, "libelle": hazard.label} for hazard in plan.hazards],
        "secteurs": [
            {
                "id": sector.id,
                "nom": sector.name,
                "point_rassemblement": sector.assembly_point,
                "geometry": write_area(sector.area),
            }
            for sector in plan.sectors
        ],
        "zones_alea": [
            {
                "id": zone.id,
                "risque": zone.hazard,
                "alea": zone.intensity,
                "geometry": write_area(zone.area),
            }
            for zone in plan.hazard_zones
        ],
        "points_rassemblement": [
            {"id": point.id, "libelle": point.label, "point": _pair(point.place)}
            for point in plan.assembly_points
        ],
        "centres": [
            {"id": centre.id, "libelle": centre.label, "point": _pair(centre.place)}
            for centre in plan.centres
            if centre.kind in PUBLIC_CENTRES
        ],
    }


PUBLIC_CENTRES = ("CARE", "CAI")
"""Where anyone may go; command posts and lodging are not announced before they open."""


def _pair(place: Place | None) -> list[float] | None:
    return None if place is None else [place.lon, place.lat]


def _day(day: date | None) -> str | None:
    return None if day is None else day.isoformat()
