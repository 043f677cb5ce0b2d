"""Tables of a decision by two people: each step of it, who is rung, by telephone, the override."""

from sqlalchemy import (
    JSON,
    Column,
    Double,
    ForeignKeyConstraint,
    Index,
    Integer,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
    text,
)

from dispatcher.store.schema import (
    commune_column,
    instant_column,
    key_column,
    metadata,
    whole_column,
)

_VERSION = (["commune", "version_id"], ["versions.commune", "versions.version_id"])

alert_steps = Table(
    "alert_steps",  # who submitted, opened, returned, refused, approved a version: it only grows
    metadata,
    commune_column(),
    key_column("version_id"),
    Column("number", Integer, nullable=False),
    Column("act", String(12), nullable=False),  # dispatcher/store/alert_steps.py
    Column("acted_by", String(64), nullable=False),
    Column("function", String(40), nullable=False),  # that she held then
    Column("reason", Text, nullable=False),
    Column("people", Integer, nullable=False),  # the head-count that it was about
    Column("digest", String(64), nullable=False),
    Column("content", JSON(none_as_null=True)),  # of what was approved: what changed since is shown
    Column("acted_at", Double, nullable=False),
    PrimaryKeyConstraint("commune", "version_id", "number"),
    ForeignKeyConstraint(*_VERSION),
)

approval_rings = Table(
    "approval_rings",  # approvers rung one after the other, until one opens what waits for them
    metadata,
    commune_column(),
    key_column("ring_id"),  # the alert under which its messages leave
    key_column("version_id"),  # that waits for an approval
    Column("wait_s", Double, nullable=False),  # before the next one is rung
    Column("expires_at", Double, nullable=False),
    Column("rung_by", String(64), nullable=False),
    Column("rung_at", Double, nullable=False),
    Column("over", String(8)),  # opened | decided | in_vain | late
    instant_column("over_at"),
    PrimaryKeyConstraint("commune", "ring_id"),
    ForeignKeyConstraint(*_VERSION),
    ForeignKeyConstraint(["commune", "ring_id"], ["alerts.commune", "alerts.alert_id"]),
    Index(None, "commune", "version_id"),
    Index(
        "ix_approval_rings_open",
        "commune",
        "ring_id",
        sqlite_where=text("over_at IS NULL"),
        postgresql_where=text("over_at IS NULL"),
    ),
)

approval_calls = Table(
    "approval_calls",  # who is rung, in which order
    metadata,
    commune_column(),
    key_column("ring_id"),
    Column("rank", Integer, nullable=False),
    key_column("person_id"),
    Column("wave", String(64)),  # the version that rings her; none yet: her turn has not come
    instant_column("called_at"),
    Column("outcome", String(12)),  # unable | silent | unreachable
    instant_column("decided_at"),
    PrimaryKeyConstraint("commune", "ring_id", "rank"),
    ForeignKeyConstraint(
        ["commune", "ring_id"], ["approval_rings.commune", "approval_rings.ring_id"]
    ),
)

phone_approvals = Table(
    "phone_approvals",  # a decision by telephone, one a person and ring: errors outlive a hang-up
    metadata,
    commune_column(),
    key_column("ring_id"),
    key_column("person_id"),
    whole_column("step"),  # of the conversation: each callback is taken once
    whole_column("errors"),
    Column("digest", String(64), nullable=False),  # of what was read to her
    Column("people", Integer),  # as she typed it, once it was right
    Column("ended", String(8)),  # approved | refused | over
    Column("begun_at", Double, nullable=False),
    PrimaryKeyConstraint("commune", "ring_id", "person_id"),
    ForeignKeyConstraint(
        ["commune", "ring_id"], ["approval_rings.commune", "approval_rings.ring_id"]
    ),
)

approval_pins = Table(
    "approval_pins",  # six digits for a decision by telephone, as a hash (Argon2id)
    metadata,
    commune_column(),
    Column("login", String(64), nullable=False),
    Column("digest", String(200), nullable=False),
    Column("set_at", Double, nullable=False),
    PrimaryKeyConstraint("commune", "login"),
    ForeignKeyConstraint(["commune", "login"], ["users.commune", "users.login"]),
)

overrides = Table(
    "overrides",  # the emergency procedure: one person, a visible hold, then it leaves by itself
    metadata,
    commune_column(),
    key_column("alert_id"),
    key_column("version_id"),
    Column("template", String(40), nullable=False),
    Column("reason", Text, nullable=False),
    Column("asked_by", String(64), nullable=False),
    Column("function", String(40), nullable=False),
    Column("held_at", Double, nullable=False),
    Column("leaves_at", Double, nullable=False),
    Column("state", String(8), nullable=False),  # holding | launched | stopped | lost
    Column("ended_by", String(64)),
    instant_column("ended_at"),
    PrimaryKeyConstraint("commune", "alert_id"),
    ForeignKeyConstraint(*_VERSION),
    Index(
        "ix_overrides_holding",
        "commune",
        "leaves_at",
        sqlite_where=text("state = 'holding'"),
        postgresql_where=text("state = 'holding'"),
    ),
)
