"""Values of nested keys by their path, `email.objet`: what a form shows of a whole file."""

from collections.abc import Mapping, Sequence

from plans.yaml_brackets import Changes
from plans.yaml_edit import edit_keys
from plans.yaml_written import Value


def paths_of(held: Mapping[str, Value], head: str = "") -> list[tuple[str, Value]]:
    """List every value that is no mapping, with its path."""
    found: list[tuple[str, Value]] = []
    for key, value in held.items():
        path = f"{head}.{key}" if head else key
        found += paths_of(value, path) if isinstance(value, Mapping) else [(path, value)]
    return found


def _pruned(
    changed: Mapping[str, Value | None], merged: Mapping[str, Value | None]
) -> dict[str, Value | None]:
    """Take out whole what would be left empty: a mail without words, a date without its act."""
    left = {path for path, value in merged.items() if value is not None}
    pruned: dict[str, Value | None] = {}
    for path, value in changed.items():
        parts = path.split(".")
        heads = (".".join(parts[:depth]) for depth in range(1, len(parts)))
        empty = next((one for one in heads if not any(o.startswith(f"{one}.") for o in left)), path)
        pruned[empty if value is None else path] = value
    return pruned


def _by_head(changed: Mapping[str, Value | None]) -> dict[Sequence[str], Changes]:
    parted: dict[Sequence[str], dict[str, Value | None]] = {}
    for path, value in changed.items():
        *head, last = path.split(".")
        parted.setdefault(tuple(head), {})[last] = value
    return {**parted}


def tree_of(held: Mapping[str, Value]) -> dict[str, Value]:
    """Nest values again as their paths say. Raises TypeError where one lies under a value."""
    tree: dict[str, Value] = {}
    for path, value in held.items():
        *head, last = path.split(".")
        at = tree
        for step in head:
            below = at.setdefault(step, {})
            if not isinstance(below, dict):
                raise TypeError(path)
            at = below
        at[last] = value
    return tree


def edit_paths(text: str, changed: Mapping[str, Value | None], held: Mapping[str, Value]) -> str:
    """Change values by path in the text of a file that held these; empty branches go."""
    merged: dict[str, Value | None] = {**held, **changed}
    for head, changes in _by_head(_pruned(changed, merged)).items():
        text = edit_keys(text, head, changes)
    return text
