"""A commune at work for tests: a plan of Bruz on real zones, its real addresses, its people."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path

from dispatcher.alerts.office import Actor, Office
from dispatcher.alerts.plan_in_force import load
from dispatcher.delivery.accounts import granted
from dispatcher.delivery.tokens import TokenKeys
from dispatcher.residents.addressing import load_addresses
from dispatcher.residents.importing import Source, import_residents
from dispatcher.residents.invented import (
    AddressPoint,
    InventedCommune,
    one_resident_per_address,
    write_residents,
)
from dispatcher.store.ledger import Ledger
from zones.addresses import read_addresses

SHARED = Path(__file__).parents[1].parent / "shared" / "data"
ADDRESSES = SHARED / "bruz" / "bruz_35047_addresses.csv"
ZONES = SHARED / "bruz" / "bruz_operator_zones_SYNTHETIC.geojson"
BRUZ = "35047"
MIDDLE = (-1.74809, 48.02628)  # of the circles of 150 and 500 m
AUTHOR, APPROVER = Actor("rac", "rac"), Actor("maire", "dos")
KEYS = TokenKeys(b"a" * 32, b"b" * 32)


def bruz_plan(*zones: str) -> dict[str, bytes]:
    """Return a small plan of Bruz whose sectors are these zones; its one scenario has the first."""
    drawn = {one["properties"]["id"]: one for one in json.loads(ZONES.read_bytes())["features"]}
    sectors = [
        {**drawn[zone], "properties": {"id": zone, "nom": f"Secteur {rank}"}}
        for rank, zone in enumerate(zones, start=1)
    ]
    return {
        "pcs.yaml": b'commune: {code_insee: "35047", nom: Bruz}\n',
        "organisation.yaml": b"fonctions:\n"
        b"  - {code: DOS, titulaire: maire, suppleants: [adj], approuve_alertes: true}\n",
        "annuaire.yaml": b"contacts:\n"
        b'  - {id: maire, nom: MARTIN, tel: ["+33639980001"]}\n'
        b'  - {id: adj, nom: PETIT, tel: ["+33639980002"]}\n',
        "risques.yaml": (
            "risques: [{code: inondation, libelle: Inondation}]\n"
            "scenarios:\n"
            f"  - {{id: crue, risque: inondation, secteurs: [{zones[0]}], modeles: [crue]}}\n"
        ).encode(),
        "geo/secteurs.geojson": json.dumps(
            {"type": "FeatureCollection", "features": sectors}
        ).encode(),
        "alerte/modeles/suite.yaml": (
            b"id: suite\nvariables: [secteur, consigne, lien]\n"
            b"cap: {category: [Met], urgency: Immediate, severity: Severe, certainty: Observed}\n"
            b'sms: "Mairie de Bruz, nouvelle consigne pour {secteur}: {consigne}. {lien}"\n'
        ),
        "alerte/modeles/fin.yaml": (
            b"id: fin\nniveau: levee\nvariables: [secteur, lien]\n"
            b'sms: "Mairie de Bruz: fin de l\'alerte, {secteur}. {lien}"\n'
        ),
        "alerte/modeles/erreur.yaml": (
            b"id: erreur\nvariables: [secteur, lien]\n"
            b'sms: "Mairie de Bruz: FAUSSE ALERTE, {secteur}. {lien}"\n'
        ),
        "alerte/modeles/crue.yaml": (
            b"id: crue\n"
            b"suites: {fausse_alerte: erreur, correction: suite, levee: fin}\n"
            b"cap: {category: [Met], event: Crue, responseType: [Evacuate], urgency: Immediate,"
            b" severity: Severe, certainty: Observed}\n"
            b'sms: "Mairie de Bruz: crue, quittez {secteur} maintenant. {lien}"\n'
            b'voix: "La Vilaine monte. Quittez {secteur} maintenant."\n'
            b'email: {objet: "Crue : quittez {secteur}", corps: "La Vilaine monte. {lien}"}\n'
        ),
    }


def write_plan(folder: Path, files: Mapping[str, bytes]) -> Path:
    """Write a plan's files into a folder."""
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return folder


def office_of(ledger: Ledger, commune: str = BRUZ) -> Office:
    """Return a commune at work on this ledger."""
    return Office(ledger, commune, b"l" * 32, KEYS, "https://alerte.bruz.example", granted())


def _near() -> Iterator[str]:
    """Give the header and the addresses within about 700 m of the middle of the circles."""
    with ADDRESSES.open(encoding="utf-8") as lines:
        yield next(lines)
        for line in lines:
            lon, lat = map(float, line.rsplit(",", 3)[1:3])
            if abs(lon - MIDDLE[0]) < 0.0095 and abs(lat - MIDDLE[1]) < 0.0065:
                yield line


async def bruz_office(ledger: Ledger, folder: Path, *zones: str) -> Office:
    """Load the plan of Bruz, the addresses round its circles, one invented resident at each."""
    office = office_of(ledger)
    reading = await load(office, bruz_plan(*zones), actor=AUTHOR)
    assert not reading.faults, reading.faults
    near = folder / "addresses.csv"
    near.write_text("".join(_near()), encoding="utf-8")
    await load_addresses(ledger, BRUZ, near)
    read = read_addresses(near)
    points = [
        AddressPoint(*one)
        for one in zip(read.ids, read.label, read.lon.tolist(), read.lat.tolist(), strict=True)
    ]
    commune = InventedCommune(BRUZ, "Bruz", "35170", "bruz.example")
    path = folder / "residents.csv"
    write_residents(path, one_resident_per_address(points, commune=commune, seed=7))
    await import_residents(ledger, Source(path, BRUZ), author="test", key=office.logbook_key)
    return office
