"""By which keys the residents of this ledger are sealed: others are refused before they are used.

A key folder that was lost makes itself anew, and an older copy of it lacks the newest key: what is
sealed from then on would mix two registers, each unreadable to the other.
"""

from collections.abc import Mapping
from pathlib import Path

from sqlalchemy import Column, Connection, Integer, PrimaryKeyConstraint, String, Table, select

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
    Column("number", Integer, nullable=False),
    Column("witness", String(64), nullable=False),  # what only the key of this number makes
    PrimaryKeyConstraint("ring", "number"),
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
    """Tell whether the ledger knows all of these keys. Raises OtherKeys.

    That is where one that the ledger knows is missing here, or is another one.
    """
    wanted = select(register_keys.c.number, register_keys.c.witness).where(
        register_keys.c.ring == RESIDENTS
    )
    known = {row.number: row.witness for row in connection.execute(wanted)}
    for number, witness in known.items():
        if number not in ring.keys or ring.witness(number) != witness:
            raise OtherKeys
    return known.keys() == ring.keys.keys()


def adopt(connection: Connection, ring: Ring) -> None:
    """Let the ledger know its keys. Raises OtherKeys where it has others."""
    rows = [
        {"ring": RESIDENTS, "number": number, "witness": ring.witness(number)}
        for number in ring.keys
    ]
    made = insert_in(connection.dialect.name, register_keys)
    connection.execute(made.on_conflict_do_nothing(), rows)
    fit(connection, ring)
