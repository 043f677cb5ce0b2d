"""One person in two rows of the general register is found, and what the town hall says is kept.

The mark of a name at a door is made of marks that the ledger has: no key is needed for it.
"""

import hashlib
from collections import defaultdict
from collections.abc import Iterator

import sqlalchemy as sa
from alembic import op

revision = "0048"
down_revision = "0047"
branch_labels = None
depends_on = None

AT_ONCE = 2000


def upgrade() -> None:
    """Apply, in the one transaction of the upgrade."""
    _door_names()
    _told_apart()
    _joined_as()
    into = sa.text(
        "INSERT INTO door_names (commune, mark, person_id) VALUES (:commune, :mark, :person_id)"
    )
    for rows in _marked():
        op.get_bind().execute(into, rows)


def _hers(table: str, column: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["commune", column],
        ["persons.commune", "persons.person_id"],
        name=f"fk_{table}_{column}_persons",
        ondelete="CASCADE",
    )


def _door_names() -> None:
    op.create_table(
        "door_names",
        sa.Column("commune", sa.String(5), nullable=False),
        sa.Column("mark", sa.String(32), nullable=False, server_default=sa.text("''")),
        sa.Column("person_id", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("commune", "mark", "person_id", name="pk_door_names"),
        _hers("door_names", "person_id"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_door_names_commune_person_id", "door_names", ["commune", "person_id"])


def _told_apart() -> None:
    op.create_table(
        "told_apart",
        sa.Column("commune", sa.String(5), nullable=False),
        sa.Column("person_id", sa.String(64), nullable=False),
        sa.Column("other_id", sa.String(64), nullable=False),
        sa.Column("told_by", sa.String(64), nullable=False),
        sa.Column("told_at", sa.Double, nullable=False),
        sa.PrimaryKeyConstraint("commune", "person_id", "other_id", name="pk_told_apart"),
        _hers("told_apart", "person_id"),
        _hers("told_apart", "other_id"),
    )
    op.create_index("ix_told_apart_commune_other_id", "told_apart", ["commune", "other_id"])


def _joined_as() -> None:
    op.create_table(
        "joined_as",
        sa.Column("commune", sa.String(5), nullable=False),
        sa.Column("was", sa.String(64), nullable=False),
        sa.Column("person_id", sa.String(64), nullable=False),
        sa.Column("external_id", sa.String(64)),
        sa.Column("joined_by", sa.String(64), nullable=False),
        sa.Column("joined_at", sa.Double, nullable=False),
        sa.PrimaryKeyConstraint("commune", "was", name="pk_joined_as"),
        _hers("joined_as", "person_id"),
    )
    for column in ("person_id", "external_id"):
        op.create_index(f"ix_joined_as_commune_{column}", "joined_as", ["commune", column])


def _marked() -> Iterator[list[dict[str, str]]]:
    """Give the rows of people's names at their doors, as `register_rows.py` made them then."""
    after = {"commune": "", "person": ""}
    people = sa.text(
        "SELECT DISTINCT commune, person_id FROM homes WHERE place_mark <> ''"
        " AND (commune, person_id) > (:commune, :person) ORDER BY commune, person_id LIMIT :most"
    )
    while rows := list(op.get_bind().execute(people, {**after, "most": AT_ONCE})):
        span = {
            "from_commune": rows[0].commune, "from_person": rows[0].person_id,
            "to_commune": rows[-1].commune, "to_person": rows[-1].person_id,
        }  # fmt: skip
        names, doors = _marks_in("name_marks", "mark", span), _marks_in("homes", "place_mark", span)
        made = [
            {"commune": who[0], "person_id": who[1], "mark": _mark(door, names[who])}
            for who in doors
            if names.get(who)
            for door in sorted(doors[who] - {""})
        ]
        if made:
            yield made
        after = {"commune": rows[-1].commune, "person": rows[-1].person_id}


def _marks_in(table: str, column: str, span: dict[str, str]) -> dict[tuple[str, str], set[str]]:
    wanted = sa.text(
        f"SELECT commune, person_id, {column} AS mark FROM {table}"  # noqa: S608 - ours
        " WHERE (commune, person_id) >= (:from_commune, :from_person)"
        " AND (commune, person_id) <= (:to_commune, :to_person)"
    )
    found: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
    for row in op.get_bind().execute(wanted, span):
        found[row.commune, row.person_id].add(row.mark)
    return found


def _mark(door: str, words: set[str]) -> str:
    return hashlib.sha256("\n".join((door, *sorted(words))).encode()).hexdigest()[:32]
