"""Who is behind a call for help: the number, the words, the people and their doors.

Nothing of it is kept with the call: erased with the people it is about.
"""

from dataclasses import dataclass, field

from sqlalchemy import RowMapping, and_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from dispatcher.ciphers import Ring
from dispatcher.store import personal
from dispatcher.store.help_calls import HELP, HelpCall
from dispatcher.store.ledger import Ledger
from dispatcher.store.outgoing import BEHIND, deliveries, recipients
from dispatcher.store.reply_tables import replies
from dispatcher.store.tables import contacts, homes, persons
from dispatcher.store.tasking_tables import door_results, mission_doors

MOST_PEOPLE = 20  # behind one telephone: a household, not a switchboard


@dataclass(frozen=True)
class Home:
    """A door as its people gave it; `lon` and `lat` are WGS 84, None where nobody knows."""

    label: str
    lon: float | None
    lat: float | None


@dataclass(frozen=True)
class Behind:
    """Somebody of the registers behind a telephone; `needs_help` to leave her home."""

    person_id: str
    name: str
    language: str
    needs_help: bool
    homes: tuple[Home, ...] = ()


@dataclass(frozen=True)
class Whose:
    """What is known of who called; `contact` is empty where it is hidden."""

    contact: str = field(default="", repr=False)
    words: str = field(default="", repr=False)
    people: tuple[Behind, ...] = ()
    door: Home | None = None  # where a team knocked and somebody needs help


async def whose(ledger: Ledger, call: HelpCall) -> Whose:
    """Return who is behind a call, as the registers know it now."""
    async with ledger.reading() as connection:
        if call.report_id is not None:
            return await _of_door(connection, call, ring=ledger.ring)
        if call.delivery_id is not None:
            return await _of_delivery(connection, call, ring=ledger.ring)
        return await _of_reply(connection, call, ring=ledger.ring)


async def _of_delivery(connection: AsyncConnection, call: HelpCall, *, ring: Ring) -> Whose:
    mine = (deliveries.c.commune == call.commune, deliveries.c.delivery_id == call.delivery_id)
    contact = (await connection.execute(select(deliveries.c.contact).where(*mine))).scalar()
    said = select(replies.c.sid, replies.c.body).where(
        replies.c.commune == call.commune,
        replies.c.delivery_id == call.delivery_id,
        replies.c.kind == HELP,
        replies.c.body.is_not(None),
    )
    newest = said.order_by(replies.c.received_at.desc()).limit(1)
    reply = (await connection.execute(newest)).mappings().first()
    words = _words(ring, call.commune, reply) if reply else ""
    behind = (
        select(recipients.c.person_id)
        .select_from(deliveries.join(recipients, BEHIND))
        .where(*mine)
        .order_by(recipients.c.person_id)
        .limit(MOST_PEOPLE)
    )
    ids = list((await connection.execute(behind)).scalars())
    place = personal.delivery_at(call.commune, call.delivery_id or "")
    number = personal.read(ring, contact, place)
    return Whose(number, words, await _people(connection, call.commune, ids, ring=ring))


def _words(ring: Ring, commune: str, reply: RowMapping) -> str:
    place = personal.reply_at("body", commune, reply["sid"], HELP)
    return personal.read(ring, reply["body"], place)


async def _of_door(connection: AsyncConnection, call: HelpCall, *, ring: Ring) -> Whose:
    same = and_(
        mission_doors.c.commune == door_results.c.commune,
        mission_doors.c.mission == door_results.c.mission,
        mission_doors.c.door == door_results.c.door,
    )
    wanted = (
        select(
            mission_doors.c.mission,
            mission_doors.c.door,
            mission_doors.c.label,
            mission_doors.c.lon,
            mission_doors.c.lat,
            mission_doors.c.people,
            door_results.c.note,
        )
        .join(door_results, same)
        .where(door_results.c.commune == call.commune, door_results.c.report_id == call.report_id)
    )
    row = (await connection.execute(wanted)).first()
    if row is None:
        return Whose()
    people = await _people(connection, call.commune, list(row.people)[:MOST_PEOPLE], ring=ring)
    place = personal.door_at("label", call.commune, row.mission, row.door)
    door = Home(personal.read(ring, row.label, place), row.lon, row.lat)
    return Whose("", row.note, people, door)


async def _of_reply(connection: AsyncConnection, call: HelpCall, *, ring: Ring) -> Whose:
    wanted = select(
        replies.c.sid, replies.c.contact_mark, replies.c.contact, replies.c.body
    ).where(
        replies.c.commune == call.commune, replies.c.sid == call.sid, replies.c.kind == HELP
    )  # fmt: skip
    row = (await connection.execute(wanted)).first()
    if row is None:
        return Whose()
    known = (
        select(contacts.c.person_id)
        .distinct()
        .where(
            contacts.c.commune == call.commune,
            contacts.c.kind.in_(("mobile", "fixed")),
            contacts.c.mark == row.contact_mark,
        )
        .order_by(contacts.c.person_id)
        .limit(MOST_PEOPLE)
    )
    ids = list((await connection.execute(known)).scalars()) if row.contact_mark else []
    place = personal.reply_at("contact", call.commune, row.sid, HELP)
    return Whose(
        personal.read(ring, row.contact, place),
        _words(ring, call.commune, row._mapping),
        await _people(connection, call.commune, ids, ring=ring),
    )


async def _people(
    connection: AsyncConnection, commune: str, ids: list[str], *, ring: Ring
) -> tuple[Behind, ...]:
    wanted = (
        select(persons.c.person_id, persons.c.name, persons.c.language, persons.c.help_to_leave)
        .where(persons.c.commune == commune, persons.c.person_id.in_(ids))
        .order_by(persons.c.person_id)
    )
    doors = (
        select(homes.c.person_id, homes.c.number, homes.c.label, homes.c.lon, homes.c.lat)
        .where(homes.c.commune == commune, homes.c.person_id.in_(ids))
        .order_by(homes.c.person_id, homes.c.number)
    )
    found: dict[str, list[Home]] = {}
    for row in await connection.execute(doors):
        place = personal.home_at(commune, row.person_id, row.number)
        said = personal.read_home(ring, row.label, place)
        found.setdefault(row.person_id, []).append(Home(said.label, row.lon, row.lat))
    return tuple(
        Behind(
            row.person_id,
            personal.read(ring, row.name, personal.name_at(commune, row.person_id)),
            row.language,
            needs_help=bool(row.help_to_leave),
            homes=tuple(found.get(row.person_id, ())),
        )
        for row in await connection.execute(wanted)
    )
