"""A call for help that somebody has and that is asked again: since when nobody has answered it."""

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None

OPEN = "closed_at IS NULL"
UNANSWERED = """
UPDATE help_calls SET anew_at = again_at
WHERE closed_at IS NULL AND owner IS NOT NULL AND again_at > owned_at
"""


def upgrade() -> None:
    """Apply: what is open may have to be rung for, whoever has it."""
    op.add_column("help_calls", sa.Column("anew_at", sa.Double()))
    op.execute(UNANSWERED)
    op.drop_index("ix_help_calls_waiting", "help_calls")
    op.create_index(
        "ix_help_calls_waiting",
        "help_calls",
        ["came_at"],
        sqlite_where=sa.text(OPEN),
        postgresql_where=sa.text(OPEN),
    )
