"""An attempt is written once, when it ends; who reads a delivery is kept once, not twice."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_LAST = """
UPDATE deliveries SET began_at = (
  SELECT MAX(a.started_at) FROM attempts AS a
  WHERE a.commune = deliveries.commune AND a.delivery_id = deliveries.delivery_id)
"""
_DOUBT = """
UPDATE deliveries SET doubt_at = (
  SELECT MIN(a.started_at) FROM attempts AS a
  WHERE a.commune = deliveries.commune AND a.delivery_id = deliveries.delivery_id
  AND (a.outcome IS NULL OR a.outcome = 'unknown'))
WHERE state = 'unknown'
"""
_SHORTER = "UPDATE deliveries SET answer_hash = substr(answer_hash, 1, 32)"
_UNIQUE = "uq_deliveries_commune_version_id_medium_contact"
_OPEN = "DELETE FROM attempts WHERE ended_at IS NULL"


def upgrade() -> None:
    """Apply; what was being sent when the processes stopped is looked up from its delivery."""
    for name in ("began_at", "doubt_at"):
        op.add_column("deliveries", sa.Column(name, sa.Double(), nullable=True))
    for statement in (_LAST, _DOUBT, _OPEN, _SHORTER):
        op.execute(statement)
    with op.batch_alter_table("attempts") as batch:
        batch.alter_column("ended_at", existing_type=sa.Double(), nullable=False)
        batch.alter_column("outcome", existing_type=sa.String(length=12), nullable=False)
    with op.batch_alter_table("deliveries") as batch:
        batch.drop_constraint(_UNIQUE, type_="unique")
        batch.alter_column("answer_hash", existing_type=sa.String(64), type_=sa.String(32))
        batch.create_index("ix_deliveries_commune_version_id", ["commune", "version_id"])
    options = {"sqlite_with_rowid": False}
    if op.get_bind().dialect.name == "sqlite":
        with op.batch_alter_table("recipients", recreate="always", table_kwargs=options):
            pass
