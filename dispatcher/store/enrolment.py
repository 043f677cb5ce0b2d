"""People written: residents of a file, contacts of the plan's directory."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncConnection

from dispatcher.store.double_tables import joined_as
from dispatcher.store.gone import gone_among
from dispatcher.store.ledger import Ledger
from dispatcher.store.namesakes import find_ids
from dispatcher.store.people import IMPORTED, OWN, PLANNED, Contact, Person, in_parts
from dispatcher.store.register_rows import Register, insert, restate, rewrite
from dispatcher.store.registers import Resident, held
from dispatcher.store.tables import persons
from dispatcher.store.turns import take_turns


@dataclass(frozen=True)
class Written:
    """How many people were new, changed, or already as the file says.

    `gone` are those who had themselves erased: a file does not bring them back.
    """

    added: int = 0
    updated: int = 0
    unchanged: int = 0
    gone: int = 0

    def __add__(self, other: "Written") -> "Written":
        """Sum two batches."""
        return Written(
            self.added + other.added,
            self.updated + other.updated,
            self.unchanged + other.unchanged,
            self.gone + other.gone,
        )


async def put_residents(ledger: Ledger, residents: Sequence[Resident], *, commune: str) -> Written:
    """Enrol these residents, or bring those enrolled already up to date; one transaction.

    What the file says of a person replaces what was held; an unsubscription stays, and so does all
    that she said herself: to that a file adds what she needs. Who had herself erased is not
    enrolled again. Give at most 500 people at a time, so that the ledger's writer is never held
    for more than about 100 ms.
    """
    async with ledger.writing() as connection:
        await take_turns(connection, "people", commune=commune)
        found = await find_ids(connection, commune, residents, ring=ledger.ring)
        here = Register(commune, ledger.ring)
        known = await held(connection, commune, [id_ for id_ in found if id_], ring=ledger.ring)
        own = await _not_by_files(connection, commune, list(known))
        erased = await gone_among(connection, here, residents)
        new: dict[str, Resident] = {}
        changed: dict[str, Resident] = {}
        gone, together = 0, secrets.token_hex(4)
        for id_, said, left in zip(found, residents, erased, strict=True):
            if id_ is None and left:
                gone += 1
                continue
            if id_ is None:
                # Side by side in every index: a big file dirties a third of the pages.
                new[f"{together}{secrets.token_hex(12)}"] = said
                continue
            told = replace(said, external_id=said.external_id or known[id_].external_id)
            if id_ in own:
                told = _beside(changed.get(id_, known[id_]), told)
            if told != known[id_]:
                changed[id_] = told
        await insert(connection, here, source=IMPORTED, people=new)
        await rewrite(connection, here, {id_: changed[id_] for id_ in changed if id_ not in own})
        await restate(connection, here, {id_: changed[id_] for id_ in changed if id_ in own})
    same = len(residents) - len(new) - len(changed) - gone
    return Written(len(new), len(changed), same, gone)


def _beside(own: Resident, told: Resident) -> Resident:
    """Return somebody as she said it herself, with what only the commune knows: her needs."""
    return replace(
        own,
        external_id=own.external_id or told.external_id,
        warn_first=own.warn_first or told.warn_first,
        help_to_leave=own.help_to_leave or told.help_to_leave,
    )


async def _not_by_files(
    connection: AsyncConnection, commune: str, ids: Sequence[str]
) -> frozenset[str]:
    """Return who is there by her own word, or was joined of two rows: no line tells all of her."""
    found = set[str]()
    for some in in_parts(ids):
        here = (persons.c.commune == commune, persons.c.person_id.in_(some))
        own = select(persons.c.person_id).where(*here, persons.c.source == OWN)
        joined = select(joined_as.c.person_id).where(
            joined_as.c.commune == commune, joined_as.c.person_id.in_(some)
        )
        for wanted in (own, joined):
            found.update((await connection.execute(wanted)).scalars())
    return frozenset(found)


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
        await insert(connection, here, source=PLANNED, people=new)
        await rewrite(connection, here, changed)
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
