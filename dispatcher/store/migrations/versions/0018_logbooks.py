"""Books and columns of the main courante; the proof of who was warned, that only grows.

Lines already written are left as they are: the new columns are empty there, and an empty one is
in no digest.
"""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

_TEXTS = ("origin", "request", "decision", "decision_by", "execution_by")
_SQLITE = """
CREATE TRIGGER evidence_no_{verb} BEFORE {verb} ON evidence
BEGIN SELECT RAISE(ABORT, 'the evidence only grows'); END
"""
_REFUSAL = """
CREATE FUNCTION evidence_only_grows() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'the evidence only grows'; END $$
"""
_POSTGRESQL = """
CREATE TRIGGER evidence_only_grows BEFORE UPDATE OR DELETE OR TRUNCATE ON evidence
FOR EACH STATEMENT EXECUTE FUNCTION evidence_only_grows()
"""
# What was over before there were seals is vouched for by none: no line of that time tells it.
_OVER = """
INSERT INTO sealed_versions (commune, version_id, sealed_at)
SELECT commune, version_id, 0 FROM versions WHERE launched_at IS NOT NULL
AND finished_at IS NOT NULL AND (state <> 'launched' OR expires_at <= {now})
"""
_NOW = {
    "sqlite": "((julianday('now') - 2440587.5) * 86400.0)",
    "postgresql": "EXTRACT(EPOCH FROM clock_timestamp())::double precision",
}


def upgrade() -> None:
    """Apply."""
    _columns()
    _tables()
    op.create_index(
        "ix_deliveries_settled",
        "deliveries",
        ["commune", "settled_at"],
        sqlite_where=sa.text("settled_at IS NOT NULL"),
        postgresql_where=sa.text("settled_at IS NOT NULL"),
    )
    dialect = op.get_bind().dialect.name
    op.execute(_OVER.format(now=_NOW[dialect]))
    if dialect == "sqlite":
        for verb in ("UPDATE", "DELETE"):
            op.execute(_SQLITE.format(verb=verb))
        return
    op.execute(_REFUSAL)
    op.execute(_POSTGRESQL)


def _columns() -> None:
    op.add_column("logbook", sa.Column("book", sa.String(length=40)))
    op.add_column("logbook", sa.Column("event", sa.String(length=64)))
    op.add_column("logbook", sa.Column("channel", sa.String(length=12)))
    for name in _TEXTS:
        op.add_column("logbook", sa.Column(name, sa.Text()))
    for name in ("supersedes", "closes"):
        op.add_column("logbook", sa.Column(name, sa.Integer()))
        op.create_index(
            f"ix_logbook_{name}",
            "logbook",
            ["commune", name],
            unique=True,
            sqlite_where=sa.text(f"{name} IS NOT NULL"),
            postgresql_where=sa.text(f"{name} IS NOT NULL"),
        )
    op.create_index(
        op.f("ix_logbook_commune_event_book_number"),
        "logbook",
        ["commune", "event", "book", "number"],
    )


def _tables() -> None:
    op.create_table(
        "books",
        sa.Column("commune", sa.String(length=5), nullable=False),
        sa.Column("event_id", sa.String(length=64), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("label", sa.String(length=120), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("opened_at", sa.Double(), nullable=False),
        sa.Column("opened_by", sa.String(length=64), nullable=False),
        sa.Column("closed_at", sa.Double()),
        sa.Column("closed_by", sa.String(length=64)),
        sa.PrimaryKeyConstraint("commune", "event_id", "code", name=op.f("pk_books")),
    )
    _evidence()
    op.create_table(
        "sealing",
        sa.Column("commune", sa.String(length=5), nullable=False),
        sa.Column("seal", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("filled", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("until", sa.Double(), nullable=False),
        sa.Column("next_at", sa.Double(), nullable=False),
        sa.Column("holder", sa.String(length=64)),
        sa.Column("lease_until", sa.Double()),
        sa.PrimaryKeyConstraint("commune", name=op.f("pk_sealing")),
    )
    op.create_table(
        "sealed_versions",
        sa.Column("commune", sa.String(length=5), nullable=False),
        sa.Column("version_id", sa.String(length=64), nullable=False),
        sa.Column("sealed_at", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("commune", "version_id", name=op.f("pk_sealed_versions")),
    )


def _evidence() -> None:
    serial = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "evidence",
        sa.Column("serial", serial, autoincrement=False, nullable=False),
        sa.Column("commune", sa.String(length=5), nullable=False),
        sa.Column("seal", sa.Integer(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("version_id", sa.String(length=64), nullable=False),
        sa.Column("delivery_id", sa.String(length=64), nullable=False),
        sa.Column("medium", sa.String(length=8), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("accepted_ms", sa.BigInteger()),
        sa.Column("settled_ms", sa.BigInteger()),
        sa.Column("pseudonym", sa.String(length=32), nullable=False),
        sa.PrimaryKeyConstraint("serial", name=op.f("pk_evidence")),
    )
    op.create_index(
        op.f("ix_evidence_commune_seal_place"),
        "evidence",
        ["commune", "seal", "place"],
        unique=True,
    )
