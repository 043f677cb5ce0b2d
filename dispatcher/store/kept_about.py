"""What the ledger keeps about somebody: every table that leads to her, found by the schema itself.

A table that has a person, a contact's mark or a message among its columns is asked, whoever adds
it, and so are the lists of ids of `LISTS`; one that leads to her otherwise is named in `APART`,
with the reason.
"""

import binascii
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Row, Table, Text, cast, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from dispatcher.ciphers import Ring
from dispatcher.store import personal
from dispatcher.store.erasing import of_commune
from dispatcher.store.known_as import ids_of
from dispatcher.store.ledger import Ledger
from dispatcher.store.outgoing import deliveries, recipients
from dispatcher.store.people import DUTY
from dispatcher.store.sealed_columns import SEALED
from dispatcher.store.tables import contacts
from dispatcher.store.whole_schema import metadata

APART: Mapping[str, str] = {
    "recipients": "les messages eux-mêmes sont sous « deliveries »",
    "evidence": "la preuve scellée ne s'ouvre qu'à deux, avec un motif (privacy evidence)",
    "gone_marks": "empreintes de personnes effacées, que personne ne relit",
    "vulnerable_left": "second registre : demandé par un agent désigné",
    "vulnerable_marks": "second registre : demandé par un agent désigné",
    "centre_people": "noms donnés dans un centre, sous scellé et sans index : lus un par un",
    "users": "comptes de la console : chacun voit le sien sur sa page",
    "access_requests": "invitations à la console : page des accès",
    "partner_keys": "d'un système, de personne",
    "address_marks": "du fichier d'adresses, de personne",
    "name_marks": "empreintes des mots de son nom, pour la retrouver",
    "door_names": "empreintes de son nom à sa porte, pour trouver les fiches en double",
    "told_apart": "fiches dites de deux personnes : par leurs identifiants, dont celui de l'autre",
    "home_changes": "ordre des derniers changements d'adresse, sans ce qui a changé",
    "populations": "du registre entier, de personne",
}
_SEALED = {(one.column.table.name, one.column.name): one for one in SEALED}
MARKED = ("contact_mark", "mark")
LISTS: Mapping[str, str] = {  # columns of JSON that name people by their ids: of others too
    "blocks": "people",
    "mission_doors": "people",
    "mission_tellings": "people",  # of the plan's directory, by its own ids, as in
    "phone_trials": "people",
    "readiness_weeks": "reached",
}
_BY_RANK = ("choice",)  # beside `people`: one a person, in their order


@dataclass(frozen=True)
class Leads:
    """By what somebody is found: ids in the register, marks of contacts, ids of messages."""

    persons: Sequence[str]
    marks: Sequence[str]
    messages: Sequence[str] = ()


async def persons_with(ledger: Ledger, commune: str, marks: Iterable[str]) -> list[str]:
    """Return the ids of everybody who has one of these contacts, whoever put her there."""
    wanted = (
        select(contacts.c.person_id)
        .where(contacts.c.commune == commune, contacts.c.mark.in_(list(marks)))
        .distinct()
        .order_by(contacts.c.person_id)
    )
    async with ledger.reading() as connection:
        return list((await connection.execute(wanted)).scalars())


async def kept_about(ledger: Ledger, commune: str, leads: Leads) -> dict[str, list[dict[str, Any]]]:
    """Return the rows of each table that lead to somebody, opened; a table without any is left out.

    The marks of the contacts that her ids have are followed to what was written from them, not to
    who shares them, and so are her messages.
    """
    async with ledger.reading() as connection:
        hers = await _followed(connection, commune, leads)
        found = {}
        for table in metadata.sorted_tables:
            if (which := leads_to(table, hers)) is None:
                continue
            mine = (table.c.commune == commune) & which
            rows = (await connection.execute(select(table).where(mine))).all()
            read = [opened(ledger.ring, table, row) for row in rows]
            if hers_alone := [one for row in read if (one := _hers(table, row, hers))]:
                found[table.name] = hers_alone
    return found


def _hers(table: Table, row: Mapping[str, Any], hers: Leads) -> dict[str, Any]:
    """Return a row without the ids of others; empty where it names her nowhere."""
    column = LISTS.get(table.name)
    if column is None:
        return dict(row)
    ids = set(_listed(hers))
    places = [rank for rank, one in enumerate(row[column]) if one in ids]
    ranked = {name: row[name] for name in (column, *_BY_RANK) if row.get(name)}
    kept = {name: [each[rank] for rank in places] for name, each in ranked.items()}
    return {**row, **kept} if places else {}


def _listed(hers: Leads) -> list[str]:
    """Return by what a list names her: who holds a function is in the plan by its own id."""
    return [*hers.persons, *(one.removeprefix(DUTY) for one in hers.persons if DUTY in one)]


async def _followed(connection: AsyncConnection, commune: str, leads: Leads) -> Leads:
    ids = await ids_of(connection, commune, leads.persons)
    known = select(contacts.c.mark).where(
        contacts.c.commune == commune, contacts.c.person_id.in_(leads.persons)
    )
    marks = {*leads.marks, *(await connection.execute(known)).scalars()} - {""}
    mine = select(recipients.c.serial).where(recipients.c.person_id.in_(ids))
    sent = select(deliveries.c.delivery_id).where(
        of_commune(commune),
        or_(deliveries.c.serial.in_(mine), deliveries.c.contact_mark.in_(leads.marks)),
    )
    messages = list((await connection.execute(sent)).scalars())
    return Leads(ids, sorted(marks), messages)


def leads_to(table: Table, hers: Leads) -> ColumnElement[bool] | None:
    """Return which rows of a table lead to somebody; None where none can."""
    if table.name in APART or "commune" not in table.c:
        return None
    ways: list[ColumnElement[bool]] = []
    if "person_id" in table.c:
        ways.append(table.c.person_id.in_(hers.persons))
    if table is not contacts:  # hers by her id alone: others may share her number
        ways += [table.c[name].in_(hers.marks) for name in MARKED if name in table.c]
    if "delivery_id" in table.c and table is deliveries:
        ways = [table.c.delivery_id.in_(hers.messages)]
    elif "delivery_id" in table.c:
        ways.append(table.c.delivery_id.in_(hers.messages))
    if column := LISTS.get(table.name):
        words = cast(table.c[column], Text)  # of JSON: an id stands between quotes
        ways += [words.contains(f'"{one}"', autoescape=True) for one in _listed(hers)]
    return or_(*ways) if ways else None


def opened(ring: Ring, table: Table, row: Row[Any]) -> dict[str, Any]:
    """Return a row as it can be read: what is sealed opened, bytes as base64."""
    names = [one.name for one in table.c if one.name != "commune"]
    return {name: _value(ring, table.name, name, row) for name in names}


def _value(ring: Ring, table: str, name: str, row: Row[Any]) -> Any:  # noqa: ANN401 - of any column
    kept = getattr(row, name)
    sealed = _SEALED.get((table, name))
    if sealed is not None and kept:
        return personal.read(ring, kept, sealed.place(row))
    return binascii.b2a_base64(kept, newline=False).decode() if isinstance(kept, bytes) else kept
