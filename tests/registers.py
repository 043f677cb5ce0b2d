"""The register of vulnerable people under test: who keeps it, who is declared, its keys."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, text

from dispatcher.alerts.office import Actor, Office
from dispatcher.ciphers import Ring
from dispatcher.keys import ring
from dispatcher.residents.place_key import place_key
from dispatcher.store import logbook
from dispatcher.store.addresses import Address, replace_addresses
from dispatcher.store.ledger import Ledger
from dispatcher.vulnerable import agents, opening
from dispatcher.vulnerable.declaration import Declared, Whom
from dispatcher.vulnerable.keeping import Filed, enrol
from dispatcher.vulnerable.opening import PREFECT, Ground
from dispatcher.vulnerable.register import Register
from tests.crises import MAYOR, by
from tests.situations import COMMUNE, add_user, office

PARIS = ZoneInfo("Europe/Paris")
RING = Ring({1: b"v" * 32})
TODAY = date(2026, 7, 14)
NOON = datetime(2026, 7, 14, 10, tzinfo=UTC)
CCAS, SECRETARY = Actor("ccas", "cell_chief"), Actor("etat_civil", "operator")
DPO = Actor("dpo", "dpo")
LEA = Declared(
    surname="Maréchal",
    first_names="Léa",
    born="1938-05-02",
    quality="aged_65",
    address="12 rue de la Sérolle",
    asked_by="person",
    phones=("01 99 00 01 02",),
    to_warn=Whom("Ana Lopez", "child", "06 39 98 01 03"),
)
YVES = replace(LEA, surname="Henry", first_names="Yves", born="1940-01-09", address="3 quai Bas")
ASKED_FOR_YVES = replace(
    YVES, asked_by="third_party", requester=Whom("Zoé Martin", "neighbour", "06 39 98 01 04")
)
HEAT = Ground(PREFECT, "14 h 10, message n° 3 du SIDPC")
DOORS = {"12 rue de la Sérolle": (5.0147, 47.7801), "3 quai Bas": (5.0232, 47.7822)}


def register(desk: Office, *, ring: Ring = RING, now: datetime = NOON) -> Register:
    """Return the register of a commune, at noon of a day of July unless told otherwise."""
    return Register(replace(desk, clock=lambda: now), ring, PARIS)


async def kept(desk: Office, *, now: datetime = NOON) -> Register:
    """Return a register that CCAS keeps, in a commune that knows two doors."""
    found = register(desk, now=now)
    await know_doors(desk.ledger, DOORS)
    await add_user(desk.ledger, CCAS.login, CCAS.function, "Chloé Caron")
    await agents.name(found, CCAS.login, actor=MAYOR)
    return found


async def know_doors(ledger: Ledger, doors: Mapping[str, tuple[float, float]]) -> None:
    """Load these doors as the commune's addresses."""
    rows = [
        Address(str(number), label, label.partition(" ")[2], place_key(label), *place)
        for number, (label, place) in enumerate(doors.items())
    ]
    await replace_addresses(ledger, COMMUNE, rows)


async def with_a_register(ledger: Ledger, data_dir: Path) -> Register:
    """Enrol two people in the register of a console's own folder, and open it on a ground."""
    found = Register(office(ledger), Ring(ring(data_dir, "vulnerable")), PARIS)
    for one in (LEA, ASKED_FOR_YVES):
        await enrol(found, one, filed=Filed(found.today()), actor=MAYOR)
    await opening.open_register(found, HEAT, asked=by(MAYOR))
    return found


async def filed(found: Register, one: Declared = LEA, *, day: date = TODAY, key: str = "") -> int:
    """Enrol somebody on a day, by a click of its own."""
    return (await enrol(found, one, filed=Filed(day, key), actor=CCAS)).number


async def filed_by(found: Register, one: Declared, actor: Actor, day: date, key: str) -> str:
    """Enrol somebody by a click; return her entry."""
    return (await enrol(found, one, filed=Filed(day, key), actor=actor)).entry_id


@dataclass(frozen=True)
class Held:
    """What the tables of the register hold, as a thief of the database would read it."""

    words: str

    @classmethod
    def of(cls, connection: Connection) -> "Held":
        """Read every value of every table as text, bytes as Latin letters."""
        names = connection.dialect.get_table_names(connection)
        rows = [
            row
            for name in names
            for row in connection.execute(text(f'SELECT * FROM "{name}"'))  # noqa: S608 - ours
        ]
        told = [
            value.decode("latin-1") if isinstance(value, bytes) else str(value)
            for row in rows
            for value in row
        ]
        return cls("\n".join(told))


async def lines(ledger: Ledger) -> list[str]:
    """Return the texts of the logbook's lines about the register, in order."""
    return [
        line.text
        async for line in logbook.read_all(ledger, COMMUNE)
        if line.kind.startswith("vulnerable.")
    ]
