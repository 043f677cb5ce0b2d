"""What a team texts of itself: one word first, then whatever it adds; a table that one reads.

A word is known in capitals or not, with or without accents, in one piece or in several, and with
one letter wrong (`exact` is false then, and the answer tells it back). A digit says something only
alone: « 3 rue de la Lerne » is an address. A call for help is taken wherever it stands.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class TeamWord:
    """A thing that a team says: our code, the digit that says it too, the words in two languages.

    The first word is the one that answers name. `grave` is asked twice on the keypad.
    """

    code: str
    digit: str
    words: str
    grave: bool = False

    @property
    def named(self) -> str:
        """The word as an answer names it."""
        return " ".join(self.words.split("|")[0].split()).upper()


# 1 and 2 say yes and no to a mission as they do to a summons and, to an alert, « understood » and
# « help »: whoever has such a message open answers that one first (dispatcher/teams/shared.py).
# The other digits mean nothing to a resident. 3 to 7 follow a mission from its start to its end.
TEAM_WORDS: Final = (
    TeamWord("accept", "1", "recu|ok|okay|bien recu|compris|accepte|accepted|received|roger"),
    TeamWord("refuse", "2", "impossible|refuse|je refuse|unable|cannot", grave=True),
    TeamWord(
        "en_route",
        "3",
        "route|en route|parti|partis|partie|depart|on part|j arrive|on arrive|nous arrivons"
        "|j y vais|on y va|on the way|leaving",
    ),
    TeamWord(
        "on_scene",
        "4",
        "surplace|sur place|sur les lieux|arrive|arrives|arrivee|on scene|onscene|arrived",
    ),
    TeamWord(
        "done", "5", "fin|fini|mission terminee|mission finie|fin de mission|termine|done|finished"
    ),
    TeamWord("returning", "6", "retour|en retour|on rentre|return|returning"),
    TeamWord("available", "7", "dispo|disponible|libre|available|free"),
    TeamWord("reinforcement", "8", "renfort|renforts|besoin de renfort|backup|reinforcement"),
    TeamWord("resting", "9", "repos|pause|releve|rest|resting"),
    TeamWord("distress", "0", "sos|detresse|mayday|au secours|a l aide|distress", grave=True),
    TeamWord("off_duty", "", "indispo|indisponible|off duty|unavailable"),
    TeamWord("message", "", "msg|message|info"),
    TeamWord("urgent_message", "", "urgent|urgence|message urgent|msg urgent"),
    TeamWord("strength", "", "equipe|effectif|nous sommes|on est|team|crew|strength"),
)
CODES: Final = frozenset(one.code for one in TEAM_WORDS)
BY_DIGIT: Final = {one.digit: one for one in TEAM_WORDS if one.digit}
_LONGEST: Final = 4  # words of a phrase
_TYPO_FROM: Final = 5  # letters: of shorter words, one letter is too much of them
MOST_ABOARD: Final = 99


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


_GREETINGS: Final = _set("bonjour bonsoir salut hello hi svp merci ici please thanks")
_OPENINGS: Final = _GREETINGS | _set("je suis on est nous sommes we are i am")
_OTHERS: Final = _set("repas retard")  # one letter off, and not ours
# What comes after a word and turns it into something else: « ROUTE BARREE », « DISPO PAS ENCORE ».
_TURNS: Final = _set(
    """pas plus jamais not barree barre coupee coupe inondee inonde fermee ferme bloquee bloque
    impraticable impossible degagee blocked closed flooded"""
)
# « Départ de feu », « Route de Rennes coupée » tell of a fire and of a road, wherever it stands.
_NO_DEPARTURE: Final = _TURNS | _set("feu feux incendie fumee fire smoke")
_TURNED: Final = frozenset(("en_route", "on_scene", "done", "returning", "available", "resting"))


@dataclass(frozen=True)
class Understood:
    """What a text says: a code of `CODES`, the word as it was written, what else stands there.

    `forced`: « FIN! », to be taken although it makes no sense. `number` is how many are aboard.
    """

    code: str
    word: str
    note: str = ""
    exact: bool = True
    forced: bool = False
    number: int | None = None


@dataclass(frozen=True)
class _Token:
    plain: str
    start: int
    end: int


_PIECE: Final = re.compile(r"[^\W\d_]+|\d+")


def understood(text: str) -> Understood | None:
    """Return what a team's text says; None where it says nothing that we know. Never raises."""
    whole = unicodedata.normalize("NFC", text.replace("\x00", " "))
    tokens = list(_tokens(whole))
    if (cry := _cry(whole, tokens)) is not None:
        return cry
    if (digit := _digit(whole, tokens)) is not None:
        return digit
    for first in _beginnings(tokens):
        if (found := _worded(whole, tokens[first:])) is not None:
            return found
    return None


def without(text: str, name: str) -> str | None:
    """Return a text without a call sign that stands in it; None where it does not."""
    whole, wanted = unicodedata.normalize("NFC", text), _joined(_tokens(name))
    tokens = list(_tokens(whole))
    for first in range(len(tokens) if wanted else 0):
        for last in range(first + 1, len(tokens) + 1):
            if _joined(tokens[first:last]) == wanted:
                before, after = whole[: tokens[first].start], whole[tokens[last - 1].end :]
                return f"{before.rstrip(' ,:;-')} {after.lstrip(' ,:;-')}".strip()
    return None


