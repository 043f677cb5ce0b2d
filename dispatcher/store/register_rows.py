"""Rows of the general register as they are written: each word sealed for its own row."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Table, bindparam, delete, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from dispatcher.ciphers import Ring
from dispatcher.store import personal
from dispatcher.store.double_tables import door_names
from dispatcher.store.people import Contact, in_parts
from dispatcher.store.registers import Home, Resident, name_key
from dispatcher.store.statements import insert_rows
from dispatcher.store.tables import contacts, homes, name_marks, persons


@dataclass(frozen=True)
class Register:
    """The register of a commune, as it is written: under its keys."""

    commune: str
    ring: Ring

    def person(self, ident: str, one: Resident) -> dict[str, Any]:
        """Return the columns of a person, her name sealed for her row."""
        return {
            "external_id": one.external_id,
            "name": personal.sealed(self.ring, one.name, personal.name_at(self.commune, ident)),
            "language": one.languages[0],
            "languages": list(one.languages),
            "media": list(one.chosen_media),
            "warn_first": one.warn_first,
            "help_to_leave": one.help_to_leave,
            "consented_at": one.consented_at,
            "information": one.information.as_text(),
            "household": one.household,
        }

    def names(self, ident: str, one: Resident) -> list[dict[str, Any]]:
        """Return the rows of the words of a person's name."""
        of = {"commune": self.commune, "person_id": ident}
        return [{**of, "mark": mark} for mark in personal.word_marks(self.ring, name_key(one.name))]

    def door_names(self, ident: str, one: Resident) -> list[dict[str, Any]]:
        """Return the rows of a person's name at her doors."""
        marks = door_name_marks(self.ring, one)
        return [{"commune": self.commune, "person_id": ident, "mark": mark} for mark in marks]

    def contact(self, ident: str, one: Contact) -> dict[str, Any]:
        """Return the row of a contact: its mark, and its value sealed for its person."""
        mark = personal.contact_mark(self.ring, one.value)
        place = personal.contact_at(self.commune, ident, mark)
        return {
            "commune": self.commune,
            "person_id": ident,
            "kind": one.kind,
            "mark": mark,
            "value": personal.sealed(self.ring, one.value, place),
            "rank": one.rank,
        }

    def home(self, ident: str, number: int, *, one: Home) -> dict[str, Any]:
        """Return the row of a home: its label sealed for its person, its coordinates clear."""
        place = personal.home_at(self.commune, ident, number)
        return {
            "commune": self.commune,
            "person_id": ident,
            "number": number,
            "label": personal.sealed_home(
                self.ring, personal.SaidHome(one.label, one.place_key), place
            ),
            "kind": one.kind,
            "place_mark": personal.place_mark(self.ring, one.place_key),
            "lon": one.lon,
            "lat": one.lat,
        }


def door_name_marks(ring: Ring, one: Resident) -> list[str]:
    """Return the marks of somebody's name at her doors, each once; none without both."""
    words = personal.word_marks(ring, name_key(one.name))
    doors = (personal.place_mark(ring, home.place_key) for home in one.homes)
    found = dict.fromkeys(personal.door_name_mark(door, words) for door in doors)
    return [mark for mark in found if mark]


async def insert(
    connection: AsyncConnection, here: Register, *, source: str, people: Mapping[str, Resident]
) -> None:
    """Write people who are not in the ledger, with their contacts and homes."""
    of = {"commune": here.commune, "source": source}
    rows = [{**of, "person_id": id_, **here.person(id_, one)} for id_, one in people.items()]
    await insert_rows(connection, persons, rows)
    await _insert_names(connection, here, people)
    await _insert_around(connection, here, people)


async def rewrite(
    connection: AsyncConnection, here: Register, people: Mapping[str, Resident]
) -> None:
    """Put this in the place of what the ledger holds of these people.

    A contact that stays is as confirmed as it was.
    """
    if not people:
        return
    sure = await _confirmed(connection, here, people)
    for table in (contacts, homes):
        await _delete_of(connection, here, table, people)
    await restate(connection, here, people)
    await _insert_around(connection, here, people)
    if sure:
        await connection.execute(
            update(contacts)
            .where(
                contacts.c.commune == here.commune,
                contacts.c.person_id == bindparam("whose"),
                contacts.c.mark == bindparam("which"),
            )
            .values(verified_at=bindparam("since")),
            sure,
        )


async def _confirmed(
    connection: AsyncConnection, here: Register, people: Iterable[str]
) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for ids in in_parts(list(people)):
        wanted = select(contacts.c.person_id, contacts.c.mark, contacts.c.verified_at).where(
            contacts.c.commune == here.commune,
            contacts.c.person_id.in_(ids),
            contacts.c.verified_at.is_not(None),
        )
        rows = (await connection.execute(wanted)).all()
        found += ({"whose": who, "which": mark, "since": since} for who, mark, since in rows)
    return found


async def restate(
    connection: AsyncConnection, here: Register, people: Mapping[str, Resident]
) -> None:
    """Write these people's own columns anew, and leave their contacts and homes as they are."""
    if not people:
        return
    await connection.execute(
        update(persons).where(
            persons.c.commune == here.commune, persons.c.person_id == bindparam("this_person")
        ),
        [{"this_person": id_, **here.person(id_, one)} for id_, one in people.items()],
    )
    for table in (name_marks, door_names):
        await _delete_of(connection, here, table, people)
    await _insert_names(connection, here, people)


async def _insert_names(
    connection: AsyncConnection, here: Register, people: Mapping[str, Resident]
) -> None:
    rows = [row for id_, one in people.items() for row in here.names(id_, one)]
    await insert_rows(connection, name_marks, rows)
    doors = [row for id_, one in people.items() for row in here.door_names(id_, one)]
    await insert_rows(connection, door_names, doors)


async def _delete_of(
    connection: AsyncConnection, here: Register, table: Table, people: Iterable[str]
) -> None:
    for ids in in_parts(list(people)):
        await connection.execute(
            delete(table).where(table.c.commune == here.commune, table.c.person_id.in_(ids))
        )


async def _insert_around(
    connection: AsyncConnection, here: Register, people: Mapping[str, Resident]
) -> None:
    """Write the contacts and homes of people who have none in the ledger."""
    ways = [here.contact(id_, contact) for id_, one in people.items() for contact in one.contacts]
    await insert_rows(connection, contacts, ways)
    lived = [
        here.home(id_, number, one=home)
        for id_, one in people.items()
        for number, home in enumerate(one.homes)
    ]
    await insert_rows(connection, homes, lived)
