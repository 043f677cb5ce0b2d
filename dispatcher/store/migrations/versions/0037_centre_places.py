"""Where a centre is that no plan has: by its address, found in the commune's own."""

import sqlalchemy as sa
from alembic import op

revision = "0037"
down_revision = "0036"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply; where the centres opened before are, nobody has looked up."""
    for name in ("lon", "lat"):
        op.add_column("event_centres", sa.Column(name, sa.Double()))
