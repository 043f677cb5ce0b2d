"""Words of an alert that is being written, and of one that everybody reads."""

from collections.abc import Mapping

ALERT_WORDS: Mapping[str, Mapping[str, str]] = {
    "unreachable": {  # why no delivery was made for a person
        "no_contact": "aucun contact utilisable",
        "unsubscribed": "désinscription",
        "topic_off": "ne veut pas d'informations de ce thème",
        "outside_hours": "information finie avant l'heure choisie",
        "erased": "effacement depuis le lancement",
    },
    "mode_meaning": {
        "real": "Les habitants de la zone sont réellement prévenus.",
        "rehearsal": "Rien ne quitte la maison.",
        "exercise": "Seuls les joueurs reçoivent les messages, « EXERCICE » en tête.",
        "public_test": "Les habitants, prévenus avant, reçoivent un essai, « EXERCICE » en tête.",
    },
    "public_kind": {  # as everybody reads it
        "alert": "ALERTE",
        "update": "ALERTE · nouvelles consignes",
        "all_clear": "FIN D'ALERTE",
        "false_alarm": "FAUSSE ALERTE",
        "over": "TERMINÉE",
    },
    "step": {  # of writing an alert
        "zone": "Zone",
        "message": "Message",
        "portee": "Portée",
        "decision": "Décision",
    },
}
