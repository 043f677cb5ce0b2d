"""Since when a partner's system takes nothing, whether it said that it wants nothing more."""

import sqlalchemy as sa
from alembic import op

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.add_column("partners", sa.Column("push_failing_at", sa.Double(), nullable=True))
    op.add_column("partners", sa.Column("push_stopped_at", sa.Double(), nullable=True))
    op.add_column("partners", sa.Column("push_holder", sa.String(length=64), nullable=True))
