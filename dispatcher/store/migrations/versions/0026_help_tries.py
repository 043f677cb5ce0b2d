"""A call for help for which nobody could be rung says so, and is tried again.

What was written before as rung stays so: which of them called nobody is in the logbook alone.
"""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

_WAITING = "closed_at IS NULL AND owner IS NULL"


def upgrade() -> None:
    """Apply; a call that was rung for is looked at again when it is asked for again."""
    op.add_column("help_calls", sa.Column("tried_at", sa.Double()))
    op.drop_index("ix_help_calls_waiting", "help_calls")
    op.create_index(
        "ix_help_calls_waiting",
        "help_calls",
        ["came_at"],
        sqlite_where=sa.text(_WAITING),
        postgresql_where=sa.text(_WAITING),
    )
