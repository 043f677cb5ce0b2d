"""What people send to our numbers is kept: SMS, and keys pressed by who rings back."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "replies",
        sa.Column("commune", sa.String(length=5), nullable=False),
        sa.Column("sid", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("medium", sa.String(length=8), nullable=False),
        sa.Column("account", sa.String(length=40), nullable=False),
        sa.Column("contact", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=True),
        sa.Column("version_id", sa.String(length=64), nullable=True),
        sa.Column("delivery_id", sa.String(length=64), nullable=True),
        sa.Column("counted", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("said", sa.String(length=16), nullable=False),
        sa.Column("received_at", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("commune", "sid", "kind", name=op.f("pk_replies")),
    )
    for columns, unique in (
        (["sid", "kind"], True),
        (["commune", "received_at"], False),
        (["contact"], False),
    ):
        name = op.f(f"ix_replies_{'_'.join(columns)}")
        op.create_index(name, "replies", columns, unique=unique)
