"""Words of teams and missions, in French; the catalogue has them in English."""

from collections.abc import Mapping

from plans.missions import MISSION_KINDS, MISSION_STATES
from plans.teams import STATUSES

TEAM_WORDS: Mapping[str, Mapping[str, str]] = {
    "team_state": {
        **{one.code: one.fr for one in STATUSES},
        "unheard": "jamais entendue",
        "message": "message",
        "urgent_message": "message urgent",
        "reinforcement": "demande de renfort",
        "distress": "détresse",
    },
    "team_lane": {
        "available": "Disponibles",
        "alerted": "En alerte",
        "en_route": "En route",
        "on_scene": "Sur les lieux",
        "returning": "Retour",
        "off": "Indisponibles ou au repos",
    },
    "team_kind": {
        "intervention": "intervention",
        "evaluation": "évaluation",
        "relais_quartier": "relais de quartier",
        "accueil": "accueil",
        "municipal_police": "police municipale",
        "police": "police nationale",
        "gendarmerie": "gendarmerie",
        "fire": "pompiers",
        "civil_protection": "sécurité civile associative",
        "volunteers": "bénévoles",
        "other": "autre",
    },
    "team_source": {
        "partner": "partenaire",
        "phone": "téléphone de l'équipe",
        "sms": "SMS",
        "keypad": "touches du téléphone",
        "console": "console",
    },
    "desk_why": {
        "unknown_team": "équipe inconnue",
        "unknown_mission": "mission inconnue",
        "unknown_word": "code ou mot inconnu",
    },
    "desk_field": {
        "team": "équipe",
        "mission": "mission",
        "word": "état ou message",
        "mission_word": "état de la mission",
        "strength": "effectif",
        "note": "paroles",
        "lon": "longitude, en degrés",
        "lat": "latitude, en degrés",
        "accuracy_m": "précision, en mètres",
        "ignored": "champs inconnus",
    },
    "mission_state": {one.code: one.fr for one in MISSION_STATES},
    "mission_kind": {code: names[0] for code, names in MISSION_KINDS.items()},
    "mission_urgency": {
        "1": "une vie en danger",
        "2": "urgent",
        "3": "dès que possible",
        "4": "on a le temps",
    },
    "mission_origin": {
        "hand": "la cellule",
        "card": "une fiche du plan",
        "help": "une demande d'aide",
        "street": "la liste des non joints",
        "partner": "un partenaire",
    },
}
