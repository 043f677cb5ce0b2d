"""People written: residents of a file, contacts of the plan's directory."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import bindparam, delete, update
from sqlalchemy.ext.asyncio import AsyncConnection

from dispatcher.ciphers import Ring
from dispatcher.store import personal
from dispatcher.store.ledger import Ledger
from dispatcher.store.namesakes import find_ids
from dispatcher.store.people import IMPORTED, PLANNED, Contact, Person, in_parts
from dispatcher.store.registers import Home, Resident, held
from dispatcher.store.statements import insert_rows
from dispatcher.store.tables import contacts, homes, persons
from dispatcher.store.turns import take_turns


@dataclass(frozen=True)
class Written:
    """How many people were new, changed, or already as the file says."""

    added: int = 0
    updated: int = 0
    unchanged: int = 0

    def __add__(self, other: "Written") -> "Written":
        """Sum two batches."""
        return Written(
            self.added + other.added,
            self.updated + other.updated,
            self.unchanged + other.unchanged,
        )


async def put_residents(ledger: Ledger, residents: Sequence[Resident], *, commune: str) -> Written:
    """Enrol these residents, or bring those enrolled already up to date; one transaction.

    What the file says of a person replaces what was held; an unsubscription stays. Give at most
    500 people at a time, so that the ledger's writer is never held for more than about 100 ms.
    """
    async with ledger.writing() as connection:
        await take_turns(connection, "people", commune=commune)
        found = await find_ids(connection, commune, residents, ring=ledger.ring)
        here = Register(commune, ledger.ring)
        known = await held(connection, commune, [id_ for id_ in found if id_], ring=ledger.ring)
        new: dict[str, Resident] = {}
        changed: dict[str, Resident] = {}
        for id_, said in zip(found, residents, strict=True):
            if id_ is None:
                new[secrets.token_hex(16)] = said
                continue
            told = replace(said, external_id=said.external_id or known[id_].external_id)
            if told != known[id_]:
                changed[id_] = told
        await _insert(connection, here, source=IMPORTED, people=new)
        await _rewrite(connection, here, changed)
    return Written(len(new), len(changed), len(residents) - len(new) - len(changed))


async def put_directory(ledger: Ledger, people: Sequence[Person], *, commune: str) -> Written:
    """Enrol the contacts of a plan under the ids given, in the place of those of the former one.

    They have no home: an alert reaches them by the sites that they answer for. Ids of residents
    are 32 hexadecimal signs: give others here.
    """
    said = {
        one.id: Resident(
            external_id=one.id,
            name=one.name,
            languages=one.languages,
            chosen_media=one.chosen_media,
            warn_first=one.warn_first,
            help_to_leave=one.help_to_leave,
            contacts=_once(one.contacts),
            homes=(),
        )
        for one in people
    }
    async with ledger.writing() as connection:
        await take_turns(connection, "people", commune=commune)
        here = Register(commune, ledger.ring)
        known = await held(connection, commune, list(said), ring=ledger.ring)
        new = {id_: one for id_, one in said.items() if id_ not in known}
        changed = {id_: one for id_, one in said.items() if known.get(id_, one) != one}
        await _insert(connection, here, source=PLANNED, people=new)
        await _rewrite(connection, here, changed)
        await connection.execute(  # who left the plan is neither alerted nor called up any more
            delete(persons).where(
                persons.c.commune == commune,
                persons.c.source == PLANNED,
                persons.c.person_id.not_in(list(said)),
            )
        )
    return Written(len(new), len(changed), len(said) - len(new) - len(changed))


def _once(ways: Sequence[Contact]) -> tuple[Contact, ...]:
    first: dict[tuple[str, str], Contact] = {}
    for way in ways:
        first.setdefault((way.kind, way.value), way)
    return tuple(first.values())


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
        }

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
            "place_mark": personal.place_mark(self.ring, one.place_key),
            "lon": one.lon,
            "lat": one.lat,
        }


async def _insert(
    connection: AsyncConnection, here: Register, *, source: str, people: Mapping[str, Resident]
) -> None:
    of = {"commune": here.commune, "source": source}
    rows = [{**of, "person_id": id_, **here.person(id_, one)} for id_, one in people.items()]
    await insert_rows(connection, persons, rows)
    await _insert_around(connection, here, people)


async def _rewrite(
    connection: AsyncConnection, here: Register, people: Mapping[str, Resident]
) -> None:
    if not people:
        return
    for ids in in_parts(list(people)):
        for table in (contacts, homes):
            await connection.execute(
                delete(table).where(table.c.commune == here.commune, table.c.person_id.in_(ids))
            )
    await connection.execute(
        update(persons).where(
            persons.c.commune == here.commune, persons.c.person_id == bindparam("this_person")
        ),
        [{"this_person": id_, **here.person(id_, one)} for id_, one in people.items()],
    )
    await _insert_around(connection, here, people)


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
