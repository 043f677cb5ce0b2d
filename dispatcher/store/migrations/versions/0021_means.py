"""Means that Tocsin does not drive: tasks of an alert, and the requests of an FR-Alert."""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.add_column("event_tasks", sa.Column("means", sa.String(length=64), nullable=True))
    op.add_column("event_tasks", sa.Column("done_at", sa.Double(), nullable=True))
    _alert_tasks()
    _fr_alert_steps()


def _alert_tasks() -> None:
    op.create_table(
        "alert_tasks",
        sa.Column("commune", sa.String(length=5), nullable=False),
        sa.Column("alert_id", sa.String(length=64), nullable=False),
        sa.Column("card", sa.String(length=40), nullable=False),
        sa.Column("step", sa.Integer(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("cell", sa.String(length=40), nullable=True),
        sa.Column("owner", sa.String(length=64), nullable=True),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("template", sa.String(length=40), nullable=True),
        sa.Column("approval", sa.String(length=40), nullable=True),
        sa.Column("duration_min", sa.Integer(), nullable=True),
        sa.Column("opened_at", sa.Double(), nullable=False),
        sa.Column("changed_by", sa.String(length=64), nullable=True),
        sa.Column("changed_at", sa.Double(), nullable=True),
        sa.Column("means", sa.String(length=64), nullable=True),
        sa.Column("done_at", sa.Double(), nullable=True),
        sa.ForeignKeyConstraint(
            ["commune", "alert_id"],
            ["alerts.commune", "alerts.alert_id"],
            name=op.f("fk_alert_tasks_alerts"),
        ),
        sa.PrimaryKeyConstraint("commune", "alert_id", "card", "step", name=op.f("pk_alert_tasks")),
    )


def _fr_alert_steps() -> None:
    op.create_table(
        "fr_alert_steps",
        sa.Column("commune", sa.String(length=5), nullable=False),
        sa.Column("alert_id", sa.String(length=64), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("sheet", sa.JSON(), nullable=False),
        sa.Column("spoken_with", sa.Text(), nullable=False),
        sa.Column("said", sa.Text(), nullable=False),
        sa.Column("at", sa.Double(), nullable=False),
        sa.Column("recorded_by", sa.String(length=64), nullable=False),
        sa.Column("recorded_at", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("commune", "alert_id", "number", name=op.f("pk_fr_alert_steps")),
    )
