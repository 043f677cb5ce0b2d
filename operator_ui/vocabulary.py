"""Words of the ledger as people read them, in French; the catalogue has them in English."""

from collections.abc import Mapping

VOCABULARY: Mapping[str, Mapping[str, str]] = {
    "mode": {
        "real": "RÉEL",
        "rehearsal": "RÉPÉTITION",
        "exercise": "EXERCICE",
        "public_test": "ESSAI PUBLIC",
    },
    "medium": {
        "sms": "SMS",
        "voice": "Appel vocal",
        "email": "E-mail",
        "webhook": "Webhook",
    },
    "state": {  # of a version of an alert
        "draft": "Brouillon",
        "pending_approval": "À valider",
        "approved": "Validée, pas lancée",
        "launched": "Lancée",
        "cancelled": "Arrêtée",
    },
    "unreachable": {  # why no delivery was made for a person
        "no_contact": "aucun contact utilisable",
        "unsubscribed": "désinscription",
        "erased": "effacement depuis le lancement",
    },
    "reason": {  # why a delivery ended badly
        "undelivered": "non remis par l'opérateur",
        "failed": "refusé par l'opérateur",
        "exhausted": "tous les essais épuisés",
        "expired": "expiré avant l'envoi",
        "cancelled": "arrêté avant l'envoi",
        "suppressed": "désinscription en cours d'envoi",
        "no-answer": "pas de réponse",
        "busy": "ligne occupée",
    },
    "sandbox": {  # how the pretend providers left a message
        "queued": "en file",
        "sending": "en cours d'envoi",
        "sent": "envoyé",
        "delivered": "remis",
        "undelivered": "non remis",
        "failed": "échec",
        "accepted": "accepté",
        "received": "reçu",
        "ringing": "sonne",
        "in-progress": "en ligne",
        "completed": "terminé",
        "no-answer": "pas de réponse",
        "busy": "occupé",
        "canceled": "annulé",
    },
    "function": {
        "dos": "DOS (maire)",
        "deputy": "suppléant",
        "rac": "RAC",
        "operator": "opérateur",
        "cell_chief": "chef de cellule",
        "observer": "observateur",
        "administrator": "administrateur",
    },
    "layer": {
        "alerte": "Zone de l'alerte",
        "secteurs": "Secteurs",
        "zones": "Zones d'aléa",
        "enjeux": "Enjeux",
        "centres": "Centres",
        "rassemblement": "Points de rassemblement",
        "commune": "Commune",
    },
    "centre": {
        "PCC": "Poste de commandement",
        "PCC_REPLI": "Poste de commandement de repli",
        "CARE": "Centre d'accueil",
        "CAI": "Accueil des impliqués",
        "CEHU": "Hébergement d'urgence",
    },
    "language": {"fr": "Français", "en": "Anglais"},
}

MAP_WORDS: Mapping[str, str] = {  # MapLibre's own words, by its keys
    "Map.Title": "Carte",
    "NavigationControl.ZoomIn": "Agrandir",
    "NavigationControl.ZoomOut": "Réduire",
    "Popup.Close": "Fermer",
    "ScaleControl.Meters": "m",
    "ScaleControl.Kilometers": "km",
    "CooperativeGesturesHandler.WindowsHelpText": "Ctrl + molette pour agrandir la carte",
    "CooperativeGesturesHandler.MacHelpText": "⌘ + molette pour agrandir la carte",
    "CooperativeGesturesHandler.MobileHelpText": "Deux doigts pour déplacer la carte",
}
