"""The town of the model: two sectors, those who live there and beside, and how each is reached."""

import json
from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import Connection, delete, insert, update

from dispatcher.alerts.office import Actor, Office
from dispatcher.alerts.plan_in_force import load
from dispatcher.store.accounts import accounts
from dispatcher.store.decision_tables import alert_steps
from dispatcher.store.ledger import Ledger
from dispatcher.store.outgoing import (
    alerts,
    answers,
    attempts,
    blocks,
    deliveries,
    receipts,
    recipients,
    unreachable,
    versions,
)
from dispatcher.store.people import Contact
from dispatcher.store.pursuit_tables import pursuit_blocks, pursuits
from dispatcher.store.tables import contacts, homes, persons
from tests.outgoing import KEYS, LOGBOOK_KEY, PUBLIC_URL, Inhabitant, phone, settle_in

AUTHOR, APPROVER = Actor("rac", "rac"), Actor("maire", "dos")
_WEST = {"A": 5.00, "B": 5.02, "": 5.10}  # of each sector, in degrees; the empty one is outside
_SOUTH, _SIDE = 47.0, 0.01


def _fixed(number: int) -> str:
    return f"+3319900{number:04d}"


@dataclass(frozen=True)
class Cast:
    """Someone of the town: her homes' sectors, and her contacts."""

    id: str
    sectors: str
    contacts: tuple[Contact, ...]


CAST = (
    Cast("p0", "A", (Contact("mobile", phone(0)), Contact("email", "p0@valombre.example", 1))),
    Cast("p1", "A", (Contact("mobile", phone(1)),)),
    Cast("p2", "A", (Contact("mobile", phone(1)), Contact("fixed", _fixed(2), 1))),
    Cast(
        "p3",
        "B",
        (
            Contact("mobile", phone(3)),
            Contact("fixed", _fixed(3), 1),
            Contact("email", "p3@valombre.example", 2),
        ),
    ),
    Cast("p4", "B", (Contact("email", "p4@valombre.example"),)),
    Cast("p5", "AB", (Contact("mobile", phone(5)),)),
    Cast("p6", "", (Contact("mobile", phone(6)),)),
    Cast("p7", "A", ()),
    Cast("p8", "B", (Contact("fixed", _fixed(8)),)),
)
PLAYERS = (  # of the exercises: people of the plan, whom no alert to the population goes to
    Cast("contact:maire", "", (Contact("mobile", "+33639980901"),)),
    Cast("contact:adj", "", (Contact("mobile", "+33639980902"),)),
)
EVERYBODY = (*CAST, *PLAYERS)  # fmt: skip


def _sector(ident: str) -> dict[str, object]:
    west, south = _WEST[ident], _SOUTH
    east, north = west + _SIDE, south + _SIDE
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    return {
        "type": "Feature",
        "properties": {"id": ident, "nom": f"Secteur {ident}"},
        "geometry": {"type": "Polygon", "coordinates": [ring]},
    }


def _template(ident: str, severity: str) -> bytes:
    return (
        f"id: {ident}\n"
        "cap: {category: [Met], event: Crue, responseType: [Evacuate], urgency: Immediate,"
        f" severity: {severity}, certainty: Observed}}\n"
        f'sms: "{ident}: quittez {{secteur}}. {{lien}}"\n'
        f'voix: "{ident}: quittez {{secteur}} maintenant."\n'
        f'email: {{objet: "{ident}", corps: "Quittez {{secteur}}. {{lien}}"}}\n'
    ).encode()


PLAN = {
    "pcs.yaml": b'commune: {code_insee: "35047", nom: Valombre}\n',
    "organisation.yaml": b"fonctions:\n"
    b"  - {code: DOS, titulaire: maire, suppleants: [adj], approuve_alertes: true}\n",
    "annuaire.yaml": b"contacts:\n"
    b'  - {id: maire, nom: MARTIN, tel: ["+33639980901"]}\n'
    b'  - {id: adj, nom: PETIT, tel: ["+33639980902"]}\n',
    "geo/secteurs.geojson": json.dumps(
        {"type": "FeatureCollection", "features": [_sector("A"), _sector("B")]}
    ).encode(),
    "alerte/reglement.yaml": b"emetteur_sms: Valombre\n"
    b"langue: fr\n"
    b"cibles:\n"
    b"  - {id: tous, priorite: 1, selection: {secteurs: tous}, canaux: [sms, voix, email]}\n"
    b"escalade: {delais_min: [5, 10]}\n",
    "alerte/modeles/crue.yaml": _template("crue", "Severe"),
    "alerte/modeles/avis.yaml": _template("avis", "Minor"),
}


def office_at(ledger: Ledger, commune: str) -> Office:
    """Return the commune at work on this ledger."""
    return Office(ledger, commune, LOGBOOK_KEY, KEYS, PUBLIC_URL, {})


async def empty(ledger: Ledger) -> None:
    """Forget every alert; the logbooks stay, as their database wants it."""
    gone = (
        receipts, answers, attempts, recipients, deliveries, unreachable, pursuits,
        pursuit_blocks, blocks, alert_steps, versions, alerts, accounts, homes, contacts, persons,
    )  # fmt: skip

    def act(connection: Connection) -> None:
        for table in gone:
            connection.execute(delete(table))

    await ledger.write(act)


async def found(ledger: Ledger, commune: str) -> None:
    """Give an empty ledger the town: its plan, its people, their homes."""
    people = [Inhabitant(one.id, one.contacts) for one in CAST]
    await settle_in(ledger, people, commune=commune)
    living = [row for one in CAST for row in _homes(commune, one.id, one.sectors)]
    await ledger.write(lambda connection: connection.execute(insert(homes), living))
    reading = await load(office_at(ledger, commune), PLAN, actor=AUTHOR)
    assert not reading.faults, reading.faults


async def live_in(ledger: Ledger, commune: str, person: str, sectors: str) -> None:
    """Let someone live in these sectors from now on; an empty text is outside."""
    async with ledger.writing() as connection:
        mine = (homes.c.commune == commune, homes.c.person_id == person)
        await connection.execute(delete(homes).where(*mine))
        await connection.execute(insert(homes), _homes(commune, person, sectors))


def _homes(commune: str, person: str, sectors: str) -> list[dict[str, object]]:
    return [_home(commune, person, number, one) for number, one in enumerate(sectors or [""])]


def _home(commune: str, person: str, number: int, sector: str) -> dict[str, object]:
    return {
        "commune": commune, "person_id": person, "number": number, "label": "", "place_mark": "",
        "lon": _WEST[sector] + _SIDE / 2, "lat": _SOUTH + _SIDE / 2,
    }  # fmt: skip


async def leave_list(ledger: Ledger, commune: str, person: str, *, at: float) -> None:
    """Take someone off the list."""
    mine = (persons.c.commune == commune, persons.c.person_id == person)
    async with ledger.writing() as connection:
        await connection.execute(update(persons).where(*mine).values(unsubscribed_at=at))


def behind(contact: str, people: Iterable[str]) -> frozenset[str]:
    """Return who of these has this contact."""
    return frozenset(
        one.id
        for one in EVERYBODY
        if one.id in people and contact in {c.value for c in one.contacts}
    )
