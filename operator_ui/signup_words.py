"""The words of those who enrol by themselves."""

from collections.abc import Mapping

SIGNUP_WORDS: Mapping[str, Mapping[str, str]] = {
    "home": {  # what a place is to who wants to be alerted there
        "home": "Domicile",
        "work": "Travail",
        "school": "École, crèche",
        "parent": "Chez un proche",
    },
    "fails": {  # why a contact of hers is nobody's
        "no_number": "ce numéro n'est pas attribué",
        "no_sms": "ce numéro ne reçoit pas de SMS",
        "no_mailbox": "cette boîte n'existe pas",
        "bounced": "le message nous est revenu",
    },
    "reached_at": {  # what a contact of hers is
        "mobile": "téléphone mobile",
        "fixed": "téléphone fixe",
        "email": "adresse e-mail",
        "webhook": "adresse d'un logiciel",
    },
    "by_medium": {"sms": "par SMS", "voice": "par appel", "email": "par e-mail"},
    "first_by": {
        "sms": "D'abord par SMS",
        "voice": "D'abord par appel",
        "email": "D'abord par e-mail",
    },
    "topic": {  # of messages that tell of no danger
        "weather": "Météo : pluie, chaleur, froid, neige",
        "pollution_security": "Pollution, santé, sécurité",
        "roadworks": "Travaux, routes coupées, coupures d'eau ou de courant",
    },
    "own_answer": {"understood": "j'ai compris", "help": "j'ai besoin d'aide"},
    "held_from": {"self": "son inscription", "import": "un fichier de la mairie"},
    "own_source": {  # whence the register has somebody
        "self": "votre inscription, ou vos changements sur cette page",
        "import": "un fichier de la mairie",
    },
}
