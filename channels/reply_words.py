"""What a resident's SMS says: understood, help, stop, start again; anything else is for people."""

import re
import unicodedata
from typing import Final, Literal

Meaning = Literal["understood", "help", "stop", "start", "unknown"]

# Whole messages, once signs, accents, capitals and courtesies are gone. What says more than one
# thing, or something else, is read by a person: nobody is taken for safe, or stopped, by a guess.
# A cry for help alone is looked for within longer words (`cries_out`): a call too many costs a
# minute at the desk, a cry among the words that wait to be read may cost a life.
_UNDERSTOOD: Final = """
1|un|one|ok|okay|oui|yes|compris|j ai compris|bien compris|recu|bien recu|message recu|d accord
|ok compris|ok j ai compris|ok recu|ok bien recu|oui j ai compris|1 compris|1 j ai compris|1 ok
|entendu|understood|i understand|i understood|i have understood|got it
|1 oui|1 bien compris|1 bien recu|oui compris|oui bien recu|c est compris|nous avons compris
|on a compris|en securite|je suis en securite|nous sommes en securite|on est en securite
|1 je suis en securite|1 nous sommes en securite|oui je suis en securite|a l abri
|je suis a l abri|nous sommes a l abri|on est a l abri|1 je suis a l abri|tout va bien|je vais bien
|nous allons bien|on va bien|ca va|tout va bien je suis en securite
|safe|i am safe|i m safe|we are safe|we re safe|1 safe|1 i am safe|i am ok|i m ok|we are ok
|all is well|ok understood|yes understood
"""
_HELP: Final = """
2|deux|two|aide|a l aide|aidez moi|aidez nous|besoin d aide|besoin aide|j ai besoin d aide
|nous avons besoin d aide|on a besoin d aide|sos|secours|au secours|2 aide|2 besoin d aide
|2 j ai besoin d aide|2 au secours|2 sos|help|help me|help us|i need help|we need help|need help
|2 help|2 i need help|2 oui|oui 2|assistance|rescue
"""
_STOP: Final = """
stop|arret|arrets|arrete|arreter|arretez|stop sms|stop sms s|stop alerte|stop alertes|stop all
|stopall|stop stop|stopper|stop message|stop messages|stop les sms|stop les messages|stop pub
|stop info|stop infos|stop information|stop informations|stop merci de me desabonner
|arret sms|arret alertes|arret des sms|arret des messages|arretez les sms|arretez les messages
|arretez ces messages|arreter les sms|arreter les messages|arretez de m envoyer des sms
|arretez de m envoyer des messages|arretez de m ecrire|plus de sms|plus de messages
|je ne veux plus de sms|je ne veux plus de messages|je ne veux plus recevoir de sms
|je ne veux plus recevoir de messages|je ne veux plus recevoir vos messages|ne plus recevoir
|desabonner|desabonne|desabonnement|me desabonner|je me desabonne|je veux me desabonner
|je souhaite me desabonner|desabonnez moi|desinscrire|desinscription|me desinscrire
|je me desinscris|je veux me desinscrire|desinscrivez moi|resilier|resiliation
|unsubscribe|unsubscribe me|stop texting me|no more messages|opt out|optout|quit|end|cancel
"""
_START: Final = """
start|reprendre|reprenez|reprise|reprendre sms|reprendre les sms|reprendre les messages
|reprendre alertes|reprendre les alertes|reabonner|reabonnez moi|reabonnement|me reabonner
|reinscrire|reinscrivez moi|reinscription|me reinscrire|unstop|subscribe|resubscribe
"""
_COURTESIES: Final = frozenset(
    ("merci", "svp", "stp", "bonjour", "bonsoir", "madame", "monsieur", "thanks", "please", "hello")
)


def _phrases(words: str) -> frozenset[str]:
    return frozenset(" ".join(one.split()) for one in words.split("|"))


_MEANINGS: Final[tuple[tuple[Meaning, frozenset[str]], ...]] = (
    ("understood", _phrases(_UNDERSTOOD)),
    ("help", _phrases(_HELP)),
    ("stop", _phrases(_STOP)),
    ("start", _phrases(_START)),
)


