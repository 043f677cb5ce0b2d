"""The teams' phones: the links that open their page, the photos that they send."""

import sqlalchemy as sa
from alembic import op

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    _team_links()
    _team_photos()


def _team_links() -> None:
    op.create_table(
        "team_links",
        sa.Column("commune", sa.String(length=5), nullable=False),
        sa.Column("link", sa.String(length=64), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("team", sa.String(length=64), nullable=False),
        sa.Column("event", sa.String(length=64), nullable=True),
        sa.Column("made_by", sa.String(length=64), nullable=False),
        sa.Column("made_at", sa.Double(), nullable=False),
        sa.Column("ends_at", sa.Double(), nullable=False),
        sa.Column("revoked_by", sa.String(length=64), nullable=True),
        sa.Column("revoked_at", sa.Double(), nullable=True),
        sa.Column("opened_at", sa.Double(), nullable=True),
        sa.Column("seen_at", sa.Double(), nullable=True),
        sa.Column("follows", sa.String(length=64), nullable=True),
        sa.PrimaryKeyConstraint("commune", "link", name=op.f("pk_team_links")),
    )
    op.create_index(op.f("ix_team_links_token_hash"), "team_links", ["token_hash"], unique=True)
    op.create_index(
        op.f("ix_team_links_commune_team_made_at"),
        "team_links",
        ["commune", "team", "made_at"],
        unique=False,
    )


def _team_photos() -> None:
    op.create_table(
        "team_photos",
        sa.Column("commune", sa.String(length=5), nullable=False),
        sa.Column("photo", sa.String(length=64), nullable=False),
        sa.Column("team", sa.String(length=64), nullable=False),
        sa.Column("mission", sa.String(length=64), nullable=True),
        sa.Column("event", sa.String(length=64), nullable=True),
        sa.Column("link", sa.String(length=64), nullable=False),
        sa.Column("at", sa.Double(), nullable=False),
        sa.Column("recorded_at", sa.Double(), nullable=False),
        sa.Column("tells_more", sa.Integer(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("commune", "photo", name=op.f("pk_team_photos")),
    )
    op.create_index(
        op.f("ix_team_photos_commune_team_at"),
        "team_photos",
        ["commune", "team", "at"],
        unique=False,
    )
