"""Who does not confirm is pursued: blocks to look at, people on their next steps."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

OPEN = sa.text("pursuit = 'open'")
FAILED = sa.text("state IN ('failed','undelivered','exhausted') AND pursued_at IS NULL")
WAITING = sa.text("state = 'waiting'")


def upgrade() -> None:
    """Apply; alerts launched before are not pursued."""
    op.add_column("versions", sa.Column("pursuit", sa.String(length=8), nullable=True))
    op.add_column("progress", sa.Column("let_go_at", sa.Double(), nullable=True))
    op.add_column("deliveries", sa.Column("pursued_at", sa.Double(), nullable=True))
    op.create_table(
        "pursuit_blocks",
        sa.Column("commune", sa.String(length=5), nullable=False),
        sa.Column("version_id", sa.String(length=64), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("due_at", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("commune", "version_id", "number", name=op.f("pk_pursuit_blocks")),
    )
    op.create_table(
        "pursuits",
        sa.Column("commune", sa.String(length=5), nullable=False),
        sa.Column("version_id", sa.String(length=64), nullable=False),
        sa.Column("person_id", sa.String(length=64), nullable=False),
        sa.Column("block", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("taken", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("due_at", sa.Double(), nullable=False),
        sa.Column("delivery_id", sa.String(length=64), nullable=True),
        sa.Column("reason", sa.String(length=40), nullable=True),
        sa.Column("left_out", sa.Text(), nullable=True),
        sa.Column("changed_at", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("commune", "version_id", "person_id", name=op.f("pk_pursuits")),
    )
    for table, name, columns, where in (
        ("versions", "ix_versions_pursuit", ["commune", "version_id"], OPEN),
        ("deliveries", "ix_deliveries_failed", ["commune", "version_id"], FAILED),
        ("pursuits", "ix_pursuits_due", ["commune", "version_id", "due_at"], WAITING),
    ):
        op.create_index(name, table, columns, sqlite_where=where, postgresql_where=where)
