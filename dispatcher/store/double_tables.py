"""Tables of one person in two rows of the general register: how they are found, what was said."""

from sqlalchemy import (
    Column,
    Double,
    ForeignKeyConstraint,
    Index,
    PrimaryKeyConstraint,
    String,
    Table,
)

from dispatcher.store.schema import commune_column, key_column, mark_column, metadata


def _of(table: str, column: str = "person_id") -> ForeignKeyConstraint:
    return ForeignKeyConstraint(
        ["commune", column],
        ["persons.commune", "persons.person_id"],
        name=f"fk_{table}_{column}_persons",  # of two to one table, each has its name
        ondelete="CASCADE",
    )


door_names = Table(
    "door_names",  # of each name at each door: who is of one name at one door has one mark
    metadata,
    commune_column(),
    mark_column("mark"),
    key_column("person_id"),
    PrimaryKeyConstraint("commune", "mark", "person_id"),
    _of("door_names"),
    Index(None, "commune", "person_id"),
    sqlite_with_rowid=False,
)

told_apart = Table(
    "told_apart",  # two rows of one name at one door that the town hall said are two people
    metadata,
    commune_column(),
    key_column("person_id"),  # the lower id
    key_column("other_id"),
    Column("told_by", String(64), nullable=False),
    Column("told_at", Double, nullable=False),
    PrimaryKeyConstraint("commune", "person_id", "other_id"),
    _of("told_apart"),
    _of("told_apart", "other_id"),
    Index(None, "commune", "other_id"),
)

joined_as = Table(
    "joined_as",  # the id that a row had which the town hall joined to another: hers from then on
    metadata,
    commune_column(),
    key_column("was"),
    key_column("person_id"),
    Column("external_id", String(64)),  # a file's, where the row that stays has one of its own
    Column("joined_by", String(64), nullable=False),
    Column("joined_at", Double, nullable=False),
    PrimaryKeyConstraint("commune", "was"),
    _of("joined_as"),
    Index(None, "commune", "person_id"),
    Index(None, "commune", "external_id"),
)
