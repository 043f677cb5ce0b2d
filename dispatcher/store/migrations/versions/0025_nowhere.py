"""Homes without a place are found without a walk through all homes."""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

NOWHERE = sa.text("lon IS NULL")


def upgrade() -> None:
    """Apply."""
    op.create_index(
        "ix_homes_nowhere",
        "homes",
        ["commune", "person_id"],
        sqlite_where=NOWHERE,
        postgresql_where=NOWHERE,
    )


def downgrade() -> None:
    """Undo."""
    op.drop_index("ix_homes_nowhere", "homes")
