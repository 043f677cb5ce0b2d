"""What goes out: alerts, versions, frozen audiences, deliveries, answers."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def _alerts() -> None:
    op.create_table(
        "alerts",
        sa.Column("commune", sa.String(length=5), nullable=False),
        sa.Column("alert_id", sa.String(length=64), nullable=False),
        sa.Column("mode", sa.String(length=16), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("scenario", sa.String(length=40), nullable=True),
        sa.Column("template", sa.String(length=40), nullable=True),
        sa.Column("created_by", sa.String(length=64), nullable=False),
        sa.Column("created_at", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("commune", "alert_id", name=op.f("pk_alerts")),
    )


def _versions() -> None:
    op.create_table(
        "versions",
        sa.Column("commune", sa.String(length=5), nullable=False),
        sa.Column("version_id", sa.String(length=64), nullable=False),
        sa.Column("alert_id", sa.String(length=64), nullable=False),
        sa.Column("number", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("lane", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("expires_at", sa.Double(), nullable=False),
        sa.Column("people", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("submitted_by", sa.String(length=64), nullable=True),
        sa.Column("submitted_at", sa.Double(), nullable=True),
        sa.Column("approved_by", sa.String(length=64), nullable=True),
        sa.Column("approved_at", sa.Double(), nullable=True),
        sa.Column("launch_key", sa.String(length=64), nullable=True),
        sa.Column("launched_by", sa.String(length=64), nullable=True),
        sa.Column("launched_at", sa.Double(), nullable=True),
        sa.Column("cancelled_by", sa.String(length=64), nullable=True),
        sa.Column("cancelled_at", sa.Double(), nullable=True),
        sa.Column("finished_at", sa.Double(), nullable=True),
        sa.ForeignKeyConstraint(
            ["commune", "alert_id"],
            ["alerts.commune", "alerts.alert_id"],
            name=op.f("fk_versions_alerts"),
        ),
        sa.PrimaryKeyConstraint("commune", "version_id", name=op.f("pk_versions")),
        sa.UniqueConstraint(
            "commune", "alert_id", "number", name=op.f("uq_versions_commune_alert_id_number")
        ),
        sa.UniqueConstraint("commune", "launch_key", name=op.f("uq_versions_commune_launch_key")),
    )
    with op.batch_alter_table("versions", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_versions_state"), ["state"], unique=False)


def _blocks() -> None:
    op.create_table(
        "blocks",
        sa.Column("commune", sa.String(length=5), nullable=False),
        sa.Column("version_id", sa.String(length=64), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("chains", sa.JSON(), nullable=False),
        sa.Column("people", sa.JSON(), nullable=False),
        sa.Column("materialised_at", sa.Double(), nullable=True),
        sa.ForeignKeyConstraint(
            ["commune", "version_id"],
            ["versions.commune", "versions.version_id"],
            name=op.f("fk_blocks_versions"),
        ),
        sa.PrimaryKeyConstraint("commune", "version_id", "number", name=op.f("pk_blocks")),
    )
    with op.batch_alter_table("blocks", schema=None) as batch_op:
        batch_op.create_index(
            "ix_blocks_waiting",
            ["commune", "version_id", "number"],
            unique=False,
            sqlite_where=sa.text("materialised_at IS NULL"),
            postgresql_where=sa.text("materialised_at IS NULL"),
        )


def _unreachable() -> None:
    op.create_table(
        "unreachable",
        sa.Column("commune", sa.String(length=5), nullable=False),
        sa.Column("version_id", sa.String(length=64), nullable=False),
        sa.Column("person_id", sa.String(length=64), nullable=False),
        sa.Column("reason", sa.String(length=40), nullable=False),
        sa.PrimaryKeyConstraint("commune", "version_id", "person_id", name=op.f("pk_unreachable")),
    )


def _deliveries() -> None:
    op.create_table(
        "deliveries",
        sa.Column("commune", sa.String(length=5), nullable=False),
        sa.Column("delivery_id", sa.String(length=64), nullable=False),
        sa.Column("version_id", sa.String(length=64), nullable=False),
        sa.Column("medium", sa.String(length=8), nullable=False),
        sa.Column("contact", sa.Text(), nullable=False),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("route", sa.String(length=12), nullable=False),
        sa.Column("lane", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("next_at", sa.Double(), nullable=False),
        sa.Column("owner", sa.String(length=64), nullable=True),
        sa.Column("fence", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("lease_until", sa.Double(), nullable=True),
        sa.Column("attempts", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("looks", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("doubts", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("provider", sa.String(length=40), nullable=True),
        sa.Column("reference", sa.String(length=80), nullable=True),
        sa.Column("status", sa.String(length=12), nullable=True),
        sa.Column("rank", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("reason", sa.String(length=40), nullable=True),
        sa.Column("accepted_at", sa.Double(), nullable=True),
        sa.Column("settled_at", sa.Double(), nullable=True),
        sa.Column("answer_hash", sa.String(length=64), nullable=True),
        sa.ForeignKeyConstraint(
            ["commune", "version_id"],
            ["versions.commune", "versions.version_id"],
            name=op.f("fk_deliveries_versions"),
        ),
        sa.PrimaryKeyConstraint("commune", "delivery_id", name=op.f("pk_deliveries")),
        sa.UniqueConstraint(
            "commune",
            "version_id",
            "medium",
            "contact",
            name=op.f("uq_deliveries_commune_version_id_medium_contact"),
        ),
    )


def _indexes_of_deliveries() -> None:
    with op.batch_alter_table("deliveries", schema=None) as batch_op:
        batch_op.create_index(
            "ix_deliveries_answer",
            ["answer_hash"],
            unique=False,
            sqlite_where=sa.text("answer_hash IS NOT NULL"),
            postgresql_where=sa.text("answer_hash IS NOT NULL"),
        )
        batch_op.create_index(
            "ix_deliveries_due",
            ["route", "medium", "lane", "position"],
            unique=False,
            sqlite_where=sa.text("state = 'ready'"),
            postgresql_where=sa.text("state = 'ready'"),
        )
        batch_op.create_index(
            "ix_deliveries_leased",
            ["lease_until"],
            unique=False,
            sqlite_where=sa.text("state IN ('claimed','sending')"),
            postgresql_where=sa.text("state IN ('claimed','sending')"),
        )
        batch_op.create_index(
            "ix_deliveries_unknown",
            ["next_at"],
            unique=False,
            sqlite_where=sa.text("state = 'unknown'"),
            postgresql_where=sa.text("state = 'unknown'"),
        )


def _recipients() -> None:
    op.create_table(
        "recipients",
        sa.Column("commune", sa.String(length=5), nullable=False),
        sa.Column("delivery_id", sa.String(length=64), nullable=False),
        sa.Column("person_id", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("commune", "delivery_id", "person_id", name=op.f("pk_recipients")),
    )


def _attempts() -> None:
    op.create_table(
        "attempts",
        sa.Column("commune", sa.String(length=5), nullable=False),
        sa.Column("delivery_id", sa.String(length=64), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("provider", sa.String(length=40), nullable=False),
        sa.Column("started_at", sa.Double(), nullable=False),
        sa.Column("ended_at", sa.Double(), nullable=True),
        sa.Column("outcome", sa.String(length=12), nullable=True),
        sa.Column("reference", sa.String(length=80), nullable=True),
        sa.Column("detail", sa.String(length=120), nullable=True),
        sa.PrimaryKeyConstraint("commune", "delivery_id", "number", name=op.f("pk_attempts")),
    )


def _receipts() -> None:
    op.create_table(
        "receipts",
        sa.Column("commune", sa.String(length=5), nullable=False),
        sa.Column("delivery_id", sa.String(length=64), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(length=12), nullable=False),
        sa.Column("detail", sa.String(length=120), nullable=True),
        sa.Column("received_at", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint(
            "commune", "delivery_id", "number", "status", name=op.f("pk_receipts")
        ),
    )


def _answers() -> None:
    op.create_table(
        "answers",
        sa.Column("commune", sa.String(length=5), nullable=False),
        sa.Column("delivery_id", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("via", sa.String(length=12), nullable=False),
        sa.Column("answered_at", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("commune", "delivery_id", "kind", name=op.f("pk_answers")),
    )


def upgrade() -> None:
    """Apply."""
    _alerts()
    _versions()
    _blocks()
    _unreachable()
    _deliveries()
    _indexes_of_deliveries()
    _recipients()
    _attempts()
    _receipts()
    _answers()
