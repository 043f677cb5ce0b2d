"""Tables of the pursuit: blocks whose people are looked at next, and the people who went on."""

from sqlalchemy import (
    Column,
    Double,
    Index,
    Integer,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
    text,
)

from dispatcher.store.schema import commune_column, key_column, metadata, whole_column

# One row a block of 500 people, from its deliveries' making until its people are looked at: all
# that the pursuit costs while the first messages leave.
pursuit_blocks = Table(
    "pursuit_blocks",
    metadata,
    commune_column(),
    key_column("version_id"),
    Column("number", Integer, nullable=False),
    Column("due_at", Double, nullable=False),
    PrimaryKeyConstraint("commune", "version_id", "number"),
)

pursuits = Table(
    "pursuits",  # who had not confirmed when her block was looked at, or whose first failed
    metadata,
    commune_column(),
    key_column("version_id"),
    key_column("person_id"),
    Column("block", Integer, nullable=False),
    Column("state", String(10), nullable=False),  # waiting | reached | unreached
    whole_column("taken"),  # steps after her first ways
    Column("due_at", Double, nullable=False),
    Column("delivery_id", String(64)),  # of her last step
    Column("reason", String(40)),  # why she was not reached
    Column("left_out", Text),  # "medium:reason" of each way not taken, in one line
    Column("changed_at", Double, nullable=False),
    PrimaryKeyConstraint("commune", "version_id", "person_id"),
    Index(
        "ix_pursuits_due",
        "commune",
        "version_id",
        "due_at",
        sqlite_where=text("state = 'waiting'"),
        postgresql_where=text("state = 'waiting'"),
    ),
)
