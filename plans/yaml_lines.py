"""YAML with its lines: plain trees only, whatever the bytes, every refusal with its line."""

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache

import yaml

from plans.faults import Findings, Spot, quoted
from plans.sentences import (
    YAML_ALIAS,
    YAML_DEEP,
    YAML_KEY,
    YAML_LARGE,
    YAML_MANY,
    YAML_MERGE,
    YAML_SYNTAX,
    YAML_TAG,
    YAML_TEXT,
    YAML_TWIN,
)
from plans.yaml_sentences import HARD_SPACE, NOT_CLOSED, said_of

LARGEST = 64_000  # bytes a file; an alias bomb or a long table has no place in a plan
DEEPEST = 50  # levels of nesting; a plan needs 6
_TAGS = tuple(f"tag:yaml.org,2002:{name}" for name in ("str", "int", "float", "bool", "null"))
_HARD_SPACE = re.compile(r"^ *[\u00a0\u2007\u202f\u3000]", re.MULTILINE)
_EMPTY = ("", "~", "null", "Null", "NULL")


@dataclass(frozen=True)
class Node:
    """A value and where it stands; an absent value is None.

    A scalar keeps the text that was typed: a code such as 01234 stays what it is.
    """

    spot: Spot
    value: "str | tuple[Node, ...] | Mapping[str, Node] | None"
    quoted: bool = False


@dataclass
class _Open:
    """A list or a mapping that is still being read."""

    spot: Spot
    mapping: bool
    items: list[Node] = field(default_factory=list)
    entries: dict[str, Node] = field(default_factory=dict)
    key: str | None = None
    key_line: int = 1

    def next_spot(self, line: int) -> Spot:
        """Where the next value stands: the line of its key, or its own in a list."""
        if not self.mapping:
            return Spot(self.spot.file, line, self.spot.item(len(self.items)))
        if self.key is None:
            return Spot(self.spot.file, line, self.spot.path)
        return Spot(self.spot.file, self.key_line, self.spot.key(quoted(self.key)))

    def closed(self) -> Node:
        """Finish the node."""
        return Node(self.spot, self.entries if self.mapping else tuple(self.items))


