"""Deliveries are numbered as they are made, and their readers kept by that number; who left.

Pages of random keys cost a fan-out most of its writing: only one index of ids is left.
"""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

_READERS = """
INSERT INTO recipients (serial, person_id)
SELECT d.serial, r.person_id FROM recipients_by_id AS r
JOIN deliveries AS d ON d.commune = r.commune AND d.delivery_id = r.delivery_id
ORDER BY d.serial
"""
# Made twice it is made once: a correction that was being gone through begins anew.
_AGAIN = "UPDATE blocks SET followed = '' WHERE followed IS NOT NULL AND materialised_at IS NULL"
_LEFT = """
INSERT INTO departed (commune, person_id)
SELECT commune, person_id FROM persons WHERE unsubscribed_at IS NOT NULL
"""
# Behind a delivery, and not enrolled any more.
_ERASED = """
INSERT INTO departed (commune, person_id)
SELECT DISTINCT d.commune, r.person_id FROM recipients AS r
JOIN deliveries AS d ON d.serial = r.serial WHERE NOT EXISTS (
  SELECT 1 FROM persons AS p WHERE p.commune = d.commune AND p.person_id = r.person_id)
"""
_HERE = "DELETE FROM departed WHERE commune = NEW.commune AND person_id = NEW.person_id"
_GONE = (
    "INSERT INTO departed (commune, person_id) SELECT {row}.commune, {row}.person_id WHERE {which}"
    " ON CONFLICT DO NOTHING"
)
_LEAVING = _GONE.format(row="NEW", which="NEW.unsubscribed_at IS NOT NULL")
_ERASING = _GONE.format(row="OLD", which="true")
_SQLITE = {
    "INSERT": f"{_HERE}; {_LEAVING};",
    "UPDATE OF unsubscribed_at": f"{_HERE}; {_LEAVING};",
    "DELETE": f"{_ERASING};",
}
_BACK = """
DELETE FROM departed AS d USING changed AS c
WHERE d.commune = c.commune AND d.person_id = c.person_id AND c.unsubscribed_at IS NULL;
"""
_FUNCTION = """
CREATE FUNCTION persons_departed() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
{back}
INSERT INTO departed (commune, person_id)
SELECT c.commune, c.person_id FROM changed AS c WHERE c.unsubscribed_at IS NOT NULL
ON CONFLICT DO NOTHING; RETURN NULL; END $$
"""
_ERASED_FUNCTION = """
CREATE FUNCTION persons_erased() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
INSERT INTO departed (commune, person_id) SELECT c.commune, c.person_id FROM changed AS c
ON CONFLICT DO NOTHING; RETURN NULL; END $$
"""
_POSTGRESQL = """
CREATE TRIGGER persons_departed_on_{verb} AFTER {verb} ON persons
REFERENCING {row} TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION {function}()
"""


def upgrade() -> None:
    """Apply; every delivery keeps its id, and what is made later gets a higher number.

    PostgreSQL: locked at once, so that older processes wait at the door instead of halfway, and
    nobody leaves unseen between what is read here and the triggers.
    """
    sqlite = op.get_bind().dialect.name == "sqlite"
    if sqlite:
        _by_key_alone()
    else:
        op.execute("LOCK TABLE persons, recipients, deliveries IN ACCESS EXCLUSIVE MODE")
    (_number_sqlite if sqlite else _number_postgresql)()
    op.rename_table("recipients", "recipients_by_id")
    if not sqlite:
        op.execute("ALTER INDEX pk_recipients RENAME TO pk_recipients_by_id")
    op.create_table(
        "recipients",
        sa.Column("serial", sa.BigInteger(), nullable=False),
        sa.Column("person_id", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("serial", "person_id", name=op.f("pk_recipients")),
        sqlite_with_rowid=False,
    )
    op.execute(_READERS)
    op.drop_table("recipients_by_id")
    op.execute(_AGAIN)
    op.create_table(
        "departed",
        sa.Column("commune", sa.String(length=5), nullable=False),
        sa.Column("person_id", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("commune", "person_id", name=op.f("pk_departed")),
        sqlite_with_rowid=False,
    )
    op.execute(_LEFT)
    op.execute(_ERASED)
    (_watch_sqlite if sqlite else _watch_postgresql)()


def _by_key_alone() -> None:
    """Keep each person and her contacts in the place that their key names: one look, not two."""
    for table in ("persons", "contacts"):
        options = {"sqlite_with_rowid": False}
        with op.batch_alter_table(table, recreate="always", table_kwargs=options):
            pass


def _number_sqlite() -> None:
    with op.batch_alter_table("deliveries", recreate="always") as batch:
        batch.drop_constraint("pk_deliveries", type_="primary")
        batch.add_column(sa.Column("serial", sa.Integer(), nullable=False))
        batch.create_primary_key("pk_deliveries", ["serial"])
        batch.create_unique_constraint(
            "uq_deliveries_commune_delivery_id", ["commune", "delivery_id"]
        )


def _number_postgresql() -> None:
    op.execute("ALTER TABLE deliveries DROP CONSTRAINT pk_deliveries")
    op.execute("ALTER TABLE deliveries ADD COLUMN serial BIGSERIAL")
    op.create_primary_key("pk_deliveries", "deliveries", ["serial"])
    op.create_unique_constraint(
        "uq_deliveries_commune_delivery_id", "deliveries", ["commune", "delivery_id"]
    )


def _watch_sqlite() -> None:
    for verb, body in _SQLITE.items():
        name = f"persons_departed_on_{verb.split()[0]}"
        op.execute(f"CREATE TRIGGER {name} AFTER {verb} ON persons BEGIN {body} END")


def _watch_postgresql() -> None:
    op.execute(_FUNCTION.format(back=_BACK))
    op.execute(_ERASED_FUNCTION)
    for verb, row, function in (
        ("INSERT", "NEW", "persons_departed"),
        ("UPDATE", "NEW", "persons_departed"),
        ("DELETE", "OLD", "persons_erased"),
    ):
        op.execute(_POSTGRESQL.format(verb=verb, row=row, function=function))
