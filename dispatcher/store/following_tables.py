"""Tables of what follows an alert: calls for help, its clocks, who was told at the door."""

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

from dispatcher.store.schema import commune_column, instant_column, key_column, metadata

OPEN = "closed_at IS NULL"

help_calls = Table(
    "help_calls",  # who asked for help: without a name or a number, only where to find them
    metadata,
    commune_column(),
    key_column("call_id"),
    Column("alert_id", String(64), nullable=False),  # empty: it names no alert
    Column("mode", String(16), nullable=False),  # of the alert; real where there is none
    Column("subject", String(64), nullable=False),  # one telephone asks once until it is answered
    Column("delivery_id", String(64)),  # the message that it answers
    Column("sid", String(64)),  # of the reply that nobody could count; register: the card
    Column("via", String(12), nullable=False),  # page | keypad | sms | ring | door | register
    Column("came_at", Double, nullable=False),
    instant_column("again_at"),  # asked once more while it was open
    instant_column("anew_at"),  # … of its owner, first since she last did something with it
    Column("owner", String(64)),  # a login
    instant_column("owned_at"),
    instant_column("rung_at"),  # when the RAC was called because nobody had taken it
    instant_column("tried_at"),  # when she was to be called last, and nobody could be
    Column("outcome", String(12)),  # team_sent | called_back | passed_on | no_action
    Column("note", Text, nullable=False, server_default=text("''")),
    instant_column("passed_at"),  # to the fire service's control room (CODIS)
    Column("passed_ref", Text, nullable=False, server_default=text("''")),
    Column("closed_by", String(64)),
    instant_column("closed_at"),
    Column("mission", String(64)),  # that was made of it: its team was sent
    Column("report_id", String(64)),  # of the door where somebody needs help
    PrimaryKeyConstraint("commune", "call_id"),
    Index(
        "ix_help_calls_open",
        "commune",
        "alert_id",
        "subject",
        unique=True,
        sqlite_where=text(OPEN),
        postgresql_where=text(OPEN),
    ),
    Index(
        "ix_help_calls_waiting",
        "came_at",
        sqlite_where=text(OPEN),
        postgresql_where=text(OPEN),
    ),
    Index(None, "commune", "came_at"),
)

clock_marks = Table(
    "clock_marks",  # a clock of the alert policy that somebody stopped by hand
    metadata,
    commune_column(),
    key_column("alert_id"),
    Column("clock", String(12), nullable=False),  # information | control | sitrep
    Column("done_at", Double, nullable=False),
    Column("done_by", String(64), nullable=False),
    Column("note", Text, nullable=False),
    PrimaryKeyConstraint("commune", "alert_id", "clock", "done_at"),
)

told_marks = Table(
    "told_marks",  # of who was not reached: told all the same, by somebody's own mouth
    metadata,
    commune_column(),
    key_column("version_id"),
    key_column("person_id"),
    Column("how", String(12), nullable=False),  # phoned | at_door | absent
    Column("told_at", Double, nullable=False),
    Column("told_by", String(64), nullable=False),
    PrimaryKeyConstraint("commune", "version_id", "person_id"),
)

version_sectors = Table(
    "version_sectors",  # where those of a frozen audience live: by the plan at the launch
    metadata,
    commune_column(),
    key_column("version_id"),
    key_column("person_id"),
    Column("sector", String(64), nullable=False),  # its name; empty: outside every sector
    PrimaryKeyConstraint("commune", "version_id", "person_id"),
    sqlite_with_rowid=False,
)

sector_turns = Table(
    "sector_turns",  # how far that has come: blocks of the audience, in order
    metadata,
    commune_column(),
    key_column("version_id"),
    Column("blocks", Integer, nullable=False),
    PrimaryKeyConstraint("commune", "version_id"),
)
