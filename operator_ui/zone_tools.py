"""What the forms of the zone's page make: sectors, streets, circle, corridor, a pasted drawing."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import get_args

import numpy as np
from shapely.geometry import LineString, MultiLineString, MultiPolygon, Point, Polygon
from starlette.datastructures import FormData, UploadFile

from dispatcher.alerts.drafting import union_of
from operator_ui.address_book import AddressBook
from operator_ui.zone_proposals import MOST_ABOUT, MOST_MARGIN_M, Made, Op, Step, ZoneRefused
from plans.plan import Plan
from zones.area import ALERT_LIMITS, Area, AreaFault, Place
from zones.document import read_json
from zones.drawing import around_homes, circle, corridor, joined
from zones.geojson import Feature, read_area, read_features
from zones.metres import within_m

ASIDE_M = 30.0  # each side of a picked street: its fronts, and the yards behind them
AROUND_M = 25.0  # a picked address that stands further from its street
LINES = ("LineString", "MultiLineString", "Point")


@dataclass(frozen=True)
class Ground:
    """What the tools draw from: the plan, its named lines (streets, rivers), the addresses."""

    plan: Plan
    lines: Mapping[str, Sequence[LineString]]
    book: AddressBook


def op_of(form: FormData) -> Op:
    """Return what the form does with what it makes; it replaces where it does not say."""
    said = form.get("op")
    known: dict[object, Op] = {one: one for one in get_args(Op)}
    return known.get(said, "replace")


def made_of(form: FormData, ground: Ground, *, content: bytes = b"") -> Made:
    """Return what a form draws; `content` is its uploaded file.

    Raises ZoneRefused, AreaRefused or AreaFault.
    """
    tool = _said(form, "tool")
    makers = {
        "sectors": _sectors,
        "streets": _streets,
        "address": _address,
        "circle": _circle,
        "corridor": _corridor,
        "commune": _commune,
    }
    if tool == "drawing":
        return _drawing(form, content)
    if tool not in makers:
        raise ZoneRefused("Ce formulaire n'est pas reconnu : rechargez la page et recommencez.")
    return makers[tool](form, ground)


def metres(form: FormData, name: str) -> float:
    """Read a number of metres as people write it. Raises ZoneRefused."""
    return _number(form, name, "Écrivez la distance en mètres, en chiffres.")


def margin_of(form: FormData) -> float:
    """Read the margin around the zone. Raises ZoneRefused."""
    margin_m = metres(form, "metres")
    if not 0 <= margin_m <= MOST_MARGIN_M:
        raise ZoneRefused(
            "La marge va de 0 à %(most)s mètres : au-delà, élargissez le tracé.",
            most=f"{MOST_MARGIN_M:g}",
        )
    return margin_m


async def content_of(form: FormData) -> bytes:
    """Return the uploaded file, no more of it than is read (SECURITY T6). Raises ZoneRefused."""
    given = form.get("file")
    if not isinstance(given, UploadFile) or not given.filename:
        return b""
    content = await given.read(ALERT_LIMITS.bytes + 1)
    await given.close()
    if len(content) > ALERT_LIMITS.bytes:
        raise ZoneRefused("Le fichier est trop lourd : un mégaoctet au plus. Simplifiez le tracé.")
    return content


def _sectors(form: FormData, ground: Ground) -> Made:
    wanted = {str(one) for one in form.getlist("sector")}
    chosen = [one for one in ground.plan.sectors if one.id in wanted]
    if not chosen:
        raise ZoneRefused("Cochez au moins un secteur.")
    idents = tuple(one.id for one in chosen)
    about = _listed([one.name for one in chosen])
    step = Step(op=op_of(form), tool="sectors", about=about)
    return Made(step, union_of(ground.plan, idents), idents)


def _streets(form: FormData, ground: Ground) -> Made:
    wanted = {str(one) for one in form.getlist("street")}
    doors = ground.book.doors
    names = [name for name in (*doors.streets, *ground.lines) if name in wanted]
    names = list(dict.fromkeys(names))
    if not names:
        raise ZoneRefused("Cochez au moins une rue.")
    lines = [line for name in names for line in ground.lines.get(name, ())]
    rows = doors.rows_of(names)
    rows = rows[doors.located[rows]]
    areas = [corridor(lines, half_width_m=ASIDE_M)] if lines else []
    if areas and len(rows):
        held = within_m(areas[0], doors.lon[rows], doors.lat[rows], margin_m=0.0)
        rows = rows[~held]
    if len(rows) or not areas:
        areas.append(around_homes(doors.lon[rows], doors.lat[rows], margin_m=AROUND_M))
    step = Step(op=op_of(form), tool="streets", about=_listed(names))
    return Made(step, joined(areas))


def _address(form: FormData, ground: Ground) -> Made:
    found = ground.book.by_id(_said(form, "address"))
    if found is None:
        raise ZoneRefused("Choisissez une adresse dans la liste.")
    if found.lon is None or found.lat is None:
        raise ZoneRefused("Cette adresse n'a pas de position connue : cherchez sa voisine.")
    radius_m = metres(form, "metres")
    step = Step(op=op_of(form), tool="address", about=found.label[:MOST_ABOUT], metres=radius_m)
    return Made(step, circle(Place(found.lon, found.lat), radius_m=radius_m))


def _circle(form: FormData, _ground: Ground) -> Made:
    asked = "Écrivez la longitude et la latitude en degrés, par exemple 5,0156 et 47,7801."
    lon, lat = _number(form, "lon", asked), _number(form, "lat", asked)
    radius_m = metres(form, "metres")
    step = Step(op=op_of(form), tool="circle", about=f"{lon:.5f} ; {lat:.5f}", metres=radius_m)
    return Made(step, circle(Place(lon, lat), radius_m=radius_m))


def _corridor(form: FormData, ground: Ground) -> Made:
    name = _said(form, "line")
    lines = ground.lines.get(name)
    if not lines:
        raise ZoneRefused("Choisissez une rue ou un cours d'eau dans la liste.")
    width_m = metres(form, "metres")
    step = Step(op=op_of(form), tool="corridor", about=name[:MOST_ABOUT], metres=width_m)
    return Made(step, corridor(lines, half_width_m=width_m / 2))


def _commune(form: FormData, ground: Ground) -> Made:
    if ground.plan.outline is None:
        raise ZoneRefused("Le plan ne dessine pas la commune : choisissez tous ses secteurs.")
    if _said(form, "confirmed") != "yes":
        raise ZoneRefused("Cochez la case pour confirmer que toute la commune est visée.")
    step = Step(op="replace", tool="commune", about=ground.plan.commune.name[:MOST_ABOUT])
    return Made(step, ground.plan.outline, whole=True)


def _drawing(form: FormData, content: bytes) -> Made:
    raw = content or _said(form, "drawing").encode()
    if not raw:
        raise ZoneRefused("Collez un tracé GeoJSON, ou choisissez un fichier.")
    step = Step(op=op_of(form), tool="drawing", about=_said(form, "about")[:MOST_ABOUT])
    document = read_json(raw, limits=ALERT_LIMITS)
    if not _has_lines(document):
        return Made(step, read_area(raw))
    if not _said(form, "metres"):
        raise ZoneRefused("Le tracé a une ligne ou un point : donnez sa largeur ou son rayon.")
    size_m = metres(form, "metres")
    shapes = [_shape(one, size_m) for one in read_features(raw, limits=ALERT_LIMITS)]
    return Made(step.model_copy(update={"metres": size_m}), joined(shapes))


def _shape(feature: Feature, size_m: float) -> Area:
    """Draw a feature: a polygon as it is, a point by its radius, a line by its whole width."""
    drawn = feature.geometry
    if isinstance(drawn, Polygon | MultiPolygon):
        return Area.of(drawn)
    if isinstance(drawn, Point):
        return circle(Place(drawn.x, drawn.y), radius_m=size_m)
    lines = list(drawn.geoms) if isinstance(drawn, MultiLineString) else [drawn]
    return corridor(lines, half_width_m=size_m / 2)


def _has_lines(document: object) -> bool:
    if not isinstance(document, Mapping):
        return False
    inner = document.get("features") if document.get("type") == "FeatureCollection" else None
    parts = inner if isinstance(inner, list) else [document]
    shapes = [one.get("geometry") or one for one in parts if isinstance(one, Mapping)]
    return any(isinstance(one, Mapping) and one.get("type") in LINES for one in shapes)


def _listed(names: Sequence[str]) -> str:
    """Name them, as many as are read at a glance."""
    shown = ", ".join(names)
    if len(shown) <= MOST_ABOUT:
        return shown
    return shown[: MOST_ABOUT - 1].rsplit(",", 1)[0] + "…"


def _said(form: FormData, name: str) -> str:
    value = form.get(name, "")
    return value.strip() if isinstance(value, str) else ""


def _number(form: FormData, name: str, asked: str) -> float:
    text = _said(form, name).replace(",", ".").replace("\u202f", "").replace("\u00a0", "")
    try:
        value = float(text)
    except ValueError as fault:
        raise ZoneRefused(asked) from fault
    if not np.isfinite(value):
        raise ZoneRefused(asked)
    return value


def lines_of(features: Sequence[Mapping[str, object]]) -> dict[str, list[LineString]]:
    """Return the named lines of the plan's folder, by name; a faulty one is left out."""
    found: dict[str, list[LineString]] = {}
    for feature in features:
        told = feature.get("properties")
        name = str(told.get("nom", "")) if isinstance(told, Mapping) else ""
        if not name:
            continue
        try:
            raw = json.dumps(feature.get("geometry")).encode()
            (read,) = read_features(raw, limits=ALERT_LIMITS)
        except (AreaFault, ValueError):
            continue
        drawn = read.geometry
        if isinstance(drawn, LineString):
            found.setdefault(name, []).append(drawn)
        elif isinstance(drawn, MultiLineString):
            found.setdefault(name, []).extend(drawn.geoms)
    return found
