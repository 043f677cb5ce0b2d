"""Paper: a form of ours filled with data, as PDF that a screen reader reads too (PDF/UA-1).

What people wrote reaches the form as data and is only ever shown: typst never reads it as its own
language. A character that no font here can draw is written as its code, `[U+1F692]`: the standard
refuses a page with a hole, and a logbook must always print.
"""

import asyncio
import json
import re
import unicodedata
from collections.abc import Callable, Mapping, Set
from functools import partial
from pathlib import Path

import typst

FORMS = Path(__file__).parent / "forms"
TRIES = 12  # rounds of taking out what cannot be drawn, before all that is rare goes
LONG_WORD = re.compile(r"\S{18}(?=\S)")
_NAMED = re.compile(r'the text `"(.*?)"` could not be displayed', re.DOTALL)
_ESCAPED = re.compile(r"\\u\{([0-9a-f]+)\}")
AS_IT_IS = frozenset(("svg", "digest"))  # names of what we made ourselves, and nobody typed
LATIN = 0x180
SIGNS = frozenset("\u2019\u2018\u201c\u201d\u2013\u2014\u2026\u20ac\u200b")
_JOINERS = frozenset("\u200c\u200d\u00ad\u200b")
Json = object


class NotPrinted(Exception):
    """A form that cannot be set: a fault of ours, with typst's own words."""


async def typeset(form: str, data: Mapping[str, Json]) -> bytes:
    """Return a form of `forms/` as PDF, filled; in a thread, for it may take seconds.

    Raises NotPrinted.
    """
    return await asyncio.to_thread(_typeset, form, data)


def _typeset(form: str, data: Mapping[str, Json]) -> bytes:
    source = (FORMS / "paper.typ").read_bytes() + (FORMS / f"{form}.typ").read_bytes()
    shown = _each_text(data, _breakable)
    missing: set[str] = set()
    for _ in range(TRIES):
        try:
            return _compiled(source, _each_text(shown, partial(_spelled, missing=missing)))
        except typst.TypstError as error:
            found = _not_drawn(error.message)
            if found is None:
                raise NotPrinted(error.message) from error
            if not found:
                break  # a space, named in the place of what stood on it
            missing |= found
    try:
        return _compiled(source, _each_text(shown, _common))
    except typst.TypstError as error:
        raise NotPrinted(error.message) from error


def _compiled(source: bytes, data: Json) -> bytes:
    written = typst.compile(
        source, format="pdf", pdf_standards="ua-1", sys_inputs={"data": json.dumps(data)}
    )
    if not isinstance(written, bytes):
        raise NotPrinted("typst wrote no single document")
    return written


def _not_drawn(message: str) -> set[str] | None:
    """Return the characters that typst says no font can draw; None where it says another thing."""
    found = _NAMED.search(message)
    if found is None:
        return None
    return set(_ESCAPED.sub(lambda code: chr(int(code[1], 16)), found[1])) - set(" \n")


def _each_text(value: Json, change: Callable[[str], str]) -> Json:
    if isinstance(value, str):
        return change(value)
    if isinstance(value, Mapping):
        return {
            name: one if name in AS_IT_IS else _each_text(one, change)
            for name, one in value.items()
        }
    if isinstance(value, list | tuple):
        return [_each_text(one, change) for one in value]
    return value


def _breakable(text: str) -> str:
    """Let a word that is longer than a column be broken; show what would turn the line around."""
    shown = "".join(f"[U+{ord(one):04X}]" if _unseen(one) else one for one in text)
    return LONG_WORD.sub(lambda word: f"{word[0]}\u200b", shown)


def _unseen(one: str) -> bool:
    category = unicodedata.category(one)
    if category in ("Cc", "Cn", "Co", "Cs"):
        return one not in "\n\t"
    return category == "Cf" and one not in _JOINERS


def _spelled(text: str, missing: Set[str]) -> str:
    if missing.isdisjoint(text):
        return text
    return "".join(f"[U+{ord(one):04X}]" if one in missing else one for one in text)


def _common(text: str) -> str:
    """Keep the Latin of our languages; the last resort of a page of unknown scripts."""
    kept = (one if ord(one) < LATIN or one in SIGNS else f"[U+{ord(one):04X}]" for one in text)
    return "".join(kept)
