"""Tables of residents who look after themselves: links to their pages, and who was erased."""

from sqlalchemy import Column, Double, ForeignKeyConstraint, Index, PrimaryKeyConstraint, Table

from dispatcher.store.schema import commune_column, key_column, mark_column, metadata

own_links = Table(
    "own_links",  # they end with their person
    metadata,
    commune_column(),
    key_column("link_id"),  # the digest of what the link holds: the link itself is kept nowhere
    key_column("person_id"),
    Column("until", Double, nullable=False),
    PrimaryKeyConstraint("commune", "link_id"),
    ForeignKeyConstraint(
        ["commune", "person_id"], ["persons.commune", "persons.person_id"], ondelete="CASCADE"
    ),
    Index(None, "link_id"),
    Index(None, "commune", "person_id"),
)

gone_marks = Table(
    "gone_marks",  # by what somebody who was erased is known again: no file brings her back
    metadata,
    commune_column(),
    mark_column("mark"),  # of her name and a contact or a door of hers, together
    Column("gone_at", Double, nullable=False),
    PrimaryKeyConstraint("commune", "mark"),
    sqlite_with_rowid=False,
)
