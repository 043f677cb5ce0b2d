"""Tasking: doors of a mission and what was found there, how a team was told, who waits for whom."""

import sqlalchemy as sa
from alembic import op

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    _doors()
    _tellings()
    op.add_column("missions", sa.Column("queued_for", sa.String(length=64), nullable=True))
    op.add_column("help_calls", sa.Column("mission", sa.String(length=64), nullable=True))
    op.add_column("help_calls", sa.Column("report_id", sa.String(length=64), nullable=True))


def _doors() -> None:
    op.create_table(
        "mission_doors",
        sa.Column("commune", sa.String(length=5), nullable=False),
        sa.Column("mission", sa.String(length=64), nullable=False),
        sa.Column("door", sa.String(length=64), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("street", sa.Text(), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("lon", sa.Double(), nullable=True),
        sa.Column("lat", sa.Double(), nullable=True),
        sa.Column("people", sa.JSON(), nullable=False),
        sa.Column("result", sa.String(length=12), nullable=True),
        sa.Column("counted", sa.Integer(), nullable=True),
        sa.Column("note", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("at", sa.Double(), nullable=True),
        sa.Column("by", sa.String(length=64), nullable=True),
        sa.Column("report_id", sa.String(length=64), nullable=True),
        sa.Column("version_id", sa.String(length=64), nullable=True),
        sa.PrimaryKeyConstraint("commune", "mission", "door", name=op.f("pk_mission_doors")),
    )
    op.create_index(
        op.f("ix_mission_doors_commune_version_id_door"),
        "mission_doors",
        ["commune", "version_id", "door"],
        unique=False,
    )
    op.create_table(
        "door_results",
        sa.Column("commune", sa.String(length=5), nullable=False),
        sa.Column("report_id", sa.String(length=64), nullable=False),
        sa.Column("mission", sa.String(length=64), nullable=False),
        sa.Column("door", sa.String(length=64), nullable=False),
        sa.Column("result", sa.String(length=12), nullable=False),
        sa.Column("counted", sa.Integer(), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("at", sa.Double(), nullable=False),
        sa.Column("recorded_at", sa.Double(), nullable=False),
        sa.Column("source", sa.String(length=12), nullable=False),
        sa.Column("author", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("commune", "report_id", name=op.f("pk_door_results")),
    )
    op.create_index(
        op.f("ix_door_results_commune_mission_at"),
        "door_results",
        ["commune", "mission", "at"],
        unique=False,
    )


def _tellings() -> None:
    op.create_table(
        "mission_tellings",
        sa.Column("commune", sa.String(length=5), nullable=False),
        sa.Column("mission", sa.String(length=64), nullable=False),
        sa.Column("ordered_at", sa.Double(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("what", sa.String(length=12), nullable=False),
        sa.Column("people", sa.JSON(), nullable=False),
        sa.Column("wave", sa.String(length=64), nullable=True),
        sa.Column("told_at", sa.Double(), nullable=False),
        sa.Column("answer", sa.String(length=12), nullable=True),
        sa.Column("answered_by", sa.String(length=64), nullable=True),
        sa.Column("answered_at", sa.Double(), nullable=True),
        sa.Column("ended_at", sa.Double(), nullable=True),
        sa.PrimaryKeyConstraint(
            "commune", "mission", "ordered_at", "number", name=op.f("pk_mission_tellings")
        ),
    )
    op.create_index(
        "ix_mission_tellings_open",
        "mission_tellings",
        ["commune", "told_at"],
        unique=False,
        sqlite_where=sa.text("ended_at IS NULL"),
        postgresql_where=sa.text("ended_at IS NULL"),
    )
