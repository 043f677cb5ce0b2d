"""Alarms of teams that are rung for: how often, and when nobody could be called."""

import sqlalchemy as sa
from alembic import op

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.add_column("team_alarms", sa.Column("tried_at", sa.Double()))
    op.add_column(
        "team_alarms", sa.Column("rings", sa.Integer(), nullable=False, server_default=sa.text("0"))
    )
