"""Tables of the alarms: what was raised, who was told, when it was over."""

from sqlalchemy import Column, Double, Index, PrimaryKeyConstraint, String, Table, Text, text

from dispatcher.store.schema import commune_column, instant_column, key_column, metadata

# What is done once a day whoever is up; without a commune: accounts serve all of an installation.
dailies = Table(
    "dailies",
    metadata,
    Column("what", String(60), nullable=False),
    Column("day", String(20), nullable=False),  # local, YYYY-MM-DD; by hand with the time
    Column("begun_at", Double, nullable=False),
    instant_column("done_at"),
    PrimaryKeyConstraint("what", "day"),
)

alarms = Table(
    "alarms",
    metadata,
    commune_column(),
    key_column("alarm_id"),
    Column("subject", String(80), nullable=False),  # what it is about: one open alarm a subject
    Column("kind", String(20), nullable=False),  # its sentences: dispatcher/alarms/words.py
    Column("problem", Text, nullable=False),
    Column("remedy", Text, nullable=False),
    Column("raised_at", Double, nullable=False),
    key_column("teller"),  # the process that tells those on call
    Column("telling_at", Double, nullable=False),
    instant_column("told_at"),
    instant_column("ended_at"),
    PrimaryKeyConstraint("commune", "alarm_id"),
    Index(
        "ix_alarms_open",
        "commune",
        "subject",
        unique=True,
        sqlite_where=text("ended_at IS NULL"),
        postgresql_where=text("ended_at IS NULL"),
    ),
)
