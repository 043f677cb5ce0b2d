"""Tables of what becomes of contacts: those that fail, and who confirmed hers in the year."""

from sqlalchemy import (
    Column,
    Double,
    ForeignKeyConstraint,
    Index,
    PrimaryKeyConstraint,
    String,
    Table,
    text,
)

from dispatcher.store.schema import (
    commune_column,
    flag_column,
    instant_column,
    key_column,
    mark_column,
    metadata,
    whole_column,
)

_PERSON = (["commune", "person_id"], ["persons.commune", "persons.person_id"])

failing = Table(
    "failing",  # contacts of residents that are nobody's any more, until they work again
    metadata,
    commune_column(),
    key_column("person_id"),
    mark_column("mark"),  # of the contact: one that she took away stays here and counts no more
    Column("why", String(12), nullable=False),  # no_number | no_sms | no_mailbox | bounced
    Column("failed_at", Double, nullable=False),
    key_column("version_id"),  # what was sent to it
    PrimaryKeyConstraint("commune", "person_id", "mark"),
    ForeignKeyConstraint(*_PERSON, ondelete="CASCADE"),
    Index(None, "commune", "mark"),
)

failing_looks = Table(
    "failing_looks",  # how far the ends of deliveries were looked through
    metadata,
    commune_column(),
    Column("upto", Double, nullable=False),
    PrimaryKeyConstraint("commune"),
)

yearly_rules = Table(
    "yearly_rules",  # whether residents are asked once a year if what is kept is right, and how far
    metadata,
    commune_column(),
    flag_column("enabled"),
    Column("changed_by", String(64), nullable=False),
    Column("changed_at", Double, nullable=False),
    Column("day", String(10), nullable=False, server_default=text("''")),
    whole_column("left_today"),
    key_column("after"),  # the last resident who was looked at
    PrimaryKeyConstraint("commune"),
)

yearly = Table(
    "yearly",  # who was asked, reminded, and said that it is right; of the last year that she was
    metadata,
    commune_column(),
    key_column("person_id"),
    Column("asked_at", Double, nullable=False),
    instant_column("reminded_at"),
    instant_column("answered_at"),  # empty again when she is asked anew
    key_column("message"),  # the last one; empty once its link is blanked out
    PrimaryKeyConstraint("commune", "person_id"),
    ForeignKeyConstraint(*_PERSON, ondelete="CASCADE"),
    Index(  # few: whoever answered or was reminded is looked for no more
        "ix_yearly_waiting",
        "commune",
        "asked_at",
        sqlite_where=text("reminded_at IS NULL AND answered_at IS NULL"),
        postgresql_where=text("reminded_at IS NULL AND answered_at IS NULL"),
    ),
)
