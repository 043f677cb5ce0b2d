"""Items of a YAML list or of brackets as they were typed, each with the comments that are about it.

A comment on an item's line is about that item and goes with it, wherever it moves; one on a line
of its own stays in its place, before whatever follows it then.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import yaml

from plans.yaml_written import Value, inline

Chosen = Sequence[tuple[int | None, str]]
"""What is to stand: which item it was, None for a new one, and its text."""


@dataclass(frozen=True)
class Item:
    """One item: its text, the comments above it and the one behind it."""

    text: str
    above: tuple[str, ...] = ()
    behind: str = ""


@dataclass(frozen=True)
class Items:
    """Items with what stands before the first, behind the bracket, and after the last."""

    items: tuple[Item, ...]
    head: str = ""
    foot: tuple[str, ...] = ()

    @property
    def commented(self) -> bool:
        """Whether a comment stands anywhere among them."""
        return bool(self.head or self.foot) or any(one.above or one.behind for one in self.items)

    def arranged(self, chosen: Chosen) -> "Items":
        """Return what is chosen of them, in that order; comments above what goes stay."""
        kept = {index for index, _ in chosen if index is not None}
        above: dict[int, tuple[str, ...]] = {}
        waiting: tuple[str, ...] = ()
        for index, item in enumerate(self.items):
            waiting += item.above
            if index in kept:
                above[index], waiting = waiting, ()
        made = [
            Item(text) if index is None else Item(text, above[index], self.items[index].behind)
            for index, text in chosen
        ]
        return Items(tuple(made), self.head, (*waiting, *self.foot))


def items_of(text: str, spans: Sequence[tuple[int, int]], *, start: int, end: int) -> Items:
    """Read items that stand at `spans`, in order, between `start` and `end` of a text.

    Between them stand only commas, dashes, blanks and comments.
    """
    behind, above = [], []
    at = start
    for first, last in spans:
        one, rest = _comments(text[at:first])
        behind.append(one)
        above.append(rest)
        at = last
    tail, foot = _comments(text[at:end])
    head, *behinds = [*behind, tail] if spans else [tail]
    items = tuple(
        Item(text[first:last], above[index], behinds[index])
        for index, (first, last) in enumerate(spans)
    )
    return Items(items, head, foot)


def in_brackets(items: Items, brackets: str, column: int) -> str:
    """Write items in brackets: on one line, or an item a line from `column` with its comments."""
    opening, closing = brackets[0], brackets[1]
    if not items.commented:
        return opening + ", ".join(one.text for one in items.items) + closing
    lines: list[str] = []
    for one in items.items:
        lines += [*one.above, f"{one.text},{_after(one.behind)}"]
    pad = "\n" + " " * column
    inner = "".join(f"{pad}{line}" for line in (*lines, *items.foot))
    foot = "\n" + " " * max(column - 1, 0)
    return f"{opening}{_after(items.head)}{inner}{foot}{closing}"


def in_dashes(items: Items, column: int) -> str:
    """Write items of a block list, the first from where its dash stands."""
    lines: list[str] = []
    for one in items.items:
        lines += [*one.above, f"- {one.text}{_after(one.behind)}"]
    return ("\n" + " " * column).join((*lines, *items.foot))


def matched(
    old: Sequence[yaml.Node], new: Sequence[Value], text: str
) -> list[tuple[int | None, str]]:
    """Find which of the items each new value was; one that is new takes a changed one's place."""
    free = dict(enumerate(old))
    found: list[int | None] = []
    for value in new:
        index = next((at for at, node in free.items() if _same(node, value)), None)
        found.append(index)
        if index is not None:
            del free[index]
    made: list[tuple[int | None, str]] = []
    for place, (value, index) in enumerate(zip(new, found, strict=True)):
        if index is not None:
            node = old[index]
            made.append((index, text[node.start_mark.index : node.end_mark.index].rstrip()))
        else:
            made.append((place if free.pop(place, None) is not None else None, inline(value)))
    return made


def _same(node: yaml.Node, value: Value) -> bool:
    if isinstance(node, yaml.ScalarNode):
        text = value if isinstance(value, str) else inline(value)
        return bool(node.value == text)
    if isinstance(node, yaml.SequenceNode):
        if isinstance(value, str | Mapping) or not isinstance(value, Sequence):
            return False
        return len(node.value) == len(value) and all(map(_same, node.value, value))
    if not isinstance(value, Mapping) or len(node.value) != len(value):
        return False
    return all(key.value in value and _same(one, value[key.value]) for key, one in node.value)


def _comments(gap: str) -> tuple[str, tuple[str, ...]]:
    """Return the comment on the first line of what stands between two items, and the others."""
    first, *rest = gap.split("\n")
    return _comment(first), tuple(said for line in rest if (said := _comment(line)))


def _comment(line: str) -> str:
    at = line.find("#")
    return line[at:].rstrip() if at >= 0 else ""


def _after(comment: str) -> str:
    return f"  {comment}" if comment else ""
