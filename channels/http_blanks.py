"""Blanks in what is posted, and dotted paths in what comes back."""

import re
from collections.abc import Iterator, Mapping

_BLANK = re.compile(r"\{(\w+)\}")


def blanks_in(value: object) -> set[str]:
    """Return the names of all blanks in a value, however deep."""
    return {name for text in _leaves(value) for name in _BLANK.findall(text)}


def _leaves(value: object) -> Iterator[str]:
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        for inner in value:
            yield from _leaves(inner)
    elif isinstance(value, str):
        yield value


def filled(value: object, blanks: Mapping[str, str]) -> object:
    """Return the same value with its blanks filled; what fills a blank is not read for others."""
    if isinstance(value, dict):
        return {name: filled(inner, blanks) for name, inner in value.items()}
    if isinstance(value, list):
        return [filled(inner, blanks) for inner in value]
    if isinstance(value, str):
        return _BLANK.sub(lambda found: blanks[found[1]], value)
    return value


def at(found: object, path: str) -> object:
    """Return what is at a dotted path (`messages.0.id`), None where there is nothing."""
    for step in path.split(".") if path else ():
        if isinstance(found, dict):
            found = found.get(step)
        elif isinstance(found, list) and step.isdecimal() and int(step) < len(found):
            found = found[int(step)]
        else:
            return None
    return found


def text_at(found: object, path: str) -> str:
    """Return the text or whole number at a path; empty where there is neither."""
    value = at(found, path) if path else None
    if isinstance(value, bool) or not isinstance(value, str | int):
        return ""
    return str(value)
