"""The forms of organisation.yaml, annuaire.yaml and equipes.yaml: who acts."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from plans.faults import Sentence
from plans.figures import Flag, Whole
from plans.people import Cell, Contact, OnCall, OutsideService, Role, Team
from plans.records import Key, ListOf, MapOf, Record
from plans.shapes import Choice, Ident, Ref, Text
from plans.watch import ANY, WatchTimes
from plans.wire import EMAIL, LANGUAGE, PHONE, SERVICE_PHONE, WEBHOOK, Week

ACCESS_FUNCTIONS = {  # as a plan writes them → as the console's permissions name them
    "dos": "dos",
    "suppleant": "deputy",
    "rac": "rac",
    "chef_cellule": "cell_chief",
    "operateur": "operator",
    "observateur": "observer",
    "delegue_donnees": "dpo",
    "administrateur": "administrator",
}
RADIO_WORDS = {  # as a plan says what a radio code stands for → plans/teams.py
    "indisponible": "off_duty",
    "disponible": "available",
    "en_alerte": "alerted",
    "parti": "en_route",
    "sur_les_lieux": "on_scene",
    "disponible_sur_les_lieux": "available_on_scene",
    "en_transit": "returning",
    "repos": "resting",
    "message": "message",
    "message_urgent": "urgent_message",
    "renfort": "reinforcement",
    "detresse": "distress",
}
TEAM_KINDS = ("intervention", "relais_quartier", "accueil", "evaluation")
WATCH_WORDS = {  # whose timers a plan sets: all teams, a type of team, a kind of mission
    "defaut": ANY,
    **{kind: kind for kind in TEAM_KINDS},
    "evaluer": "evaluate",
    "alerter": "alert",
    "porte_a_porte": "door_to_door",
    "evacuer": "evacuate",
    "securiser": "secure",
    "informer": "inform",
    "assister": "assist",
    "travaux_urgents": "urgent_works",
    "heberger": "shelter",
    "soutien": "support",
    "relogement": "rehousing",
    "remise_en_service": "repair",
    "benevoles": "volunteers",
    "dons": "donations",
    "autre": "other",
}


@dataclass(frozen=True)
class Organisation:
    """The whole of organisation.yaml."""

    roles: tuple[Role, ...] = ()
    cells: tuple[Cell, ...] = ()
    function_names: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Directory:
    """The whole of annuaire.yaml."""

    contacts: tuple[Contact, ...] = ()
    outside_services: tuple[OutsideService, ...] = ()
    on_call: tuple[OnCall, ...] = ()


@dataclass(frozen=True)
class Teams:
    """The whole of equipes.yaml."""

    teams: tuple[Team, ...] = ()
    radio_codes: Mapping[str, str] = field(default_factory=dict)
    watch: Mapping[str, WatchTimes] = field(default_factory=dict)


_ROLE = Record(
    Role,
    "Fonction",
    (
        Key("code", "code", Ident("role"), "code de la fonction : DOS, RAC…", required=True),
        Key("libelle", "label", Text(), "nom en toutes lettres"),
        Key("titulaire", "holder", Ref("contact"), "id du contact titulaire", required=True),
        Key("suppleants", "deputies", ListOf(Ref("contact"), most=20), "ids, dans l'ordre"),
        Key("approuve_alertes", "approves_alerts", Flag(), "peut approuver une alerte"),
    ),
)
_CELL = Record(
    Cell,
    "Cellule",
    (
        Key("code", "code", Ident("cell"), "code de la cellule", required=True),
        Key("libelle", "label", Text(), "nom en toutes lettres", required=True),
        Key("responsable", "lead", Ref("contact"), "id du contact responsable"),
        Key("suppleant", "deputy", Ref("contact"), "id du contact suppléant"),
        Key("lieu", "place", Ref("centre"), "id du centre où elle siège"),
        Key("main_courante", "logbook", Flag(), "tient sa propre main courante"),
    ),
)
ORGANISATION = Record(
    Organisation,
    "Organisation (organisation.yaml)",
    (
        Key("fonctions", "roles", ListOf(_ROLE, most=100), "qui décide", required=True),
        Key("cellules", "cells", ListOf(_CELL, most=100), "les cellules de la commune"),
        Key(
            "libelles_acces",
            "function_names",
            MapOf(Choice(ACCESS_FUNCTIONS), Text()),
            "comment la commune nomme les fonctions de la console",
        ),
    ),
    kind="organisation",
)

_CONTACT = Record(
    Contact,
    "Contact",
    (
        Key("id", "id", Ident("contact"), "identifiant qui ne change plus", required=True),
        Key("nom", "name", Text(), "nom de famille", required=True),
        Key("prenom", "first_name", Text(), "prénom"),
        Key("qualite", "title", Text(), "fonction dans la vie courante"),
        Key("structure", "organisation", Text(), "mairie, CCAS, entreprise…"),
        Key("tel", "phones", ListOf(PHONE, most=10), "numéros, +33…, le meilleur d'abord"),
        Key("email", "email", EMAIL, "adresse e-mail"),
        Key("webhook", "webhook", WEBHOOK, "adresse https d'une machine qui reçoit l'alerte"),
        Key("langue", "language", LANGUAGE, "langue des messages, si ce n'est pas le français"),
        Key("competences", "skills", ListOf(Text(), most=50), "ce que la personne sait faire"),
        Key("rang_prefecture", "prefecture_rank", Whole(1, 6), "rang d'appel de la préfecture"),
        Key("disponibilite", "availability", Text(), "quand la joindre"),
    ),
)
_SERVICE = Record(
    OutsideService,
    "Service extérieur",
    (
        Key("id", "id", Ident("service"), "identifiant qui ne change plus", required=True),
        Key("nom", "name", Text(), "nom du service", required=True),
        Key("tel", "phones", ListOf(SERVICE_PHONE, most=10), "numéros, courts ou +33…"),
        Key("email", "email", EMAIL, "adresse e-mail"),
        Key("webhook", "webhook", WEBHOOK, "adresse https d'une machine qui reçoit l'alerte"),
        Key("quand", "when", Text(), "quand l'appeler"),
    ),
)
_ON_CALL = Record(
    OnCall,
    "Astreinte d'une semaine",
    (
        Key("semaine", "week", Week(), "semaine ISO, 2026-W08", required=True),
        Key("elu", "official", Ref("contact"), "id de l'élu d'astreinte"),
        Key("technique", "technician", Ref("contact"), "id de l'agent d'astreinte"),
    ),
)
DIRECTORY = Record(
    Directory,
    "Annuaire (annuaire.yaml)",
    (
        Key("contacts", "contacts", ListOf(_CONTACT), "les personnes", required=True),
        Key("services_exterieurs", "outside_services", ListOf(_SERVICE, most=500), "les services"),
        Key("astreinte", "on_call", ListOf(_ON_CALL), "qui est d'astreinte, par semaine"),
    ),
    kind="directory",
)

_TEAM = Record(
    Team,
    "Équipe",
    (
        Key("id", "id", Ident("team"), "identifiant qui ne change plus", required=True),
        Key("indicatif", "call_sign", Text(60), "nom à la radio", required=True),
        Key("type", "kind", Choice({kind: kind for kind in TEAM_KINDS}), "mission", required=True),
        Key("cellule", "cell", Ref("cell"), "code de sa cellule"),
        Key("chef", "leader", Ref("contact"), "id du chef d'équipe"),
        Key("membres", "members", ListOf(Ref("contact"), most=200), "ids des membres"),
        Key("moyens", "resources", ListOf(Ref("resource"), most=200), "ids de ses moyens"),
        Key("secteurs", "sectors", ListOf(Ref("sector"), most=500), "ids de ses secteurs"),
        Key("effectif_min", "minimum", Whole(2, 100), "personnes au moins pour partir (2 ou plus)"),
    ),
)
_RADIO_CODE = Text(
    4,
    pattern="[0-9]{1,4}",
    expected=Sentence("un code radio de 1 à 4 chiffres", "a radio code of 1 to 4 digits"),
)
_WATCH = Record(
    WatchTimes,
    "Surveillance",
    (
        Key("nouvelles_min", "news_min", Whole(1, 1440), "minutes sans nouvelles avant un rappel"),
        Key("critique_min", "critical_min", Whole(1, 1440), "minutes avant l'alarme, pas moins"),
        Key("releve_h", "relief_h", Whole(1, 72), "heures dehors avant de proposer la relève"),
        Key("reponse_min", "answer_min", Whole(1, 60), "minutes pour répondre à une mission"),
        Key(
            "reponse_urgente_min",
            "urgent_answer_min",
            Whole(1, 60),
            "minutes pour répondre à une mission d'urgence 1",
        ),
    ),
)
TEAMS = Record(
    Teams,
    "Équipes (equipes.yaml)",
    (
        Key("equipes", "teams", ListOf(_TEAM, most=500), "les équipes", required=True),
        Key(
            "codes_radio",
            "radio_codes",
            MapOf(_RADIO_CODE, Choice(RADIO_WORDS)),
            "ce que disent les codes radio du SDIS, où ils diffèrent des codes habituels",
        ),
        Key(
            "surveillance",
            "watch",
            MapOf(Choice(WATCH_WORDS), _WATCH),
            "délais sans nouvelles, par type d'équipe ou de mission (defaut : pour toutes)",
        ),
    ),
    kind="teams",
)
