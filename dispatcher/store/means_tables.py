"""Tables of the means that Tocsin does not drive: tasks of alerts, steps of FR-Alert requests."""

from sqlalchemy import (
    JSON,
    Column,
    Double,
    ForeignKeyConstraint,
    Integer,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
)

from dispatcher.store.schema import commune_column, instant_column, key_column, metadata

alert_tasks = Table(
    "alert_tasks",  # as event_tasks, for an alert that belongs to no event
    metadata,
    commune_column(),
    key_column("alert_id"),
    Column("card", String(40), nullable=False),
    Column("step", Integer, nullable=False),
    Column("title", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("cell", String(40)),
    Column("owner", String(64)),
    Column("state", String(16), nullable=False),
    Column("note", Text, nullable=False),
    Column("template", String(40)),
    Column("approval", String(40)),
    Column("duration_min", Integer),
    Column("opened_at", Double, nullable=False),
    Column("changed_by", String(64)),
    instant_column("changed_at"),
    Column("means", String(64)),
    instant_column("done_at"),
    PrimaryKeyConstraint("commune", "alert_id", "card", "step"),
    ForeignKeyConstraint(["commune", "alert_id"], ["alerts.commune", "alerts.alert_id"]),
)

fr_alert_steps = Table(
    "fr_alert_steps",  # each step of a request to the prefecture, with the sheet as it was then
    metadata,
    commune_column(),
    key_column("alert_id"),
    Column("number", Integer, nullable=False),
    Column("state", String(12), nullable=False),  # prepared | requested | accepted | refused
    Column("sheet", JSON, nullable=False),
    Column("spoken_with", Text, nullable=False),  # at the prefecture
    Column("said", Text, nullable=False),
    Column("at", Double, nullable=False),  # when it happened, as told
    Column("recorded_by", String(64), nullable=False),
    Column("recorded_at", Double, nullable=False),
    PrimaryKeyConstraint("commune", "alert_id", "number"),
)
