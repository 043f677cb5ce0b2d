"""A commune of any size in a SQLite ledger, written in bulk, and alerts to all of it.

Telephone numbers begin with +999, which no country has; everyone has a home within the zone.
"""

import json
import secrets
import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from itertools import islice
from pathlib import Path

import psycopg

from dispatcher.alerts import life
from dispatcher.alerts.drafting import Wanted
from dispatcher.alerts.office import Actor, Office
from dispatcher.alerts.plan_in_force import load
from dispatcher.delivery.accounts import Granted
from dispatcher.delivery.tokens import TokenKeys
from dispatcher.store import personal
from dispatcher.store.ledger import Ledger
from dispatcher.store.migrate import migrate
from dispatcher.store.people import Contact
from dispatcher.store.register_rows import Register
from tests.keyring import RING, opened
from tests.outgoing import KEYS, LOGBOOK_KEY
from zones.area import Area
from zones.geojson import read_area

COMMUNE = "99117"
AUTHOR, APPROVER = Actor("rac", "rac"), Actor("maire", "dos")
PUBLIC_URL = "https://alerte.valombre.example"
_SQUARE = [[4.0, 45.0], [5.0, 45.0], [5.0, 46.0], [4.0, 46.0], [4.0, 45.0]]
_AT_ONCE = 50_000
_TEMPLATE = """id: {ident}
cap: {{category: [Met], event: Crue, responseType: [Evacuate], urgency: Immediate,
  severity: {severity}, certainty: Observed}}
sms: "Mairie de Valombre: crue de la Lerne. Quittez {{secteur}} maintenant. {{lien}}"
voix: "La Lerne monte. Quittez {{secteur}} maintenant."
email:
  objet: "Crue : quittez {{secteur}}"
  corps: "La Lerne monte. Quittez {{secteur}}. {{lien}}"
"""


def plan_files(commune: str = COMMUNE) -> dict[str, bytes]:
    """Return a small plan whose one sector holds everyone."""
    sector = {"type": "Feature", "properties": {"id": "bourg", "nom": "le bourg"},
              "geometry": {"type": "Polygon", "coordinates": [_SQUARE]}}  # fmt: skip
    return {
        "pcs.yaml": f'commune: {{code_insee: "{commune}", nom: Valombre}}\n'.encode(),
        "organisation.yaml": b"fonctions:\n"
        b"  - {code: DOS, titulaire: maire, suppleants: [adj], approuve_alertes: true}\n",
        "annuaire.yaml": b"contacts:\n"
        b'  - {id: maire, nom: MARTIN, tel: ["+33639980001"]}\n'
        b'  - {id: adj, nom: PETIT, tel: ["+33639980002"]}\n',
        "geo/secteurs.geojson": json.dumps(
            {"type": "FeatureCollection", "features": [sector]}
        ).encode(),
        "alerte/modeles/urgent.yaml": _TEMPLATE.format(ident="urgent", severity="Severe").encode(),
        "alerte/modeles/simple.yaml": _TEMPLATE.format(ident="simple", severity="Minor").encode(),
    }


Ways = Callable[[int], Sequence[Contact]]  # of somebody, by her number


def mobile_and_mail(number: int) -> Sequence[Contact]:
    """Give somebody a mobile and a mail box."""
    return (*mobile(number), Contact("email", f"p{number:07d}@valombre.example"))


def mobile(number: int) -> tuple[Contact, ...]:
    """Give somebody a mobile alone."""
    return (Contact("mobile", f"+999{number:08d}"),)


async def settle(
    path: Path,
    people: int,
    *,
    commune: str = COMMUNE,
    first: int = 0,
    ways: Ways = mobile_and_mail,
) -> str:
    """Make the ledger at `path` where it is not, settle people in, and return its address."""
    url = f"sqlite+aiosqlite:///{path}"
    await migrate(url)
    with closing(sqlite3.connect(path)) as database:
        database.execute("PRAGMA synchronous=OFF")
        database.execute("PRAGMA cache_size=-200000")
        numbers = iter(range(first, first + people))
        while some := list(islice(numbers, _AT_ONCE)):
            _write(database, commune, some, ways=ways)
        database.execute("ANALYZE")
        database.commit()
    return url


async def settle_in_postgresql(url: str, people: int, *, commune: str = COMMUNE) -> None:
    """Settle people in a PostgreSQL ledger, each with a mobile."""
    await migrate(url)
    plain, numbers = url.replace("+psycopg", ""), range(people)
    with psycopg.connect(plain) as database, database.cursor() as cursor:
        for table, rows in (
            (_PERSONS, _people(commune, numbers)),
            (_CONTACTS, _contacts(commune, numbers, mobile)),
            (_HOMES, _homes(commune, numbers)),
        ):
            with cursor.copy(f"COPY {table} FROM STDIN") as copy:
                for row in rows:
                    copy.write_row(row)
    with psycopg.connect(plain, autocommit=True) as database:
        database.execute("ANALYZE")


_PERSONS = "persons (commune, person_id, source, name, language, languages, media)"
_CONTACT = ("commune", "person_id", "kind", "mark", "value", "rank")
_CONTACTS = f"contacts ({', '.join(_CONTACT)})"
_HOMES = "homes (commune, person_id, number, label, place_mark, lon, lat)"