def read_yaml(file: str, raw: bytes, findings: Findings) -> Node | None:
    """Read the tree of one YAML document of at most 64 kB; an empty file is an empty mapping.

    Anchors, aliases, tags, twin keys and deep nesting are faults. None, with `file` in
    `findings.unread`, when the file could not be read to its end.
    """
    tree = None
    if len(raw) > LARGEST:
        findings.fault(Spot(file), YAML_LARGE, largest=LARGEST // 1000)
    else:
        tree = _sound(file, raw) or _decode_and_read(file, raw, findings)
    if tree is None:
        findings.unread.add(file)
    return tree


@lru_cache(maxsize=32)  # twice the files of a plan, which is read again for each page and message
def _sound(file: str, raw: bytes) -> Node | None:
    """Return the tree of a document without a fault; it is read once, and nobody changes it."""
    findings = Findings()
    tree = _decode_and_read(file, raw, findings)
    return None if findings.faults or findings.warnings else tree


def _decode_and_read(file: str, raw: bytes, findings: Findings) -> Node | None:
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as fault:
        line = raw.count(b"\n", 0, fault.start) + 1
        findings.fault(Spot(file, line), YAML_TEXT)
        return None
    builder = _Builder(file, findings)
    try:
        return builder.build(text)
    except yaml.MarkedYAMLError as fault:
        hard = _HARD_SPACE.search(text)
        line = text.count("\n", 0, hard.start()) + 1 if hard else _line_of(fault, builder.line)
        problem = HARD_SPACE if hard else said_of(fault.problem or "")
        findings.fault(Spot(file, line), YAML_SYNTAX, problem=problem)
    except yaml.reader.ReaderError as fault:
        line = text.count("\n", 0, fault.position) + 1
        findings.fault(Spot(file, line), YAML_TEXT)
    except _TooDeep as fault:
        findings.fault(fault.spot, YAML_DEEP, deepest=DEEPEST)
    return None


def _line_of(fault: yaml.MarkedYAMLError, read: int) -> int:
    """Find the line where the trouble begins; `read` is that of the last value that was read.

    It is that of the open bracket when the end is missing, of the value after which a comma or
    a bracket was expected, of the key that has no colon.
    """
    problem, mark = fault.problem or "", fault.problem_mark or fault.context_mark
    at_end = mark is not None and mark.buffer is not None and mark.buffer[mark.pointer :] == "\0"
    if fault.context_mark is not None and (at_end or problem.startswith("could not find")):
        return fault.context_mark.line + 1
    if mark is None:
        return 1
    return min(mark.line + 1, read) if problem.startswith(NOT_CLOSED) else mark.line + 1


class _TooDeep(Exception):
    def __init__(self, spot: Spot) -> None:
        super().__init__(spot)
        self.spot = spot


class _Builder:
    """Turns the parser's events into nodes with a stack of its own, so it never recurses.

    It stops the parser, which reads lazily, before a deep document can cost anything.
    """

    def __init__(self, file: str, findings: Findings) -> None:
        self.file = file
        self.findings = findings
        self.stack: list[_Open] = []
        self.root: Node | None = None
        self.line = 1  # of the last event

    def build(self, text: str) -> Node:
        """Build the whole document; raises yaml.YAMLError or _TooDeep."""
        events: Iterable[yaml.Event] = yaml.parse(text, Loader=yaml.SafeLoader)
        documents = 0
        for event in events:
            self.line = line = event.start_mark.line + 1 if event.start_mark else 1
            if isinstance(event, yaml.DocumentStartEvent):
                documents += 1
                if documents == 2:
                    self.findings.fault(Spot(self.file, line), YAML_MANY)
            elif documents == 1:
                self._take(event, line)
        if self.root is None or self.root.value is None:
            return Node(Spot(self.file), {})
        return self.root

    def _take(self, event: yaml.Event, line: int) -> None:
        if isinstance(event, yaml.AliasEvent):
            self.findings.fault(self._spot(line), YAML_ALIAS, name=quoted(event.anchor or ""))
            self._place(Node(self._spot(line), None), line)
        elif isinstance(event, yaml.ScalarEvent):
            self._refuse_marks(event, line)
            self._scalar(event, line)
        elif isinstance(event, yaml.CollectionStartEvent):
            self._refuse_marks(event, line)
            self._open(event, line)
        elif isinstance(event, yaml.CollectionEndEvent):
            self._place(self.stack.pop().closed(), line)

    def _refuse_marks(self, event: yaml.ScalarEvent | yaml.CollectionStartEvent, line: int) -> None:
        if event.anchor is not None:
            self.findings.fault(self._spot(line), YAML_ALIAS, name=quoted(event.anchor))
        allowed = _TAGS if isinstance(event, yaml.ScalarEvent) else ()
        if event.tag is not None and event.tag not in allowed:
            self.findings.fault(self._spot(line), YAML_TAG, tag=quoted(event.tag))

    def _scalar(self, event: yaml.ScalarEvent, line: int) -> None:
        top = self.stack[-1] if self.stack else None
        if top is not None and top.mapping and top.key is None:
            if event.style is None and event.value == "<<":
                self.findings.fault(Spot(self.file, line, top.spot.key("<<")), YAML_MERGE)
            self._key(top, event.value, line)
            return
        plain = event.style is None
        value = None if plain and event.value in _EMPTY else event.value
        self._place(Node(self._spot(line), value, quoted=not plain), line)

    def _key(self, top: _Open, name: str, line: int) -> None:
        if name in top.entries:
            spot = Spot(self.file, line, top.spot.key(quoted(name)))
            first = top.entries[name].spot.line
            self.findings.fault(spot, YAML_TWIN, name=quoted(name), first=first)
        top.key, top.key_line = name, line

    def _open(self, event: yaml.CollectionStartEvent, line: int) -> None:
        spot = self._spot(line)
        if len(self.stack) >= DEEPEST:
            raise _TooDeep(spot)
        self.stack.append(_Open(spot, isinstance(event, yaml.MappingStartEvent)))

    def _place(self, node: Node, line: int) -> None:
        """Put a finished value where it belongs: root, item, or the value of the open key."""
        if not self.stack:
            self.root = node
            return
        top = self.stack[-1]
        if not top.mapping:
            top.items.append(node)
        elif top.key is None:
            self.findings.fault(Spot(self.file, line, top.spot.path), YAML_KEY)
            top.key, top.key_line = f"?{line}", line
        else:
            top.entries.setdefault(top.key, node)
            top.key = None

    def _spot(self, line: int) -> Spot:
        return self.stack[-1].next_spot(line) if self.stack else Spot(self.file, line)


def node_of(value: object, spot: Spot) -> Node:
    """Make a tree, all on one line, of JSON values whose depth their reader bounded."""
    if isinstance(value, Mapping):
        entries = {
            str(key): node_of(below, Spot(spot.file, spot.line, spot.key(quoted(str(key)))))
            for key, below in value.items()
        }
        return Node(spot, entries)
    if isinstance(value, list | tuple):
        items = (
            node_of(below, Spot(spot.file, spot.line, spot.item(index)))
            for index, below in enumerate(value)
        )
        return Node(spot, tuple(items))
    return Node(spot, _written(value), quoted=isinstance(value, str))


def _written(value: object) -> str | None:
    """Write a scalar as one would type it in YAML; a whole float (GeoPackage) loses its .0."""
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)
