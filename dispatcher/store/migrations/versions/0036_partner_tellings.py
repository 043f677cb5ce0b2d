"""From which line on a partner is told, and what it refused often enough to be passed over."""

import sqlalchemy as sa
from alembic import op

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None

_WHOLE = ("told_from", "push_refused", "push_passed", "push_passed_after")


def upgrade() -> None:
    """Apply; who is in already is told of what came since it was let in."""
    for name in _WHOLE:
        column = sa.Column(name, sa.Integer(), nullable=False, server_default=sa.text("0"))
        op.add_column("partners", column)
    op.execute(
        "UPDATE partners SET told_from = (SELECT coalesce(max(logbook.number), 0) FROM logbook"
        " WHERE logbook.commune = partners.commune"
        " AND logbook.recorded_at < partners.agreed_at) WHERE agreed_at IS NOT NULL"
    )
