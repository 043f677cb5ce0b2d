"""Tables of access: recovery codes, what was asked and granted, what everybody has to be told."""

from sqlalchemy import JSON, Column, Double, Index, PrimaryKeyConstraint, String, Table, Text, text

from dispatcher.store.schema import (
    commune_column,
    flag_column,
    instant_column,
    key_column,
    metadata,
)

WAITING = text("state = 'asked'")
UNTOLD = text("told_at IS NULL")

recovery_codes = Table(
    "recovery_codes",
    metadata,
    commune_column(),
    key_column("login"),
    key_column("code_hash"),
    Column("made_at", Double, nullable=False),
    instant_column("used_at"),
    PrimaryKeyConstraint("commune", "login", "code_hash"),
)

access_requests = Table(
    "access_requests",
    metadata,
    commune_column(),
    key_column("request_id"),
    Column("kind", String(16), nullable=False),  # invitation | function | removal | return
    # asked | granted | refused | used, for an invitation that was taken up
    Column("state", String(16), nullable=False),
    Column("login", String(64), nullable=False),
    Column("name", Text, nullable=False),
    Column("contact_id", String(64)),
    Column("function", String(40), nullable=False),
    Column("mobile", Text, nullable=False),  # where an invitation goes; empty: nowhere
    Column("email", Text, nullable=False),
    Column("reason", Text, nullable=False),
    flag_column("alone"),  # granted by one person, as the first two days or a crisis allow
    Column("until_event", String(64)),
    Column("asked_by", String(64), nullable=False),
    Column("asked_at", Double, nullable=False),
    Column("decided_by", String(64)),
    instant_column("decided_at"),
    Column("token_hash", String(64)),  # of an invitation's link
    instant_column("token_ends_at"),
    PrimaryKeyConstraint("commune", "request_id"),
    Index(
        "ix_access_requests_waiting",
        "commune",
        "login",
        unique=True,
        sqlite_where=WAITING,
        postgresql_where=WAITING,
    ),
    Index(None, "token_hash"),
)

announcements = Table(
    "announcements",  # told by mail or SMS to people of the plan, once their act is committed
    metadata,
    commune_column(),
    key_column("announcement_id"),
    Column("subject", Text, nullable=False),
    Column("body", Text, nullable=False),
    Column("logins", JSON, nullable=False),  # who is told, besides those who approve alerts
    Column("made_at", Double, nullable=False),
    instant_column("taken_at"),
    instant_column("told_at"),
    PrimaryKeyConstraint("commune", "announcement_id"),
    Index("ix_announcements_untold", "made_at", sqlite_where=UNTOLD, postgresql_where=UNTOLD),
)
