"""The table of sketches: alerts that are being written, before anything of them is frozen."""

from sqlalchemy import JSON, Column, Double, Index, PrimaryKeyConstraint, String, Table

from dispatcher.store.schema import commune_column, key_column, metadata, whole_column

sketches = Table(
    "sketches",
    metadata,
    commune_column(),
    key_column("alert_id"),
    whole_column("revision", 1),  # who saves says which one she read
    Column("mode", String(16), nullable=False),  # real | rehearsal | exercise | public_test
    Column("event", String(64)),
    Column("chosen", JSON, nullable=False),  # dispatcher/alerts/sketch.py
    Column("frozen", String(64)),  # digest of the version that was made from this revision
    Column("created_by", String(64), nullable=False),
    Column("created_at", Double, nullable=False),
    Column("changed_by", String(64), nullable=False),
    Column("changed_at", Double, nullable=False),
    Column("editors", JSON, nullable=False),  # everyone who wrote in it: none of them approves it
    PrimaryKeyConstraint("commune", "alert_id"),
    Index(None, "commune", "event"),
)
