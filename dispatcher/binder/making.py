"""Making a binder: one archive of PDF, CSV, GeoJSON, the plan and the signed logbook, sealed."""

import asyncio
import hashlib
import io
import json
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from shapely.geometry import mapping

from dispatcher.alerts.office import Office, utc_now
from dispatcher.alerts.plan_in_force import in_force
from dispatcher.binder.contents import MOST_ON_PAPER, ToReach, form, to_reach
from dispatcher.binder.envelope import check_recipient, seal
from dispatcher.logbook.cells import table
from dispatcher.logbook.export import export
from dispatcher.logbook.typesetting import typeset
from dispatcher.store import logbook, plans
from dispatcher.store.logbook import Entry
from plans.plan import Plan
from zones.area import Area, Place

CALLS = ("secteur", "rue", "numero", "nom", "telephones", "emails", "langue", "a_savoir")
LINES = ("LineString", "MultiLineString")
README = """Classeur de crise de {commune}, fait le {made}, plan {version}.

classeur.pdf          fiches, annuaire, cartes des secteurs, appels par rue, feuilles à remplir
appels.csv            tous les inscrits, par rue{all}
annuaire.csv          les contacts du plan
carte.geojson         secteurs, zones d'aléa, enjeux, centres, points de rassemblement
plan/                 le plan tel qu'il est en vigueur
main-courante.jsonl   la main courante, signée ; « tocsin log verify --against » la compare

Ce que vous écrivez sur les feuilles se recopie dans Tocsin avec l'heure de l'événement.
"""


@dataclass(frozen=True)
class Binder:
    """A sealed binder: its name, its bytes, how many people it tells of."""

    name: str
    sealed: bytes
    people: int

    @property
    def sha256(self) -> str:
        """Return the digest by which a copy is known."""
        return hashlib.sha256(self.sealed).hexdigest()


async def build(office: Office, *, recipient: str, by: str) -> Binder:
    """Make and seal the binder of a commune, and write a line of it.

    Raises NotThere without a plan, EnvelopeRefused on a faulty recipient, NotPrinted.
    """
    check_recipient(recipient)
    plan = (await in_force(office)).plan
    now = utc_now()
    people = await to_reach(office, plan)
    archive = await _archive(office, plan, people, now)
    sealed = await asyncio.to_thread(seal, archive, recipient)
    there = now.astimezone(ZoneInfo(plan.commune.timezone))
    binder = Binder(f"classeur-{office.commune}-{there:%Y-%m-%d}.tocsin", sealed, len(people))
    told = {"people": len(people), "bytes": len(sealed), "sha256": binder.sha256}
    entry = Entry(by, "binder.made", "Classeur de crise fait et scellé", told)
    await logbook.write(office.ledger, commune=office.commune, entry=entry, key=office.logbook_key)
    return binder


async def _archive(office: Office, plan: Plan, people: Sequence[ToReach], now: datetime) -> bytes:
    kept = await plans.in_force(office.ledger, office.commune)
    files: Mapping[str, bytes] = kept.files if kept else {}
    there = now.astimezone(ZoneInfo(plan.commune.timezone))
    shown = form(plan, people, ground=ground_of(files), now=there)
    log = io.BytesIO()
    lines = logbook.read_all(office.ledger, office.commune)
    await export(lines, log, commune=office.commune, key=office.logbook_key, now=now)
    rest = ", le PDF s'arrête avant" if len(people) > MOST_ON_PAPER else ""
    made = f"{there:%d/%m/%Y à %H:%M}"
    told = README.format(commune=plan.commune.name, made=made, version=plan.version, all=rest)
    parts = {
        "LISEZ-MOI.txt": told.encode(),
        "classeur.pdf": await typeset("binder", shown),
        "appels.csv": table(CALLS, map(_call, people)).encode(),
        "annuaire.csv": _directory(plan).encode(),
        "carte.geojson": json.dumps(layers(plan), ensure_ascii=False).encode(),
        "main-courante.jsonl": log.getvalue(),
        **{f"plan/{path}": content for path, content in sorted(files.items())},
    }
    return await asyncio.to_thread(_zipped, parts)


def _zipped(parts: Mapping[str, bytes]) -> bytes:
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return whole.getvalue()


def _call(one: ToReach) -> Sequence[str]:
    ways = (" | ".join(one.phones), " | ".join(one.emails))
    return (one.sector, one.street, one.number, one.name, *ways, one.language, one.notes)


def _directory(plan: Plan) -> str:
    head = ("nom", "qualite", "structure", "telephones", "email", "competences", "disponibilite")
    return table(
        head,
        (
            (one.full_name, one.title or "", one.organisation or "", " | ".join(one.phones),
             one.email or "", ", ".join(one.skills), one.availability or "")
            for one in plan.contacts
        ),
    )  # fmt: skip


def ground_of(files: Mapping[str, bytes]) -> list[Mapping[str, Any]]:
    """Return the lines that the plan's folder brings beside its layers: streets, rivers."""
    found: list[Mapping[str, Any]] = []
    for path, content in files.items():
        if not path.endswith(".geojson"):
            continue
        try:
            features = json.loads(content)["features"]
            found += [one["geometry"] for one in features if one["geometry"]["type"] in LINES]
        except (ValueError, KeyError, TypeError):
            continue  # a map does without
    return found


def layers(plan: Plan) -> dict[str, object]:
    """Return what the plan draws as one GeoJSON; `couche` says of each feature what it is."""
    features = [_surface("commune", plan.commune.name, plan.outline)] if plan.outline else []
    features += [_surface("secteur", one.name, one.area) for one in plan.sectors]
    features += [_surface("zone_alea", one.id, one.area) for one in plan.hazard_zones]
    features += list(_points(plan))
    return {"type": "FeatureCollection", "features": features}


def _points(plan: Plan) -> Iterable[dict[str, object]]:
    for asset in plan.assets:
        yield _point("enjeu", asset.name, asset.place)
    for centre in plan.centres:
        if centre.place is not None:
            yield _point("centre", centre.label, centre.place)
    for point in plan.assembly_points:
        yield _point("rassemblement", point.label, point.place)


def _surface(layer: str, name: str, area: Area) -> dict[str, object]:
    return _feature(layer, name, mapping(area.geometry))


def _point(layer: str, name: str, place: Place) -> dict[str, object]:
    return _feature(layer, name, {"type": "Point", "coordinates": [place.lon, place.lat]})


def _feature(layer: str, name: str, geometry: object) -> dict[str, object]:
    told = {"couche": layer, "nom": name}
    return {"type": "Feature", "properties": told, "geometry": geometry}
