"""A YAML file changed where its author would have: one value at a time, all else byte for byte.

Comments, order and alignment stay, because only what changes is written anew: the parser tells
where each value stands. A comment inside a value that changes, or inside brackets whose items
change, goes with it.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce

import yaml

from plans.yaml_written import Value, below, inline, mapping, scalar

Changes = Mapping[str, Value | None]
"""Key → new value; None takes the key out."""


class NoSuchRecord(LookupError):
    """The file holds no record of that id, or no such list."""


@dataclass(frozen=True)
class Batch:
    """What changes in one list of records: by id, what to change, what to take out, what is new."""

    changed: Mapping[str, Changes]
    removed: frozenset[str] = frozenset()
    added: Sequence[Mapping[str, Value]] = ()


@dataclass(frozen=True)
class _Splice:
    """What to write in place of a stretch of the text."""

    start: int
    end: int
    text: str


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
        return _flow_list(text, listed, gone, splices=splices, added=batch.added)
    if gone and len(gone) == len(listed.value) and not batch.added:
        start = text.index(":", _key_of(root, key).end_mark.index) + 1
        return _apply(text, [_Splice(start, _end(text, listed), " []")])
    splices += [_without_line(text, node) for node in gone]
    splices += _at_the_end(text, listed, batch.added)
    return _apply(text, splices)


def _first_records(text: str, key: str, added: Sequence[Mapping[str, Value]]) -> str:
    """Begin a list, a record a line, where there is none yet or an empty one."""
    opened = edit_keys(text, (), {key: []})
    pair = _pair(_root(opened), key)
    if pair is None:
        raise NoSuchRecord(key)
    start = opened.index(":", pair[0].end_mark.index) + 1
    said = "".join(f"\n  - {inline(one)}" for one in added)
    return _apply(opened, [_Splice(start, _end(opened, pair[1]), said)])


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
    return _apply(text, _changing(text, _mapping(node), changes))


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


def _end(text: str, node: yaml.Node) -> int:
    """Return where a node ends; the parser lets a block run on to what follows it."""
    if isinstance(node, yaml.CollectionNode) and not node.flow_style and node.value:
        last = node.value[-1]
        return max(_end(text, one) for one in (last if isinstance(last, tuple) else (last,)))
    end: int = node.end_mark.index
    start: int = node.start_mark.index
    return start + len(text[start:end].rstrip()) if end > start else end


def _line_end(text: str, at: int) -> int:
    found = text.find("\n", at)
    return len(text) if found < 0 else found


def _changing(text: str, node: yaml.MappingNode, changes: Changes) -> list[_Splice]:
    """Return the splices that change keys of a mapping, those that stay left alone."""
    pairs = {key.value: (key, value) for key, value in node.value}
    gone = [name for name, value in changes.items() if value is None and name in pairs]
    new = {k: v for k, v in changes.items() if v is not None and k not in pairs}
    if node.flow_style and (gone or new):
        return [_Splice(node.start_mark.index, node.end_mark.index, _flow(text, node, changes))]
    first = node.value[0][0].value if node.value else ""
    if gone and first in gone:
        column = node.start_mark.column
        said = _block(text, node, changes, column)
        return [_Splice(node.start_mark.index, _end(text, node), said)]
    splices = [
        _valued(text, pairs[name], value)
        for name, value in changes.items()
        if value is not None and name in pairs
    ]
    ends = [_line_end(text, _end_of_pair(text, pair)) for pair in node.value]
    for index, (key, _) in enumerate(node.value):
        if key.value in gone:
            splices.append(_Splice(ends[index - 1], ends[index], ""))
    if new:
        column = node.start_mark.column
        lines = mapping(new, column)
        at = ends[-1] if ends else len(text)
        before = "" if at == 0 or (not ends and text.endswith("\n")) else "\n"
        after = "" if ends else "\n"
        splices.append(_Splice(at, at, f"{before}{' ' * column}{lines}{after}"))
    return splices


def _end_of_pair(text: str, pair: tuple[yaml.Node, yaml.Node]) -> int:
    return max(pair[0].end_mark.index, _end(text, pair[1]))


def _valued(text: str, pair: tuple[yaml.Node, yaml.Node], value: Value) -> _Splice:
    """Put a value in place of another: from the colon where the old one began on a later line."""
    key, old = pair
    colon = text.index(":", key.end_mark.index) + 1
    end = max(colon, _end(text, old))
    said = below(value, key.start_mark.column)
    if old.start_mark.line != key.start_mark.line or end == colon:
        return _Splice(colon, end, f" {said}")
    if "\n" in said and (_inside_brackets(text, key) or _followed(text, end)):
        said = inline(value)
    return _Splice(old.start_mark.index, end, said)


def _followed(text: str, end: int) -> bool:
    """Tell whether a comment follows on the value's line: a block would take it in."""
    return "#" in text[end:].split("\n", 1)[0]


