"""A line of « Prêt ? »: is this ready, in a sentence, and what to do where it is not.

Sentences hold blanks (`%(name)s`) that `blanks` fills, so that they are told in any language.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import replace

from dispatcher.store.readiness import Line

__all__ = ["Line"]

READY, WARNING, NOT_READY, UNKNOWN = "ready", "warning", "not_ready", "unknown"
ORDER = (NOT_READY, UNKNOWN, WARNING, READY)  # what needs somebody comes first
MOST_SUBJECT = 80  # characters: what the ledger's column holds


def ready(subject: str, said: str, **blanks: object) -> Line:
    """Say that it is ready."""
    return Line(subject, READY, said, "", _words(blanks))


def warning(subject: str, said: str, remedy: str, **blanks: object) -> Line:
    """Say that it works tonight, and what will not do for long."""
    return Line(subject, WARNING, said, remedy, _words(blanks))


def not_ready(subject: str, said: str, remedy: str, **blanks: object) -> Line:
    """Say what does not work, and what to do."""
    return Line(subject, NOT_READY, said, remedy, _words(blanks))


def unknown(subject: str, said: str, remedy: str, **blanks: object) -> Line:
    """Say what could not be found out, and what to do."""
    return Line(subject, UNKNOWN, said, remedy, _words(blanks))


def worst_first(lines: Iterable[Line]) -> list[Line]:
    """Return the lines in the order in which people have to read them."""
    return sorted(lines, key=lambda one: ORDER.index(one.state))


def merged(lines: Iterable[Line]) -> list[Line]:
    """Return one line a subject, the worst; each subject fits the ledger's column. Pure.

    Two accounts at one server ask for its certificate twice: that is one line, not a lost round.
    """
    found: dict[str, Line] = {}
    for line in lines:
        one = replace(line, subject=_short(line.subject))
        known = found.setdefault(one.subject, one)
        if ORDER.index(one.state) < ORDER.index(known.state):
            found[one.subject] = one
    return list(found.values())


def _short(subject: str) -> str:
    """Return a subject that fits; what is cut still tells two long ones apart."""
    if len(subject) <= MOST_SUBJECT:
        return subject
    mark = hashlib.sha256(subject.encode()).hexdigest()[:12]
    return f"{subject[: MOST_SUBJECT - 13]}~{mark}"


def filled(text: str, line: Line) -> str:
    """Return a sentence of a line with its blanks filled."""
    return text % line.blanks if line.blanks else text.replace("%%", "%")


def _words(blanks: dict[str, object]) -> dict[str, str]:
    return {name: str(value) for name, value in blanks.items()}