# What somebody in need writes amid other words, here as they are once they are plain.
_CANNOT: Final = (
    "descendre|sortir|bouger|marcher|partir|evacuer|monter|remonter|respirer|quitter"
    "|me lever|me deplacer|se lever|se deplacer|nous deplacer|m en aller"
)
_CRIES: Final = re.compile(
    rf"""\b(?:
    (?:aide[zr]?|aider)\s(?:moi|nous)|(?:m|nous)\saide[zr]|m\saider|besoin\s(?:d|de)\s(?:
        votre\s|l\s|une\s|un\s)?(?:aide|secours|assistance|ambulance|medecin|pompiers?)|besoin\saide
    |au\ssecours|a\sl\saide|s\so\ss|sos|appelez?\sles\s(?:secours|pompiers)
    |envoyez?\s(?:nous\s|moi\s|les\s|des\s|du\s|de\sl\s)*(?:aide|secours|pompiers|ambulance|monde)
    |(?:peux|peut|pouvons|peuvent|arrive|arrivons)\s(?:pas|plus)\s(?:a\s|y\s)?(?:{_CANNOT})
    |(?:bloque|coince|enferme|piege|blesse|evanoui|inconscient)e?s?
    |(?:suis|sommes|est|sont)\s(?:(?:tombe|encercle|isole)e?s?|en\sdanger|sur\sle\stoit)
    |(?:me|nous)\snoie|(?:me|nous)\snoyons
    |ven(?:ez|ir)\s(?:me|nous|la|le|les|vite\sme|vite\snous)\s(?:chercher|aider|sauver)
    |venez\svite|sauvez\s(?:moi|nous)
    |help\s(?:me|us)|needs?\s(?:your\s|some\s|urgent\s)?(?:help|rescue|assistance|a\sdoctor)
    |(?:can\st|cannot|can\snot|unable\sto)\s(?:get\s(?:out|down|up)|go\s(?:out|down)|leave|move
        |walk|escape|breathe)
    |stuck|trapped|injured|wounded|drowning|on\sthe\sroof|(?:am|are|is)\s(?:hurt|in\sdanger)
    |(?:come\sand\s|come\s)(?:get|rescue|save|fetch)\s(?:me|us)|rescue\s(?:me|us)|send\shelp
    )\b""",
    re.VERBOSE,
)
# Said of a need that there is none, or asked of somebody else: taken out before the cry is sought.
_DENIED: Final = re.compile(
    r"""\b(?:
    (?:pas|plus|aucun|aucune|sans|avez\svous|si\s(?:vous|tu)\s(?:avez|as))
        \s(?:besoin\s)?(?:d\s|de\s|en\s)?(?:votre\s)?(?:aide|secours|danger|assistance|besoin)
    |(?:pas|plus)\s(?:bloque|coince|enferme|blesse|isole)e?s?
    |(?<!besoin\s)(?:de|pour)\s(?:votre|l)\saide|(?<!need\s)your\shelp$
    |(?:route|rue|pont|chemin|voie|acces|circulation|porte)\s(?:est\s|sont\s)?bloquee?s?
    |(?:no|not|don\st|do\snot|doesn\st|without|do\syou)\s
        (?:in\s|need\s|need\s(?:for|of)\s)?(?:any\s|your\s)?
        (?:help|rescue|danger|assistance)
    |not\s(?:stuck|trapped|injured|wounded|hurt)|nobody\s(?:is\s)?(?:hurt|injured)
    |(?:personne|aucun)\s(?:n\sest\s)?(?:de\s)?(?:blesse|bloque)e?s?
    )\b""",
    re.VERBOSE,
)
_ALONE: Final = frozenset(("aide", "help", "secours"))  # a cry where a message begins or ends so
_TWO_AND_WORDS: Final = re.compile(r"\W*2[ \t]*[.,;:!/\r\n\u2013\u2014-]+(?!\d)\s*(?=[^\W_])")


def cries_out(text: str) -> bool:
    """Tell whether somebody asks for help in words of her own, or says 2 and then goes on.

    « je ne peux pas descendre », « 2, 14 rue des Lilas », « ok mais aide ». What is said not to be
    needed is no cry. Of doubtful words it is told that they are one.
    """
    if _TWO_AND_WORDS.match(unicodedata.normalize("NFKC", text)):
        return True
    left = _DENIED.sub(" ", _plain(text))
    words = left.split()
    ends = {words[0], words[-1]} if words and left == _plain(text) else set()
    return bool(_CRIES.search(left) or ends & _ALONE)


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
