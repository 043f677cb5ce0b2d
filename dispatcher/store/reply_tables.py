"""The table of what people say to us: each SMS, key of who rings back, words of a page."""

from sqlalchemy import Column, Double, Index, PrimaryKeyConstraint, String, Table, Text

from dispatcher.store.schema import commune_column, flag_column, key_column, mark_column, metadata

replies = Table(
    "replies",
    metadata,
    commune_column(),
    key_column("sid"),  # the provider's own, or the form's: the same request ten times is one row
    Column("kind", String(12), nullable=False),  # understood | help | stop | start | unknown
    Column("medium", String(8), nullable=False),  # sms | voice | page
    Column("account", String(40), nullable=False),
    mark_column("contact_mark"),  # of the number; empty: hidden, or erased
    Column("contact", Text, nullable=False),  # sealed: the number, or mail address
    Column("body", Text),  # sealed: the words
    Column("version_id", String(64)),  # of the alert it belongs to
    Column("delivery_id", String(64)),  # its number's own message of that alert
    flag_column("counted"),  # kept as an answer to that message
    Column("said", String(16), nullable=False),  # how it was answered
    Column("received_at", Double, nullable=False),
    PrimaryKeyConstraint("commune", "sid", "kind"),
    Index(None, "sid", "kind", unique=True),  # whichever commune a copy would be filed under
    Index(None, "commune", "received_at"),
    Index(None, "contact_mark"),
)
