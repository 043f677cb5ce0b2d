"""Alarms that were raised: one open at a time for each subject of a commune."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

OPEN = sa.text("ended_at IS NULL")


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "alarms",
        sa.Column("commune", sa.String(length=5), nullable=False),
        sa.Column("alarm_id", sa.String(length=64), nullable=False),
        sa.Column("subject", sa.String(length=80), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("problem", sa.Text(), nullable=False),
        sa.Column("remedy", sa.Text(), nullable=False),
        sa.Column("raised_at", sa.Double(), nullable=False),
        sa.Column("teller", sa.String(length=64), nullable=False),
        sa.Column("telling_at", sa.Double(), nullable=False),
        sa.Column("told_at", sa.Double(), nullable=True),
        sa.Column("ended_at", sa.Double(), nullable=True),
        sa.PrimaryKeyConstraint("commune", "alarm_id", name=op.f("pk_alarms")),
    )
    op.create_table(
        "dailies",
        sa.Column("what", sa.String(length=60), nullable=False),
        sa.Column("day", sa.String(length=20), nullable=False),
        sa.Column("begun_at", sa.Double(), nullable=False),
        sa.Column("done_at", sa.Double(), nullable=True),
        sa.PrimaryKeyConstraint("what", "day", name=op.f("pk_dailies")),
    )
    op.create_index(
        "ix_alarms_open",
        "alarms",
        ["commune", "subject"],
        unique=True,
        sqlite_where=OPEN,
        postgresql_where=OPEN,
    )
