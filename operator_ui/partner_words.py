"""The words of « Partenaires »: what they are, what they may do, what they are told."""

from collections.abc import Mapping

PARTNER_WORDS: Mapping[str, Mapping[str, str]] = {
    "partner_kind": {
        "police_nationale": "Police nationale",
        "police_municipale": "Police municipale",
        "gendarmerie": "Gendarmerie",
        "fire_service": "Sapeurs-pompiers (SDIS)",
        "municipal": "Service de la commune",
        "other": "Autre",
    },
    "partner_verb": {
        "team.status": "Donner l'état de ses équipes",
        "team.position": "Donner leur position",
        "mission.status": "Dire où en sont leurs missions",
        "events.read": "Recevoir les événements de ses équipes et les alertes",
    },
    "partner_state": {
        "asked": "attend un accord",
        "live": "admis",
        "refused": "refusé",
        "ended": "retiré",
    },
    "partner_done": {
        "attend": "C'est noté : une deuxième personne doit maintenant donner son accord.",
        "admis": "C'est accordé. Affichez le secret et remettez-le à l'éditeur, en main propre.",
        "retire": "C'est fait : ses messages sont refusés dès maintenant.",
        "secret": "Un nouveau secret sert. Une autre personne l'affiche et le remet à l'éditeur.",
        "ancien": "L'ancien secret ne sert plus.",
        "essai": "Un événement d'essai part vers ce partenaire.",
        "renvoi": "Les événements sont envoyés de nouveau.",
        "nom": "C'est fait.",
    },
    "name_kind": {"team": "Notre équipe", "mission": "Notre mission"},
}
