"""Tables of « Prêt ? »: what was found of each line, trials of telephones, a commune's opening."""

from sqlalchemy import JSON, Column, Double, Index, PrimaryKeyConstraint, String, Table, Text

from dispatcher.store.schema import (
    commune_column,
    instant_column,
    key_column,
    metadata,
    whole_column,
)

readiness_lines = Table(
    "readiness_lines",
    metadata,
    commune_column(),
    Column("subject", String(80), nullable=False),
    whole_column("place"),  # in the order that they were found in
    Column("state", String(12), nullable=False),  # ready | warning | not_ready | unknown
    Column("said", Text, nullable=False),  # a sentence with blanks
    Column("remedy", Text, nullable=False),
    Column("blanks", JSON, nullable=False),  # what fills them
    Column("since", Double, nullable=False),  # in this state
    Column("found_at", Double, nullable=False),
    PrimaryKeyConstraint("commune", "subject"),
)

readiness_rounds = Table(
    "readiness_rounds",  # one row a commune: asked for by a person, begun and done by a worker
    metadata,
    commune_column(),
    instant_column("asked_at"),
    Column("asked_by", String(64)),
    instant_column("begun_at"),
    instant_column("done_at"),
    PrimaryKeyConstraint("commune"),
)

readiness_weeks = Table(
    "readiness_weeks",  # what the mail of a week told: the next one says what changed since
    metadata,
    commune_column(),
    Column("week", String(8), nullable=False),  # ISO, 2026-W48, of the commune's clock
    Column("states", JSON, nullable=False),  # subject → state
    Column("reached", JSON, nullable=False),  # ids of contacts that were mailed
    Column("told_at", Double, nullable=False),
    PrimaryKeyConstraint("commune", "week"),
)

phone_trials = Table(
    "phone_trials",
    metadata,
    commune_column(),
    key_column("trial_id"),  # the alert's id of its messages
    Column("people", JSON, nullable=False),  # ids of the plan's directory
    Column("asked_by", String(64), nullable=False),
    Column("asked_at", Double, nullable=False),
    PrimaryKeyConstraint("commune", "trial_id"),
    Index(None, "commune", "asked_at"),
)

in_service = Table(
    "in_service",  # no row: never opened
    metadata,
    commune_column(),
    Column("state", String(8), nullable=False),  # asked | live | closed
    Column("asked_by", String(64)),
    instant_column("asked_at"),
    Column("asked_seeing", String(64)),  # digest of what was not ready when it was asked
    Column("opened_by", String(64)),
    instant_column("opened_at"),
    Column("closed_by", String(64)),
    instant_column("closed_at"),
    Column("reason", Text),
    PrimaryKeyConstraint("commune"),
)
