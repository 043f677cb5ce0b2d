"""Signing in by a provider: identities linked to users, and sign-ins under way."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "identities",
        sa.Column("commune", sa.String(length=5), nullable=False),
        sa.Column("issuer", sa.String(length=200), nullable=False),
        sa.Column("subject_hash", sa.String(length=64), nullable=False),
        sa.Column("login", sa.String(length=64), nullable=False),
        sa.Column("linked_at", sa.Double(), nullable=False),
        sa.Column("used_at", sa.Double(), nullable=True),
        sa.PrimaryKeyConstraint("commune", "issuer", "subject_hash", name=op.f("pk_identities")),
        sa.ForeignKeyConstraint(
            ["commune", "login"],
            ["users.commune", "users.login"],
            name=op.f("fk_identities_users"),
        ),
    )
    one_each = ["commune", "login", "issuer"]
    op.create_index(op.f("ix_identities_commune_login_issuer"), "identities", one_each, unique=True)
    op.create_table(
        "oidc_flows",
        sa.Column("state_hash", sa.String(length=64), nullable=False),
        sa.Column("browser_hash", sa.String(length=64), nullable=False),
        sa.Column("source_hash", sa.String(length=64), nullable=False),
        sa.Column("purpose", sa.String(length=10), nullable=False),
        sa.Column("commune", sa.String(length=5), nullable=False),
        sa.Column("login", sa.String(length=64), nullable=True),
        sa.Column("opener", sa.String(length=64), nullable=True),
        sa.Column("nonce", sa.String(length=64), nullable=False),
        sa.Column("verifier", sa.String(length=64), nullable=False),
        sa.Column("vers", sa.Text(), nullable=False),
        sa.Column("created_at", sa.Double(), nullable=False),
        sa.Column("expires_at", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("state_hash", name=op.f("pk_oidc_flows")),
    )
    for columns in (["expires_at"], ["source_hash", "created_at"]):
        op.create_index(op.f(f"ix_oidc_flows_{'_'.join(columns)}"), "oidc_flows", columns)
