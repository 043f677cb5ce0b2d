"""Tables of those who enrol by themselves: what waits for its code, and each code that was sent."""

from sqlalchemy import Column, Double, Index, PrimaryKeyConstraint, String, Table, Text

from dispatcher.store.schema import (
    commune_column,
    flag_column,
    instant_column,
    key_column,
    mark_column,
    metadata,
    serial_column,
    whole_column,
)

signups = Table(
    "signups",
    metadata,
    commune_column(),
    key_column("signup_id"),  # the digest of what its link holds: the link itself is kept nowhere
    Column("told", Text, nullable=False),  # sealed: all that she said; empty once she is enrolled
    mark_column("code_mark"),  # of the last code sent; empty: it may not be tried any more
    whole_column("tries"),  # wrong codes since the last one was sent
    Column("begun_at", Double, nullable=False),
    Column("code_until", Double, nullable=False),
    instant_column("verified_at"),
    Column("person_id", String(64)),
    PrimaryKeyConstraint("commune", "signup_id"),
    Index(None, "begun_at"),
)

code_sends = Table(
    "code_sends",  # by whom, whence and to what codes were asked for: marks, kept for a day
    metadata,
    serial_column(),
    commune_column(),
    key_column("signup_id"),
    key_column("message"),  # the version that brings it; empty: nobody is behind the contact
    mark_column("contact_mark"),
    mark_column("range_mark"),  # of the number without its last four digits; empty for a mail
    mark_column("source_mark"),  # of the address that asked
    mark_column("network_mark"),  # of its /24, or /48
    Column("sent_at", Double, nullable=False),
    flag_column("used"),
    flag_column("declined"),  # whoever answered refused: nobody is called there again that day
    Index(None, "commune", "sent_at"),
    Index(None, "contact_mark", "sent_at"),
    Index(None, "range_mark", "sent_at"),
    Index(None, "source_mark", "sent_at"),
    Index(None, "network_mark", "sent_at"),
    Index(None, "commune", "message"),
)
