"""Where the nodes of a YAML text end, and stretches of a text written anew."""

from collections.abc import Iterable
from dataclasses import dataclass

import yaml


@dataclass(frozen=True)
class Splice:
    """What to write in place of a stretch of the text."""

    start: int
    end: int
    text: str


def node_end(text: str, node: yaml.Node) -> int:
    """Return where a node ends; the parser lets a block run on to what follows it."""
    if isinstance(node, yaml.CollectionNode) and not node.flow_style and node.value:
        last = node.value[-1]
        return max(node_end(text, one) for one in (last if isinstance(last, tuple) else (last,)))
    end: int = node.end_mark.index
    start: int = node.start_mark.index
    return start + len(text[start:end].rstrip()) if end > start else end


def line_end(text: str, at: int) -> int:
    """Return where the line ends on which `at` stands."""
    found = text.find("\n", at)
    return len(text) if found < 0 else found


def pair_end(text: str, pair: tuple[yaml.Node, yaml.Node]) -> int:
    """Return where a key and its value end."""
    return max(pair[0].end_mark.index, node_end(text, pair[1]))


def spliced(text: str, splices: Iterable[Splice]) -> str:
    """Write each stretch anew; they do not overlap, and what comes to one place keeps its order."""
    for one in sorted(splices, key=lambda splice: (splice.start, splice.end))[::-1]:
        text = text[: one.start] + one.text + text[one.end :]
    return text
