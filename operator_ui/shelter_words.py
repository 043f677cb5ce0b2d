"""The words of centres and means: purposes, movements, where a means comes from."""

from collections.abc import Mapping

SHELTER_WORDS: Mapping[str, Mapping[str, str]] = {
    "purpose": {  # of places in a centre
        "reception": "accueil",
        "lodging": "hébergement",
        "meals": "repas",
    },
    "centre_move": {
        "arrival": "Arrivée",
        "departure": "Départ",
        "recount": "Recomptage",
    },
    "means_source": {
        "requisition": "réquisition",
        "private": "prêt d'un privé",
        "epci": "intercommunalité",
        "state": "État",
        "other": "autre",
    },
}
