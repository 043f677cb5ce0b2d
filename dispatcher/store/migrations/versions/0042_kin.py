"""Whom a resident has told how she is, and what they were told."""

import sqlalchemy as sa
from alembic import op

revision = "0042"
down_revision = "0041"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "kin",
        *_hers(),
        sa.Column("mark", sa.String(32), nullable=False, server_default=sa.text("''")),
        sa.Column("kind", sa.String(8), nullable=False),
        sa.Column("contact", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("language", sa.String(8), nullable=False),
        sa.Column("agreed_at", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("commune", "person_id", "mark", name="pk_kin"),
        _of_person("kin"),
    )
    op.create_index("ix_kin_commune_mark", "kin", ["commune", "mark"])
    op.create_table(
        "kin_told",
        *_hers(),
        sa.Column("alert_id", sa.String(64), nullable=False),
        sa.Column("mark", sa.String(32), nullable=False, server_default=sa.text("''")),
        sa.Column("outcome", sa.String(12), nullable=False),
        sa.Column("message", sa.String(64), nullable=False),
        sa.Column("told_at", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint(
            "commune", "alert_id", "person_id", "mark", "outcome", name="pk_kin_told"
        ),
        _of_person("kin_told"),
    )


def _hers() -> tuple[sa.Column[str], sa.Column[str]]:
    return (
        sa.Column("commune", sa.String(5), nullable=False),
        sa.Column("person_id", sa.String(64), nullable=False),
    )


def _of_person(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["commune", "person_id"],
        ["persons.commune", "persons.person_id"],
        name=f"fk_{table}_commune_person_id_persons",
        ondelete="CASCADE",
    )
