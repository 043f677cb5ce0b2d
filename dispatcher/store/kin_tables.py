"""Tables of whom a resident has told how she is: chosen by her, by a code that they gave her."""

from sqlalchemy import (
    Column,
    Double,
    ForeignKeyConstraint,
    Index,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
)

from dispatcher.store.schema import commune_column, key_column, mark_column, metadata

_PERSON = (["commune", "person_id"], ["persons.commune", "persons.person_id"])

kin = Table(
    "kin",  # personne à prévenir
    metadata,
    commune_column(),
    key_column("person_id"),
    mark_column("mark"),  # of the contact
    Column("kind", String(8), nullable=False),  # mobile | email
    Column("contact", Text, nullable=False),  # sealed
    Column("name", Text, nullable=False),  # sealed
    Column("language", String(8), nullable=False),
    Column("agreed_at", Double, nullable=False),
    PrimaryKeyConstraint("commune", "person_id", "mark"),
    ForeignKeyConstraint(*_PERSON, ondelete="CASCADE"),
    Index(None, "commune", "mark"),
)

kin_told = Table(
    "kin_told",  # once each outcome of an alert
    metadata,
    commune_column(),
    key_column("alert_id"),
    key_column("person_id"),
    mark_column("mark"),
    Column("outcome", String(12), nullable=False),  # safe | help | silent | unreached
    key_column("message"),  # the version that tells it; empty once its name is blanked out
    Column("told_at", Double, nullable=False),
    PrimaryKeyConstraint("commune", "alert_id", "person_id", "mark", "outcome"),
    ForeignKeyConstraint(*_PERSON, ondelete="CASCADE"),
)
