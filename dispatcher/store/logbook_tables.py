"""Tables of the logbooks: the books themselves, and the proof of who was warned.

The lines of every book are in one chain (`tables.logbook`): a book is a place on the shelf.
"""

from sqlalchemy import (
    BigInteger,
    Column,
    Double,
    Index,
    Integer,
    PrimaryKeyConstraint,
    String,
    Table,
)

from dispatcher.store.schema import (
    commune_column,
    instant_column,
    key_column,
    metadata,
    whole_column,
)

books = Table(
    "books",
    metadata,
    commune_column(),
    key_column("event_id"),  # empty: of the commune, whatever happens
    Column("code", String(40), nullable=False),
    Column("label", String(120), nullable=False),
    Column("kind", String(12), nullable=False),  # general | cell | centre | provisional
    Column("opened_at", Double, nullable=False),
    Column("opened_by", String(64), nullable=False),
    instant_column("closed_at"),
    Column("closed_by", String(64)),
    PrimaryKeyConstraint("commune", "event_id", "code"),
)

# What a seal's hash covers: of a delivery as it stood, once, and of nobody by name or number.
evidence = Table(
    "evidence",
    metadata,
    # The delivery's own number: neighbours are sealed together, so pages are written once.
    Column(
        "serial",
        BigInteger().with_variant(Integer, "sqlite"),
        primary_key=True,
        autoincrement=False,
    ),
    commune_column(),
    Column("seal", Integer, nullable=False),
    Column("place", Integer, nullable=False),  # in its seal, from 1: the order of the hash
    key_column("version_id"),
    key_column("delivery_id"),
    Column("medium", String(8), nullable=False),
    Column("state", String(12), nullable=False),
    Column("accepted_ms", BigInteger),  # epoch milliseconds: whole numbers have one spelling
    Column("settled_ms", BigInteger),
    Column("pseudonym", String(32), nullable=False),  # keyed digest of the contact; '' if erased
    Index(None, "commune", "seal", "place", unique=True),
)

sealing = Table(
    "sealing",  # one row a commune: the seal that is being filled, by whom, and until when
    metadata,
    commune_column(),
    whole_column("seal", 1),
    whole_column("filled"),
    Column("until", Double, nullable=False),  # what settled before was gone through
    Column("next_at", Double, nullable=False),
    Column("holder", String(64)),
    instant_column("lease_until"),
    PrimaryKeyConstraint("commune"),
)

sealed_versions = Table(
    "sealed_versions",  # versions that are over, of which everything was gone through once more
    metadata,
    commune_column(),
    key_column("version_id"),
    Column("sealed_at", Double, nullable=False),
    PrimaryKeyConstraint("commune", "version_id"),
)
