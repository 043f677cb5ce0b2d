"""Which resident a line of a file speaks of: by the file's id, else by name and a thing shared."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import Select, literal, select
from sqlalchemy.ext.asyncio import AsyncConnection

from dispatcher.ciphers import Ring
from dispatcher.store import personal
from dispatcher.store.double_tables import joined_as
from dispatcher.store.people import OWN, RESIDENTS, in_parts
from dispatcher.store.registers import Resident, marks, name_key
from dispatcher.store.tables import contacts, homes, persons

_REACHED = (
    select(contacts.c.person_id)
    .where(contacts.c.commune == persons.c.commune, contacts.c.person_id == persons.c.person_id)
    .exists()
)


async def find_ids(
    connection: AsyncConnection, commune: str, residents: Sequence[Resident], *, ring: Ring
) -> list[str | None]:
    """Return, for each resident, the id of the one enrolled already, or None for a new one.

    By the file's id; else by the same name and a contact or a home in common, provided that not
    both sides have an id. Nobody is found twice, but by two ids that the town hall joined.
    """
    known = await _by_external_id(connection, commune, residents)
    seeking = [one for one in residents if one.external_id not in known]
    namesakes = await _namesakes(connection, commune, seeking, ring=ring)
    taken, found = set(known.values()), list[str | None]()
    for resident in residents:
        id_ = known.get(resident.external_id or "")
        if id_ is None:
            id_ = next((one for one in namesakes.of(resident) if one not in taken), None)
        if id_ is not None:
            taken.add(id_)
        found.append(id_)
    return found


class _Namesakes:
    """People enrolled, by name and something that they share with the file.

    Contacts are told apart by their marks here, as the ledger has them.
    """

    def __init__(self, ring: Ring) -> None:
        self._ring = ring
        self._marked: defaultdict[tuple[str, str], list[tuple[str, bool]]] = defaultdict(list)

    def add(self, mark: str, *, name: str, id_: str, has_external_id: bool) -> None:
        self._marked[name_key(name), mark].append((id_, has_external_id))

    def of(self, resident: Resident) -> Iterator[str]:
        """Give the ids of those that the resident may be, the likeliest first."""
        named = name_key(resident.name)
        for said in marks(resident) if self._marked else []:
            kind, _, value = said.partition(":")
            of_kind = personal.place_mark if kind == "home" else personal.contact_mark
            mark = f"{kind}:{of_kind(self._ring, value)}"
            for id_, has_external_id in self._marked.get((named, mark), ()):
                if not (has_external_id and resident.external_id):
                    yield id_


async def _by_external_id(
    connection: AsyncConnection, commune: str, residents: Sequence[Resident]
) -> dict[str, str]:
    known: dict[str, str] = {}
    here = persons.c.commune == commune, persons.c.source.in_(RESIDENTS)
    for some in in_parts([one.external_id for one in residents if one.external_id]):
        hers = select(persons.c.external_id, persons.c.person_id).where(
            *here, persons.c.external_id.in_(some)
        )
        joined = select(joined_as.c.external_id, joined_as.c.person_id).where(
            joined_as.c.commune == commune, joined_as.c.external_id.in_(some)
        )
        for wanted in (joined, hers):
            rows = await connection.execute(wanted)
            known.update((row.external_id, row.person_id) for row in rows)
    return known


async def _namesakes(
    connection: AsyncConnection, commune: str, seeking: Sequence[Resident], *, ring: Ring
) -> _Namesakes:
    namesakes = _Namesakes(ring)
    with_ids = all(one.external_id for one in seeking)
    if with_ids and not await _anybody_without_id(connection, commune):
        return namesakes  # two ids never are one person
    shared: dict[str, list[str]] = defaultdict(list)  # person id → marks
    for statement in (
        *_by_contact(commune, seeking, ring=ring),
        *_by_home(commune, seeking, ring=ring),
    ):
        for person_id, mark in await connection.execute(statement):
            shared[person_id].append(mark)
    for some in in_parts(sorted(shared)):
        wanted = select(
            persons.c.person_id,
            persons.c.external_id,
            persons.c.source,
            persons.c.name,
            _REACHED.label("reached"),
        ).where(
            persons.c.commune == commune,
            persons.c.person_id.in_(some),
            persons.c.source.in_(RESIDENTS),
        )
        for row in (await connection.execute(wanted.order_by(persons.c.person_id))).all():
            has_id = row.external_id is not None
            name = personal.read(ring, row.name, personal.name_at(commune, row.person_id))
            by_home = bool(name_key(name)) or not row.reached  # as `marks` has it
            by_home &= row.source != OWN  # anybody may give a name and an address as hers
            for mark in shared[row.person_id]:
                if mark.startswith("home:") and not by_home:
                    continue
                namesakes.add(mark, name=name, id_=row.person_id, has_external_id=has_id)
    return namesakes


async def _anybody_without_id(connection: AsyncConnection, commune: str) -> bool:
    wanted = select(persons.c.person_id).where(
        persons.c.commune == commune,
        persons.c.source.in_(RESIDENTS),
        persons.c.external_id.is_(None),
    )
    return (await connection.execute(wanted.limit(1))).first() is not None


# One table and one kind at a time, without an order: else SQLite reads the whole commune.
def _by_contact(commune: str, seeking: Sequence[Resident], *, ring: Ring) -> Iterator[Select[Any]]:
    values: defaultdict[str, list[str]] = defaultdict(list)
    for contact in (contact for one in seeking for contact in one.contacts):
        values[contact.kind].append(personal.contact_mark(ring, contact.value))
    mark = contacts.c.kind + literal(":") + contacts.c.mark
    for kind, all_ in values.items():
        for some in in_parts(all_):
            yield select(contacts.c.person_id, mark).where(
                contacts.c.commune == commune, contacts.c.kind == kind, contacts.c.mark.in_(some)
            )


def _by_home(commune: str, seeking: Sequence[Resident], *, ring: Ring) -> Iterator[Select[Any]]:
    keys = [home.place_key for one in seeking for home in one.homes if home.place_key]
    doors = [personal.place_mark(ring, key) for key in keys]
    mark = literal("home:") + homes.c.place_mark
    for some in in_parts(doors):
        yield select(homes.c.person_id, mark).where(
            homes.c.commune == commune, homes.c.place_mark.in_(some)
        )
