"""The register of vulnerable people: a register apart, sealed, opened on a ground, journalled."""

import sqlalchemy as sa
from alembic import op

revision = "0038"
down_revision = "0037"
branch_labels = None
depends_on = None

_SQLITE = """
CREATE TRIGGER vulnerable_looks_no_{verb} BEFORE {verb} ON vulnerable_looks
BEGIN SELECT RAISE(ABORT, 'the journal of looks only grows'); END
"""
_REFUSAL = """
CREATE FUNCTION vulnerable_looks_only_grow() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'the journal of looks only grows'; END $$
"""
_POSTGRESQL = """
CREATE TRIGGER vulnerable_looks_only_grow BEFORE UPDATE OR DELETE OR TRUNCATE ON vulnerable_looks
FOR EACH STATEMENT EXECUTE FUNCTION vulnerable_looks_only_grow()
"""


def upgrade() -> None:
    """Apply."""
    _people()
    _rules()
    _use()
    if op.get_bind().dialect.name == "sqlite":
        for verb in ("UPDATE", "DELETE"):
            op.execute(_SQLITE.format(verb=verb))
        return
    op.execute(_REFUSAL)
    op.execute(_POSTGRESQL)


def _people() -> None:
    op.create_table(
        "vulnerable_people",
        sa.Column("commune", sa.String(length=5), nullable=False),
        sa.Column("entry_id", sa.String(length=64), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("identity", sa.LargeBinary(), nullable=False),
        sa.Column("reach", sa.LargeBinary(), nullable=False),
        sa.Column("placed", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("asked_by", sa.String(length=16), nullable=False),
        sa.Column("received_at", sa.Double(), nullable=False),
        sa.Column("recorded_at", sa.Double(), nullable=False),
        sa.Column("recorded_by", sa.String(length=64), nullable=False),
        sa.Column("acknowledged_at", sa.Double(), nullable=True),
        sa.Column("acknowledged_by", sa.String(length=64), nullable=True),
        sa.Column("acknowledged_how", sa.String(length=12), nullable=True),
        sa.Column("revision", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.PrimaryKeyConstraint("commune", "entry_id", name=op.f("pk_vulnerable_people")),
        sa.UniqueConstraint("commune", "number", name=op.f("uq_vulnerable_people_commune_number")),
    )
    op.create_index(
        "ix_vulnerable_people_waiting",
        "vulnerable_people",
        ["commune", "received_at"],
        unique=False,
        sqlite_where=sa.text("acknowledged_at IS NULL"),
        postgresql_where=sa.text("acknowledged_at IS NULL"),
    )
    op.create_table(
        "vulnerable_marks",
        sa.Column("commune", sa.String(length=5), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("mark", sa.String(length=64), nullable=False),
        sa.Column("entry_id", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["commune", "entry_id"],
            ["vulnerable_people.commune", "vulnerable_people.entry_id"],
            name=op.f("fk_vulnerable_marks_vulnerable_people"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint(
            "commune", "kind", "mark", "entry_id", name=op.f("pk_vulnerable_marks")
        ),
    )
    op.create_index(
        op.f("ix_vulnerable_marks_commune_entry_id"),
        "vulnerable_marks",
        ["commune", "entry_id"],
        unique=False,
    )


def _rules() -> None:
    op.create_table(
        "vulnerable_left",
        sa.Column("commune", sa.String(length=5), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("mark", sa.String(length=64), nullable=False),
        sa.Column("entry_id", sa.String(length=64), nullable=False),
        sa.Column("left_at", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint(
            "commune", "kind", "mark", "entry_id", name=op.f("pk_vulnerable_left")
        ),
    )
    op.create_table(
        "vulnerable_numbers",
        sa.Column("commune", sa.String(length=5), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("key_mark", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("commune", name=op.f("pk_vulnerable_numbers")),
    )
    op.create_table(
        "vulnerable_agents",
        sa.Column("commune", sa.String(length=5), nullable=False),
        sa.Column("login", sa.String(length=64), nullable=False),
        sa.Column("named_at", sa.Double(), nullable=False),
        sa.Column("named_by", sa.String(length=64), nullable=False),
        sa.Column("ended_at", sa.Double(), nullable=True),
        sa.Column("ended_by", sa.String(length=64), nullable=True),
        sa.PrimaryKeyConstraint("commune", "login", "named_at", name=op.f("pk_vulnerable_agents")),
    )
    op.create_index(
        "ix_vulnerable_agents_now",
        "vulnerable_agents",
        ["commune", "login"],
        unique=True,
        sqlite_where=sa.text("ended_at IS NULL"),
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.create_table(
        "vulnerable_rulings",
        sa.Column("commune", sa.String(length=5), nullable=False),
        sa.Column("ruled_at", sa.Double(), nullable=False),
        sa.Column("on_activation", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("ruled_by", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("commune", "ruled_at", name=op.f("pk_vulnerable_rulings")),
    )


def _use() -> None:
    op.create_table(
        "vulnerable_openings",
        sa.Column("commune", sa.String(length=5), nullable=False),
        sa.Column("opening_id", sa.String(length=64), nullable=False),
        sa.Column("ground", sa.String(length=16), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("event_id", sa.String(length=64), nullable=True),
        sa.Column("opened_at", sa.Double(), nullable=False),
        sa.Column("opened_by", sa.String(length=64), nullable=False),
        sa.Column("closed_at", sa.Double(), nullable=True),
        sa.Column("closed_by", sa.String(length=64), nullable=True),
        sa.PrimaryKeyConstraint("commune", "opening_id", name=op.f("pk_vulnerable_openings")),
    )
    op.create_index(
        "ix_vulnerable_openings_now",
        "vulnerable_openings",
        ["commune"],
        unique=True,
        sqlite_where=sa.text("closed_at IS NULL"),
        postgresql_where=sa.text("closed_at IS NULL"),
    )
    op.create_table(
        "vulnerable_outcomes",
        sa.Column("commune", sa.String(length=5), nullable=False),
        sa.Column("opening_id", sa.String(length=64), nullable=False),
        sa.Column("entry_id", sa.String(length=64), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("outcome", sa.String(length=12), nullable=False),
        sa.Column("noted_at", sa.Double(), nullable=False),
        sa.Column("noted_by", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint(
            "commune", "opening_id", "entry_id", "number", name=op.f("pk_vulnerable_outcomes")
        ),
    )
    op.create_table(
        "vulnerable_looks",
        sa.Column("commune", sa.String(length=5), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("at", sa.Double(), nullable=False),
        sa.Column("login", sa.String(length=64), nullable=False),
        sa.Column("what", sa.String(length=12), nullable=False),
        sa.Column("entry_id", sa.String(length=64), nullable=True),
        sa.Column("opening_id", sa.String(length=64), nullable=True),
        sa.Column("reason", sa.String(length=16), nullable=False),
        sa.Column("people", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.PrimaryKeyConstraint("commune", "number", name=op.f("pk_vulnerable_looks")),
    )
    op.create_index(
        op.f("ix_vulnerable_looks_commune_entry_id"),
        "vulnerable_looks",
        ["commune", "entry_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_vulnerable_looks_commune_opening_id"),
        "vulnerable_looks",
        ["commune", "opening_id"],
        unique=False,
    )
