"""Bytes to plain JSON values, refused before they can cost: size, depth, numbers, twin keys."""

import json
import re
from collections import Counter

import numpy as np

from zones.area import AreaRefused, Fault, Limits

# A polygon in a collection in a feature in a collection is exactly 10 deep (RFC 7946).
DEPTH = 10
_STRING = re.compile(rb'"(?:[^"\\]++|\\.)*+"', re.DOTALL)  # linear: run on sound JSON only
_CONSTANT = re.compile(r'"(?:[^"\\]++|\\.)*+"|(?P<constant>NaN|-?Infinity)', re.DOTALL)
_NO_BRACKETS = bytes(code for code in range(256) if code not in b"[]{}")
_LONGEST_INTEGER = 18  # digits; longer ones are no coordinate and cost time to convert


class _Unfit(ValueError):
    """A JSON value that no GeoJSON needs."""


class _NoNumber(_Unfit):
    """NaN or an infinity, which Python reads and JSON does not know."""


def read_json(raw: bytes, *, limits: Limits) -> object:
    """Read the JSON document in `raw` (UTF-8); AreaRefused says line and column if known."""
    if len(raw) > limits.bytes:
        raise _refused("", f"The file has {len(raw):,} bytes; at most {limits.bytes:,} are read.")
    _check_count(raw, limits)
    text = _text(raw)
    try:
        document = json.loads(
            text,
            parse_constant=_no_constant,
            parse_int=_short_integer,
            object_pairs_hook=_no_twins,
        )
    except json.JSONDecodeError as fault:
        place = f"line {fault.lineno}, column {fault.colno}"
        raise _refused(place, f"The file is not JSON ({fault.msg}): export it again.") from fault
    except _NoNumber as fault:
        raise _refused(_constant_in(text), str(fault)) from fault
    except _Unfit as fault:
        raise _refused("", str(fault)) from fault
    except RecursionError as fault:
        raise _too_deep() from fault
    _check_depth(raw)
    return document


def _text(raw: bytes) -> str:
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as fault:
        message = "The file is not UTF-8 text: export it again as GeoJSON in UTF-8."
        raise _refused(f"byte {fault.start}", message) from fault


def _refused(place: str, message: str) -> AreaRefused:
    return AreaRefused([Fault(place, message)])


def _too_deep() -> AreaRefused:
    return _refused("", f"The file nests deeper than {DEPTH} levels: this is not GeoJSON.")


def _no_constant(name: str) -> float:
    raise _NoNumber(f"The file holds {name}, which is not a number in JSON: remove it.")


def _constant_in(text: str) -> str:
    """Say where the first NaN or infinity stands; the strings before it are known to be sound."""
    spot = next(found.start() for found in _CONSTANT.finditer(text) if found["constant"])
    line, column = text.count("\n", 0, spot) + 1, spot - text.rfind("\n", 0, spot)
    return f"line {line}, column {column}"


def _short_integer(digits: str) -> int | float:
    return int(digits) if len(digits) <= _LONGEST_INTEGER else float(digits)


def _no_twins(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = Counter(name for name, _ in pairs)  # one pass: an object may hold 100,000 keys
        twin = next(name for name, count in names.items() if count > 1)
        raise _Unfit(f"The key {twin[:40]!r} stands twice in one object: which one counts?")
    return found


def _check_count(raw: bytes, limits: Limits) -> None:
    """Refuse what cannot be within the limits by its brackets alone, before a list is built."""
    most = 2 * limits.vertices + 20 * limits.polygons
    if raw.count(b"[") + raw.count(b"{") > most:
        message = (
            f"The file holds far more points or polygons than the {limits.vertices:,} and "
            f"{limits.polygons:,} that are read. Draw it simpler."
        )
        raise _refused("", message)


def _check_depth(raw: bytes) -> None:
    """Count how deep well-formed JSON nests, on its brackets outside strings."""
    brackets = _STRING.sub(b"", raw).translate(None, delete=_NO_BRACKETS)
    codes = np.frombuffer(brackets, dtype=np.uint8)
    opening = (codes == ord("[")) | (codes == ord("{"))
    if np.cumsum(np.where(opening, 1, -1), dtype=np.int64).max(initial=0) > DEPTH:
        raise _too_deep()