def _write(database: sqlite3.Connection, commune: str, numbers: list[int], *, ways: Ways) -> None:
    for table, rows, columns in (
        (_PERSONS, _people(commune, numbers), 7),
        (_CONTACTS, _contacts(commune, numbers, ways), 6),
        (_HOMES, _homes(commune, numbers), 7),
    ):
        places = ", ".join("?" * columns)
        database.executemany(f"INSERT INTO {table} VALUES ({places})", rows)  # noqa: S608 - ours
    database.commit()


def _people(commune: str, numbers: Sequence[int]) -> Iterator[tuple[object, ...]]:
    for n in numbers:  # nobody asks for their names
        yield commune, f"p{n:07d}", "import", "", "fr", '["fr"]', "[]"


def _homes(commune: str, numbers: Sequence[int]) -> Iterator[tuple[object, ...]]:
    for n in numbers:
        yield commune, f"p{n:07d}", 0, "", "", 4.001 + n % 997 / 1000, 45.001 + n % 991 / 1000


def _contacts(commune: str, numbers: Sequence[int], ways: Ways) -> Iterator[tuple[object, ...]]:
    register = Register(commune, RING)
    for n in numbers:
        for one in ways(n):
            row = register.contact(f"p{n:07d}", one)
            yield tuple(row[name] for name in _CONTACT)


def queued(url: str, version_id: str) -> None:
    """Write all SMS of a version launched to everyone straight into the queue, as in `planning`.

    In bulk and without a sync: for what is measured later. Keys are as random as ours are.
    """
    with closing(sqlite3.connect(url.split("///", 1)[1])) as database:
        database.execute("PRAGMA synchronous=OFF")
        database.execute("PRAGMA cache_size=-400000")
        of = "SELECT commune, lane FROM versions WHERE version_id = ?"
        commune, lane = database.execute(of, (version_id,)).fetchone()
        mobiles = database.execute(_MOBILES, (commune,)).fetchall()
        database.executemany(_QUEUED, _deliveries(mobiles, (commune, version_id, lane)))
        for statement in _BEHIND:
            database.execute(statement, {"version": version_id})
        database.commit()


def _deliveries(
    mobiles: Sequence[tuple[str, str]], of: tuple[str, str, int]
) -> Iterator[tuple[object, ...]]:
    commune, version_id, lane = of
    for person, mark in mobiles:
        ident, number = secrets.token_hex(15), int(person[1:])
        place = personal.delivery_at(commune, ident)
        contact = personal.sealed(RING, f"+999{number:08d}", place)
        yield commune, ident, version_id, mark, contact, lane, number


_MOBILES = (
    "SELECT person_id, mark FROM contacts WHERE commune = ? AND kind = 'mobile' ORDER BY person_id"
)
_QUEUED = (
    "INSERT INTO deliveries (commune, delivery_id, version_id, medium, contact_mark, contact,"
    " language, route, lane, position, state, next_at)"
    " VALUES (?, ?, ?, 'sms', ?, ?, 'fr', 'live', ?, ?, 'ready', 0.0)"
)
_BEHIND = (
    "INSERT INTO recipients (serial, person_id)"
    " SELECT serial, 'p' || printf('%07d', position) FROM deliveries"
    " WHERE version_id = :version ORDER BY serial",
    "UPDATE blocks SET materialised_at = 0.0 WHERE version_id = :version",
)


def office_of(ledger: Ledger, commune: str = COMMUNE, *, keys: TokenKeys = KEYS) -> Office:
    """Return the commune at work on this ledger."""
    granted = {medium: Granted(1e6, 0.0) for medium in ("sms", "voice", "email", "webhook")}
    return Office(ledger, commune, LOGBOOK_KEY, keys, PUBLIC_URL, granted)


_AS_IT_IS: Mapping[str, bytes] = {}


async def approved(
    office: Office,
    *,
    template: str = "urgent",
    medium: str = "sms",
    more: Mapping[str, bytes] = _AS_IT_IS,
) -> str:
    """Load the plan with `more` files, draft, submit and approve an alert to everyone; its id."""
    reading = await load(office, plan_files(office.commune) | dict(more), actor=AUTHOR)
    if reading.faults:
        raise RuntimeError(str(reading.faults))
    wanted = Wanted(template=template, sectors=("bourg",), area=everywhere(), media=(medium,))
    alert = await life.make_draft(office, wanted, actor=AUTHOR)
    await life.submit(office, alert, actor=AUTHOR, rings=False, night_confirmed=True)
    await life.approve(office, alert, actor=APPROVER)
    return alert


def everywhere() -> Area:
    """Return the area that holds everyone."""
    geometry = {"type": "Polygon", "coordinates": [_SQUARE]}
    return read_area(json.dumps(geometry).encode())


async def launched(
    url: str,
    *,
    template: str = "urgent",
    medium: str = "sms",
    more: Mapping[str, bytes] = _AS_IT_IS,
) -> str:
    """Launch an alert to everyone of the ledger at `url`; return its version's id."""
    async with opened(url) as ledger:
        office = office_of(ledger)
        alert = await approved(office, template=template, medium=medium, more=more)
        version = await life.launch(
            office, alert, actor=APPROVER, launch_key=alert, night_confirmed=True
        )
        return version.version_id
