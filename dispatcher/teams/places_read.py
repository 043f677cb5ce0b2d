"""A file of teams' places, CSV or GeoJSON, read whole: each fault with its line."""

import csv
import io
import json
import math
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from dispatcher.sentences import Sentence
from dispatcher.teams.roster import KnownTeam

MOST_BYTES = 1_000_000
MOST_ROWS = 5_000
MOST_FAULTS = 50
AHEAD, OLDEST = timedelta(minutes=5), timedelta(days=7)
_TEAM = ("team", "equipe", "équipe", "indicatif", "call_sign", "id")
_LON, _LAT = ("lon", "lng", "longitude", "x"), ("lat", "latitude", "y")
_AT = ("at", "heure", "date", "time", "timestamp")


@dataclass(frozen=True)
class PlaceRow:
    """A team's place as a file tells it: `where` is its line, or its feature."""

    where: str
    team: KnownTeam
    lon: float
    lat: float
    at: datetime


@dataclass(frozen=True)
class PlaceFault:
    """What cannot be taken of a file: where it stands, and why."""

    where: str
    why: Sentence


@dataclass(frozen=True)
class PlacesRead:
    """A file as it was read; with a fault nothing of it is taken."""

    rows: tuple[PlaceRow, ...] = ()
    faults: tuple[PlaceFault, ...] = ()


@dataclass(frozen=True)
class Reading:
    """What a file is read by: who is called how, what time it is; `find` knows teams by name."""

    find: Callable[[str], KnownTeam | None]
    now: datetime


_Row = tuple[str, Mapping[str, Any]]


def read_places(raw: bytes, *, reading: Reading) -> PlacesRead:
    """Read teams' places; every fault of the file is told, up to fifty."""
    try:
        rows = list(_rows(raw))
    except Sentence as why:
        return PlacesRead(faults=(PlaceFault("", why),))
    found: list[PlaceRow] = []
    faults: list[PlaceFault] = []
    for where, row in rows:
        try:
            found.append(_row(where, row, reading))
        except Sentence as why:
            faults.append(PlaceFault(where, why))
    if not rows:
        faults.append(PlaceFault("", Sentence("Le fichier ne contient aucune position.")))
    return PlacesRead(tuple(found) if not faults else (), tuple(faults[:MOST_FAULTS]))


def _rows(raw: bytes) -> Iterator[_Row]:
    if len(raw) > MOST_BYTES:
        raise Sentence("Le fichier est trop gros : un mégaoctet au plus.")
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as not_text:
        line = raw[: not_text.start].count(b"\n") + 1
        raise Sentence(
            "Ligne {line} : ce n'est pas du texte UTF-8 ; enregistrez le fichier en UTF-8.",
            line=line,
        ) from not_text
    yield from _limited(_features(text) if text.lstrip().startswith("{") else _lines(text))


def _limited(rows: Iterator[_Row]) -> Iterator[_Row]:
    for number, row in enumerate(rows):
        if number >= MOST_ROWS:
            raise Sentence("Le fichier a plus de {most} positions.", most=MOST_ROWS)
        yield row


def _lines(text: str) -> Iterator[_Row]:
    head = text.split("\n", 1)[0]
    sign = max((";", ",", "\t"), key=head.count)
    table = csv.DictReader(io.StringIO(text), delimiter=sign, strict=True)
    try:
        names = [(one or "").strip().lower() for one in table.fieldnames or ()]
        for wanted in (_TEAM, _LON, _LAT, _AT):
            if not set(wanted) & set(names):
                raise Sentence(
                    "La première ligne ne nomme pas de colonne « {name} ».", name=wanted[0]
                )
        table.fieldnames = names
        for row in table:
            if any((one or "") for one in row.values() if not isinstance(one, list)):
                yield str(table.line_num), row
    except csv.Error as broken:
        raise Sentence("Ligne {line} : le tableau est mal fermé.", line=table.line_num) from broken


def _features(text: str) -> Iterator[_Row]:
    try:
        document = json.loads(text)
    except (ValueError, RecursionError) as broken:
        line = getattr(broken, "lineno", 1)
        raise Sentence("Ligne {line} : ce n'est pas du JSON.", line=line) from broken
    features = document.get("features")
    if document.get("type") != "FeatureCollection" or not isinstance(features, list):
        raise Sentence("Ce n'est pas une FeatureCollection (GeoJSON).")
    for number, feature in enumerate(features):
        where = f"features[{number}]"
        told = feature if isinstance(feature, dict) else {}
        own, geometry = told.get("properties"), told.get("geometry")
        spot = geometry.get("coordinates") if isinstance(geometry, dict) else None
        point = isinstance(geometry, dict) and geometry.get("type") == "Point"
        if not point or not isinstance(spot, list) or len(spot) < 2:
            yield where, {"point": None}
            continue
        named = (
            {str(name).lower(): value for name, value in (own or {}).items()}
            if isinstance(own, dict)
            else {}
        )
        yield where, {**named, "lon": spot[0], "lat": spot[1]}


def _row(where: str, row: Mapping[str, Any], reading: Reading) -> PlaceRow:
    if "point" in row:
        raise Sentence("Ce n'est pas un point.")
    name = str(_of(row, _TEAM)).strip()
    team = reading.find(name) if name else None
    if team is None:
        raise Sentence("L'équipe « {team} » n'existe pas.", team=name[:80])
    lon, lat = _degrees(_of(row, _LON), most=180), _degrees(_of(row, _LAT), most=90)
    return PlaceRow(where, team, lon, lat, _instant(_of(row, _AT), reading.now))


def _of(row: Mapping[str, Any], names: tuple[str, ...]) -> Any:  # noqa: ANN401 - of a file
    return next((row[name] for name in names if row.get(name) not in (None, "")), "")


def _degrees(given: object, *, most: float) -> float:
    try:
        degrees = float(str(given).strip().replace(",", "."))
    except ValueError as no_number:
        raise Sentence(
            "« {given} » n'est pas un nombre de degrés.", given=str(given)[:40]
        ) from no_number
    if not math.isfinite(degrees) or abs(degrees) > most:
        raise Sentence("« {given} » n'est pas sur la Terre.", given=str(given)[:40])
    return degrees


def _instant(given: object, now: datetime) -> datetime:
    said = re.sub(r"[zZ]$", "+00:00", str(given).strip())
    try:
        at = datetime.fromisoformat(said)
    except ValueError as no_time:
        raise Sentence(
            "« {given} » n'est pas une heure : 2026-02-14T03:31:00+01:00.", given=str(given)[:40]
        ) from no_time
    if at.tzinfo is None:
        raise Sentence(
            "« {given} » ne dit pas son fuseau : 2026-02-14T03:31:00+01:00.", given=said[:40]
        )
    if at > now + AHEAD:
        raise Sentence("« {given} » est dans l'avenir.", given=str(given)[:40])
    if at < now - OLDEST:
        raise Sentence("« {given} » date de plus de 7 jours.", given=str(given)[:40])
    return at
