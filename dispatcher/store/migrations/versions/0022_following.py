"""Calls for help with an owner and an end, clocks stopped by hand, who was told at the door.

Who asks for help in an alert that is in force has a call at once: nobody is forgotten because the
program was brought up to date meanwhile.
"""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

_NOW = {
    "sqlite": "((julianday('now') - 2440587.5) * 86400.0)",
    "postgresql": "EXTRACT(EPOCH FROM clock_timestamp())::double precision",
}
# One for each message answered: which of them are one telephone's is seen when it asks again.
_ASKED = """
INSERT INTO help_calls
 (commune, call_id, alert_id, mode, subject, delivery_id, via, came_at, note, passed_ref)
SELECT answers.commune, deliveries.delivery_id, versions.alert_id, alerts.mode,
 deliveries.delivery_id, deliveries.delivery_id, answers.via, answers.answered_at, '', ''
FROM answers
JOIN deliveries ON deliveries.commune = answers.commune
 AND deliveries.delivery_id = answers.delivery_id
JOIN versions ON versions.commune = deliveries.commune
 AND versions.version_id = deliveries.version_id
JOIN alerts ON alerts.commune = versions.commune AND alerts.alert_id = versions.alert_id
WHERE answers.kind = 'help' AND versions.state = 'launched' AND versions.expires_at > {now}
"""
_SITREPS = "kind = 'sitrep.issued'"
_OPEN = "closed_at IS NULL"
_WAITING = "closed_at IS NULL AND owner IS NULL AND rung_at IS NULL"


def upgrade() -> None:
    """Apply."""
    _help_calls()
    _marks()
    _sectors()
    op.create_index(
        "ix_logbook_sitreps",
        "logbook",
        ["commune", "number"],
        sqlite_where=sa.text(_SITREPS),
        postgresql_where=sa.text(_SITREPS),
    )
    op.execute(_ASKED.format(now=_NOW[op.get_bind().dialect.name]))


def _help_calls() -> None:
    op.create_table(
        "help_calls",
        sa.Column("commune", sa.String(length=5), nullable=False),
        sa.Column("call_id", sa.String(length=64), nullable=False),
        sa.Column("alert_id", sa.String(length=64), nullable=False),
        sa.Column("mode", sa.String(length=16), nullable=False),
        sa.Column("subject", sa.String(length=64), nullable=False),
        sa.Column("delivery_id", sa.String(length=64)),
        sa.Column("sid", sa.String(length=64)),
        sa.Column("via", sa.String(length=12), nullable=False),
        sa.Column("came_at", sa.Double(), nullable=False),
        sa.Column("again_at", sa.Double()),
        sa.Column("owner", sa.String(length=64)),
        sa.Column("owned_at", sa.Double()),
        sa.Column("rung_at", sa.Double()),
        sa.Column("outcome", sa.String(length=12)),
        sa.Column("note", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("passed_at", sa.Double()),
        sa.Column("passed_ref", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("closed_by", sa.String(length=64)),
        sa.Column("closed_at", sa.Double()),
        sa.PrimaryKeyConstraint("commune", "call_id", name=op.f("pk_help_calls")),
    )
    op.create_index(
        "ix_help_calls_open",
        "help_calls",
        ["commune", "alert_id", "subject"],
        unique=True,
        sqlite_where=sa.text(_OPEN),
        postgresql_where=sa.text(_OPEN),
    )
    op.create_index(
        "ix_help_calls_waiting",
        "help_calls",
        ["came_at"],
        sqlite_where=sa.text(_WAITING),
        postgresql_where=sa.text(_WAITING),
    )
    op.create_index(op.f("ix_help_calls_commune_came_at"), "help_calls", ["commune", "came_at"])


def _marks() -> None:
    op.create_table(
        "clock_marks",
        sa.Column("commune", sa.String(length=5), nullable=False),
        sa.Column("alert_id", sa.String(length=64), nullable=False),
        sa.Column("clock", sa.String(length=12), nullable=False),
        sa.Column("done_at", sa.Double(), nullable=False),
        sa.Column("done_by", sa.String(length=64), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint(
            "commune", "alert_id", "clock", "done_at", name=op.f("pk_clock_marks")
        ),
    )
    op.create_table(
        "told_marks",
        sa.Column("commune", sa.String(length=5), nullable=False),
        sa.Column("version_id", sa.String(length=64), nullable=False),
        sa.Column("person_id", sa.String(length=64), nullable=False),
        sa.Column("how", sa.String(length=12), nullable=False),
        sa.Column("told_at", sa.Double(), nullable=False),
        sa.Column("told_by", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("commune", "version_id", "person_id", name=op.f("pk_told_marks")),
    )


def _sectors() -> None:
    op.create_table(
        "version_sectors",
        sa.Column("commune", sa.String(length=5), nullable=False),
        sa.Column("version_id", sa.String(length=64), nullable=False),
        sa.Column("person_id", sa.String(length=64), nullable=False),
        sa.Column("sector", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint(
            "commune", "version_id", "person_id", name=op.f("pk_version_sectors")
        ),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "sector_turns",
        sa.Column("commune", sa.String(length=5), nullable=False),
        sa.Column("version_id", sa.String(length=64), nullable=False),
        sa.Column("blocks", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("commune", "version_id", name=op.f("pk_sector_turns")),
    )


def downgrade() -> None:
    """Undo."""
    op.drop_index("ix_logbook_sitreps", "logbook")
    for table in ("sector_turns", "version_sectors", "told_marks", "clock_marks", "help_calls"):
        op.drop_table(table)
