"""Audiences by rank, whoever chose them; calls in progress counted; rates changed while running."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

ON_LINE = "medium = 'voice' AND state IN ('sending','accepted','unknown')"
FIRST = "warn_first OR help_to_leave"
_SQLITE = """
CREATE TRIGGER homes_marked_on_{verb} AFTER {verb} ON homes BEGIN
INSERT INTO populations (commune, mark) VALUES ({row}.commune, random())
ON CONFLICT (commune) DO UPDATE SET mark = excluded.mark; END
"""
_FUNCTION = """
CREATE FUNCTION homes_marked() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
INSERT INTO populations (commune, mark)
SELECT commune, (random() * 9e15)::bigint FROM (SELECT DISTINCT commune FROM changed) AS each
ON CONFLICT (commune) DO UPDATE SET mark = excluded.mark; RETURN NULL; END $$
"""
_POSTGRESQL = """
CREATE TRIGGER homes_marked_on_{verb} AFTER {verb} ON homes REFERENCING {row} TABLE AS changed
FOR EACH STATEMENT EXECUTE FUNCTION homes_marked()
"""
_ROW = {"INSERT": "NEW", "UPDATE": "NEW", "DELETE": "OLD"}


def _mark_homes() -> None:
    op.create_table(
        "populations",
        sa.Column("commune", sa.String(length=5), nullable=False),
        sa.Column("mark", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("commune", name=op.f("pk_populations")),
    )
    sqlite = op.get_bind().dialect.name == "sqlite"
    if not sqlite:
        op.execute(_FUNCTION)
    for verb, row in _ROW.items():
        op.execute((_SQLITE if sqlite else _POSTGRESQL).format(verb=verb, row=row))


def upgrade() -> None:
    """Apply; a block cut before keeps its one kind of chains."""
    for name in ("others", "choice"):
        op.add_column("blocks", sa.Column(name, sa.JSON(), nullable=True))
    op.create_index(
        "ix_deliveries_on_line",
        "deliveries",
        ["provider", "began_at"],
        sqlite_where=sa.text(ON_LINE),
        postgresql_where=sa.text(ON_LINE),
    )
    op.create_index(
        "ix_persons_first",
        "persons",
        ["commune", "person_id"],
        sqlite_where=sa.text(FIRST),
        postgresql_where=sa.text(FIRST),
    )
    op.create_table(
        "paces",
        sa.Column("account", sa.String(length=40), nullable=False),
        sa.Column("rate_per_s", sa.Double(), nullable=False),
        sa.Column("commune", sa.String(length=5), nullable=False),
        sa.Column("changed_by", sa.String(length=64), nullable=False),
        sa.Column("changed_at", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("account", name=op.f("pk_paces")),
    )
    _mark_homes()
