"""What differs between two versions of a plan, record by record and field by field."""

import difflib
import json
import re
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Literal

from plans.faults import Findings
from plans.sections import Files, plain
from plans.yaml_lines import read_yaml
from plans.yaml_written import Value
from zones.area import AreaFault, AreaRefused
from zones.drawing import hectares
from zones.geojson import read_area

NAMING = ("id", "code", "semaine")
"""Keys that name a record of a list, the first that it has."""

DRAWN = "trace"  # the path of a feature's geometry
_SURFACES = ("Polygon", "MultiPolygon", "GeometryCollection")
_TITLES = ("nom", "libelle", "indicatif", "label")
_POSITION = re.compile(r"\[\s*-?\d")
_MOST_LINES = 2_000
_LONGEST_LINE = 400
_LARGEST_TEXT = 400_000  # bytes of a file whose text is compared line by line


@dataclass(frozen=True)
class Field:
    """A value that differs: its path in the record, before and after; empty where absent.

    An outline is told by its ground (m² below a hectare), its points and a mark of its own.
    """

    path: str
    before: str
    after: str


@dataclass(frozen=True)
class Difference:
    """A record that was added, changed or removed; `place` is its list, empty for a whole file."""

    act: Literal["added", "changed", "removed"]
    file: str
    place: str
    ident: str
    title: str
    fields: tuple[Field, ...] = ()


_Records = dict[tuple[str, str], dict[str, str]]


def differences(before: Files, after: Files) -> tuple[Difference, ...]:
    """List what differs, file by file; two texts that mean the same do not differ."""
    found: list[Difference] = []
    for file in sorted({*before, *after}):
        if before.get(file) != after.get(file):
            old, new = _records(file, before.get(file)), _records(file, after.get(file))
            told = [one for place in {**old, **new} if (one := _compare(file, place, old, new=new))]
            found += _measured(told, before.get(file), after.get(file))
    return tuple(found)


def geometries(raw: bytes | None) -> dict[str, object]:
    """Give the geometry of each feature of a layer by its id; none where it is no layer."""
    try:
        features = json.loads(raw or b"{}").get("features", [])
        return {_id_of(one, index): one.get("geometry") for index, one in enumerate(features)}
    except (ValueError, TypeError, AttributeError, RecursionError):
        return {}


def unified(before: Files, after: Files, file: str) -> list[str]:
    """Give the unified difference of a file's text, at most 2,000 lines; none for large files."""
    old, new = before.get(file, b""), after.get(file, b"")
    if old == new or max(len(old), len(new)) > _LARGEST_TEXT:
        return []
    was, now = (one.decode("utf-8", "replace").splitlines() for one in (old, new))
    lines = list(difflib.unified_diff(was, now, file, file, lineterm="", n=1))[:_MOST_LINES]
    return [line if len(line) <= _LONGEST_LINE else f"{line[:_LONGEST_LINE]}…" for line in lines]


def _compare(
    file: str, place: tuple[str, str], old: _Records, *, new: _Records
) -> Difference | None:
    was, now = old.get(place), new.get(place)
    shown = now or was or {}
    title = next((shown[key] for key in _TITLES if shown.get(key)), "")
    if was is None or now is None:
        act: Literal["added", "removed"] = "added" if was is None else "removed"
        return Difference(act, file, *place, title)
    fields = tuple(
        Field(path, was.get(path, ""), now.get(path, ""))
        for path in {**was, **now}
        if was.get(path) != now.get(path)
    )
    return Difference("changed", file, *place, title, fields) if fields else None


def _records(file: str, raw: bytes | None) -> _Records:
    """Give each record of a file with its values as texts; what is in no list is one more."""
    if raw is None:
        return {}
    if file.endswith(".geojson"):
        return _features(raw)
    tree = read_yaml(file, raw, Findings()) if file.endswith(".yaml") else None
    held = plain(tree) if tree is not None else None
    if not isinstance(held, dict):
        return {("", ""): {"": f"{len(raw)} octets"}}
    found: _Records = {}
    whole: dict[str, str] = {}
    for key, value in held.items():
        named = _named(value)
        for ident, record in named.items():
            found[key, ident] = dict(_leaves(record))
        if not named:
            whole |= dict(_leaves(value, key))
    return {**({("", ""): whole} if whole else {}), **found}


def _named(value: Value | None) -> dict[str, Mapping[str, Value]]:
    """Give the records of a list whose every item has a name; none where it is another list."""
    if not isinstance(value, list):
        return {}
    found: dict[str, Mapping[str, Value]] = {}
    for one in value:
        ident = next((str(one[key]) for key in NAMING if key in one), "") if _is_map(one) else ""
        if not ident or not isinstance(one, Mapping):
            return {}
        found[ident] = one
    return found


def _is_map(value: Value) -> bool:
    return isinstance(value, Mapping)


def _leaves(value: Value | None, path: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(value, Mapping):
        for name, one in value.items():
            yield from _leaves(one, f"{path}.{name}" if path else name)
    elif isinstance(value, list) and any(isinstance(one, Mapping | list) for one in value):
        for index, one in enumerate(value):
            yield from _leaves(one, f"{path}[{index}]")
    else:
        yield path, ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def _features(raw: bytes) -> _Records:
    """Give the features of a layer by id, their geometry as one value that differs or not."""
    try:
        features = json.loads(raw)["features"]
        return {
            ("features", _id_of(one, index)): {
                **{name: str(value) for name, value in (one.get("properties") or {}).items()},
                DRAWN: _drawn(one.get("geometry")),
            }
            for index, one in enumerate(features)
        }
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return {("", ""): {"": f"{len(raw)} octets"}}


def _measured(
    told: list[Difference], before: bytes | None, after: bytes | None
) -> list[Difference]:
    """Put the ground of an outline before what else is said of it, where an outline differs."""
    if not any(one.path == DRAWN for each in told for one in each.fields):
        return told
    old, new = geometries(before), geometries(after)
    return [
        replace(
            each,
            fields=tuple(
                replace(
                    one,
                    before=f"{_ground(old.get(each.ident))}{one.before}",
                    after=f"{_ground(new.get(each.ident))}{one.after}",
                )
                if one.path == DRAWN
                else one
                for one in each.fields
            ),
        )
        for each in told
    ]


def _ground(geometry: object) -> str:
    """Say the ground of an outline; nothing for a point, a line, or what cannot be measured."""
    try:
        held = hectares(read_area(json.dumps(geometry).encode()))
    except (AreaRefused, AreaFault):
        return ""
    said = f"{held:.1f} ha" if held >= 1 else f"{held * 10_000:.0f} m²"
    return f"{said.replace('.', ',')}, "


def _id_of(feature: Mapping[str, object], index: int) -> str:
    held = feature.get("properties")
    named = held.get("id") if isinstance(held, dict) else None
    return str(named) if named is not None else f"n° {index + 1}"


def _drawn(geometry: object) -> str:
    """Say a geometry shortly, so that another one reads otherwise: its kind, points, a mark."""
    text = json.dumps(geometry, sort_keys=True)
    points = len(_POSITION.findall(text))
    kind = geometry.get("type", "?") if isinstance(geometry, dict) else "?"
    named = "" if kind in _SURFACES else f"{kind}, "
    return f"{named}{points} points, {zlib.crc32(text.encode()):08x}"
