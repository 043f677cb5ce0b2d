"""The properties of the features of each layer of geo/: sectors, hazard zones, assets."""

from plans.figures import Decimal, Spots, Whole
from plans.forms_policy import ASSET_KINDS
from plans.ground import Asset, HazardZone, Sector
from plans.records import Key, Record
from plans.shapes import Choice, Ident, Ref, Text

_PEOPLE = Whole(0, 10_000_000)

SECTOR = Record(
    Sector,
    "Secteur (geo/secteurs.geojson)",
    (
        Key("id", "id", Ident("sector"), "identifiant qui ne change plus", required=True),
        Key("nom", "name", Text(100), "nom que les habitants connaissent", required=True),
        Key("population", "population", _PEOPLE, "habitants"),
        Key("foyers", "households", _PEOPLE, "foyers"),
        Key("population_vulnerable", "vulnerable", _PEOPLE, "personnes vulnérables"),
        Key("population_saison", "seasonal", _PEOPLE, "personnes en plus en saison"),
        Key("priorite", "priority", Whole(1, 99), "1 d'abord"),
        Key("point_rassemblement", "assembly_point", Ref("assembly_point"), "id du point"),
        Key("itineraire", "route", Spots(), "itinéraire d'évacuation, [[lon, lat], …]"),
    ),
    lenient=True,
)
HAZARD_ZONE = Record(
    HazardZone,
    "Zone d'aléa (geo/zones_alea.geojson)",
    (
        Key("id", "id", Ident("hazard_zone"), "identifiant qui ne change plus", required=True),
        Key("risque", "hazard", Ref("hazard"), "code du risque", required=True),
        Key("alea", "intensity", Text(60), "faible, moyen, fort…"),
        Key("hauteur_m", "depth_m", Decimal(0, 1_000), "hauteur d'eau en mètres"),
        Key("source", "source", Text(), "d'où vient le tracé"),
    ),
    lenient=True,
)
ASSET = Record(
    Asset,
    "Enjeu (geo/enjeux.geojson)",
    (
        Key("id", "id", Ident("asset"), "identifiant qui ne change plus", required=True),
        Key("type", "kind", Choice({kind: kind for kind in ASSET_KINDS}), "type", required=True),
        Key("nom", "name", Text(), "nom du site", required=True),
        Key("effectif", "headcount", _PEOPLE, "personnes accueillies"),
        Key("effectif_encadrement", "staff", _PEOPLE, "personnel"),
        Key("autonomie", "autonomy", Text(), "ce que ces personnes peuvent faire seules"),
        Key("contact", "contact", Ref("contact"), "id du contact à alerter"),
        Key("priorite", "priority", Whole(1, 99), "1 d'abord"),
    ),
    lenient=True,
)
