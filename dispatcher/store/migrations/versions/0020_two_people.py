"""A decision by two people: its steps, who is rung for it, by telephone, and the override.

Who submitted before this edition has no function written down: only the mayor or a deputy approves
those alerts, as before.
"""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.add_column("versions", sa.Column("submitted_as", sa.String(length=40), nullable=True))
    _alert_steps()
    _approval_rings()
    _approval_calls()
    _phone_approvals()
    _approval_pins()
    _overrides()


def _alert_steps() -> None:
    op.create_table(
        "alert_steps",
        sa.Column("commune", sa.String(length=5), nullable=False),
        sa.Column("version_id", sa.String(length=64), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("act", sa.String(length=12), nullable=False),
        sa.Column("acted_by", sa.String(length=64), nullable=False),
        sa.Column("function", sa.String(length=40), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("people", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("content", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("acted_at", sa.Double(), nullable=False),
        sa.ForeignKeyConstraint(
            ["commune", "version_id"],
            ["versions.commune", "versions.version_id"],
            name=op.f("fk_alert_steps_versions"),
        ),
        sa.PrimaryKeyConstraint("commune", "version_id", "number", name=op.f("pk_alert_steps")),
    )


def _approval_rings() -> None:
    op.create_table(
        "approval_rings",
        sa.Column("commune", sa.String(length=5), nullable=False),
        sa.Column("ring_id", sa.String(length=64), nullable=False),
        sa.Column("version_id", sa.String(length=64), nullable=False),
        sa.Column("wait_s", sa.Double(), nullable=False),
        sa.Column("expires_at", sa.Double(), nullable=False),
        sa.Column("rung_by", sa.String(length=64), nullable=False),
        sa.Column("rung_at", sa.Double(), nullable=False),
        sa.Column("over", sa.String(length=8), nullable=True),
        sa.Column("over_at", sa.Double(), nullable=True),
        sa.ForeignKeyConstraint(
            ["commune", "ring_id"],
            ["alerts.commune", "alerts.alert_id"],
            name=op.f("fk_approval_rings_alerts"),
        ),
        sa.ForeignKeyConstraint(
            ["commune", "version_id"],
            ["versions.commune", "versions.version_id"],
            name=op.f("fk_approval_rings_versions"),
        ),
        sa.PrimaryKeyConstraint("commune", "ring_id", name=op.f("pk_approval_rings")),
    )
    op.create_index(
        op.f("ix_approval_rings_commune_version_id"),
        "approval_rings",
        ["commune", "version_id"],
        unique=False,
    )
    op.create_index(
        "ix_approval_rings_open",
        "approval_rings",
        ["commune", "ring_id"],
        unique=False,
        sqlite_where=sa.text("over_at IS NULL"),
        postgresql_where=sa.text("over_at IS NULL"),
    )


def _approval_calls() -> None:
    op.create_table(
        "approval_calls",
        sa.Column("commune", sa.String(length=5), nullable=False),
        sa.Column("ring_id", sa.String(length=64), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.String(length=64), nullable=False),
        sa.Column("wave", sa.String(length=64), nullable=True),
        sa.Column("called_at", sa.Double(), nullable=True),
        sa.Column("outcome", sa.String(length=12), nullable=True),
        sa.Column("decided_at", sa.Double(), nullable=True),
        sa.ForeignKeyConstraint(
            ["commune", "ring_id"],
            ["approval_rings.commune", "approval_rings.ring_id"],
            name=op.f("fk_approval_calls_approval_rings"),
        ),
        sa.PrimaryKeyConstraint("commune", "ring_id", "rank", name=op.f("pk_approval_calls")),
    )


def _phone_approvals() -> None:
    op.create_table(
        "phone_approvals",
        sa.Column("commune", sa.String(length=5), nullable=False),
        sa.Column("ring_id", sa.String(length=64), nullable=False),
        sa.Column("person_id", sa.String(length=64), nullable=False),
        sa.Column("step", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("errors", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("people", sa.Integer(), nullable=True),
        sa.Column("ended", sa.String(length=8), nullable=True),
        sa.Column("begun_at", sa.Double(), nullable=False),
        sa.ForeignKeyConstraint(
            ["commune", "ring_id"],
            ["approval_rings.commune", "approval_rings.ring_id"],
            name=op.f("fk_phone_approvals_approval_rings"),
        ),
        sa.PrimaryKeyConstraint("commune", "ring_id", "person_id", name=op.f("pk_phone_approvals")),
    )


def _approval_pins() -> None:
    op.create_table(
        "approval_pins",
        sa.Column("commune", sa.String(length=5), nullable=False),
        sa.Column("login", sa.String(length=64), nullable=False),
        sa.Column("digest", sa.String(length=200), nullable=False),
        sa.Column("set_at", sa.Double(), nullable=False),
        sa.ForeignKeyConstraint(
            ["commune", "login"],
            ["users.commune", "users.login"],
            name=op.f("fk_approval_pins_users"),
        ),
        sa.PrimaryKeyConstraint("commune", "login", name=op.f("pk_approval_pins")),
    )


def _overrides() -> None:
    op.create_table(
        "overrides",
        sa.Column("commune", sa.String(length=5), nullable=False),
        sa.Column("alert_id", sa.String(length=64), nullable=False),
        sa.Column("version_id", sa.String(length=64), nullable=False),
        sa.Column("template", sa.String(length=40), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("asked_by", sa.String(length=64), nullable=False),
        sa.Column("function", sa.String(length=40), nullable=False),
        sa.Column("held_at", sa.Double(), nullable=False),
        sa.Column("leaves_at", sa.Double(), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("ended_by", sa.String(length=64), nullable=True),
        sa.Column("ended_at", sa.Double(), nullable=True),
        sa.ForeignKeyConstraint(
            ["commune", "version_id"],
            ["versions.commune", "versions.version_id"],
            name=op.f("fk_overrides_versions"),
        ),
        sa.PrimaryKeyConstraint("commune", "alert_id", name=op.f("pk_overrides")),
    )
    op.create_index(
        "ix_overrides_holding",
        "overrides",
        ["commune", "leaves_at"],
        unique=False,
        sqlite_where=sa.text("state = 'holding'"),
        postgresql_where=sa.text("state = 'holding'"),
    )
