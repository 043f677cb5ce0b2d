"""The two languages of the pages: French as written in the templates, English from a catalogue."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from gettext import NullTranslations
from pathlib import Path

from babel import negotiate_locale
from babel.messages.pofile import read_po
from starlette.requests import Request
from typing_extensions import override

from dispatcher.sentences import Sentence

LANGUAGES = ("fr", "en")
COOKIE = "tocsin-lang"
_CATALOGUE = Path(__file__).parent / "locale" / "en.po"


class French(NullTranslations):
    """The templates' own words; zero is singular in French."""

    @override
    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        """Return the singular below two."""
        return msgid1 if abs(n) < 2 else msgid2


class Catalogue(NullTranslations):
    """Translations read from a .po file: its message where there is one, French otherwise."""

    def __init__(self, messages: Mapping[str, Sequence[str]]) -> None:
        super().__init__()
        self._messages = messages

    @override
    def gettext(self, message: str) -> str:
        """Return the translation of a French sentence."""
        return self._messages.get(message, (message,))[0]

    @override
    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        """Return the translation for a number, by the rule of English."""
        forms = self._messages.get(msgid1, (msgid1, msgid2))
        return forms[0] if n == 1 else forms[-1]


@lru_cache
def translations(language: str) -> NullTranslations:
    """Return the words of a language of `LANGUAGES`."""
    if language == "fr":
        return French()
    with _CATALOGUE.open("rb") as file:
        read = read_po(file, locale=language)
    messages: dict[str, Sequence[str]] = {}
    for one in read:
        if one.id and one.string and not one.fuzzy:
            key = one.id if isinstance(one.id, str) else one.id[0]
            messages[key] = (one.string,) if isinstance(one.string, str) else one.string
    return Catalogue(messages)


def sentence(text: str | Sentence, language: str) -> str:
    """Translate a sentence of the domain: with its values, as it is, else with its number kept."""
    catalogue = translations(language)
    if isinstance(text, Sentence):
        if text.values:
            return text.told(catalogue.gettext)
        text = text.sentence
    if (exact := catalogue.gettext(text)) != text:
        return exact
    number = re.search(r"\d+", text)
    asked = re.sub(r"\d+", "%(n)s", text, count=1)
    if number is None or (translated := catalogue.gettext(asked)) == asked:
        return text
    return translated % {"n": number[0]}


@dataclass(frozen=True)
class Tongue:
    """The language of one answer; `chosen` when the reader has just asked for it by a link."""

    code: str
    chosen: bool = False


def tongue_of(request: Request) -> Tongue:
    """Return the reader's language: her choice, else her browser's among ours, else French."""
    asked = request.query_params.get("lang", "")
    if asked in LANGUAGES:
        return Tongue(asked, chosen=True)
    kept = request.cookies.get(COOKIE, "")
    if kept in LANGUAGES:
        return Tongue(kept)
    return Tongue(best_of(request.headers.get("accept-language", "")))


def best_of(accept_language: str) -> str:
    """Return the first of our languages in an Accept-Language header, by its weights."""
    weighted: list[tuple[float, str]] = []
    for part in accept_language.split(",")[:20]:
        tag, _, weight = part.strip().partition(";q=")
        try:
            weighted.append((-float(weight or 1), tag.strip().lower()))
        except ValueError:
            continue
    preferred = [tag for _, tag in sorted(weighted, key=lambda pair: pair[0])]
    return negotiate_locale(preferred, list(LANGUAGES), sep="-") or "fr"
