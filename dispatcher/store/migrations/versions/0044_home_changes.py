"""Who moved is told beside the mark that each change draws: what is kept of homes follows it.

A contact is found by its mark alone: its kind need not be said.

Triggers write who moved, whoever changes a home. Each person who moved has a revision of her own,
and the last ones of each commune are kept; more than that at once leaves a line that names nobody.
"""

import secrets

import sqlalchemy as sa
from alembic import op

revision = "0044"
down_revision = "0043"
branch_labels = None
depends_on = None

KEPT = 10_000
_ROWS = {"INSERT": ("NEW",), "UPDATE": ("OLD", "NEW"), "DELETE": ("OLD",)}
_PLACE = "commune, person_id, lon, lat, place_mark"
_OF = {"UPDATE": f" OF {_PLACE}"}

_SQLITE = """
INSERT INTO populations (commune, mark, revision) VALUES ({row}.commune, random(), 1)
ON CONFLICT (commune) DO UPDATE SET mark = excluded.mark, revision = populations.revision + 1;
INSERT INTO home_changes (commune, revision, mark, person_id)
SELECT commune, revision, mark, {row}.person_id FROM populations WHERE commune = {row}.commune;
DELETE FROM home_changes WHERE commune = {row}.commune AND revision =
(SELECT revision FROM populations WHERE commune = {row}.commune) - {kept};
"""
_POSTGRESQL = """
CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE one record; now record; BEGIN
FOR one IN SELECT commune, count(*) AS people FROM ({moved}) AS moved
GROUP BY commune ORDER BY commune LOOP
  INSERT INTO populations AS known (commune, mark, revision)
  VALUES (one.commune, (random() * 9e15)::bigint, one.people)
  ON CONFLICT (commune) DO UPDATE
  SET mark = excluded.mark, revision = known.revision + excluded.revision
  RETURNING mark, revision INTO now;
  IF one.people > {kept} THEN
    DELETE FROM home_changes WHERE commune = one.commune;
    INSERT INTO home_changes VALUES (one.commune, now.revision, now.mark, '');
  ELSE
    INSERT INTO home_changes (commune, revision, mark, person_id)
    SELECT commune, now.revision + 1 - row_number() OVER (), now.mark, person_id
    FROM ({moved}) AS moved WHERE commune = one.commune;
    DELETE FROM home_changes WHERE commune = one.commune
    AND revision BETWEEN now.revision - {kept} - one.people AND now.revision - {kept};
  END IF;
END LOOP; RETURN NULL; END $$
"""
_ALL = "SELECT DISTINCT commune, person_id FROM changed"
_MOVED = """
SELECT DISTINCT commune, person_id FROM (
(SELECT number, {place} FROM changed EXCEPT SELECT number, {place} FROM former) UNION ALL
(SELECT number, {place} FROM former EXCEPT SELECT number, {place} FROM changed)) AS differing
""".replace("{place}", _PLACE)


def upgrade() -> None:
    """Apply; what a process keeps of homes is read whole once more."""
    op.create_table(
        "home_changes",
        sa.Column("commune", sa.String(5), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("mark", sa.BigInteger(), nullable=False),
        sa.Column("person_id", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("commune", "revision", name="pk_home_changes"),
        sqlite_with_rowid=False,
    )
    whole = sa.Column("revision", sa.BigInteger(), nullable=False, server_default=sa.text("0"))
    op.add_column("populations", whole)
    op.execute(
        "INSERT INTO home_changes (commune, revision, mark, person_id)"
        " SELECT commune, 0, mark, '' FROM populations"
    )
    _mark_addresses()
    _find_by_mark()
    if op.get_bind().dialect.name == "sqlite":
        _on_sqlite()
    else:
        _on_postgresql()


def _mark_addresses() -> None:
    """Give a mark to the addresses that were loaded before addresses had one."""
    bare = (
        "SELECT DISTINCT commune FROM addresses"
        " WHERE commune NOT IN (SELECT commune FROM address_marks)"
    )
    given = sa.text("INSERT INTO address_marks (commune, mark) VALUES (:commune, :mark)")
    for (commune,) in op.get_bind().execute(sa.text(bare)).all():
        op.get_bind().execute(given, {"commune": commune, "mark": secrets.randbits(60)})


def _find_by_mark() -> None:
    """Let a number or a mail address be found though its kind is not said."""
    op.drop_index("ix_contacts_commune_kind_mark_person_id", "contacts")
    op.create_index(
        "ix_contacts_commune_mark_kind_person_id",
        "contacts",
        ["commune", "mark", "kind", "person_id"],
    )


def _on_sqlite() -> None:
    for verb, rows in _ROWS.items():
        name = f"homes_marked_on_{verb}"
        op.execute(f"DROP TRIGGER {name}")
        told = "".join(_SQLITE.format(row=row, kept=KEPT) for row in rows)
        op.execute(
            f"CREATE TRIGGER {name} AFTER {verb}{_OF.get(verb, '')} ON homes BEGIN {told}END"
        )


def _on_postgresql() -> None:
    for verb in _ROWS:
        op.execute(f"DROP TRIGGER homes_marked_on_{verb} ON homes")
    for name, moved in (("homes_marked", _ALL), ("homes_moved", _MOVED)):
        op.execute(f"DROP FUNCTION {name}")
        op.execute(_POSTGRESQL.format(name=name, moved=moved, kept=KEPT))
    for verb, tables, name in (
        ("INSERT", "NEW TABLE AS changed", "homes_marked"),
        ("UPDATE", "NEW TABLE AS changed OLD TABLE AS former", "homes_moved"),
        ("DELETE", "OLD TABLE AS changed", "homes_marked"),
    ):
        op.execute(
            f"CREATE TRIGGER homes_marked_on_{verb} AFTER {verb} ON homes REFERENCING {tables}"
            f" FOR EACH STATEMENT EXECUTE FUNCTION {name}()"
        )
