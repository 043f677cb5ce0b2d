"""Tables of a plan's history and of the one that is being written for the first time."""

from sqlalchemy import JSON, Column, Double, Integer, PrimaryKeyConstraint, String, Table

from dispatcher.store.schema import commune_column, metadata, whole_column

plan_versions = Table(
    "plan_versions",
    metadata,
    commune_column(),
    Column("number", Integer, nullable=False),  # 1, 2, 3 … of this commune
    Column("digest", String(64), nullable=False),  # its files are in `plans`
    Column("previous", String(64)),  # the plan that was in force before
    Column("at", Double, nullable=False),
    Column("by", String(64), nullable=False),
    Column("reason", String(300), nullable=False),
    whole_column("differences"),
    PrimaryKeyConstraint("commune", "number"),
)

plan_drafts = Table(
    "plan_drafts",
    metadata,
    commune_column(),
    whole_column("revision", 1),  # who saves says which one she read
    Column("files", JSON, nullable=False),  # path → base64, as in `plans`
    Column("changed_by", String(64), nullable=False),
    Column("changed_at", Double, nullable=False),
    PrimaryKeyConstraint("commune"),
)

plan_outlines = Table(
    "plan_outlines",
    metadata,
    commune_column(),
    Column("login", String(64), nullable=False),
    Column("sector", String(64), nullable=False),  # its id; empty for one that is not there yet
    whole_column("revision", 1),
    Column("drawn", JSON, nullable=False),  # the outline in hand, and the one before it
    Column("changed_at", Double, nullable=False),
    PrimaryKeyConstraint("commune", "login", "sector"),
)
