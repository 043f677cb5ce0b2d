"""People written: residents of a file, contacts of the plan's directory."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import bindparam, delete, update
from sqlalchemy.ext.asyncio import AsyncConnection

from dispatcher.store.ledger import Ledger
from dispatcher.store.namesakes import find_ids
from dispatcher.store.people import IMPORTED, PLANNED, Contact, Person, in_parts
from dispatcher.store.registers import Resident, held
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
        found = await find_ids(connection, commune, residents)
        known = await held(connection, commune, [id_ for id_ in found if id_])
        new: dict[str, Resident] = {}
        changed: dict[str, Resident] = {}
        for id_, said in zip(found, residents, strict=True):
            if id_ is None:
                new[secrets.token_hex(16)] = said
                continue
            told = replace(said, external_id=said.external_id or known[id_].external_id)
            if told != known[id_]:
                changed[id_] = told
        await _insert(connection, commune, source=IMPORTED, people=new)
        await _rewrite(connection, commune, changed)
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
        known = await held(connection, commune, list(said))
        new = {id_: one for id_, one in said.items() if id_ not in known}
        changed = {id_: one for id_, one in said.items() if known.get(id_, one) != one}
        await _insert(connection, commune, source=PLANNED, people=new)
        await _rewrite(connection, commune, changed)
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


async def _insert(
    connection: AsyncConnection, commune: str, *, source: str, people: Mapping[str, Resident]
) -> None:
    await insert_rows(
        connection,
        persons,
        [
            {"commune": commune, "person_id": id_, "source": source, **_values(one)}
            for id_, one in people.items()
        ],
    )
    await _insert_around(connection, commune, people)


async def _rewrite(
    connection: AsyncConnection, commune: str, people: Mapping[str, Resident]
) -> None:
    if not people:
        return
    for ids in in_parts(list(people)):
        for table in (contacts, homes):
            await connection.execute(
                delete(table).where(table.c.commune == commune, table.c.person_id.in_(ids))
            )
    await connection.execute(
        update(persons).where(
            persons.c.commune == commune, persons.c.person_id == bindparam("this_person")
        ),
        [{"this_person": id_, **_values(one)} for id_, one in people.items()],
    )
    await _insert_around(connection, commune, people)


async def _insert_around(
    connection: AsyncConnection, commune: str, people: Mapping[str, Resident]
) -> None:
    """Write the contacts and homes of people who have none in the ledger."""
    owned = [({"commune": commune, "person_id": id_}, one) for id_, one in people.items()]
    ways = [{**key, **contact._asdict()} for key, one in owned for contact in one.contacts]
    await insert_rows(connection, contacts, ways)
    lived = [
        {**key, "number": number, **vars(home)}
        for key, one in owned
        for number, home in enumerate(one.homes)
    ]
    await insert_rows(connection, homes, lived)


def _values(one: Resident) -> dict[str, Any]:
    return {
        "external_id": one.external_id,
        "name": one.name,
        "language": one.languages[0],
        "languages": list(one.languages),
        "media": list(one.chosen_media),
        "warn_first": one.warn_first,
        "help_to_leave": one.help_to_leave,
        "consented_at": one.consented_at,
    }
