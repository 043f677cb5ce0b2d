"""The town of a demonstration: its plan, its addresses, its invented residents, its two users."""

import json
import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import isnan
from pathlib import Path

from dispatcher.access.signing_in import NewUser, create_user
from dispatcher.alerts import plan_in_force
from dispatcher.alerts.office import Actor, Office
from dispatcher.residents.addressing import load_addresses
from dispatcher.residents.importing import Source, import_residents
from dispatcher.residents.invented import (
    AddressPoint,
    invented_residents,
    one_resident_per_address,
    write_residents,
)
from dispatcher.residents.invented_addresses import (
    InventedCommune,
    invented_addresses,
    write_addresses,
)
from dispatcher.store.users import User
from plans.plan import Plan
from zones.addresses import Addresses

SEED = 20261124
STREETS = "geo/rues.geojson"
SETTER_UP = Actor("demo", "administrator")


class NoTown(Exception):
    """The demonstration lacks something; the sentence says what to give it."""


@dataclass(frozen=True)
class SignIn:
    """How a person of the demonstration signs in."""

    login: str
    function: str
    password: str


@dataclass(frozen=True)
class Given:
    """What the demonstration starts from; what it invents is written in `scratch`."""

    files: Mapping[str, bytes]
    addresses: Path | None
    scratch: Path


@dataclass(frozen=True)
class Town:
    """What was set up."""

    plan: Plan
    addresses: int
    users: tuple[SignIn, ...]


async def set_up(office: Office, given: Given) -> Town:
    """Load the plan, the addresses and the residents; raises NoTown, AreaRefused."""
    reading = await plan_in_force.load(office, given.files, actor=SETTER_UP)
    if reading.plan is None or reading.faults:
        first = reading.faults[0]
        raise NoTown(f"{first.file}:{first.line} {first.path} {first.message}")
    plan = reading.plan
    path = given.addresses or _drawn_addresses(plan, given.files, given.scratch)
    read = await load_addresses(office.ledger, office.commune, path)
    residents = given.scratch / "residents.csv"
    points = list(_points(read))
    if given.addresses:
        rows = one_resident_per_address(points, commune=_invented(plan), seed=SEED)
    else:
        rows = invented_residents(points, commune=_invented(plan), seed=SEED)
    write_residents(residents, rows)
    await import_residents(
        office.ledger,
        Source(residents, office.commune),
        author=SETTER_UP.login,
        key=office.logbook_key,
    )
    return Town(plan, len(points), await _users(office))


def _invented(plan: Plan) -> InventedCommune:
    code = plan.commune.insee
    return InventedCommune(code, plan.commune.name, f"{code[:2]}000", "commune.example")


def _drawn_addresses(plan: Plan, files: Mapping[str, bytes], folder: Path) -> Path:
    if STREETS not in files:
        raise NoTown(
            f"Le plan n'a pas de {STREETS} pour inventer des adresses :"
            " donnez un fichier avec --addresses."
        )
    streets = json.loads(files[STREETS])["features"]
    path = folder / "addresses.csv"
    write_addresses(path, invented_addresses(streets, commune=_invented(plan), seed=SEED))
    return path


def _points(read: Addresses) -> Iterator[AddressPoint]:
    for ident, label, lon, lat in zip(
        read.ids, read.label, read.lon.tolist(), read.lat.tolist(), strict=True
    ):
        if not isnan(lon) and not isnan(lat):
            yield AddressPoint(ident, label, lon, lat)


async def _users(office: Office) -> tuple[SignIn, ...]:
    people = (("maire", "dos", "Maire"), ("rac", "rac", "Responsable des actions communales"))
    made = []
    for login, function, name in people:
        password = "-".join(secrets.token_hex(2) for _ in range(4))
        user = User(office.commune, login, name, function)
        new = NewUser(user, password, waived=True)
        await create_user(office.ledger, new, by=SETTER_UP.login, key=office.logbook_key)
        made.append(SignIn(login, function, password))
    return tuple(made)
