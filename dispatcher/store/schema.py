"""What every table of the ledger shares: names of constraints, and columns by what they hold.

Instants (`…_at`, `lease_until`) are seconds since the epoch, UTC. Keys begin with the commune, so
that one installation may host many (an intercommunality and its villages) and never mix them.
"""

from sqlalchemy import BigInteger, Boolean, Column, Double, Integer, MetaData, String, Text, text

metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(referred_table_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    }
)


def commune_column() -> "Column[str]":
    """Return the INSEE code of the commune that owns the row."""
    return Column("commune", String(5), nullable=False)


def key_column(name: str) -> "Column[str]":
    """Return an identifier of ours, at most 64 characters."""
    return Column(name, String(64), nullable=False)


def serial_column() -> "Column[int]":
    """Return a number that the database gives as a row is made: later rows, higher numbers.

    On SQLite it is the row's own place: found without an index, and never changed by a VACUUM.
    """
    return Column("serial", BigInteger().with_variant(Integer, "sqlite"), primary_key=True)


def instant_column(name: str) -> "Column[float]":
    """Return an instant that may not have come yet, in epoch seconds."""
    return Column(name, Double)


def flag_column(name: str) -> "Column[bool]":
    """Return a yes or no, no by default."""
    return Column(name, Boolean, nullable=False, server_default=text("false"))


def whole_column(name: str, start: int = 0) -> "Column[int]":
    """Return a whole number that begins at `start`."""
    return Column(name, Integer, nullable=False, server_default=text(str(start)))


def mark_column(name: str) -> "Column[str]":
    """Return the mark by which what is sealed is looked for (`personal.py`); empty for none."""
    return Column(name, String(32), nullable=False, server_default=text("''"))


def marks_column(name: str) -> "Column[str]":
    """Return a set of account names, none by default: `|one||two|` (`marks.py`)."""
    return Column(name, Text, nullable=False, server_default=text("''"))