def _inside_brackets(text: str, key: yaml.Node) -> bool:
    """Tell whether a key stands in a flow mapping, where no block may."""
    before = text[: key.start_mark.index].rstrip()
    return before.endswith(("{", ","))


def _block(text: str, node: yaml.MappingNode, changes: Changes, column: int) -> str:
    """Write a block mapping anew without its first key; what stays is as it was typed."""
    pieces = []
    for key, value in node.value:
        if key.value not in changes:
            pieces.append(text[key.start_mark.index : _end_of_pair(text, (key, value))])
        elif (other := changes[key.value]) is not None:
            pieces.append(f"{scalar(key.value)}: {below(other, column)}")
    known = {key.value for key, _ in node.value}
    new = {k: v for k, v in changes.items() if v is not None and k not in known}
    pieces += [mapping({name: value}, column) for name, value in new.items()]
    return ("\n" + " " * column).join(pieces) or "{}"


def _flow(text: str, node: yaml.MappingNode, changes: Changes) -> str:
    pieces = []
    for key, value in node.value:
        if key.value not in changes:
            pieces.append(text[key.start_mark.index : _end_of_pair(text, (key, value))])
        elif (new := changes[key.value]) is not None:
            pieces.append(f"{scalar(key.value)}: {inline(new)}")
    known = {key.value for key, _ in node.value}
    pieces += [
        f"{scalar(name)}: {inline(value)}"
        for name, value in changes.items()
        if value is not None and name not in known
    ]
    return "{" + ", ".join(pieces) + "}"


def _flow_list(
    text: str,
    listed: yaml.SequenceNode,
    gone: Sequence[yaml.Node],
    *,
    splices: Sequence[_Splice],
    added: Sequence[Mapping[str, Value]],
) -> str:
    """Write the brackets anew with the items that stay, changed where they are."""
    pieces = []
    for item in listed.value:
        start, end = item.start_mark.index, _end(text, item)
        inside = [one for one in splices if start <= one.start and one.end <= end]
        moved = [_Splice(one.start - start, one.end - start, one.text) for one in inside]
        if item not in gone:
            pieces.append(_apply(text[start:end], moved))
    pieces += [inline(one) for one in added]
    whole = _Splice(listed.start_mark.index, listed.end_mark.index, "[" + ", ".join(pieces) + "]")
    return _apply(text, [whole])


def _without_line(text: str, node: yaml.Node) -> _Splice:
    """Take an item of a block list out, with its dash and its whole lines."""
    dash = text.rindex("-", 0, node.start_mark.index)
    start = text.rfind("\n", 0, dash)
    end = _line_end(text, _end(text, node))
    return _Splice(start, end, "") if start >= 0 else _Splice(0, min(end + 1, len(text)), "")


def _at_the_end(
    text: str, listed: yaml.SequenceNode, added: Iterable[Mapping[str, Value]]
) -> list[_Splice]:
    """Write new records after the last, in its manner: on one line, or a key a line."""
    column, last = listed.start_mark.column, listed.value[-1]
    at = _line_end(text, _end(text, last))
    lead = "\n" + " " * column + "- "
    short = bool(getattr(last, "flow_style", True))
    said = "".join(lead + (inline(one) if short else mapping(one, column + 2)) for one in added)
    return [_Splice(at, at, said)] if said else []


def _apply(text: str, splices: Iterable[_Splice]) -> str:
    for one in sorted(splices, key=lambda splice: (splice.start, splice.end), reverse=True):
        text = text[: one.start] + one.text + text[one.end :]
    return text
