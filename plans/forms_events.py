"""The forms of risques.yaml, moyens.yaml, centres.yaml and fiches/*.yaml."""

from dataclasses import dataclass, field

from plans.figures import Day, Decimal, Flag, Spots, Spotted, Whole
from plans.ground import AssemblyPoint, Centre, CentreRules
from plans.means import Card, CardStep, Resource
from plans.records import Key, ListOf, Record
from plans.risks import Hazard, Scenario, Trigger
from plans.shapes import Choice, Ident, Ref, Text

TRIGGER_SOURCES = ("vigilance_meteo", "vigicrues_troncon", "station_hydro", "atmo", "manuel")
CENTRE_KINDS = ("PCC", "PCC_REPLI", "CARE", "CAI", "CEHU", "CEHI")


@dataclass(frozen=True)
class Risks:
    """The whole of risques.yaml."""

    hazards: tuple[Hazard, ...] = ()
    scenarios: tuple[Scenario, ...] = ()


@dataclass(frozen=True)
class Means:
    """The whole of moyens.yaml."""

    resources: tuple[Resource, ...] = ()


@dataclass(frozen=True)
class Centres:
    """The whole of centres.yaml."""

    rules: CentreRules = field(default_factory=CentreRules)
    centres: tuple[Centre, ...] = ()
    assembly_points: tuple[AssemblyPoint, ...] = ()


def _level(level: str | None = None) -> str | None:
    return level


_HAZARD = Record(
    Hazard,
    "Risque",
    (
        Key("code", "code", Ident("hazard"), "code du risque", required=True),
        Key("libelle", "label", Text(), "nom du risque", required=True),
        Key("ddrm", "in_ddrm", Flag(), "figure au dossier départemental (DDRM)"),
        Key("ppr", "ppr", Text(), "plan de prévention (PPR)"),
        Key("ppi", "ppi", Text(), "plan particulier d'intervention (PPI)"),
        Key("cinetique", "speed", Choice({"lente": "slow", "rapide": "fast"}), "lente ou rapide"),
        Key("delai_minutes", "warning_min", Whole(0, 100_000), "minutes avant le danger"),
    ),
)
_TRIGGER = Record(
    Trigger,
    "Déclencheur",
    (
        Key(
            "source",
            "source",
            Choice({source: source for source in TRIGGER_SOURCES}),
            "d'où vient l'information",
            required=True,
        ),
        Key("libelle", "label", Text(300), "ce qu'on observe, en mots"),
        Key("phenomene", "phenomenon", Whole(1, 9), "phénomène de la vigilance météo, 1 à 9"),
        Key("couleur_min", "colour_min", Whole(1, 4), "couleur : 2 jaune, 3 orange, 4 rouge"),
        Key("code", "code", Text(40), "code de la station, du tronçon ou de la commune"),
        Key("niveau_min", "source_level_min", Whole(1, 6), "niveau de la source, 1 à 4 (atmo 6)"),
        Key("grandeur", "quantity", Choice({"H": "H", "Q": "Q"}), "H hauteur, Q débit"),
        Key("seuil", "threshold", Decimal(-1_000, 1_000_000), "valeur qui déclenche"),
        Key("unite", "unit", Choice({"m": "m", "m3/s": "m3/s"}), "m ou m3/s"),
        Key("niveau_pcs", "level", Ref("level"), "niveau proposé"),
    ),
)
_SCENARIO = Record(
    Scenario,
    "Scénario",
    (
        Key("id", "id", Ident("scenario"), "identifiant qui ne change plus", required=True),
        Key("libelle", "label", Text(), "ce qui arrive ; sinon l'identifiant"),
        Key("risque", "hazard", Ref("hazard"), "code du risque"),
        Key("secteurs", "sectors", ListOf(Ref("sector"), most=500), "ids des secteurs touchés"),
        Key("fiches", "cards", ListOf(Ref("card"), most=100), "ids des fiches à suivre"),
        Key("modeles", "templates", ListOf(Ref("template"), most=100), "ids des messages"),
        Key("declencheurs", "triggers", ListOf(_TRIGGER, most=100), "ce qui l'annonce"),
        Key("origine", "center", Spots(), "d'où vient le danger : un point, ou une ligne"),
    ),
)
RISKS = Record(
    Risks,
    "Risques et scénarios (risques.yaml)",
    (
        Key("risques", "hazards", ListOf(_HAZARD, most=100), "les risques de la commune"),
        Key("scenarios", "scenarios", ListOf(_SCENARIO, most=200), "ce qui peut arriver"),
    ),
    kind="risks",
)

