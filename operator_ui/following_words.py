"""Words of what follows an alert, in French; the catalogue has them in English."""

from collections.abc import Mapping

FOLLOWING: Mapping[str, Mapping[str, str]] = {
    "help_via": {  # how somebody asked for help
        "keypad": "touche 2 pendant l'appel",
        "page": "page de réponse",
        "sms": "SMS",
        "ring": "a rappelé notre numéro",
        "door": "équipe à la porte",
    },
    "help_outcome": {
        "team_sent": "équipe envoyée",
        "called_back": "rappelé, tout va bien",
        "passed_on": "transmis au CODIS",
        "no_action": "sans suite",
    },
    "clock": {  # of the alert policy
        "information": "Prochaine information du public",
        "control": "Contrôle de la réception",
        "sitrep": "Prochain point de situation",
    },
    "account_state": {  # of a provider account, as workers tell
        "held": "en service",
        "unheld": "aucun processus d'envoi ne le tient",
        "open": "coupé : il échoue, un essai suit dans quelques secondes",
        "returning": "revient par paliers",
    },
    "told_how": {  # somebody whom no message reached
        "phoned": "appelée",
        "at_door": "avertie à la porte",
        "absent": "absente",
    },
    "unreached": {  # why somebody stands on the list
        "help_asked": "demande de l'aide",
        "silent": "n'a pas répondu",
        "failed": "tous les envois ont échoué",
        "expired": "l'alerte a expiré avant",
        "no_contact": "aucun contact utilisable",
        "unsubscribed": "désinscrite",
        "erased": "effacée depuis le lancement",
    },
    "correction": {  # what is decided of an alert that has left
        "stop": "Arrêter les envois",
        "false_alarm": "Fausse alerte",
        "update": "Nouvelles consignes",
        "all_clear": "Fin d'alerte",
        "withdraw": "Retirer la correction en préparation",
    },
}
