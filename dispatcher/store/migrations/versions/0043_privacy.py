"""The law at work: periods, purges, legal holds, openings of the evidence, elimination slips.

The database still refuses to change the evidence and the journal of looks. It lets a row of the
evidence go under a seal that an elimination names that has its visa and has begun, and a look that
is older than half a year, the shortest that the CNIL advises for a journal.
"""

import sqlalchemy as sa
from alembic import op

revision = "0043"
down_revision = "0042"
branch_labels = None
depends_on = None


_NOW = {
    "sqlite": "((julianday('now') - 2440587.5) * 86400.0)",
    "postgresql": "EXTRACT(EPOCH FROM clock_timestamp())::double precision",
}
_OLD = "OLD.at < {now} - 180 * 86400.0"
_BY_VISA = {
    "sqlite": """EXISTS (SELECT 1 FROM eliminations e, json_each(e.seals) s
WHERE e.commune = OLD.commune AND e.begun_at IS NOT NULL AND e.recorded_at IS NOT NULL
AND s.value = OLD.seal)""",
    "postgresql": """EXISTS (SELECT 1 FROM eliminations e
WHERE e.commune = OLD.commune AND e.begun_at IS NOT NULL AND e.recorded_at IS NOT NULL
AND e.seals::jsonb @> to_jsonb(OLD.seal))""",
}
_REFUSES = {"evidence": "evidence_only_grows", "vulnerable_looks": "vulnerable_looks_only_grow"}
_SQLITE = """
CREATE TRIGGER {table}_no_DELETE BEFORE DELETE ON {table} WHEN NOT ({may})
BEGIN SELECT RAISE(ABORT, 'the {said} only grows'); END
"""
_CHECKS = """
CREATE FUNCTION {table}_ends() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN IF {may} THEN RETURN OLD; END IF; RAISE EXCEPTION 'the {said} only grows'; END $$
"""
_EACH = """
CREATE TRIGGER {table}_ends BEFORE DELETE ON {table}
FOR EACH ROW EXECUTE FUNCTION {table}_ends()
"""
_REST = """
CREATE TRIGGER {old} BEFORE UPDATE OR TRUNCATE ON {table}
FOR EACH STATEMENT EXECUTE FUNCTION {old}()
"""


def upgrade() -> None:
    """Apply."""
    _tables()
    dialect = op.get_bind().dialect.name
    old = _OLD.format(now=_NOW[dialect])
    _may_end("evidence", "evidence", _BY_VISA[dialect], dialect=dialect)
    _may_end("vulnerable_looks", "journal of looks", old, dialect=dialect)


def _may_end(table: str, said: str, may: str, *, dialect: str) -> None:
    """Let the rows that `may` go; all else stays refused."""
    told = {"table": table, "said": said, "may": may, "old": _REFUSES[table]}
    if dialect == "sqlite":
        op.execute(f"DROP TRIGGER {table}_no_DELETE")
        op.execute(_SQLITE.format(**told))
        return
    op.execute("DROP TRIGGER {old} ON {table}".format(**told))
    for part in (_CHECKS, _EACH, _REST):
        op.execute(part.format(**told))


def _tables() -> None:
    op.create_table(
        "retention_periods",
        _commune(),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("set_at", sa.Double(), nullable=False),
        sa.Column("days", sa.Integer(), nullable=False),
        _text("reference"),
        _who("set_by"),
        sa.PrimaryKeyConstraint("commune", "kind", "set_at", name="pk_retention_periods"),
    )
    op.create_table(
        "purges",
        _commune(),
        _who("run_id"),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("before", sa.Double(), nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("purged_at", sa.Double(), nullable=False),
        sa.Column("line", sa.Integer()),
        sa.PrimaryKeyConstraint("commune", "run_id", "kind", "number", name="pk_purges"),
    )
    op.create_table(
        "legal_holds",
        _commune(),
        _who("hold_id"),
        _who("alert_id"),
        _text("reason"),
        _text("reference"),
        *_step("placed", needed=True),
        *_step("lift_asked"),
        *_step("lifted"),
        sa.PrimaryKeyConstraint("commune", "hold_id", name="pk_legal_holds"),
    )
    _opened()


def _opened() -> None:
    op.create_table(
        "evidence_openings",
        _commune(),
        _who("opening_id"),
        _text("reason"),
        _text("reference"),
        *_step("asked", needed=True),
        *_step("agreed"),
        *_step("closed"),
        sa.PrimaryKeyConstraint("commune", "opening_id", name="pk_evidence_openings"),
    )
    op.create_table(
        "eliminations",
        _commune(),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("before", sa.Double(), nullable=False),
        sa.Column("seals", sa.JSON(), nullable=False),
        sa.Column("counts", sa.JSON(), nullable=False),
        *_step("made", needed=True),
        sa.Column("visa_by", sa.Text()),
        sa.Column("visa_reference", sa.Text()),
        sa.Column("visa_on", sa.String(10)),
        *_step("recorded"),
        *_step("begun"),
        sa.Column("done_at", sa.Double()),
        *_step("given_up"),
        sa.PrimaryKeyConstraint("commune", "number", name="pk_eliminations"),
    )


def _commune() -> sa.Column[str]:
    return sa.Column("commune", sa.String(5), nullable=False)


def _who(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.String(64), nullable=False)


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=False)


def _step(name: str, *, needed: bool = False) -> tuple[sa.Column[str], sa.Column[float]]:
    return (
        sa.Column(f"{name}_by", sa.String(64), nullable=not needed),
        sa.Column(f"{name}_at", sa.Double(), nullable=not needed),
    )
