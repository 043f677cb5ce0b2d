"""Readiness: what was found of each line, trials of telephones, a commune's opening to real alerts.

Who has launched a real alert by a real provider is in service already, and stays so.
"""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

_ALREADY = sa.text(
    "INSERT INTO in_service (commune, state, reason, opened_at)"
    " SELECT v.commune, 'live', 'alerte réelle déjà lancée', min(v.launched_at)"
    " FROM versions v JOIN alerts a ON a.commune = v.commune AND a.alert_id = v.alert_id"
    " WHERE a.mode = 'real' AND v.launched_at IS NOT NULL AND v.kind <> 'summons'"
    " AND EXISTS (SELECT 1 FROM deliveries d WHERE d.commune = v.commune"
    " AND d.version_id = v.version_id AND d.route = 'live' AND d.provider IS NOT NULL"
    " AND d.provider NOT LIKE 'sandbox-%' AND d.provider NOT LIKE 'rehearsal-%')"
    " GROUP BY v.commune"
)


def upgrade() -> None:
    """Apply."""
    _lines_and_rounds()
    op.create_table(
        "phone_trials",
        sa.Column("commune", sa.String(5), nullable=False),
        sa.Column("trial_id", sa.String(64), nullable=False),
        sa.Column("people", sa.JSON, nullable=False),
        sa.Column("asked_by", sa.String(64), nullable=False),
        sa.Column("asked_at", sa.Double, nullable=False),
        sa.PrimaryKeyConstraint("commune", "trial_id", name="pk_phone_trials"),
    )
    op.create_index("ix_phone_trials_commune_asked_at", "phone_trials", ["commune", "asked_at"])
    op.create_table(
        "in_service",
        sa.Column("commune", sa.String(5), nullable=False),
        sa.Column("state", sa.String(8), nullable=False),
        sa.Column("asked_by", sa.String(64)),
        sa.Column("asked_at", sa.Double),
        sa.Column("asked_seeing", sa.String(64)),
        sa.Column("opened_by", sa.String(64)),
        sa.Column("opened_at", sa.Double),
        sa.Column("closed_by", sa.String(64)),
        sa.Column("closed_at", sa.Double),
        sa.Column("reason", sa.Text),
        sa.PrimaryKeyConstraint("commune", name="pk_in_service"),
    )
    op.execute(_ALREADY)


def _lines_and_rounds() -> None:
    op.create_table(
        "readiness_lines",
        sa.Column("commune", sa.String(5), nullable=False),
        sa.Column("subject", sa.String(80), nullable=False),
        sa.Column("place", sa.Integer, nullable=False, server_default=sa.text("0")),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("said", sa.Text, nullable=False),
        sa.Column("remedy", sa.Text, nullable=False),
        sa.Column("blanks", sa.JSON, nullable=False),
        sa.Column("since", sa.Double, nullable=False),
        sa.Column("found_at", sa.Double, nullable=False),
        sa.PrimaryKeyConstraint("commune", "subject", name="pk_readiness_lines"),
    )
    op.create_table(
        "readiness_rounds",
        sa.Column("commune", sa.String(5), nullable=False),
        sa.Column("asked_at", sa.Double),
        sa.Column("asked_by", sa.String(64)),
        sa.Column("begun_at", sa.Double),
        sa.Column("done_at", sa.Double),
        sa.PrimaryKeyConstraint("commune", name="pk_readiness_rounds"),
    )
    op.create_table(
        "readiness_weeks",
        sa.Column("commune", sa.String(5), nullable=False),
        sa.Column("week", sa.String(8), nullable=False),
        sa.Column("states", sa.JSON, nullable=False),
        sa.Column("reached", sa.JSON, nullable=False),
        sa.Column("told_at", sa.Double, nullable=False),
        sa.PrimaryKeyConstraint("commune", "week", name="pk_readiness_weeks"),
    )
