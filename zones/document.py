"""Bytes to plain JSON values, refused before they can cost: size, depth, numbers, twin keys."""

import json

from zones.area import AreaRefused, Fault, Limits

# A polygon in a collection in a feature in a collection is exactly 10 deep (RFC 7946).
DEPTH = 10
_LONGEST_INTEGER = 18  # digits; longer ones are no coordinate and cost time to convert


class _Unfit(ValueError):
    """A JSON value that no GeoJSON needs."""


def read_json(raw: bytes, *, limits: Limits) -> object:
    """Read the JSON document in `raw` (UTF-8); AreaRefused says line and column if known."""
    if len(raw) > limits.bytes:
        raise _refused("", f"The file has {len(raw):,} bytes; at most {limits.bytes:,} are read.")
    try:
        text = raw.decode("utf-8-sig")
        document = json.loads(
            text,
            parse_constant=_no_constant,
            parse_int=_short_integer,
            object_pairs_hook=_no_twins,
        )
    except UnicodeDecodeError as fault:
        message = "The file is not UTF-8 text: export it again as GeoJSON in UTF-8."
        raise _refused(f"byte {fault.start}", message) from fault
    except json.JSONDecodeError as fault:
        place = f"line {fault.lineno}, column {fault.colno}"
        raise _refused(place, f"The file is not JSON ({fault.msg}): export it again.") from fault
    except _Unfit as fault:
        raise _refused("", str(fault)) from fault
    except RecursionError as fault:
        raise _too_deep() from fault
    _check_depth(document)
    return document


def _refused(place: str, message: str) -> AreaRefused:
    return AreaRefused([Fault(place, message)])


def _too_deep() -> AreaRefused:
    return _refused("", f"The file nests deeper than {DEPTH} levels: this is not GeoJSON.")


def _no_constant(name: str) -> float:
    raise _Unfit(f"The file holds {name}, which is not a number in JSON: remove it.")


def _short_integer(digits: str) -> int | float:
    return int(digits) if len(digits) <= _LONGEST_INTEGER else float(digits)


def _no_twins(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        twin = next(name for name in names if names.count(name) > 1)
        raise _Unfit(f"The key {twin[:40]!r} stands twice in one object: which one counts?")
    return found


def _check_depth(document: object) -> None:
    level: list[object] = [document]
    for _ in range(DEPTH + 1):
        level = [
            child
            for node in level
            if isinstance(node, list | dict)
            for child in (node.values() if isinstance(node, dict) else node)
            if isinstance(child, list | dict)
        ]
        if not level:
            return
    raise _too_deep()
