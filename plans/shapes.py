"""The shapes a value may have: each reads a node into a value, and publishes its JSON Schema."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from plans import sentences as say
from plans.faults import Findings, Sentence, quoted
from plans.yaml_lines import Node

ID = r"[A-Za-z0-9_-]{1,40}"
"""How an id is written (DOMAIN §2.1): stable, short, safe in an address."""

_T_co = TypeVar("_T_co", covariant=True)
Schema = dict[str, object]


class Shape(Protocol[_T_co]):
    """Reads a node: the value, or None after noting the fault. None reads as absent."""

    def read(self, node: Node, findings: Findings) -> _T_co | None:
        """Take the value out of the node."""

    def schema(self) -> Schema:
        """Describe the shape in JSON Schema 2020-12."""


def scalar(node: Node, findings: Findings) -> str | None:
    """Take the text of a scalar node; None after a fault where it is a list, keys or nothing."""
    if isinstance(node.value, str):
        return node.value
    sentence = say.EMPTY_VALUE if node.value is None else say.EXPECTED_SCALAR
    findings.fault(node.spot, sentence)
    return None


@dataclass(frozen=True)
class Text:
    """A text; one line unless `lines`. `pattern` is matched whole, `expected` says it in words."""

    most: int = 200
    lines: bool = False
    pattern: str | None = None
    expected: Sentence | None = None

    def read(self, node: Node, findings: Findings) -> str | None:
        """Read a text of the right length, signs and form."""
        text = scalar(node, findings)
        if text is None:
            return None
        kept = text.strip()
        if not kept:
            findings.fault(node.spot, say.EMPTY_VALUE)
        elif len(kept) > self.most and self.pattern is None:
            findings.fault(node.spot, say.LONG_TEXT, count=len(kept), most=self.most)
        elif not self._printable(kept):
            findings.fault(node.spot, say.CONTROL_TEXT)
        elif not self._fits(kept):
            expected = self.expected or Sentence("autre chose", "something else")
            findings.fault(node.spot, say.BAD_PATTERN, value=quoted(kept), expected=expected)
        else:
            return kept
        return None

    def _fits(self, text: str) -> bool:
        if self.pattern is None:
            return True
        return len(text) <= self.most and bool(re.fullmatch(self.pattern, text, re.ASCII))

    def _printable(self, text: str) -> bool:
        allowed = "\n\t" if self.lines else ""
        return all(sign.isprintable() or sign in allowed or sign in "\u00a0\u202f" for sign in text)

    def schema(self) -> Schema:
        """Describe the text."""
        shape: Schema = {"type": "string", "minLength": 1, "maxLength": self.most}
        if self.pattern is not None:
            shape["pattern"] = f"^(?:{self.pattern})$"
        return shape


@dataclass(frozen=True)
class Affix:
    """A text whose outer spaces count: what is put before a message."""

    most: int = 30

    def read(self, node: Node, findings: Findings) -> str | None:
        """Read the text as it is typed."""
        kept = Text(self.most).read(node, findings)
        return node.value if kept is not None and isinstance(node.value, str) else None

    def schema(self) -> Schema:
        """Describe the text."""
        return Text(self.most).schema()


@dataclass(frozen=True)
class Ident:
    """The id of a thing of this kind, defined here; a twin is a fault."""

    kind: str

    def read(self, node: Node, findings: Findings) -> str | None:
        """Read the id and note that it is defined."""
        ident = _IDENT.read(node, findings)
        if ident is None:
            return None
        twin = findings.define(self.kind, ident, node.spot)
        if twin is not None:
            findings.fault(node.spot, say.TWIN_ID, ident=ident, file=twin.file, line=twin.line)
        return ident

    def schema(self) -> Schema:
        """Describe the id."""
        return _IDENT.schema()


@dataclass(frozen=True)
class Ref:
    """The id of a thing defined elsewhere in the plan, or one of the words `besides`."""

    kind: str
    besides: tuple[str, ...] = ()

    def read(self, node: Node, findings: Findings) -> str | None:
        """Read the id and note who must exist."""
        ident = _IDENT.read(node, findings)
        if ident is not None and ident not in self.besides:
            findings.refer(self.kind, ident, node.spot)
        return ident

    def schema(self) -> Schema:
        """Describe the id."""
        return _IDENT.schema()


@dataclass(frozen=True)
class Choice(Generic[_T_co]):
    """One word of a list; `words` maps what is typed to what the code uses."""

    words: Mapping[str, _T_co]

    def read(self, node: Node, findings: Findings) -> _T_co | None:
        """Read the word."""
        text = scalar(node, findings)
        if text is None:
            return None
        if text in self.words:
            return self.words[text]
        near, choices = findings.near(text, self.words), ", ".join(self.words)
        findings.fault(node.spot, say.BAD_CHOICE, value=quoted(text), near=near, choices=choices)
        return None

    def schema(self) -> Schema:
        """Describe the words."""
        return {"enum": list(self.words)}


_IDENT = Text(
    most=40,
    pattern=ID,
    expected=Sentence(
        "un identifiant de 1 à 40 lettres sans accent, chiffres, - ou _",
        "an id of 1 to 40 unaccented letters, digits, - or _",
    ),
)
