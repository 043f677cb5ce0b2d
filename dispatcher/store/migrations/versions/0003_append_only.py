"""The logbook only grows: the database itself refuses to change or remove a line."""

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

SQLITE = """
CREATE TRIGGER logbook_no_{verb} BEFORE {verb} ON logbook
BEGIN SELECT RAISE(ABORT, 'the logbook only grows'); END
"""
REFUSAL = """
CREATE FUNCTION logbook_only_grows() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'the logbook only grows'; END $$
"""
POSTGRESQL = """
CREATE TRIGGER logbook_only_grows BEFORE UPDATE OR DELETE OR TRUNCATE ON logbook
FOR EACH STATEMENT EXECUTE FUNCTION logbook_only_grows()
"""


def upgrade() -> None:
    """Apply."""
    if op.get_bind().dialect.name == "sqlite":
        for verb in ("UPDATE", "DELETE"):
            op.execute(SQLITE.format(verb=verb))
        return
    op.execute(REFUSAL)
    op.execute(POSTGRESQL)
