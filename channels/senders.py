"""Which sender names and caller numbers French operators let through (DOMAIN §0.1, §0.2)."""

import re
from typing import Literal

Language = Literal["fr", "en"]
Flaw = Literal["length", "digits", "characters", "generic", "number", "mobile"]

_NAME = re.compile(r"(?=.*[A-Za-z])[A-Za-z0-9]{3,11}")
_E164 = re.compile(r"\+[1-9]\d{6,14}")
# National mobile blocks 06 and 07 of mainland France; overseas mobiles are +2620692…, +5900690…
# written +262 6…/7…, +590 6…, +594 6…, +596 6…, and follow the same rule of the numbering plan.
_FRENCH_MOBILE = re.compile(r"\+(?:33|262|590|594|596)[67]\d*")

# Words that name a service and not a sender. Operators publish no closed list: these are the
# families they cite (alert, appointment, payment, delivery, code, bank, information).
_GENERIC_WORDS = """
alert alerts alerte alertes alerting info infos information informations news actu actus sms texto
text message messages msg mms notif notification notifications notice avis rdv rendezvous
appointment rappel reminder urgent urgence urgences emergency secours sos danger important
attention warning exercice test demo mairie commune ville townhall cityhall police pompier
pompiers samu gendarme gendarmes gendarmerie prefecture prefet etat gouv gouvernement service
services contact client clients support help aide admin noreply payment paiement facture invoice
banque bank credit compte account livraison delivery colis colissimo code otp verify verif promo
promos promotion pub vote sondage crue crues inondation inondations meteo vigilance evacuation
fralert
"""
_GENERIC = frozenset(_GENERIC_WORDS.split())

_SENTENCES: dict[Flaw, dict[Language, str]] = {
    "length": {
        "fr": "Le nom d'émetteur « {name} » a {length} caractères : il en faut de 3 à 11.",
        "en": "The sender name “{name}” has {length} characters: 3 to 11 are needed.",
    },
    "characters": {
        "fr": "Le nom d'émetteur « {name} » contient autre chose que des lettres sans accent et "
        "des chiffres : les opérateurs français le bloquent.",
        "en": "The sender name “{name}” holds something else than unaccented letters and digits: "
        "French operators block it.",
    },
    "digits": {
        "fr": "Le nom d'émetteur « {name} » n'a que des chiffres : les opérateurs français le "
        "bloquent. Mettez le nom de la commune.",
        "en": "The sender name “{name}” has digits only: French operators block it. Use the name "
        "of the commune.",
    },
    "generic": {
        "fr": "Le nom d'émetteur « {name} » est un mot générique : les opérateurs français le "
        "bloquent depuis mars 2025. Mettez le nom de la commune.",
        "en": "The sender name “{name}” is a generic word: French operators have blocked these "
        "since March 2025. Use the name of the commune.",
    },
    "number": {
        "fr": "« {name} » n'est pas un numéro au format international (+33…).",
        "en": "“{name}” is not a number in international form (+33…).",
    },
    "mobile": {
        "fr": "{name} est un numéro mobile (06 ou 07) : il ne peut ni envoyer ni appeler "
        "automatiquement. Utilisez un nom d'émetteur ou un numéro permis par l'opérateur.",
        "en": "{name} is a mobile number (06 or 07): it may neither text nor call automatically. "
        "Use a sender name or a number that the operator allows.",
    },
}


def sender_flaw(name: str) -> Flaw | None:
    """Name what keeps `name` from being an SMS sender in France, for who words it herself."""
    if not 3 <= len(name) <= 11:
        return "length"
    if name.isdigit():
        return "digits"
    if not _NAME.fullmatch(name):
        return "characters"
    return "generic" if _bare(name) in _GENERIC else None


def number_flaw(e164: str) -> Flaw | None:
    """Name what keeps a number from being a sender or a caller id in France."""
    if not _E164.fullmatch(e164):
        return "number"
    return "mobile" if _FRENCH_MOBILE.fullmatch(e164) else None


def sender_fault(name: str, *, language: Language = "fr") -> str | None:
    """Say what keeps `name` from being an SMS sender in France; None when nothing does."""
    flaw = sender_flaw(name)
    return flaw and _sentence(flaw, name, language)


def number_fault(e164: str, *, language: Language = "fr") -> str | None:
    """Say what keeps a number from being a sender or a caller id in France; None when nothing."""
    flaw = number_flaw(e164)
    return flaw and _sentence(flaw, e164, language)


def _bare(name: str) -> str:
    """ALERTE24 is no less generic than ALERTE."""
    return name.lower().strip("0123456789")


def _sentence(fault: Flaw, name: str, language: Language) -> str:
    return _SENTENCES[fault][language].format(name=name, length=len(name))
