"""A plan's history, and the draft of a commune's first plan."""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

_KNOWN = """
INSERT INTO plan_versions (commune, number, digest, previous, at, by, reason, differences)
SELECT commune, row_number() OVER past, digest, lag(digest) OVER past, loaded_at, loaded_by, '', 0
FROM plans
WINDOW past AS (PARTITION BY commune ORDER BY loaded_at, digest)
"""


def upgrade() -> None:
    """Apply; the plans that were loaded before begin the history, by the day of their loading."""
    op.create_table(
        "plan_versions",
        sa.Column("commune", sa.String(5), nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("previous", sa.String(64)),
        sa.Column("at", sa.Double, nullable=False),
        sa.Column("by", sa.String(64), nullable=False),
        sa.Column("reason", sa.String(300), nullable=False),
        sa.Column("differences", sa.Integer, nullable=False, server_default=sa.text("0")),
        sa.PrimaryKeyConstraint("commune", "number", name="pk_plan_versions"),
    )
    op.create_table(
        "plan_drafts",
        sa.Column("commune", sa.String(5), nullable=False),
        sa.Column("revision", sa.Integer, nullable=False, server_default=sa.text("1")),
        sa.Column("files", sa.JSON, nullable=False),
        sa.Column("changed_by", sa.String(64), nullable=False),
        sa.Column("changed_at", sa.Double, nullable=False),
        sa.PrimaryKeyConstraint("commune", name="pk_plan_drafts"),
    )
    op.execute(_KNOWN)
