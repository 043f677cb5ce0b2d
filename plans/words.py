"""Message templates with blanks: what a text asks for, filling it, and the longest it becomes."""

import re
from collections.abc import Callable, Iterable, Mapping

from plans.plan import Plan

BLANK = r"[a-z][a-z0-9_]{0,39}"
"""How a blank is named; it is written {name}, and {{ or }} write a brace."""

_PIECE = re.compile(rf"\{{\{{|\}}\}}|\{{({BLANK})\}}|[{{}}]")
_WORDS_FOR_BRACES = {"{{": "{", "}}": "}"}

KNOWN_BLANKS = (
    "secteur", "point", "centre", "tel", "lien", "commune", "scenario", "niveau", "heure", "date",
)  # fmt: skip
"""Blanks that the service fills by itself; any other is asked of the operator."""

FOUND_BLANKS = ("secteur", "point", "centre", "tel", "lien", "commune", "heure", "date")
"""Those of them that the plan, the clock and the reader fill, with nobody there to type."""

_TYPED = "x" * 30  # what an operator types into a blank of the template's own
_LINK = "https://alerte.commune.example/a/" + "x" * 22
_PHONE = "01 99 00 00 00"


class WordsRefused(ValueError):
    """A text that cannot become a message."""


class MissingBlank(WordsRefused):
    """A blank that nobody gave a value for: `name`."""

    def __init__(self, name: str) -> None:
        super().__init__(f"The text asks for {{{name}}} and no value was given.")
        self.name = name


class StrayBrace(WordsRefused):
    """A brace that opens no blank, at `position` (from 0)."""

    def __init__(self, position: int) -> None:
        super().__init__(f"The brace at position {position} opens no blank: write it twice.")
        self.position = position


def fill(text: str, blanks: Mapping[str, str]) -> str:
    """Put the values into the blanks, once: a value that looks like a blank stays as it is.

    Raises MissingBlank, or StrayBrace where the text itself is malformed.
    """

    def filled(piece: re.Match[str]) -> str:
        name = _name_of(piece)
        if name is None:
            return _WORDS_FOR_BRACES[piece.group()]
        if name not in blanks:
            raise MissingBlank(name)
        return blanks[name]

    return _PIECE.sub(filled, text)


def blanks_of(text: str) -> tuple[str, ...]:
    """List the blanks of a text in order, each once. Raises StrayBrace."""
    names = (_name_of(piece) for piece in _PIECE.finditer(text))
    return tuple(dict.fromkeys(name for name in names if name is not None))


def _name_of(piece: re.Match[str]) -> str | None:
    if piece.group() in ("{", "}"):
        raise StrayBrace(piece.start())
    name = piece.group(1)
    return name if isinstance(name, str) else None


def longest(
    plan: Plan,
    names: Iterable[str] = (),
    *,
    link: str = _LINK,
    among: Callable[[str], bool] = bool,
) -> dict[str, str]:
    """Give every known blank, and these names, the longest value the plan may put there.

    `link` is a sample of the address a resident answers at. What is measured with these values
    never grows when the message is made. `among` prefers some values, such as those that no
    cheap alphabet writes; where the plan has none of these for a blank, its longest is taken.
    """
    values = {
        name: max([text for text in texts if among(text)] or texts, key=len, default="")
        for name, texts in values_of(plan).items()
    }
    return {**dict.fromkeys(names, _TYPED), **values, "lien": link}


def values_of(plan: Plan) -> dict[str, tuple[str, ...]]:
    """List what the plan may put into each known blank."""
    return {
        "secteur": tuple(sector.name for sector in plan.sectors),
        "point": tuple(point.label for point in plan.assembly_points),
        "centre": tuple(centre.label for centre in plan.centres),
        "tel": (plan.commune.information_phone or "", _PHONE),
        "lien": (_LINK,),
        "commune": (plan.commune.name,),
        "scenario": tuple(scenario.label for scenario in plan.scenarios),
        "niveau": tuple(level.label for level in plan.levels),
        "heure": ("23 h 59",),
        "date": ("30/11/2026",),
    }
