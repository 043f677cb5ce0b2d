"""Words of missions made of steps, calls and streets, in French; the catalogue has the English."""

from collections.abc import Mapping

TASKING_WORDS: Mapping[str, Mapping[str, str]] = {
    "task_mission": {  # where the mission of a task stands
        "proposed": "à donner",
        "ordered": "ordonnée",
        "accepted": "acceptée",
        "in_progress": "en cours",
        "suspended": "suspendue",
        "done": "terminée",
        "failed": "abandonnée",
        "cancelled": "annulée",
    },
    "door_result": {
        "found": "prévenus",
        "evacuated": "partis",
        "refused": "refus de partir",
        "empty": "personne",
        "help": "aide demandée",
    },
    "door_need": {  # what a team has to know before it knocks
        "help_asked": "demande de l'aide",
        "help_to_leave": "aide pour partir",
        "warn_first": "à prévenir en premier",
    },
    "telling": {  # how a team was told of its mission
        "told": "Équipe prévenue",
        "chased": "Équipe relancée",
        "escalated": "Donneur d'ordre et RAC appelés",
        "withdrawn": "Équipe prévenue que la mission lui est retirée",
    },
    "telling_answer": {
        "coming": "reçue",
        "unable": "impossible",
    },
}