def _beginnings(tokens: Sequence[_Token]) -> Iterator[int]:
    """Give where the word may stand: first, or after a greeting; « nous sommes 3 » goes first."""
    for at, token in enumerate(tokens):
        yield at
        if token.plain not in _OPENINGS:
            return


def _cry(text: str, tokens: Sequence[_Token]) -> Understood | None:
    for at, last, exact in _matches(tokens, _PHRASES["distress"]):
        rest = f"{text[: tokens[at].start]} {text[tokens[last - 1].end :]}"
        word = text[tokens[at].start : tokens[last - 1].end]
        return Understood("distress", word, _note(rest), exact=exact)
    return None


def _matches(tokens: Sequence[_Token], phrases: frozenset[str]) -> Iterator[tuple[int, int, bool]]:
    for at in range(len(tokens)):
        for size in range(min(_LONGEST, len(tokens) - at), 0, -1):
            said = _joined(tokens[at : at + size])
            if said in phrases:
                yield at, at + size, True
            elif size == 1 and any(_near(said, one) for one in phrases):
                yield at, at + size, False


def _digit(text: str, tokens: Sequence[_Token]) -> Understood | None:
    said = [one for one in tokens if one.plain not in _GREETINGS]
    if len(said) != 1 or said[0].plain not in BY_DIGIT:
        return None
    (only,) = said
    forced = text[only.end :].lstrip().startswith("!")
    return Understood(BY_DIGIT[only.plain].code, only.plain, forced=forced)


def _worded(text: str, tokens: Sequence[_Token]) -> Understood | None:
    """Read tokens that begin with the word: the longest exact phrase, else one letter off."""
    for near in (False, True):
        for size in range(min(_LONGEST, len(tokens)), 0, -1):
            code = _code_of(_joined(tokens[:size]), near=near)
            found = _said(text, tokens, size, code=code, exact=not near) if code else None
            if found is not None:
                return found
    return None


def _code_of(said: str, *, near: bool) -> str | None:
    if not near:
        return next((code for code, phrases in _PHRASES.items() if said in phrases), None)
    close = {code for code, phrases in _PHRASES.items() if any(_near(said, one) for one in phrases)}
    return close.pop() if len(close) == 1 else None


def _said(
    text: str, tokens: Sequence[_Token], size: int, *, code: str, exact: bool
) -> Understood | None:
    rest = text[tokens[size - 1].end :]
    after = tokens[size].plain if len(tokens) > size else ""
    if code in _TURNED and (after in _TURNS or rest.lstrip().startswith("?")):
        return None
    if code == "en_route" and any(one.plain in _NO_DEPARTURE for one in tokens[size:]):
        return None
    if code == "strength":
        return _strength(text, tokens, size, exact=exact)
    word = text[tokens[0].start : tokens[size - 1].end]
    if code == "message" and not _note(rest):
        return None
    forced = rest.lstrip().startswith("!")
    return Understood(code, word, _note(rest), exact=exact, forced=forced)


def _strength(text: str, tokens: Sequence[_Token], size: int, *, exact: bool) -> Understood | None:
    if len(tokens) <= size or not tokens[size].plain.isdecimal():
        return None
    number = int(tokens[size].plain[:4])
    if not 0 < number <= MOST_ABOARD:
        return None
    word = text[tokens[0].start : tokens[size].end]
    note = _note(text[tokens[size].end :])
    return Understood("strength", word, note, exact=exact, number=number)


def _note(rest: str) -> str:
    return rest.strip(" \t\r\n.,;:!-").strip()


def _tokens(text: str) -> Iterator[_Token]:
    for found in _PIECE.finditer(unicodedata.normalize("NFC", text)):
        yield _Token(_plain(found.group()), found.start(), found.end())


def _plain(word: str) -> str:
    if word.isdecimal():
        return "".join(str(unicodedata.decimal(sign)) for sign in word)
    apart = unicodedata.normalize("NFKD", word).casefold()
    return "".join(sign for sign in apart if not unicodedata.category(sign).startswith("M"))


def _joined(tokens: Sequence[_Token] | Iterator[_Token]) -> str:
    return "".join(one.plain for one in tokens)


_PHRASES: Final = {
    one.code: frozenset("".join(phrase.split()) for phrase in one.words.split("|"))
    for one in TEAM_WORDS
}


def _near(said: str, word: str) -> bool:
    """Tell whether one letter is wrong, missing, too many, or two stand the wrong way round."""
    if said in _OTHERS or said == word or len(word) < _TYPO_FROM or abs(len(said) - len(word)) > 1:
        return False
    at = next((n for n, pair in enumerate(zip(said, word, strict=False)) if pair[0] != pair[1]), -1)
    if at < 0:
        return True  # one is the other and a letter more
    a, b = said[at:], word[at:]
    swapped = len(a) > 1 and a[:2] == b[1::-1] and a[2:] == b[2:]
    return a[1:] == b[1:] or a[1:] == b or a == b[1:] or swapped
