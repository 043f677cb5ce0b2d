"""What is silent is asked for at its provider."""

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
