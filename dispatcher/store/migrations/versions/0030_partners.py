"""Partners' systems: their keys, what they sent, what they call a team."""

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    _partners()
    _partner_keys()
    _partner_messages()
    _external_ids()


def _partners() -> None:
    op.create_table(
        "partners",
        sa.Column("commune", sa.String(length=5), nullable=False),
        sa.Column("partner", sa.String(length=64), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.Column("teams", sa.JSON(), nullable=False),
        sa.Column("verbs", sa.JSON(), nullable=False),
        sa.Column("rate_per_s", sa.Double(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("asked_by", sa.String(length=64), nullable=False),
        sa.Column("asked_at", sa.Double(), nullable=False),
        sa.Column("agreed_by", sa.String(length=64), nullable=True),
        sa.Column("agreed_at", sa.Double(), nullable=True),
        sa.Column("ended_by", sa.String(length=64), nullable=True),
        sa.Column("ended_at", sa.Double(), nullable=True),
        sa.Column("pushed_through", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("push_tries", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("push_at", sa.Double(), nullable=True),
        sa.Column("push_problem", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("commune", "partner", name=op.f("pk_partners")),
    )


def _partner_keys() -> None:
    op.create_table(
        "partner_keys",
        sa.Column("commune", sa.String(length=5), nullable=False),
        sa.Column("partner", sa.String(length=64), nullable=False),
        sa.Column("serial", sa.Integer(), nullable=False),
        sa.Column("made_by", sa.String(length=64), nullable=False),
        sa.Column("made_at", sa.Double(), nullable=False),
        sa.Column("ends_at", sa.Double(), nullable=True),
        sa.PrimaryKeyConstraint("commune", "partner", "serial", name=op.f("pk_partner_keys")),
    )


def _partner_messages() -> None:
    op.create_table(
        "partner_messages",
        sa.Column("commune", sa.String(length=5), nullable=False),
        sa.Column("partner", sa.String(length=64), nullable=False),
        sa.Column("message_id", sa.String(length=128), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("door", sa.String(length=80), nullable=False),
        sa.Column("sent_at", sa.Double(), nullable=False),
        sa.Column("received_at", sa.Double(), nullable=False),
        sa.Column("repeats", sa.Integer(), nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("answer", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint(
            "commune", "partner", "message_id", name=op.f("pk_partner_messages")
        ),
    )
    op.create_index(
        op.f("ix_partner_messages_commune_partner_received_at"),
        "partner_messages",
        ["commune", "partner", "received_at"],
        unique=False,
    )


def _external_ids() -> None:
    op.create_table(
        "external_ids",
        sa.Column("commune", sa.String(length=5), nullable=False),
        sa.Column("partner", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("external", sa.String(length=120), nullable=False),
        sa.Column("ours", sa.String(length=64), nullable=False),
        sa.Column("made_by", sa.String(length=64), nullable=False),
        sa.Column("made_at", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint(
            "commune", "partner", "kind", "external", name=op.f("pk_external_ids")
        ),
    )
