"""What a person may ask of the registers: a copy of all that is held, and to be erased."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import RowMapping, Select, Table, or_, select

from dispatcher.ciphers import Ring
from dispatcher.store import personal
from dispatcher.store.cover_tables import failing, yearly
from dispatcher.store.double_tables import joined_as
from dispatcher.store.erasing import erase_in, numbers_of, of_commune
from dispatcher.store.known_as import ids_in
from dispatcher.store.ledger import Ledger
from dispatcher.store.logbook import Entry, append
from dispatcher.store.outgoing import BEHIND, deliveries, recipients
from dispatcher.store.people import RESIDENTS
from dispatcher.store.register_rows import Register
from dispatcher.store.reply_tables import replies
from dispatcher.store.tables import contacts, homes, persons
from dispatcher.store.turns import take_turns


async def find_person(ledger: Ledger, commune: str, asked: str) -> str | None:
    """Return the person id behind our id or a file's, or one that she had before; None: nobody."""
    own_id = persons.c.source.in_(RESIDENTS) & (persons.c.external_id == asked)
    wanted = (
        select(persons.c.person_id)
        .where(persons.c.commune == commune, or_(persons.c.person_id == asked, own_id))
        .order_by(persons.c.person_id != asked)
    )
    former = or_(joined_as.c.was == asked, joined_as.c.external_id == asked)
    joined = select(joined_as.c.person_id).where(joined_as.c.commune == commune, former)
    async with ledger.reading() as connection:
        for statement in (wanted, joined):
            if found := (await connection.execute(statement.limit(1))).scalar():
                return str(found)
    return None


async def export_person(ledger: Ledger, commune: str, person_id: str) -> dict[str, Any] | None:
    """Return a copy of what is held (GDPR art. 15): identity, contacts, homes, messages, replies.

    Instants are epoch seconds. None when nobody has this id.
    """
    mine = (persons.c.commune == commune) & (persons.c.person_id == person_id)
    hers = await ledger.read(lambda one: ids_in(one, commune, [person_id]))
    sent = (
        select(
            deliveries.c.commune,
            deliveries.c.delivery_id,
            deliveries.c.version_id,
            deliveries.c.medium,
            deliveries.c.contact,
            deliveries.c.language,
            deliveries.c.state,
            deliveries.c.accepted_at,
            deliveries.c.settled_at,
        )
        .join_from(recipients, deliveries, BEHIND)
        .where(of_commune(commune), recipients.c.person_id.in_(hers))
        .order_by(deliveries.c.position)
    )
    async with ledger.reading() as connection:
        found = (await connection.execute(select(persons).where(mine))).mappings().first()
        if found is None:
            return None
        parts: dict[str, Any] = {}
        opens = _Opens(ledger.ring)
        for name, statement, opened in (
            ("contacts", _owned(contacts, commune, person_id).order_by(contacts.c.rank), opens.way),
            ("homes", _owned(homes, commune, person_id).order_by(homes.c.number), opens.home),
            ("failing_contacts", _owned(failing, commune, person_id), lambda _: {}),
            ("yearly", _owned(yearly, commune, person_id), lambda _: {}),
            ("joined_rows", _owned(joined_as, commune, person_id), lambda _: {}),
            ("messages", sent, opens.message),
            ("replies", _written(commune, person_id), opens.reply),
        ):
            rows = (await connection.execute(statement)).mappings()
            parts[name] = [_without_keys({**row, **opened(row)}) for row in rows]
    name = personal.read(ledger.ring, found["name"], personal.name_at(commune, person_id))
    return {**found, "name": name, **parts}


@dataclass(frozen=True)
class _Opens:
    """Reads the sealed words of each kind of row."""

    ring: Ring

    def way(self, row: RowMapping) -> dict[str, str]:
        place = personal.contact_at(row["commune"], row["person_id"], row["mark"])
        return {"value": personal.read(self.ring, row["value"], place)}

    def home(self, row: RowMapping) -> dict[str, str]:
        place = personal.home_at(row["commune"], row["person_id"], row["number"])
        return personal.read_home(self.ring, row["label"], place)._asdict()

    def message(self, row: RowMapping) -> dict[str, str]:
        place = personal.delivery_at(row["commune"], row["delivery_id"])
        return {"contact": personal.read(self.ring, row["contact"], place)}

    def reply(self, row: RowMapping) -> dict[str, str | None]:
        def said(column: str) -> str:
            place = personal.reply_at(column, row["commune"], row["sid"], row["kind"])
            return personal.read(self.ring, row[column], place)

        return {"contact": said("contact"), "body": row["body"] and said("body")}


async def erase_person(
    ledger: Ledger, person_id: str, *, commune: str, entry: Entry, key: bytes
) -> bool:
    """Empty the registers of a person at once (GDPR art. 17), with a line in the logbook.

    The logbook keeps the id, which leads to nobody any more. False when nobody has this id. Raises
    NotOpened where something of hers cannot be read: she would not be known again.
    """
    async with ledger.writing() as connection:
        await take_turns(connection, "people", commune=commune)
        erased = await erase_in(connection, Register(commune, ledger.ring), person_id)
        if erased:
            await append(connection, commune=commune, entry=entry, key=key)
    return erased


def _written(commune: str, person_id: str) -> Select[Any]:
    """Select what was sent to us from a person's numbers."""
    told = ("commune", "sid", "contact", "medium", "kind", "body", "said", "received_at")
    return (
        select(*(replies.c[name] for name in told))
        .where(
            replies.c.commune == commune,
            replies.c.contact_mark.in_(numbers_of(commune, person_id)),
        )
        .order_by(replies.c.received_at)
    )


def _owned(table: Table, commune: str, person_id: str) -> Select[Any]:
    return select(table).where(table.c.commune == commune, table.c.person_id == person_id)


_OURS = frozenset(("commune", "person_id", "delivery_id", "sid", "mark", "place_mark"))


def _without_keys(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name not in _OURS}
