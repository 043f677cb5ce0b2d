"""A line of « Prêt ? »: is this ready, in a sentence, and what to do where it is not.

Sentences hold blanks (`%(name)s`) that `blanks` fills, so that they are told in any language.
"""

from collections.abc import Iterable

from dispatcher.store.readiness import Line

__all__ = ["Line"]

READY, WARNING, NOT_READY, UNKNOWN = "ready", "warning", "not_ready", "unknown"
ORDER = (NOT_READY, UNKNOWN, WARNING, READY)  # what needs somebody comes first


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


def filled(text: str, line: Line) -> str:
    """Return a sentence of a line with its blanks filled."""
    return text % line.blanks if line.blanks else text.replace("%%", "%")


def _words(blanks: dict[str, object]) -> dict[str, str]:
    return {name: str(value) for name, value in blanks.items()}