_RESOURCE = Record(
    Resource,
    "Moyen",
    (
        Key("id", "id", Ident("resource"), "identifiant qui ne change plus", required=True),
        Key("categorie", "category", Text(60), "véhicule, énergie, balisage…", required=True),
        Key("libelle", "label", Text(), "ce que c'est", required=True),
        Key("quantite", "quantity", Decimal(0, 1_000_000), "combien"),
        Key("unite", "unit", Text(20), "u, l, kg…"),
        Key("stockage", "storage", Text(), "où c'est rangé"),
        Key(
            "proprietaire",
            "owner",
            Choice({"commune": "commune", "epci": "epci", "prive": "private", "etat": "state"}),
            "à qui c'est",
        ),
        Key("convention", "agreement", Text(60), "convention qui permet de s'en servir"),
        Key("contact", "contact", Ref("contact"), "id du contact"),
        Key("conducteurs", "drivers", ListOf(Ref("contact"), most=100), "ids de qui conduit"),
        Key("places", "seats", Whole(0, 10_000), "places assises"),
        Key("etat", "condition", Text(), "disponible, en panne, délai…"),
    ),
)
MEANS = Record(
    Means,
    "Moyens (moyens.yaml)",
    (Key("moyens", "resources", ListOf(_RESOURCE), "les moyens", required=True),),
    kind="means",
)

_KIND = Choice({kind: kind for kind in CENTRE_KINDS})
_CENTRE = Record(
    Centre,
    "Centre",
    (
        Key("id", "id", Ident("centre"), "identifiant qui ne change plus", required=True),
        Key(
            "type",
            "kind",
            _KIND,
            "PCC, CARE…",
            required=True,
        ),
        Key("libelle", "label", Text(), "nom du lieu"),
        Key("point", "place", Spotted(), "[longitude, latitude]"),
        Key("surface_m2", "surface_m2", Decimal(0, 1_000_000), "surface utile en m2"),
        Key("capacite_accueil", "capacity", Whole(0, 100_000), "personnes accueillies"),
        Key("capacite_hebergement", "beds", Whole(0, 100_000), "personnes hébergées la nuit"),
        Key("ravitaillement_repas", "meals", Whole(0, 100_000), "repas"),
        Key("chauffage", "heating", Flag(), "chauffé"),
        Key("cuisine", "kitchen", Flag(), "avec cuisine"),
        Key("groupe_electrogene", "generator", Flag(), "avec groupe électrogène"),
        Key("cles", "keys", Text(), "où sont les clés"),
        Key(
            "hors_zone",
            "safe_from",
            ListOf(Ref("hazard"), most=100),
            "risques évités",
        ),
        Key("repli", "fallback", Ref("centre"), "id du centre de repli"),
        Key("responsable", "lead", Ref("contact"), "id du responsable"),
    ),
)
_ASSEMBLY_POINT = Record(
    AssemblyPoint,
    "Point de rassemblement",
    (
        Key("id", "id", Ident("assembly_point"), "identifiant qui ne change plus", required=True),
        Key("libelle", "label", Text(), "nom du lieu", required=True),
        Key("point", "place", Spotted(), "[longitude, latitude]", required=True),
        Key("secteurs", "sectors", ListOf(Ref("sector"), most=500), "ids des secteurs servis"),
    ),
)
_RULES = Record(
    CentreRules,
    "Règles de capacité",
    (
        Key("surface_m2_par_personne", "surface_m2", Decimal(0.5, 100), "m2 par personne (4)"),
        Key("personnes_par_unite", "unit", Whole(1, 1_000), "personnes par unité (50)"),
    ),
)
CENTRES = Record(
    Centres,
    "Centres (centres.yaml)",
    (
        Key("regles", "rules", _RULES, "comment on compte les places"),
        Key("centres", "centres", ListOf(_CENTRE, most=500), "les lieux"),
        Key("points_rassemblement", "assembly_points", ListOf(_ASSEMBLY_POINT), "où se retrouver"),
    ),
    kind="centres",
)

_STEP = Record(
    CardStep,
    "Étape",
    (
        Key("n", "number", Whole(1, 1_000), "numéro d'ordre", required=True),
        Key("texte", "text", Text(500, lines=True), "ce qu'il faut faire", required=True),
        Key("cellule", "cell", Ref("cell"), "qui le fait"),
        Key("moyens", "resources", ListOf(Ref("resource"), most=100), "avec quoi"),
        Key("centre", "centre", Ref("centre"), "dans quel centre"),
        Key("modele", "template", Ref("template"), "quel message envoyer"),
        Key("validation", "approval", Ref("role"), "qui doit d'abord valider"),
        Key("duree_min", "duration_min", Whole(0, 100_000), "durée en minutes"),
        Key("priorite", "priority", Whole(1, 99), "1 d'abord"),
    ),
)
_CARD_TRIGGER = Record(
    _level,
    "Déclencheur de fiche",
    (Key("niveau_pcs", "level", Ref("level"), "niveau qui la fait sortir"),),
)
CARD = Record(
    Card,
    "Fiche (fiches/*.yaml)",
    (
        Key("id", "id", Ident("card"), "identifiant qui ne change plus", required=True),
        Key("titre", "title", Text(), "une mission, en quelques mots", required=True),
        Key(
            "type",
            "kind",
            Choice({"action": "action", "reflexe": "reflex", "support": "support"}),
            "action, reflexe ou support",
        ),
        Key("version", "version", Text(40), "version de la fiche"),
        Key("date", "dated", Day(), "date de la version"),
        Key("pour", "cells", ListOf(Ref("cell"), most=100), "codes des cellules"),
        Key("declencheur", "trigger_level", _CARD_TRIGGER, "ce qui la fait sortir"),
        Key("etapes", "steps", ListOf(_STEP, most=200), "les étapes, dans l'ordre"),
    ),
)
