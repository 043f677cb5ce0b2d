"""The residents' keys of tests: one ring for every ledger, so that templates can be copied."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from sqlalchemy import ColumnElement, make_url, select

from dispatcher.ciphers import Ring
from dispatcher.store import ledger as store
from dispatcher.store import personal
from dispatcher.store.crash_points import Passing, pass_by
from dispatcher.store.ledger import Ledger, Timing
from dispatcher.store.outgoing import deliveries
from dispatcher.store.people import Contact
from dispatcher.store.register_keys import residents_ring
from dispatcher.store.register_rows import Register
from dispatcher.store.registers import Home

KEY = b"the key of every resident we try"
RING = Ring({1: KEY})


def keep_ring(data_dir: Path) -> Path:
    """Put the key where a process of this data folder finds it, unless it has made its own."""
    path = data_dir / "keys" / "residents"
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    if not path.exists():
        path.write_bytes(KEY)
    return data_dir


def ring_of(url: str) -> Ring:
    """Return the keys of a ledger: those of its folder, where it is a file."""
    address = make_url(url)
    if address.get_backend_name() != "sqlite" or not address.database:
        return RING
    folder = Path(address.database).parent
    return residents_ring(keep_ring(folder)) if folder.is_dir() else RING


@asynccontextmanager
async def opened(
    url: str, *, timing: Timing | None = None, passing: Passing = pass_by
) -> AsyncIterator[Ledger]:
    """Open a ledger with its keys."""
    async with store.opened(url, ring=ring_of(url), timing=timing, passing=passing) as ledger:
        yield ledger


def name_of(commune: str, person_id: str, name: str) -> str:
    """Return a name as the ledger keeps it."""
    return personal.sealed(RING, name, personal.name_at(commune, person_id))


def way_row(commune: str, person_id: str, contact: Contact) -> dict[str, object]:
    """Return a contact as the ledger keeps it."""
    return Register(commune, RING).contact(person_id, contact)


def home_row(commune: str, person_id: str, home: Home, *, number: int = 0) -> dict[str, object]:
    """Return a home as the ledger keeps it."""
    return Register(commune, RING).home(person_id, number, one=home)


def mark_of(contact: str) -> str:
    """Return the mark of a number or an address."""
    return personal.contact_mark(RING, contact)


def sent_to(commune: str, delivery_id: str, contact: str) -> dict[str, object]:
    """Return where a delivery goes to, as the ledger keeps it."""
    place = personal.delivery_at(commune, delivery_id)
    return {"contact_mark": mark_of(contact), "contact": personal.sealed(RING, contact, place)}


def reply_of(
    commune: str, sid: str, kind: object, contact: object, body: object
) -> dict[str, object]:
    """Return the number and the words of a reply, as the ledger keeps them."""

    def kept(column: str, said: object) -> str:
        place = personal.reply_at(column, commune, sid, str(kind))
        return personal.sealed(RING, str(said), place) if said else ""

    words = None if body is None else kept("body", body)
    mark = mark_of(str(contact))
    return {"kind": kind, "contact_mark": mark, "contact": kept("contact", contact), "body": words}


async def contacts_sent(ledger: Ledger, *where: ColumnElement[bool]) -> list[str]:
    """Return where the deliveries of this condition go to, in the order of their positions."""
    wanted = select(deliveries).where(*where).order_by(deliveries.c.position, deliveries.c.serial)
    async with ledger.reading() as connection:
        rows = (await connection.execute(wanted)).all()
    return [personal.contact_of(RING, row) for row in rows]
