"""The words of the message's page: its blanks, where their values come from, its texts."""

from collections.abc import Mapping
from typing import Final

MESSAGE_WORDS: Final[Mapping[str, Mapping[str, str]]] = {
    "blank": {  # of a template; one of the commune's own keeps its name
        "commune": "Commune",
        "secteur": "Secteur",
        "point": "Point de rassemblement",
        "centre": "Centre d'accueil",
        "tel": "Téléphone",
        "scenario": "Scénario",
        "niveau": "Niveau",
        "heure": "Heure",
        "date": "Date du jour",
        "consigne": "Consigne",
    },
    "source": {  # who knows the value of a blank
        "sectors": "secteurs de la zone",
        "plan": "donnée du plan",
        "event": "scénario ou niveau",
        "clock": "au moment de l'envoi en validation",
    },
    "text_field": {
        "sms": "Texte du SMS",
        "voice": "Texte de l'appel",
        "email_subject": "Objet de l'e-mail",
        "email_body": "Corps de l'e-mail",
    },
    "finding": {
        "cannot_work": "Ne peut pas marcher",
        "missing": "Il manque",
        "advice": "Conseil",
    },
}
