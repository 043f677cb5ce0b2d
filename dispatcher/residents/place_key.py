"""One spelling for each address, so that a home finds its door whoever typed it."""

import re
import unicodedata
from functools import lru_cache

# What a street is, in short, as the national address base and town halls write it.
_KINDS = {
    "all": "allee", "av": "avenue", "ave": "avenue", "bd": "boulevard", "bld": "boulevard",
    "blvd": "boulevard", "boul": "boulevard", "bvd": "boulevard", "che": "chemin",
    "chem": "chemin", "chm": "chemin", "crs": "cours", "esp": "esplanade", "fbg": "faubourg",
    "fg": "faubourg", "ham": "hameau", "imp": "impasse", "lot": "lotissement",
    "lots": "lotissement", "mte": "montee", "pass": "passage", "pl": "place",
    "prom": "promenade", "q": "quai",
    "qu": "quai", "qrt": "quartier", "quart": "quartier", "r": "rue", "res": "residence",
    "rle": "ruelle", "rpt": "rond point", "rte": "route", "sen": "sentier", "sq": "square",
    "trav": "traverse", "vla": "villa", "za": "zone d activite", "zi": "zone industrielle",
}  # fmt: skip
# Words in short anywhere after that.
_WORDS = {
    "st": "saint", "ste": "sainte", "sts": "saints", "stes": "saintes", "gal": "general",
    "gen": "general", "mal": "marechal", "dr": "docteur", "pr": "professeur",
    "cdt": "commandant", "cne": "capitaine", "lt": "lieutenant", "pdt": "president",
    "nd": "notre dame", "abb": "abbe",
}  # fmt: skip
_STREET_KINDS = frozenset(word.split()[0] for word in _KINDS.values())
_ARTICLES = frozenset(("a", "au", "aux", "d", "de", "des", "du", "en", "l", "la", "le", "les"))
_NUMBER = re.compile(r"0*(\d+)([a-z]*)$")
_SUFFIXES = frozenset(("bis", "ter", "quater", "quinquies"))
_APART = re.compile(r"[^a-z0-9]+")


def place_key(street: str, *, number: str = "", suffix: str = "") -> str:
    """Return the normal spelling of `number suffix street`, all in lower case without accents.

    The parts may also come in one text. Abbreviations of street kinds (`bd`, `av.`, `r.`) and of
    names (`St`, `Gal`) are written out. A key is its own key. Empty when nothing was given.
    """
    words = " ".join((_plain(number), _plain(suffix), _plain(street))).split()
    return " ".join((*_door(words), *_street(words)))


def looked_up_by(street: str) -> str:
    """Return the words under which people look a street up: without its kind and its articles.

    « Rue de l'Écluse » is sought at "ecluse"; a name of nothing else is kept whole.
    """
    words = place_key(street).split()
    own = [*words]
    if own and own[0] in _STREET_KINDS:
        del own[0]
    while own and own[0] in _ARTICLES:
        del own[0]
    return " ".join(own or words)


@lru_cache(maxsize=4096)  # a commune has a few hundred streets, and as many numbers
def _plain(text: str) -> str:
    spelled = text.casefold().replace("œ", "oe").replace("æ", "ae")
    letters = unicodedata.normalize("NFKD", spelled)
    return _APART.sub(" ", "".join(sign for sign in letters if not unicodedata.combining(sign)))


def _door(words: list[str]) -> list[str]:
    """Take the number and its suffix off the front of the words."""
    matched = _NUMBER.match(words[0]) if words else None
    if not matched:
        return []
    del words[0]
    number, glued = matched.groups()
    if glued:
        return [number, glued]
    if words and _is_suffix(words):
        return [number, words.pop(0)]
    return [number]


def _is_suffix(words: list[str]) -> bool:
    first = words[0]
    if first in _SUFFIXES:
        return True
    if len(first) != 1 or first.isdigit():
        return False
    # `12 r de la Paix` is a street, `12 r rue de la Paix` a suffix.
    return first not in _KINDS or (len(words) > 1 and _is_kind(words[1]))


def _is_kind(word: str) -> bool:
    return word in _KINDS or word in _STREET_KINDS


def _street(words: list[str]) -> list[str]:
    if not words:
        return []
    first = _KINDS.get(words[0], _WORDS.get(words[0], words[0]))
    return [first, *(_WORDS.get(word, word) for word in words[1:])]
