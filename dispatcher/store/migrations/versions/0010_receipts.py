"""What is silent is asked for; the mailbox of bounces, and how far it was read."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

SILENT = sa.text(
    "state = 'accepted' AND medium IN ('sms','voice') AND reference IS NOT NULL AND looks < 3"
)


def upgrade() -> None:
    """Apply; what was accepted long ago is asked for no more once its alert is over."""
    op.create_index(
        "ix_deliveries_silent",
        "deliveries",
        ["provider", "next_at"],
        sqlite_where=SILENT,
        postgresql_where=SILENT,
    )
    op.create_table(
        "mailboxes",
        sa.Column("mailbox", sa.String(length=32), nullable=False),
        sa.Column("validity", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("last_uid", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("due_at", sa.Double(), nullable=False),
        sa.Column("taken", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("set_aside", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.PrimaryKeyConstraint("mailbox", name=op.f("pk_mailboxes")),
    )
