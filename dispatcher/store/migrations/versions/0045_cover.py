"""Contacts that fail, and the yearly confirmation."""

import sqlalchemy as sa
from alembic import op

revision = "0045"
down_revision = "0044"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "failing",
        *_hers(),
        sa.Column("mark", sa.String(32), nullable=False, server_default=sa.text("''")),
        sa.Column("why", sa.String(12), nullable=False),
        sa.Column("failed_at", sa.Double(), nullable=False),
        sa.Column("version_id", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("commune", "person_id", "mark", name="pk_failing"),
        _of_person("failing"),
    )
    op.create_index("ix_failing_commune_mark", "failing", ["commune", "mark"])
    op.create_table(
        "failing_looks",
        sa.Column("commune", sa.String(5), nullable=False),
        sa.Column("upto", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("commune", name="pk_failing_looks"),
    )
    op.create_table(
        "yearly_rules",
        sa.Column("commune", sa.String(5), nullable=False),
        sa.Column("enabled", sa.Boolean(), nullable=False, server_default=sa.text("false")),
        sa.Column("changed_by", sa.String(64), nullable=False),
        sa.Column("changed_at", sa.Double(), nullable=False),
        sa.Column("day", sa.String(10), nullable=False, server_default=sa.text("''")),
        sa.Column("left_today", sa.Integer(), nullable=False, server_default=sa.text("0")),
        sa.Column("after", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("commune", name="pk_yearly_rules"),
    )
    op.create_table(
        "yearly",
        *_hers(),
        sa.Column("asked_at", sa.Double(), nullable=False),
        sa.Column("reminded_at", sa.Double()),
        sa.Column("answered_at", sa.Double()),
        sa.Column("message", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("commune", "person_id", name="pk_yearly"),
        _of_person("yearly"),
    )
    op.create_index(
        "ix_yearly_waiting",
        "yearly",
        ["commune", "asked_at"],
        sqlite_where=sa.text("reminded_at IS NULL AND answered_at IS NULL"),
        postgresql_where=sa.text("reminded_at IS NULL AND answered_at IS NULL"),
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
