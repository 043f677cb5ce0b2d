"""Residents are found by their names, word by word, through marks: no name is clear for it.

What two people open with a reason may be the register itself, to hand it out in clear.

The words of the names that the ledger holds are marked here, under the residents' ring, which a
ledger that holds anybody is not brought up to date without.
"""

import binascii
import re
import unicodedata
from collections.abc import Iterator

import sqlalchemy as sa
from alembic import context, op

from dispatcher.ciphers import Ring
from dispatcher.store.edition import KeysNeeded

revision = "0046"
down_revision = "0045"
branch_labels = None
depends_on = None

AT_ONCE = 2000
MOST_WORDS = 8
_ACCENTS = re.compile(r"[\u0300-\u036f]")
_BETWEEN_WORDS = re.compile(r"[\W_]+")


def upgrade() -> None:
    """Apply, in the one transaction of the upgrade."""
    op.create_table(
        "name_marks",
        sa.Column("commune", sa.String(5), nullable=False),
        sa.Column("mark", sa.String(32), nullable=False, server_default=sa.text("''")),
        sa.Column("person_id", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("commune", "mark", "person_id", name="pk_name_marks"),
        sa.ForeignKeyConstraint(
            ["commune", "person_id"],
            ["persons.commune", "persons.person_id"],
            name="fk_name_marks_persons",
            ondelete="CASCADE",
        ),
        sqlite_with_rowid=False,
    )
    what = sa.Column("what", sa.String(12), nullable=False, server_default=sa.text("'evidence'"))
    op.add_column("evidence_openings", what)
    op.create_index("ix_name_marks_commune_person_id", "name_marks", ["commune", "person_id"])
    keys: Ring | None = context.config.attributes.get("ring")
    if keys is None:
        if op.get_bind().execute(sa.text("SELECT 1 FROM persons LIMIT 1")).first():
            raise KeysNeeded
        return
    into = sa.text(
        "INSERT INTO name_marks (commune, mark, person_id) VALUES (:commune, :mark, :person_id)"
    )
    for rows in _people():
        made = [
            {"commune": row.commune, "mark": mark, "person_id": row.person_id}
            for row in rows
            for mark in _marks(keys, row)
        ]
        if made:
            op.get_bind().execute(into, made)


def _people() -> Iterator[list[sa.Row[tuple[str, str, str]]]]:
    after = {"commune": "", "person": ""}
    while True:
        wanted = sa.text(
            "SELECT commune, person_id, name FROM persons"
            " WHERE (commune, person_id) > (:commune, :person)"
            " ORDER BY commune, person_id LIMIT :most"
        )
        rows = list(op.get_bind().execute(wanted, {**after, "most": AT_ONCE}))
        if not rows:
            return
        yield rows
        after = {"commune": rows[-1].commune, "person": rows[-1].person_id}


def _marks(keys: Ring, row: sa.Row[tuple[str, str, str]]) -> list[str]:
    """Mark the words of a name as `register_rows.py` did when this was written."""
    place = f"persons.name.{row.commune}.{row.person_id}"
    try:
        opened = keys.opened(binascii.a2b_base64(row.name), place=place) if row.name else None
    except ValueError:  # nothing opens it: she is found by her contacts
        opened = None
    spelled = (opened or b"").decode().casefold().replace("œ", "oe").replace("æ", "ae")
    plain = _ACCENTS.sub("", unicodedata.normalize("NFKD", spelled))
    words = sorted(set(_BETWEEN_WORDS.sub(" ", plain).split()))[:MOST_WORDS]
    return [keys.mark("name", word)[:32] for word in words]
