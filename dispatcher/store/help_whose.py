"""Who is behind a call for help: the number, the words, the people and their doors.

Nothing of it is kept with the call: erased with the people it is about.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from sqlalchemy import and_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from dispatcher.ciphers import Ring
from dispatcher.store import personal
from dispatcher.store.help_calls import HELP, REGISTER, HelpCall
from dispatcher.store.help_said import Said, safe_since, said_of
from dispatcher.store.ledger import Ledger
from dispatcher.store.outgoing import BEHIND, deliveries, recipients
from dispatcher.store.personal import contact_mark
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
    phones: tuple[str, ...] = field(default=(), repr=False)  # E.164, her own order


@dataclass(frozen=True)
class Whose:
    """What is known of who called; `contact` is empty where it is hidden.

    `safe_at` is when one of her contacts answered « 1 », understood or safe, after she had asked
    (epoch seconds): somebody has to verify it, it ends nothing by itself.
    """

    contact: str = field(default="", repr=False)
    said: tuple[Said, ...] = field(default=(), repr=False)
    people: tuple[Behind, ...] = ()
    door: Home | None = None  # where a team knocked and somebody needs help
    safe_at: float | None = None

    @property
    def words(self) -> str:
        """All that was said, a line each."""
        return "\n".join(one.text for one in self.said)


async def whose(ledger: Ledger, call: HelpCall) -> Whose:
    """Return who is behind a call, as the general register knows it now.

    Nobody, of a call that comes from the other one: its card opens there, to who keeps it.
    """
    if call.via == REGISTER:
        return Whose()
    async with ledger.reading() as connection:
        if call.report_id is not None:
            return await _of_door(connection, call, ring=ledger.ring)
        of = _of_reply if call.delivery_id is None else _of_delivery
        found = await of(connection, call, ring=ledger.ring)
        own = contact_mark(ledger.ring, found.contact)
        marks = {own, *await _marks(connection, call.commune, found.people)} - {""}
        said = await said_of(connection, call, marks, ring=ledger.ring)
        return replace(found, said=said, safe_at=await safe_since(connection, call, marks))


async def _marks(
    connection: AsyncConnection, commune: str, people: Sequence[Behind]
) -> Sequence[str]:
    theirs = contacts.c.person_id.in_([one.person_id for one in people])
    wanted = select(contacts.c.mark).where(contacts.c.commune == commune, theirs)
    return list((await connection.execute(wanted)).scalars())


async def _of_delivery(connection: AsyncConnection, call: HelpCall, *, ring: Ring) -> Whose:
    mine = (deliveries.c.commune == call.commune, deliveries.c.delivery_id == call.delivery_id)
    contact = (await connection.execute(select(deliveries.c.contact).where(*mine))).scalar()
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
    return Whose(number, people=await _people(connection, call.commune, ids, ring=ring))


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
    words = personal.read(ring, row.note, personal.found_at(call.commune, call.report_id or ""))
    said = (Said(words, call.came_at),) if words else ()
    return Whose("", said, people, door)


async def _of_reply(connection: AsyncConnection, call: HelpCall, *, ring: Ring) -> Whose:
    wanted = select(replies.c.sid, replies.c.contact_mark, replies.c.contact).where(
        replies.c.commune == call.commune, replies.c.sid == call.sid, replies.c.kind == HELP
    )
    row = (await connection.execute(wanted)).first()
    if row is None:
        return Whose()
    known = (
        select(contacts.c.person_id)
        .distinct()
        .where(contacts.c.commune == call.commune, contacts.c.mark == row.contact_mark)
        .order_by(contacts.c.person_id)
        .limit(MOST_PEOPLE)
    )
    ids = list((await connection.execute(known)).scalars()) if row.contact_mark else []
    place = personal.reply_at("contact", call.commune, row.sid, HELP)
    number = personal.read(ring, row.contact, place)
    return Whose(number, people=await _people(connection, call.commune, ids, ring=ring))


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
    phones = await _phones(connection, commune, ids, ring=ring)
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
            phones=phones.get(row.person_id, ()),
        )
        for row in await connection.execute(wanted)
    )


async def _phones(
    connection: AsyncConnection, commune: str, ids: list[str], *, ring: Ring
) -> dict[str, tuple[str, ...]]:
    wanted = (
        select(contacts.c.person_id, contacts.c.mark, contacts.c.value)
        .where(
            contacts.c.commune == commune,
            contacts.c.person_id.in_(ids),
            contacts.c.kind.in_(("mobile", "fixed")),
        )
        .order_by(contacts.c.person_id, contacts.c.rank)
    )
    found: dict[str, tuple[str, ...]] = {}
    for row in await connection.execute(wanted):
        place = personal.contact_at(commune, row.person_id, row.mark)
        said = (*found.get(row.person_id, ()), personal.read(ring, row.value, place))
        found[row.person_id] = tuple(one for one in said if one)
    return found
