"""Shapes of figures: numbers, yes or no, dates, points."""

import re
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from typing import TypeVar

from plans import sentences as say
from plans.faults import Findings, Sentence, Spot, quoted
from plans.shapes import Schema, scalar
from plans.yaml_lines import Node
from zones.area import AreaFault, Place

_YES = ("true", "oui", "yes", "on")
_NO = ("false", "non", "no", "off")
_WHOLE = re.compile(r"[+-]?[0-9]{1,12}")
_DECIMAL = re.compile(r"[+-]?[0-9]{1,12}(\.[0-9]{1,18})?([eE][+-]?[0-9]{1,2})?")
_YEARS = range(1900, 2200)  # 0026 or 20226 is a slip of the hand
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_A_DECIMAL = Sentence(
    "un nombre (le signe décimal est le point : 3.40)",
    "a number (the decimal sign is a point: 3.40)",
)


@dataclass(frozen=True)
class Whole:
    """A whole number between two bounds, both included."""

    least: int = 0
    most: int = 10_000_000

    def read(self, node: Node, findings: Findings) -> int | None:
        """Read the number."""
        text = scalar(node, findings)
        if text is None:
            return None
        if not _WHOLE.fullmatch(text.strip()):
            bounds = {"least": self.least, "most": self.most}
            findings.fault(node.spot, say.BAD_WHOLE, value=quoted(text), **bounds)
            return None
        return _bounded(int(text), (self.least, self.most), node.spot, findings=findings)

    def schema(self) -> Schema:
        """Describe the number."""
        return {"type": "integer", "minimum": self.least, "maximum": self.most}


@dataclass(frozen=True)
class Decimal:
    """A finite number between two bounds, both included; the decimal sign is a point."""

    least: float = 0.0
    most: float = 1e7

    def read(self, node: Node, findings: Findings) -> float | None:
        """Read the number."""
        text = scalar(node, findings)
        if text is None:
            return None
        if not _DECIMAL.fullmatch(text.strip()):
            findings.fault(node.spot, say.BAD_NUMBER, value=quoted(text), expected=_A_DECIMAL)
            return None
        return _bounded(float(text), (self.least, self.most), node.spot, findings=findings)

    def schema(self) -> Schema:
        """Describe the number."""
        return {"type": "number", "minimum": self.least, "maximum": self.most}


_N = TypeVar("_N", int, float)


def _bounded(number: _N, bounds: tuple[_N, _N], spot: Spot, *, findings: Findings) -> _N | None:
    least, most = bounds
    if least <= number <= most:
        return number
    findings.fault(spot, say.OUT_OF_RANGE, value=number, least=least, most=most)
    return None


def says_yes(text: str) -> bool:
    """Tell whether a written answer is a yes."""
    return text.strip().lower() in _YES


@dataclass(frozen=True)
class Flag:
    """Yes or no; the words oui and non are taken too."""

    def read(self, node: Node, findings: Findings) -> bool | None:
        """Read the answer."""
        text = scalar(node, findings)
        if text is None:
            return None
        word = text.strip().lower()
        if word in _YES or word in _NO:
            return word in _YES
        findings.fault(node.spot, say.BAD_FLAG, value=quoted(text))
        return None

    def schema(self) -> Schema:
        """Describe the answer."""
        return {"type": "boolean"}


@dataclass(frozen=True)
class Day:
    """A date, AAAA-MM-JJ."""

    def read(self, node: Node, findings: Findings) -> date | None:
        """Read the date."""
        text = scalar(node, findings)
        if text is None:
            return None
        with suppress(ValueError):
            day = date.fromisoformat(text.strip()) if _DATE.fullmatch(text.strip()) else date.max
            if day.year in _YEARS:
                return day
        findings.fault(node.spot, say.BAD_DATE, value=quoted(text))
        return None

    def schema(self) -> Schema:
        """Describe the date."""
        return {"type": "string", "format": "date"}


@dataclass(frozen=True)
class Spotted:
    """A point written [longitude, latitude]."""

    def read(self, node: Node, findings: Findings) -> Place | None:
        """Read the point."""
        pair = node.value if isinstance(node.value, tuple) else ()
        texts = [item.value for item in pair if isinstance(item.value, str)]
        numbers = [float(text) for text in texts if _DECIMAL.fullmatch(text.strip())]
        with suppress(AreaFault):
            if len(pair) == 2 and len(numbers) == 2:
                return Place(lon=numbers[0], lat=numbers[1])
        findings.fault(node.spot, say.BAD_PLACE)
        return None

    def schema(self) -> Schema:
        """Describe the point."""
        items = [
            {"type": "number", "minimum": -180, "maximum": 180},
            {"type": "number", "minimum": -90, "maximum": 90},
        ]
        return {"type": "array", "prefixItems": items, "minItems": 2, "maxItems": 2}


@dataclass(frozen=True)
class Spots:
    """A point [longitude, latitude], or the points of a line [[…], […]]."""

    most: int = 2_000

    def read(self, node: Node, findings: Findings) -> tuple[Place, ...] | None:
        """Read the point or the line."""
        items = node.value if isinstance(node.value, tuple) else ()
        if not any(isinstance(item.value, tuple) for item in items):
            place = Spotted().read(node, findings)
            return None if place is None else (place,)
        if len(items) > self.most:
            findings.fault(node.spot, say.LONG_LIST, count=len(items), most=self.most)
            return None
        places = [Spotted().read(item, findings) for item in items]
        return tuple(place for place in places if place is not None)

    def schema(self) -> Schema:
        """Describe the point or the line."""
        point = Spotted().schema()
        line = {"type": "array", "items": point, "minItems": 2, "maxItems": self.most}
        return {"anyOf": [point, line]}
