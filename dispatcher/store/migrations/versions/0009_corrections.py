"""What a version is to those before it, and how far their deliveries were followed."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply; every version so far is a first one."""
    op.add_column(
        "versions",
        sa.Column("kind", sa.String(length=12), server_default=sa.text("'alert'"), nullable=False),
    )
    op.add_column(
        "versions",
        sa.Column("drafted_by", sa.String(length=64), server_default=sa.text("''"), nullable=False),
    )
    op.execute(
        "UPDATE versions SET drafted_by = (SELECT created_by FROM alerts WHERE"
        " alerts.commune = versions.commune AND alerts.alert_id = versions.alert_id)"
    )
    op.add_column("blocks", sa.Column("followed", sa.String(length=64), nullable=True))
