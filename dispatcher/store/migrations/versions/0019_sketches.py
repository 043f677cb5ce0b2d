"""Sketches: alerts that are being written, step by step, by more than one hand."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "sketches",
        sa.Column("commune", sa.String(5), nullable=False),
        sa.Column("alert_id", sa.String(64), nullable=False),
        sa.Column("revision", sa.Integer, nullable=False, server_default=sa.text("1")),
        sa.Column("mode", sa.String(16), nullable=False),
        sa.Column("event", sa.String(64)),
        sa.Column("chosen", sa.JSON, nullable=False),
        sa.Column("frozen", sa.String(64)),
        sa.Column("created_by", sa.String(64), nullable=False),
        sa.Column("created_at", sa.Double, nullable=False),
        sa.Column("changed_by", sa.String(64), nullable=False),
        sa.Column("changed_at", sa.Double, nullable=False),
        sa.Column("editors", sa.JSON, nullable=False),
        sa.PrimaryKeyConstraint("commune", "alert_id", name="pk_sketches"),
    )
    op.create_index("ix_sketches_commune_event", "sketches", ["commune", "event"])
