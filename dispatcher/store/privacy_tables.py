"""Tables of the law at work: how long data stays, what was purged, what is held, who opened it."""

from sqlalchemy import (
    JSON,
    Column,
    Double,
    Integer,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
    text,
)  # fmt: skip

from dispatcher.store.schema import commune_column, instant_column, key_column, metadata

retention_periods = Table(
    "retention_periods",  # as set with the data protection officer: the last of each kind counts
    metadata,
    commune_column(),
    Column("kind", String(20), nullable=False),
    Column("set_at", Double, nullable=False),
    Column("days", Integer, nullable=False),
    Column("reference", Text, nullable=False),  # of the decision, where it is filed
    Column("set_by", String(64), nullable=False),
    PrimaryKeyConstraint("commune", "kind", "set_at"),
)

purges = Table(
    "purges",  # one row a transaction that purged something, written in that very transaction
    metadata,
    commune_column(),
    key_column("run_id"),
    Column("kind", String(20), nullable=False),
    Column("number", Integer, nullable=False),  # of the part in its run, from 1
    Column("before", Double, nullable=False),  # what was older
    Column("rows", Integer, nullable=False),
    Column("digest", String(64), nullable=False),  # SHA-256 over the keys of the rows, in order
    Column("purged_at", Double, nullable=False),
    Column("line", Integer),  # of the logbook, that tells it
    PrimaryKeyConstraint("commune", "run_id", "kind", "number"),
)

legal_holds = Table(
    "legal_holds",  # what nobody may purge: a court or an insurer asks for it
    metadata,
    commune_column(),
    key_column("hold_id"),
    key_column("alert_id"),  # empty: every alert of the commune
    Column("reason", Text, nullable=False),
    Column("reference", Text, nullable=False),
    Column("placed_by", String(64), nullable=False),
    Column("placed_at", Double, nullable=False),
    Column("lift_asked_by", String(64)),
    instant_column("lift_asked_at"),
    Column("lifted_by", String(64)),
    instant_column("lifted_at"),
    PrimaryKeyConstraint("commune", "hold_id"),
)

evidence_openings = Table(
    "evidence_openings",  # one asks with a reason, another agrees, and it ends by itself
    metadata,
    commune_column(),
    key_column("opening_id"),
    Column("what", String(12), nullable=False, server_default=text("'evidence'")),  # | register
    Column("reason", Text, nullable=False),
    Column("reference", Text, nullable=False),
    Column("asked_by", String(64), nullable=False),
    Column("asked_at", Double, nullable=False),
    Column("agreed_by", String(64)),
    instant_column("agreed_at"),
    Column("closed_by", String(64)),
    instant_column("closed_at"),
    PrimaryKeyConstraint("commune", "opening_id"),
)

eliminations = Table(
    "eliminations",  # slips for the archivist's visa: nothing of them goes before it
    metadata,
    commune_column(),
    Column("number", Integer, nullable=False),
    Column("before", Double, nullable=False),
    Column("seals", JSON, nullable=False),  # numbers of the seals that would go, whole
    Column("counts", JSON, nullable=False),
    Column("made_by", String(64), nullable=False),
    Column("made_at", Double, nullable=False),
    Column("visa_by", Text),  # the archivist, as she signs
    Column("visa_reference", Text),
    Column("visa_on", String(10)),  # ISO 8601
    Column("recorded_by", String(64)),
    instant_column("recorded_at"),
    Column("begun_by", String(64)),
    instant_column("begun_at"),
    instant_column("done_at"),
    Column("given_up_by", String(64)),
    instant_column("given_up_at"),
    PrimaryKeyConstraint("commune", "number"),
)
