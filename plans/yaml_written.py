"""Values written as YAML: the plain way people type it where that is safe, else in quotes."""

import re
from collections.abc import Mapping, Sequence

Value = str | bool | int | float | Sequence["Value"] | Mapping[str, "Value"]
"""What a form gives: no null; an absent value is an absent key."""

_PLAIN = re.compile(r"[A-Za-zÀ-ÖØ-öø-ÿ](?:[\w À-ÿ'.()/+-]*[\w).'À-ÿ])?")
_WORDS = frozenset({"null", "true", "false", "yes", "no", "on", "off", "y", "n", "oui", "non"})
_ESCAPES = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\t": "\\t"}


def inline(value: Value) -> str:
    """Write a value on one line, such as it may stand inside brackets."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return repr(value)
    if isinstance(value, str):
        return scalar(value)
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{scalar(key)}: {inline(one)}" for key, one in value.items()) + "}"
    return "[" + ", ".join(inline(one) for one in value) + "]"


def scalar(text: str) -> str:
    """Write a text: bare where no reader could take it for something else, else in quotes."""
    if _PLAIN.fullmatch(text) and text.lower() not in _WORDS:
        return text
    return '"' + "".join(_escaped(sign) for sign in text) + '"'


def below(value: Value, column: int) -> str:
    """Write a value after the `: ` of a key that stands in that column (from 0).

    A text of several lines becomes a block that people can read; all else stays on the line.
    """
    if not isinstance(value, str) or "\n" not in value or not _blockable(value):
        return inline(value)
    indent = " " * (column + 2)
    lines = [f"{indent}{line}" if line else "" for line in value.removesuffix("\n").split("\n")]
    return "\n".join(["|" if value.endswith("\n") else "|-", *lines])


def mapping(values: Mapping[str, Value], column: int = 0) -> str:
    """Write keys and values, one a line, every line but the first indented by `column`."""
    lines = [f"{scalar(key)}: {below(value, column)}" for key, value in values.items()]
    return ("\n" + " " * column).join(lines)


def document(values: Mapping[str, Value], *, about: str = "") -> bytes:
    """Write a whole file: a comment, then each key; a list of records as one record a line."""
    pieces = [f"# {line}" for line in about.splitlines()]
    for key, value in values.items():
        if isinstance(value, Mapping) and value:
            pieces += [f"{scalar(key)}:", f"  {mapping(value, 2)}"]
        elif records := _records(value):
            pieces += [f"{scalar(key)}:", *(f"  - {inline(one)}" for one in records)]
        else:
            pieces.append(f"{scalar(key)}: {below(value, 0)}")
    return ("\n".join(pieces) + "\n").encode()


def _records(value: Value) -> Sequence[Value]:
    """Return the items of a list of records, else nothing."""
    if isinstance(value, str | bool | int | float | Mapping) or not value:
        return ()
    return value if all(isinstance(one, Mapping) for one in value) else ()


def _blockable(text: str) -> bool:
    """Tell whether a block gives the same text back: it begins with a letter, holds no control."""
    if text.endswith("\n\n"):
        return False
    lines = text.removesuffix("\n").split("\n")
    bare = lines[0][:1] not in ("", " ", "\t")
    return bare and all(line == line.rstrip() and line.isprintable() for line in lines)


def _escaped(sign: str) -> str:
    if sign in _ESCAPES:
        return _ESCAPES[sign]
    if sign.isprintable():
        return sign
    return f"\\u{ord(sign):04x}" if ord(sign) < 0x10000 else f"\\U{ord(sign):08x}"
