"""By which keys the residents of this ledger are sealed: others are refused before they are used.

A key folder that was lost makes itself anew: what it sealed from then on would mix two registers,
each unreadable to the other.
"""

from collections.abc import Mapping
from pathlib import Path

from sqlalchemy import Column, Connection, PrimaryKeyConstraint, String, Table, select

from dispatcher.ciphers import Ring
from dispatcher.keys import KeyRefused
from dispatcher.keys import ring as keys_of
from dispatcher.store.edition import OtherKeys
from dispatcher.store.schema import metadata
from dispatcher.store.statements import insert_in

RESIDENTS = "residents"

register_keys = Table(
    "register_keys",
    metadata,
    Column("ring", String(32), nullable=False),
    Column("mark", String(64), nullable=False),  # what only its first key makes
    PrimaryKeyConstraint("ring"),
)


def residents_ring(data_dir: Path) -> Ring:
    """Return the keys of the residents' register of this installation; raises KeyRefused."""

    def again() -> Mapping[int, bytes]:
        try:
            return keys_of(data_dir, RESIDENTS)
        except (KeyRefused, OSError):  # what it would open is not opened, and told as such
            return {}

    return Ring(keys_of(data_dir, RESIDENTS), again)


def fit(connection: Connection, ring: Ring) -> bool:
    """Tell whether the ledger knows these keys; False where it knows none yet. Raises OtherKeys."""
    wanted = select(register_keys.c.mark).where(register_keys.c.ring == RESIDENTS)
    known = connection.execute(wanted).scalar()
    if known is not None and known != _mark(ring):
        raise OtherKeys
    return known is not None


def adopt(connection: Connection, ring: Ring) -> None:
    """Let the ledger know its keys, once. Raises OtherKeys where it has others."""
    row = {"ring": RESIDENTS, "mark": _mark(ring)}
    made = insert_in(connection.dialect.name, register_keys).values(row)
    connection.execute(made.on_conflict_do_nothing())
    fit(connection, ring)


def _mark(ring: Ring) -> str:
    return ring.mark("ring", RESIDENTS)
