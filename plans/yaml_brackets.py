"""Brackets and lists of a YAML text changed item by item, the comments among them kept."""

from collections.abc import Mapping, Sequence

import yaml

from plans.yaml_items import Items, in_brackets, in_dashes, items_of, matched
from plans.yaml_nodes import Splice, line_end, node_end, pair_end, spliced
from plans.yaml_written import Value, inline, scalar

Changes = Mapping[str, Value | None]
"""Key → new value; None takes the key out."""


def relisted(text: str, old: yaml.Node, value: Value) -> Splice | None:
    """Change a list in which comments stand item by item; None where there is none to keep."""
    if not isinstance(old, yaml.SequenceNode) or not isinstance(value, list) or not value:
        return None
    start, end = old.start_mark.index, node_end(text, old)
    if not old.flow_style:
        end = line_end(text, end)
    spans = [(one.start_mark.index, node_end(text, one)) for one in old.value]
    inner = (start + 1, end - 1) if old.flow_style else (start, end)
    items = items_of(text, spans, start=inner[0], end=inner[1])
    if not items.commented:
        return None
    made = items.arranged(matched(old.value, value, text))
    if old.flow_style:
        return Splice(start, end, in_brackets(made, "[]", _indent(text, old, spans)))
    return Splice(start, end, in_dashes(made, old.start_mark.column))


def _indent(text: str, node: yaml.CollectionNode, spans: Sequence[tuple[int, int]]) -> int:
    """Return the column that items have in brackets: that of the first where it begins a line."""
    before = text[text.rfind("\n", 0, spans[0][0]) + 1 : spans[0][0]] if spans else ""
    return len(before) if before and not before.strip() else int(node.start_mark.column) + 1


def flow_mapping(text: str, node: yaml.MappingNode, changes: Changes) -> str:
    """Write a flow mapping anew with the keys that stay, and the comments among them."""
    spans = [(key.start_mark.index, pair_end(text, (key, one))) for key, one in node.value]
    chosen: list[tuple[int | None, str]] = []
    for index, (key, _) in enumerate(node.value):
        start, end = spans[index]
        if key.value not in changes:
            chosen.append((index, text[start:end]))
        elif (new := changes[key.value]) is not None:
            chosen.append((index, f"{scalar(key.value)}: {inline(new)}"))
    known = {key.value for key, _ in node.value}
    chosen += [
        (None, f"{scalar(name)}: {inline(value)}")
        for name, value in changes.items()
        if value is not None and name not in known
    ]
    made = _between(text, node, spans).arranged(chosen)
    return in_brackets(made, "{}", _indent(text, node, spans))


def _between(text: str, node: yaml.CollectionNode, spans: Sequence[tuple[int, int]]) -> Items:
    start, end = node.start_mark.index + 1, node.end_mark.index - 1
    return items_of(text, spans, start=start, end=end)


def flow_list(
    text: str,
    listed: yaml.SequenceNode,
    gone: Sequence[yaml.Node],
    *,
    splices: Sequence[Splice],
    added: Sequence[Mapping[str, Value]],
) -> str:
    """Write the brackets anew with the items that stay, changed where they are."""
    spans = [(item.start_mark.index, node_end(text, item)) for item in listed.value]
    chosen: list[tuple[int | None, str]] = []
    for index, item in enumerate(listed.value):
        start, end = spans[index]
        inside = [one for one in splices if start <= one.start and one.end <= end]
        moved = [Splice(one.start - start, one.end - start, one.text) for one in inside]
        if item not in gone:
            chosen.append((index, spliced(text[start:end], moved)))
    chosen += [(None, inline(one)) for one in added]
    made = _between(text, listed, spans).arranged(chosen)
    said = in_brackets(made, "[]", _indent(text, listed, spans))
    return spliced(text, [Splice(listed.start_mark.index, listed.end_mark.index, said)])
