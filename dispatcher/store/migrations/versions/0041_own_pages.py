"""Residents' own pages: links to them, and who was erased and is not brought back by a file."""

import sqlalchemy as sa
from alembic import op

revision = "0041"
down_revision = "0040"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.add_column(
        "persons",
        sa.Column("information", sa.Text(), nullable=False, server_default=sa.text("''")),
    )
    op.add_column("persons", sa.Column("household", sa.Integer()))
    op.create_table(
        "own_links",
        sa.Column("commune", sa.String(5), nullable=False),
        sa.Column("link_id", sa.String(64), nullable=False),
        sa.Column("person_id", sa.String(64), nullable=False),
        sa.Column("until", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("commune", "link_id", name="pk_own_links"),
        sa.ForeignKeyConstraint(
            ["commune", "person_id"],
            ["persons.commune", "persons.person_id"],
            name="fk_own_links_commune_person_id_persons",
            ondelete="CASCADE",
        ),
    )
    op.create_index("ix_own_links_link_id", "own_links", ["link_id"])
    op.create_index("ix_own_links_commune_person_id", "own_links", ["commune", "person_id"])
    op.create_table(
        "gone_marks",
        sa.Column("commune", sa.String(5), nullable=False),
        sa.Column("mark", sa.String(32), nullable=False, server_default=sa.text("''")),
        sa.Column("gone_at", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("commune", "mark", name="pk_gone_marks"),
        sqlite_with_rowid=False,
    )
