"""What the form of a message says: blanks, words by language and medium, and what a button asks."""

import re
from collections.abc import Mapping
from typing import Final

from channels.segments import plain_twin
from dispatcher.alerts.odd_signs import plainer, respelled
from dispatcher.alerts.refusals import NotSo
from dispatcher.alerts.sketch import Chosen
from dispatcher.alerts.wording import WORDED
from plans.alerting import MessageTemplate, Wording
from plans.words import BLANK

LONGEST_BLANK: Final = 500
LONGEST_TEXT: Final = 20_000  # of a mail; calls and SMS have their own limits (alerts/lengths.py)
_LANGUAGE: Final = re.compile(r"[a-z]{2,3}(?:-[A-Za-z0-9]{2,8})?")
_BLANK: Final = re.compile(BLANK)


def changes_of(
    form: Mapping[str, object], own: MessageTemplate, before: Chosen
) -> dict[str, object]:
    """Read the form; a text that says what the template says is the template's. Raises NotSo."""
    blanks, words = dict(before.blanks), {code: dict(one) for code, one in before.words.items()}
    for key, value in form.items():
        kind, _, name = key.partition(".")
        if kind == "blank" and _BLANK.fullmatch(name):
            _put(blanks, name, _limited(value, LONGEST_BLANK).strip())
        elif kind == "text":
            language, _, field = name.partition(".")
            if field in WORDED and _known(language, own, before):
                typed = _limited(value, LONGEST_TEXT)
                kept = "" if _same(typed, own, (language, field)) else typed
                _put(words.setdefault(language, {}), field, kept)
    return {"blanks": blanks, "words": {code: one for code, one in words.items() if one}}


def acted(
    act: str, changes: Mapping[str, object], *, known: Mapping[str, str]
) -> dict[str, object]:
    """Do what a button asks to what was typed; `known` are the values of blanks nobody gave.

    `model:fr:sms` takes the template's words back, `known:secteur` what is known of a blank,
    `spell:secteur` writes the value of a blank in the plain alphabet.
    """
    verb, _, rest = act.partition(":")
    words = {code: dict(one) for code, one in _words(changes).items()}
    blanks = dict(_blanks(changes))
    if verb == "model":
        language, _, field = rest.partition(":")
        words.get(language, {}).pop(field, None)
    elif verb == "known":
        blanks.pop(rest, None)
    elif verb == "spell" and _BLANK.fullmatch(rest):
        _put(blanks, rest, plainer(blanks.get(rest) or known.get(rest, ""), names=()))
    kept = {code: one for code, one in words.items() if one}
    return {**changes, "blanks": blanks, "words": kept}


def replaced(
    act: str, changes: Mapping[str, object], own: MessageTemplate, *, names: tuple[str, ...]
) -> dict[str, object]:
    """Replace signs of an SMS: `plain:fr` all of them, `plain:fr:ê` one, `name:fr:La Forêt`.

    Raises NotSo for a sign that has no plain twin.
    """
    verb, _, rest = act.partition(":")
    language, _, what = rest.partition(":")
    if not _LANGUAGE.fullmatch(language):
        raise NotSo("Ce remplacement ne se comprend pas : rechargez la page.")
    words = {code: dict(one) for code, one in _words(changes).items()}
    typed = words.get(language, {}).get("sms") or _own(own, (language, "sms"))
    if verb == "name":
        typed = respelled(typed, what) if what in names or _inside(what, names) else typed
    elif not what:
        typed = plainer(typed, names=names)
    elif len(what) == 1 and plain_twin(what) is not None:
        typed = plainer(typed, names=names, only=what)
    else:
        raise NotSo("Ce signe n'a pas d'équivalent simple : retirez-le vous-même.")
    words.setdefault(language, {})["sms"] = typed
    return {**changes, "words": words}


def _inside(name: str, names: tuple[str, ...]) -> bool:
    return name.casefold() in {one.casefold() for one in names}


def _put(values: dict[str, str], name: str, value: str) -> None:
    if value.strip():
        values[name] = value
    else:
        values.pop(name, None)


def _limited(value: object, most: int) -> str:
    text = str(value).replace("\r\n", "\n").replace("\r", "\n")
    if len(text) > most:
        raise NotSo("Un champ dépasse {most} caractères : raccourcissez-le.", most=most)
    return text


def _known(language: str, own: MessageTemplate, before: Chosen) -> bool:
    return language in own.texts or language in before.words


def _same(typed: str, own: MessageTemplate, where: tuple[str, str]) -> bool:
    return typed.rstrip() == _own(own, where).rstrip()


def _own(own: MessageTemplate, where: tuple[str, str]) -> str:
    language, field = where
    text: str | None = getattr(own.texts.get(language, Wording()), field)
    return text or ""


def _words(changes: Mapping[str, object]) -> Mapping[str, Mapping[str, str]]:
    words = changes.get("words")
    return words if isinstance(words, dict) else {}


def _blanks(changes: Mapping[str, object]) -> Mapping[str, str]:
    blanks = changes.get("blanks")
    return blanks if isinstance(blanks, dict) else {}
