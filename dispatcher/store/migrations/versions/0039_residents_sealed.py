"""Residents' names, contacts and street text are sealed, and looked for by their marks.

What was clear is sealed in place, under the residents' ring that `migrate` is given: without it a
ledger that holds anybody is not brought up to date. Bring it up to date between two alerts: the
ids of deliveries are made of marks from now on, so that an alert that is going on would not know
again what it made before, and a step could leave twice.
"""

import binascii
import hashlib
from collections.abc import Callable, Iterator
from typing import Any

import sqlalchemy as sa
from alembic import context, op

from dispatcher.ciphers import Ring
from dispatcher.store.edition import KeysNeeded

revision = "0039"
down_revision = "0038"
branch_labels = None
depends_on = None

AT_ONCE = 2000
Row = sa.Row[Any]
_SAID = "SELECT contact_mark FROM {table} WHERE commune = :commune AND {column} = :said"


def upgrade() -> None:
    """Apply, in the one transaction of the upgrade."""
    op.create_table(
        "register_keys",
        sa.Column("ring", sa.String(32), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("witness", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("ring", "number", name="pk_register_keys"),
    )
    _columns()
    _mark_homes_that_move()
    keys: Ring | None = context.config.attributes.get("ring")
    tables = ("addresses", "contacts_clear", "deliveries", "replies", "mission_doors")
    if keys is None:
        for table in ("persons", *tables, "centre_people"):
            if op.get_bind().execute(sa.text(f"SELECT 1 FROM {table} LIMIT 1")).first():  # noqa: S608 - ours
                raise KeysNeeded
    else:
        _seal(_Sealing(keys))
    op.drop_table("contacts_clear")
    op.drop_column("homes", "place_key")


def _columns() -> None:
    for table, name in (
        ("addresses", "place_mark"),
        ("homes", "place_mark"),
        ("deliveries", "contact_mark"),
        ("replies", "contact_mark"),
    ):
        op.add_column(table, sa.Column(name, sa.String(32), nullable=False, server_default=""))
    for table, old, new in (
        ("addresses", "place_key", "place_mark"),
        ("homes", "place_key", "place_mark"),
    ):
        op.drop_index(f"ix_{table}_commune_{old}", table)
        op.create_index(f"ix_{table}_commune_{new}", table, ["commune", new])
    op.drop_index("ix_replies_contact", "replies")
    op.create_index("ix_replies_contact_mark", "replies", ["contact_mark"])
    _new_contacts()


_MOVED = """
CREATE FUNCTION homes_moved() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
INSERT INTO populations (commune, mark)
SELECT commune, (random() * 9e15)::bigint FROM (
  SELECT DISTINCT c.commune FROM changed AS c JOIN former AS f
  ON f.commune = c.commune AND f.person_id = c.person_id AND f.number = c.number
  WHERE (c.lon, c.lat, c.place_mark) IS DISTINCT FROM (f.lon, f.lat, f.place_mark)) AS each
ON CONFLICT (commune) DO UPDATE SET mark = excluded.mark; RETURN NULL; END $$
"""


def _mark_homes_that_move() -> None:
    """Let a home that is only sealed anew leave the audiences as they are read."""
    if op.get_bind().dialect.name == "sqlite":
        op.execute("DROP TRIGGER homes_marked_on_UPDATE")
        op.execute(
            "CREATE TRIGGER homes_marked_on_UPDATE AFTER UPDATE OF lon, lat, place_mark ON homes"
            " BEGIN INSERT INTO populations (commune, mark) VALUES (NEW.commune, random())"
            " ON CONFLICT (commune) DO UPDATE SET mark = excluded.mark; END"
        )
        return
    op.execute(_MOVED)
    op.execute("DROP TRIGGER homes_marked_on_UPDATE ON homes")
    op.execute(
        "CREATE TRIGGER homes_marked_on_UPDATE AFTER UPDATE ON homes"
        " REFERENCING NEW TABLE AS changed OLD TABLE AS former"
        " FOR EACH STATEMENT EXECUTE FUNCTION homes_moved()"
    )


def _new_contacts() -> None:
    index = "ix_contacts_commune_kind_value_person_id"
    op.drop_index(index, "contacts")
    op.rename_table("contacts", "contacts_clear")
    if op.get_bind().dialect.name != "sqlite":
        op.execute("ALTER INDEX pk_contacts RENAME TO pk_contacts_clear")
    op.create_table(
        "contacts",
        sa.Column("commune", sa.String(5), nullable=False),
        sa.Column("person_id", sa.String(64), nullable=False),
        sa.Column("kind", sa.String(8), nullable=False),
        sa.Column("mark", sa.String(32), nullable=False, server_default=""),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False, server_default=sa.text("0")),
        sa.ForeignKeyConstraint(
            ["commune", "person_id"],
            ["persons.commune", "persons.person_id"],
            name="fk_contacts_persons",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("commune", "person_id", "kind", "mark", name="pk_contacts"),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "ix_contacts_commune_kind_mark_person_id",
        "contacts",
        ["commune", "kind", "mark", "person_id"],
    )


class _Sealing:
    """Seals as `store/personal.py` did when this was written."""

    def __init__(self, ring: Ring) -> None:
        self._ring = ring

    def mark(self, what: str, value: str) -> str:
        return self._ring.mark(what, value)[:32] if value else ""

    def text(self, said: str | None, place: str) -> str | None:
        if not said:
            return said
        kept = self._ring.seal(said.encode(), place=place)
        return binascii.b2a_base64(kept, newline=False).decode()


def _seal(by: _Sealing) -> None:
    def person(row: Row) -> dict[str, Any]:
        return {"name": by.text(row.name, f"persons.name.{row.commune}.{row.person_id}")}

    def home(row: Row) -> dict[str, Any]:
        place = f"homes.label.{row.commune}.{row.person_id}.{row.number}"
        said = f"{row.label}\n{row.place_key}"
        return {"label": by.text(said, place), "place_mark": by.mark("place", row.place_key)}

    def address(row: Row) -> dict[str, Any]:
        return {"place_mark": by.mark("place", row.place_key)}

    def delivery(row: Row) -> dict[str, Any]:
        told = "" if row.contact.startswith("erased:") else row.contact
        place = f"deliveries.contact.{row.commune}.{row.delivery_id}"
        return {"contact": by.text(told, place), "contact_mark": by.mark("contact", told)}

    def reply(row: Row) -> dict[str, Any]:
        place = f"{row.commune}.{row.sid}.{row.kind}"
        return {
            "contact": by.text(row.contact, f"replies.contact.{place}"),
            "contact_mark": by.mark("contact", row.contact),
            "body": by.text(row.body, f"replies.body.{place}"),
        }

    def door(row: Row) -> dict[str, Any]:
        place = f"{row.commune}.{row.mission}.{row.door}"
        return {
            one: by.text(getattr(row, one), f"mission_doors.{one}.{place}")
            for one in ("street", "label")
        }

    def guest(row: Row) -> dict[str, Any]:
        place = f"{row.commune}.{row.event_id}.{row.person_id}"
        return {
            one: by.text(getattr(row, one), f"centre_people.{one}.{place}")
            for one in ("name", "comes_from", "phone", "went_to")
        }

    _rewrite("persons", ("commune", "person_id"), person)
    _rewrite("homes", ("commune", "person_id", "number"), home)
    _rewrite("addresses", ("commune", "address_id"), address)
    _rewrite("deliveries", ("serial",), delivery)
    _rewrite("replies", ("commune", "sid", "kind"), reply)
    _rewrite("mission_doors", ("commune", "mission", "door"), door)
    _rewrite("centre_people", ("commune", "event_id", "person_id"), guest)
    _contacts(by)
    _subjects()


def _rewrite(table: str, key: tuple[str, ...], sealed: Callable[[Row], dict[str, Any]]) -> None:
    """Seal the rows of a table, some thousands at a time, in the order of their key."""
    sets: str | None = None
    for rows in _pages(table, key):
        changed = [
            {**{f"old_{one}": getattr(row, one) for one in key}, **sealed(row)} for row in rows
        ]
        sets = sets or ", ".join(
            f"{one} = :{one}" for one in changed[0] if not one.startswith("old_")
        )
        same = " AND ".join(f"{one} = :old_{one}" for one in key)
        op.get_bind().execute(sa.text(f"UPDATE {table} SET {sets} WHERE {same}"), changed)  # noqa: S608


def _pages(table: str, key: tuple[str, ...]) -> Iterator[list[Row]]:
    names, after = ", ".join(key), dict[str, Any]()
    while True:
        given = ", ".join(f":after_{one}" for one in key)
        where = f"WHERE ({names}) > ({given})" if after else ""
        statement = f"SELECT * FROM {table} {where} ORDER BY {names} LIMIT {AT_ONCE}"  # noqa: S608
        rows = list(op.get_bind().execute(sa.text(statement), after))
        if not rows:
            return
        yield rows
        after = {f"after_{one}": getattr(rows[-1], one) for one in key}


def _contacts(by: _Sealing) -> None:
    into = sa.text(
        "INSERT INTO contacts (commune, person_id, kind, mark, value, rank)"
        " VALUES (:commune, :person_id, :kind, :mark, :value, :rank)"
    )
    for rows in _pages("contacts_clear", ("commune", "person_id", "kind", "value")):
        made = []
        for row in rows:
            mark = by.mark("contact", row.value)
            place = f"contacts.value.{row.commune}.{row.person_id}.{mark}"
            made.append({**row._mapping, "mark": mark, "value": by.text(row.value, place)})
        op.get_bind().execute(into, made)


def _subjects() -> None:
    """Name the telephone of each call for help by its mark: its digest told the number."""
    connection = op.get_bind()
    for call in connection.execute(
        sa.text("SELECT * FROM help_calls WHERE report_id IS NULL")
    ).all():
        found = None
        for table, column in (("deliveries", "delivery_id"), ("replies", "sid")):
            said = getattr(call, column)
            if said is not None and found is None:
                asked = sa.text(_SAID.format(table=table, column=column))
                given = {"commune": call.commune, "said": said}
                found = connection.execute(asked, given).scalar() or None
        told = f"{call.commune}\n{found or call.sid or call.delivery_id or call.call_id}"
        subject = hashlib.sha256(told.encode()).hexdigest()[:32]
        connection.execute(
            sa.text(
                "UPDATE help_calls SET subject = :subject"
                " WHERE commune = :commune AND call_id = :call_id"
            ),
            {"subject": subject, "commune": call.commune, "call_id": call.call_id},
        )
