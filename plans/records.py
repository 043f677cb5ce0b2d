"""Shapes made of shapes: lists, and records whose French keys become a value's English fields."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from plans import sentences as say
from plans.faults import Findings, Origin, Spot, quoted
from plans.shapes import Ident, Schema, Shape
from plans.yaml_lines import Node

_T = TypeVar("_T")
_U = TypeVar("_U")
_T_co = TypeVar("_T_co", covariant=True)
_LONGEST_LIST = 2_000


@dataclass(frozen=True)
class ListOf(Generic[_T_co]):
    """A list of one shape; a faulty item is noted and left out, so that all are looked at."""

    item: Shape[_T_co]
    least: int = 0
    most: int = _LONGEST_LIST

    def read(self, node: Node, findings: Findings) -> tuple[_T_co, ...] | None:
        """Read the items."""
        if not isinstance(node.value, tuple):
            findings.fault(node.spot, say.EXPECTED_LIST)
            return None
        if len(node.value) > self.most:
            findings.fault(node.spot, say.LONG_LIST, count=len(node.value), most=self.most)
        if len(node.value) < self.least:
            findings.fault(node.spot, say.SHORT_LIST)
        read = (self.item.read(item, findings) for item in node.value[: self.most])
        return tuple(item for item in read if item is not None)

    def schema(self) -> Schema:
        """Describe the list."""
        shape: Schema = {"type": "array", "items": self.item.schema(), "maxItems": self.most}
        return {**shape, "minItems": self.least} if self.least else shape


@dataclass(frozen=True)
class MapOf(Generic[_T_co]):
    """Free keys of one form, each with a value of one shape."""

    name: Shape[str]
    value: Shape[_T_co]
    most: int = 100

    def read(self, node: Node, findings: Findings) -> dict[str, _T_co] | None:
        """Read the keys and values."""
        if not isinstance(node.value, dict):
            findings.fault(node.spot, say.EXPECTED_MAPPING)
            return None
        if len(node.value) > self.most:
            findings.fault(node.spot, say.LONG_LIST, count=len(node.value), most=self.most)
        found: dict[str, _T_co] = {}
        for name, below in list(node.value.items())[: self.most]:
            key = self.name.read(Node(below.spot, name), findings)
            value = self.value.read(below, findings)
            if key is not None and value is not None:
                found[key] = value
        return found

    def schema(self) -> Schema:
        """Describe the keys and values."""
        names, values = self.name.schema(), self.value.schema()
        return {"type": "object", "propertyNames": names, "additionalProperties": values}


@dataclass(frozen=True)
class OneOf(Generic[_T, _U]):
    """A word where the node is a scalar, else the other shape."""

    word: Shape[_T]
    other: Shape[_U]

    def read(self, node: Node, findings: Findings) -> _T | _U | None:
        """Read by the kind of node."""
        if isinstance(node.value, str):
            return self.word.read(node, findings)
        return self.other.read(node, findings)

    def schema(self) -> Schema:
        """Describe both."""
        return {"anyOf": [self.word.schema(), self.other.schema()]}


@dataclass(frozen=True)
class Key:
    """One key of a record: as it is typed, the field it fills, its shape, what it is for."""

    name: str
    field: str
    shape: Shape[object]
    about: str
    required: bool = False


@dataclass(frozen=True)
class Record(Generic[_T]):
    """Keys and values. `make` builds the value from the fields that are there.

    `kind` names a form that a plan has once, so that later checks find where it was written.
    A `lenient` form, such as the properties a drawing tool exports, takes other keys silently
    unless they look misspelt.
    """

    make: Callable[..., _T]
    title: str
    keys: tuple[Key, ...]
    kind: str = ""
    lenient: bool = False

    def read(self, node: Node, findings: Findings) -> _T | None:
        """Read every key, note every fault; None where a required field is not usable."""
        if not isinstance(node.value, dict):
            findings.fault(node.spot, say.EXPECTED_MAPPING)
            return None
        self._tell_unknown(node, findings)
        fields: dict[str, object] = {}
        whole = True
        for key in self.keys:
            below = node.value.get(key.name)
            value = None
            if below is not None and (below.value is not None or key.required):
                value = key.shape.read(below, findings)
            elif key.required:
                findings.fault(_missing(node, key), say.MISSING_KEY, name=key.name, help=key.about)
            if value is not None:
                fields[key.field] = value
            elif key.required:
                whole = False
        self._tell_origin(node, fields, findings)
        return self.make(**fields) if whole else None

    def _tell_origin(self, node: Node, fields: dict[str, object], findings: Findings) -> None:
        """Note where each key stands, under the id that the form defines."""
        below = node.value if isinstance(node.value, dict) else {}
        spots = {name: value.spot for name, value in below.items()}
        for name, value in below.items():
            items = value.value if isinstance(value.value, tuple) else ()
            spots.update({f"{name}[{index}]": item.spot for index, item in enumerate(items)})
        if self.kind:
            findings.locate(self.kind, "", Origin(node.spot, spots))
        for key in self.keys:
            if not isinstance(key.shape, Ident):
                continue
            if key.field in fields:
                findings.locate(key.shape.kind, str(fields[key.field]), Origin(node.spot, spots))
            else:
                findings.unnamed.add(key.shape.kind)

    def _tell_unknown(self, node: Node, findings: Findings) -> None:
        known = [key.name for key in self.keys]
        unread = [name for name in node.value or () if name not in known]
        for name in unread:
            below = node.value[name] if isinstance(node.value, dict) else node
            near = findings.near(str(name), known)
            if below.value is None and str(name).strip().isdigit() and not self.lenient:
                findings.fault(below.spot, say.CUT_BY_COMMA, name=quoted(str(name)))
                continue
            if self.lenient and not near:
                continue
            findings.warn(below.spot, say.UNKNOWN_KEY, name=quoted(str(name)), near=near)

    def schema(self) -> Schema:
        """Describe the keys; others are allowed, since they are only warned of."""
        properties = {
            key.name: {**key.shape.schema(), "description": key.about} for key in self.keys
        }
        required = [key.name for key in self.keys if key.required]
        shape: Schema = {"type": "object", "title": self.title, "properties": properties}
        return {**shape, "required": required} if required else shape


def _missing(node: Node, key: Key) -> Spot:
    return Spot(node.spot.file, node.spot.line, node.spot.key(key.name))
