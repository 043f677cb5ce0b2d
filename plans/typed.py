"""What people type in a field or a cell, and what a plan's file then holds; and back."""

from collections.abc import Callable, Mapping, Sequence

from plans.figures import Decimal, Flag, Spotted, Whole
from plans.records import Key, ListOf
from plans.wire import PHONE, SERVICE_PHONE
from plans.yaml_written import Value

Phone = Callable[[str], str]
"""A number as people write it → +33…; what it cannot read comes back as it was."""

BETWEEN = " | "
"""Between the items of a list in one cell: a skill or a name may hold a comma."""

_FLAGS = {"oui": True, "non": False, "true": True, "false": False, "yes": True, "no": False}


def typed(key: Key, texts: Sequence[str], phone: Phone) -> Value | None:
    """Give the value of a key from what was typed: one text, or several for a list.

    None where nothing was. What makes no sense is kept, for the reading to tell it.
    """
    kept = [text.strip() for text in texts if text.strip()]
    if not kept:
        return None
    if isinstance(key.shape, ListOf):
        item = Key(key.name, key.field, key.shape.item, key.about)
        return [value for text in kept if (value := typed(item, [text], phone)) is not None]
    return _one(key, kept[0], phone)


def _one(key: Key, text: str, phone: Phone) -> Value:
    shape = key.shape
    if shape in (PHONE, SERVICE_PHONE):
        return phone(text)
    if isinstance(shape, Flag):
        return _FLAGS.get(text.lower(), text)
    if isinstance(shape, Spotted):
        return [_number(one) for one in text.replace(";", ",").split(",")]
    return _number(text) if isinstance(shape, Whole | Decimal) else text


def _number(text: str) -> Value:
    """Read a figure as it is written in France or elsewhere; what is none stays a text."""
    plain = text.strip().replace(" ", "").replace("\u202f", "").replace("\u00a0", "")
    for read in (int, float):
        try:
            number = read(plain.replace(",", ".") if read is float else plain)
        except ValueError:
            continue
        if abs(number) < 1e12:
            return number
    return text.strip()


def told(key: Key, value: Value | None) -> list[str]:
    """Give a value of a file as the texts of a form, one an item of a list."""
    if value is None:
        return []
    if isinstance(key.shape, Spotted) and isinstance(value, Sequence):
        return [", ".join(str(one) for one in value)]
    if isinstance(value, str):
        return (
            ["oui" if value == "true" else "non" if value == "false" else value]
            if isinstance(key.shape, Flag)
            else [value]
        )
    if isinstance(value, Sequence):
        return [str(one) for one in value]
    return [str(value)]


def cell(key: Key, value: Value | None) -> str:
    """Give a value as one cell of a table."""
    return BETWEEN.join(told(key, value))


def from_cell(key: Key, text: str, phone: Phone) -> Value | None:
    """Read one cell of a table."""
    many = isinstance(key.shape, ListOf)
    return typed(key, text.split(BETWEEN.strip()) if many else [text], phone)


def changes_of(
    keys: Sequence[Key], before: Mapping[str, Value], after: Mapping[str, Value | None]
) -> dict[str, Value | None]:
    """Return only what differs, compared as a reader would see it."""
    changed: dict[str, Value | None] = {}
    for key in keys:
        was = typed(key, told(key, before.get(key.name)), str)  # 5.0020 and 5.002 are one
        if key.name in after and told(key, _as_read(after[key.name])) != told(key, _as_read(was)):
            changed[key.name] = after[key.name]
    return changed


def _as_read(value: Value | None) -> Value | None:
    """Give a new value as the file would give it back: every scalar a text."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return repr(value)
    if isinstance(value, str) or value is None:
        return value
    if isinstance(value, Mapping):
        return {name: _as_read(one) or "" for name, one in value.items()}
    return [_as_read(one) or "" for one in value]
