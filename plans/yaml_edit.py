"""A YAML file changed where its author would have: one value at a time, all else byte for byte.

Comments, order and alignment stay, because only what changes is written anew: the parser tells
where each value stands. The comment on the line of what is taken out goes with it, and no other.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce

import yaml

from plans.yaml_brackets import Changes, flow_list, flow_mapping, relisted
from plans.yaml_nodes import Splice, line_end, node_end, pair_end, spliced
from plans.yaml_written import Value, below, inline, mapping


class NoSuchRecord(LookupError):
    """The file holds no record of that id, or no such list."""


@dataclass(frozen=True)
class Batch:
    """What changes in one list of records: by id, what to change, what to take out, what is new."""

    changed: Mapping[str, Changes]
    removed: frozenset[str] = frozenset()
    added: Sequence[Mapping[str, Value]] = ()


def edit_list(text: str, key: str, *, ident: str, batch: Batch) -> str:
    """Change records of the list under `key`, each named by its key `ident`.

    Raises NoSuchRecord.
    """
    root = _root(text)
    wanted = {*batch.changed, *batch.removed}
    found = _value_of(root, key)
    listed = found if isinstance(found, yaml.SequenceNode) else None
    records = {_named(one, ident): one for one in (listed.value if listed else ())}
    missing = wanted - set(records)
    if missing:
        raise NoSuchRecord(min(missing))
    if listed is None or not listed.value:
        return _first_records(text, key, batch.added) if batch.added else text
    splices = [
        splice
        for name, changes in batch.changed.items()
        for splice in _changing(text, _mapping(records[name]), changes)
    ]
    gone = [node for name, node in records.items() if name in batch.removed]
    if listed.flow_style:
        return flow_list(text, listed, gone, splices=splices, added=batch.added)
    if gone and len(gone) == len(listed.value) and not batch.added:
        start = text.index(":", _key_of(root, key).end_mark.index) + 1
        return spliced(text, [Splice(start, node_end(text, listed), " []")])
    splices += [_without_line(text, node) for node in gone]
    splices += _at_the_end(text, listed, batch.added)
    return spliced(text, splices)


def _first_records(text: str, key: str, added: Sequence[Mapping[str, Value]]) -> str:
    """Begin a list, a record a line, where there is none yet or an empty one."""
    opened = edit_keys(text, (), {key: []})
    pair = _pair(_root(opened), key)
    if pair is None:
        raise NoSuchRecord(key)
    start = opened.index(":", pair[0].end_mark.index) + 1
    said = "".join(f"\n  - {inline(one)}" for one in added)
    return spliced(opened, [Splice(start, node_end(opened, pair[1]), said)])


def edit_keys(text: str, path: Sequence[str], changes: Changes) -> str:
    """Change keys of the mapping that stands under `path`; made where it is absent."""
    node: yaml.Node = _root(text)
    for depth, step in enumerate(path):
        found = _value_of(_mapping(node), step)
        if not isinstance(found, yaml.MappingNode):
            kept = {name: value for name, value in changes.items() if value is not None}
            nested: Value = reduce(
                lambda held, name: {name: held}, reversed(path[depth + 1 :]), kept
            )
            return edit_keys(text, path[:depth], {step: nested}) if kept else text
        node = found
    return spliced(text, _changing(text, _mapping(node), changes))


def _root(text: str) -> yaml.MappingNode:
    node = yaml.compose(text, Loader=yaml.SafeLoader)
    if node is None or (isinstance(node, yaml.ScalarNode) and not node.value):
        mark = yaml.Mark("", len(text), 0, 0, None, 0)
        return yaml.MappingNode("", [], mark, mark, flow_style=False)
    return _mapping(node)


def _mapping(node: yaml.Node) -> yaml.MappingNode:
    if not isinstance(node, yaml.MappingNode):
        raise NoSuchRecord(node.start_mark.line + 1)
    return node


def _pair(node: yaml.MappingNode, key: str) -> tuple[yaml.Node, yaml.Node] | None:
    return next((pair for pair in node.value if pair[0].value == key), None)


def _key_of(node: yaml.MappingNode, key: str) -> yaml.Node:
    pair = _pair(node, key)
    if pair is None:
        raise NoSuchRecord(key)
    return pair[0]


def _value_of(node: yaml.MappingNode, key: str) -> yaml.Node | None:
    pair = _pair(node, key)
    return pair[1] if pair else None


def _named(node: yaml.Node, ident: str) -> str:
    found = _value_of(node, ident) if isinstance(node, yaml.MappingNode) else None
    return str(found.value) if isinstance(found, yaml.ScalarNode) else ""


def _changing(text: str, node: yaml.MappingNode, changes: Changes) -> list[Splice]:
    """Return the splices that change keys of a mapping, those that stay left alone."""
    pairs = {key.value: (key, value) for key, value in node.value}
    gone = [name for name, value in changes.items() if value is None and name in pairs]
    new = {k: v for k, v in changes.items() if v is not None and k not in pairs}
    if node.flow_style and (gone or new):
        return [
            Splice(node.start_mark.index, node.end_mark.index, flow_mapping(text, node, changes))
        ]
    if node.value and len(gone) == len(node.value):
        said = mapping(new, node.start_mark.column) if new else "{}"
        return [Splice(node.start_mark.index, node_end(text, node), said)]
    splices = [
        _valued(text, pairs[name], value)
        for name, value in changes.items()
        if value is not None and name in pairs
    ]
    ends = [line_end(text, pair_end(text, pair)) for pair in node.value]
    leading = next((at for at, (key, _) in enumerate(node.value) if key.value not in gone), 0)
    splices += [
        _leading(text, key.start_mark.index, ends[at])
        for at, (key, _) in enumerate(node.value[:leading])
    ]
    for index, (key, _) in enumerate(node.value):
        if key.value in gone and index > leading:
            above = _lines_above(text, ends[index - 1], key.start_mark.index)
            splices.append(Splice(above, ends[index], ""))
    if new:
        column = node.start_mark.column
        lines = mapping(new, column)
        at = ends[-1] if ends else len(text)
        before = "" if at == 0 or (not ends and text.endswith("\n")) else "\n"
        after = "" if ends else "\n"
        splices.append(Splice(at, at, f"{before}{' ' * column}{lines}{after}"))
    return splices


def _valued(text: str, pair: tuple[yaml.Node, yaml.Node], value: Value) -> Splice:
    """Put a value in place of another: from the colon where the old one began on a later line."""
    key, old = pair
    colon = text.index(":", key.end_mark.index) + 1
    end = max(colon, node_end(text, old))
    if (listed := relisted(text, old, value)) is not None:
        return listed
    said = below(value, key.start_mark.column)
    if "\n" in said and (
        _inside_brackets(text, key) or _followed(text, end, key.start_mark.column)
    ):
        said = inline(value)
    if old.start_mark.line != key.start_mark.line or end == colon:
        return Splice(colon, end, f" {said}")
    return Splice(old.start_mark.index, end, said)


def _followed(text: str, end: int, column: int) -> bool:
    """Tell whether a comment follows, on the value's line or deeper: a block would take it in."""
    here, *below_it = text[end:].split("\n")
    after = next((line for line in below_it if line.strip()), "")
    deeper = len(after) - len(after.lstrip()) > column
    return "#" in here or (deeper and after.lstrip().startswith("#"))


