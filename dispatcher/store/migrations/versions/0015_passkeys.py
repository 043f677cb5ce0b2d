"""Passkeys of the console's users, and the challenges that served once."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "passkeys",
        sa.Column("commune", sa.String(length=5), nullable=False),
        sa.Column("credential_hash", sa.String(length=64), nullable=False),
        sa.Column("login", sa.String(length=64), nullable=False),
        sa.Column("credential_id", sa.Text(), nullable=False),
        sa.Column("public_key", sa.Text(), nullable=False),
        sa.Column("sign_count", sa.BigInteger(), nullable=False),
        sa.Column("transports", sa.JSON(), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("backed_up", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("created_at", sa.Double(), nullable=False),
        sa.Column("used_at", sa.Double(), nullable=True),
        sa.Column("suspect_at", sa.Double(), nullable=True),
        sa.PrimaryKeyConstraint("commune", "credential_hash", name=op.f("pk_passkeys")),
    )
    op.create_index(
        op.f("ix_passkeys_credential_hash"), "passkeys", ["credential_hash"], unique=True
    )
    op.create_index(op.f("ix_passkeys_commune_login"), "passkeys", ["commune", "login"])
    op.create_table(
        "spent_challenges",
        sa.Column("commune", sa.String(length=5), nullable=False),
        sa.Column("challenge_hash", sa.String(length=64), nullable=False),
        sa.Column("expires_at", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("challenge_hash", name=op.f("pk_spent_challenges")),
    )
    op.create_index(op.f("ix_spent_challenges_expires_at"), "spent_challenges", ["expires_at"])
