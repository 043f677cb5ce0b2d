"""A copy put back from a backup is recognised; a row that kills its workers is counted on."""

import secrets

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply; the name is this ledger's own, and its copies' too."""
    made = op.create_table(
        "progress",
        sa.Column("ledger_id", sa.String(length=64), nullable=False),
        sa.Column("windows", sa.BigInteger(), nullable=False),
        sa.Column("restored_at", sa.Double(), nullable=True),
        sa.PrimaryKeyConstraint("ledger_id", name=op.f("pk_progress")),
    )
    op.add_column(
        "deliveries",
        sa.Column("deaths", sa.Integer(), server_default=sa.text("0"), nullable=False),
    )
    op.add_column("deliveries", sa.Column("unreadable_at", sa.Double(), nullable=True))
    op.bulk_insert(made, [{"ledger_id": secrets.token_hex(8), "windows": 0}])