def _inside_brackets(text: str, key: yaml.Node) -> bool:
    """Tell whether a key stands in a flow mapping, where no block may."""
    before = text[: key.start_mark.index].rstrip()
    return before.endswith(("{", ","))


def _leading(text: str, start: int, end: int) -> Splice:
    """Take one of the first keys out: what comes then, comment or key, stands in its place."""
    rest = len(text[end:]) - len(text[end:].lstrip())
    return Splice(start, end + rest, "")


def _lines_above(text: str, end: int, start: int) -> int:
    """Return where the line of a key begins: comments above it, from `end` on, stay."""
    return text.rfind("\n", end, start) if "\n" in text[end:start] else end


def _without_line(text: str, node: yaml.Node) -> Splice:
    """Take an item of a block list out, with its dash and its whole lines."""
    dash = text.rindex("-", 0, node.start_mark.index)
    start = text.rfind("\n", 0, dash)
    end = line_end(text, node_end(text, node))
    return Splice(start, end, "") if start >= 0 else Splice(0, min(end + 1, len(text)), "")


def _at_the_end(
    text: str, listed: yaml.SequenceNode, added: Iterable[Mapping[str, Value]]
) -> list[Splice]:
    """Write new records after the last, in its manner: on one line, or a key a line."""
    column, last = listed.start_mark.column, listed.value[-1]
    at = line_end(text, node_end(text, last))
    lead = "\n" + " " * column + "- "
    short = bool(getattr(last, "flow_style", True))
    said = "".join(lead + (inline(one) if short else mapping(one, column + 2)) for one in added)
    return [Splice(at, at, said)] if said else []
