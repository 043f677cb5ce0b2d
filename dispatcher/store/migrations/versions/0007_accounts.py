"""Several accounts of one medium: which ones a delivery met, and how each of them is."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    for name in ("tried", "failed_by"):
        op.add_column(
            "deliveries", sa.Column(name, sa.Text(), server_default=sa.text("''"), nullable=False)
        )
    second = sa.text("state = 'ready' AND failed_by <> ''")
    op.create_index(
        "ix_deliveries_second",
        "deliveries",
        ["route", "medium"],
        sqlite_where=second,
        postgresql_where=second,
    )
    op.create_table(
        "accounts",
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("route", sa.String(length=12), nullable=False),
        sa.Column("medium", sa.String(length=8), nullable=False),
        sa.Column("seen_at", sa.Double(), nullable=False),
        sa.Column("opened_at", sa.Double(), nullable=True),
        sa.Column("lowered", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("lowered_at", sa.Double(), nullable=True),
        sa.Column("changed_at", sa.Double(), nullable=True),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_accounts")),
    )
