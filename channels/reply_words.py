"""What a resident's SMS says: understood, help, stop, start again; anything else is for people."""

import re
import unicodedata
from typing import Final, Literal

Meaning = Literal["understood", "help", "stop", "start", "unknown"]

# Whole messages, once signs, accents, capitals and courtesies are gone. What says more than one
# thing, or something else, is read by a person: no guess is made of a cry for help.
_UNDERSTOOD: Final = """
1|un|one|ok|okay|oui|yes|compris|j ai compris|bien compris|recu|bien recu|message recu|d accord
|ok compris|ok j ai compris|ok recu|ok bien recu|oui j ai compris|1 compris|1 j ai compris|1 ok
|entendu|understood|i understand|i understood|i have understood|got it
"""
_HELP: Final = """
2|deux|two|aide|a l aide|aidez moi|aidez nous|besoin d aide|besoin aide|j ai besoin d aide
|nous avons besoin d aide|on a besoin d aide|sos|secours|au secours|2 aide|2 besoin d aide
|2 j ai besoin d aide|2 au secours|2 sos|help|help me|help us|i need help|we need help|need help
|2 help|2 i need help
"""
_STOP: Final = """
stop|arret|arreter|arretez|stop sms|stop sms s|stop alerte|stop alertes|stop all|stopall
|desabonner|desabonnement|me desabonner|desinscrire|desinscription|me desinscrire|desinscrivez moi
|desabonnez moi|resilier|resiliation|unsubscribe|quit|end|cancel
"""
_START: Final = """
start|reprendre|reprise|reabonner|reabonnement|reinscrire|reinscription|unstop|subscribe
"""
_COURTESIES: Final = frozenset(("merci", "svp", "bonjour", "bonsoir", "thanks", "please", "hello"))


def _phrases(words: str) -> frozenset[str]:
    return frozenset(" ".join(one.split()) for one in words.split("|"))


_MEANINGS: Final[tuple[tuple[Meaning, frozenset[str]], ...]] = (
    ("understood", _phrases(_UNDERSTOOD)),
    ("help", _phrases(_HELP)),
    ("stop", _phrases(_STOP)),
    ("start", _phrases(_START)),
)


_COMING: Final = _phrases(
    """1|un|one|ok|recu|recue|bien recu|received|oui|yes|je viens|j arrive|oui je viens
    |oui j arrive|1 je viens|d accord|present|i come|i am coming|coming|on my way"""
)
_UNABLE: Final = _phrases(
    """2|deux|two|non|no|je ne peux pas|je ne viens pas|je ne peux pas venir|impossible
    |indisponible|absent|2 je ne peux pas|non je ne peux pas|i cannot|i can t|i cannot come"""
)


def coming_of(text: str) -> Literal["coming", "unable"] | None:
    """Return what whoever is called up says of coming; None where it is neither, nor plain.

    A cry for help is no « I cannot »: it stays one (`meaning_of`).
    """
    plain = _plain(text)
    if plain in _COMING:
        return "coming"
    return "unable" if plain in _UNABLE else None


_ENROLMENT: Final = re.compile(
    r"(?:inscription|inscrire|m ?inscrire|inscrivez moi|sign ?up|register)\b", re.IGNORECASE
)


def enrolment_of(text: str) -> str | None:
    """Return what follows the word that asks to be enrolled, an address; None without that word."""
    said = " ".join(text.replace("'", " ").replace("’", " ").replace("-", " ").split())
    found = _ENROLMENT.match(said)
    return None if found is None else said[found.end() :].strip(" :,.")


def meaning_of(text: str) -> Meaning:
    """Return what a whole message says; `unknown` where it is not one of the plain forms."""
    plain = _plain(text)
    return next((meaning for meaning, phrases in _MEANINGS if plain in phrases), "unknown")


def _plain(text: str) -> str:
    """Return words and digits alone: no accent, sign, capital or courtesy; digits of any script."""
    folded = unicodedata.normalize("NFKD", text).casefold()
    kept = (_digit(sign) for sign in folded if not unicodedata.category(sign).startswith("M"))
    words = "".join(sign if sign.isalnum() else " " for sign in kept).split()
    said = [word for word in words if word not in _COURTESIES]
    return " ".join(said)


def _digit(sign: str) -> str:
    value = unicodedata.decimal(sign, None)
    return sign if value is None else str(value)
