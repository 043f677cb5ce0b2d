"""Words of what follows an alert, in French; the catalogue has them in English."""

from collections.abc import Mapping

FOLLOWING: Mapping[str, Mapping[str, str]] = {
    "help_via": {  # how somebody asked for help
        "keypad": "touche 2 pendant l'appel",
        "page": "page de réponse",
        "sms": "SMS",
        "ring": "a rappelé notre numéro",
        "door": "équipe à la porte",
        "register": "noté au registre ouvert",
    },
    "reply": {  # what somebody said by SMS or by a key
        "understood": "a compris",
        "help": "demande de l'aide",
        "stop": "ne veut plus de messages",
        "start": "veut de nouveau être prévenu",
        "unknown": "message à lire",
    },
    "told": {  # how that was answered
        "thanks": "remercié, sans destinataire connu",
        "help": "renvoyé au 18 et au 112, sans destinataire connu",
        "no_help": "renvoyé au 18 et au 112 : pas d'aide par SMS",
        "unknown": "invité à répondre 1 ou 2",
        "one_key": "invité à répondre 1",
        "one_way": "renvoyé au lien : réponses par SMS non comptées",
        "no_alert": "aucune alerte en cours pour ce numéro",
        "stopped": "désinscrit",
        "stop_informed": "plus d'informations ; le danger lui est toujours annoncé",
        "stop_warned": "plus d'informations ; averti de ce qu'un second STOP arrête",
        "stop_duty": "renvoyé à la mairie : le plan lui confie une fonction",
        "come_or_not": "invité à répondre 1 ou 2",
        "started": "réinscrit",
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
