"""Arrivals and departures of a centre: the count and the names, each in one transaction.

Nobody is refused: a centre that is full is told of, and goes on counting.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from sqlalchemy import and_, delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from dispatcher.ciphers import Ring
from dispatcher.store import personal
from dispatcher.store.centre_tables import centre_moves, centre_people, event_centres
from dispatcher.store.centres import CentreNow, Where, in_centre, this_centre
from dispatcher.store.clock import db_now
from dispatcher.store.ledger import Ledger
from dispatcher.store.logbook import append
from dispatcher.store.statements import insert_missing
from dispatcher.store.versions import Chained

ARRIVAL, DEPARTURE, RECOUNT = "arrival", "departure", "recount"


@dataclass(frozen=True)
class NewPerson:
    """Who gives her name; `household` are people, herself among them."""

    person_id: str
    name: str
    household: int
    comes_from: str = ""
    phone: str = ""


@dataclass(frozen=True)
class Leaving:
    """Who was noted by name and leaves, for where."""

    person_id: str
    went_to: str = ""


@dataclass(frozen=True)
class Move:
    """What is counted: of a recount, `people` is how many are there; of the others, how many move.

    `counted` is false where they were counted already, so that only the name is noted.
    """

    kind: str
    people: int
    adults: int | None = None
    children: int | None = None
    key: str | None = None
    counted: bool = True
    comes: NewPerson | None = None
    leaves: Leaving | None = None


@dataclass(frozen=True)
class Lines:
    """The logbook's lines of a movement: of `now`, after it; `over` where it comes over `places`.

    `places` is given the centre as it was read, whose adjusted figures count first.
    """

    moved: Callable[[int], Chained]
    over: Callable[[int, int], Chained]
    places: Callable[[CentreNow], int | None]


@dataclass(frozen=True)
class Moved:
    """What became of it: done | again (this very click) | short | shut | gone (the named one)."""

    outcome: str
    present: int = 0


async def move(ledger: Ledger, where: Where, wanted: Move, *, lines: Lines) -> Moved:
    """Count people in or out of an open centre, with a name or without."""
    async with ledger.writing() as connection:
        read = await _locked(connection, where)
        if read is None:
            return Moved("shut")
        if await _clicked(connection, where, wanted):
            return Moved("again", read.people)
        change = _change(read, wanted)
        if read.people + change < 0:
            return Moved("short", read.people)
        present = read.people + change
        written = lines.moved(present)
        guests = Guests(where, ledger.ring)
        if not await _names(connection, guests, wanted, by=written.entry.author):
            return Moved("gone", read.people)
        await _count(connection, read, wanted, change=change, by=written.entry.author)
        await append(connection, commune=where.commune, entry=written.entry, key=written.key)
        most = lines.places(read)
        if most is not None and read.people <= most < present:
            alarm = lines.over(present, most)
            await append(connection, commune=where.commune, entry=alarm.entry, key=alarm.key)
        return Moved("done", present)


async def _locked(connection: AsyncConnection, where: Where) -> CentreNow | None:
    wanted = select(event_centres).where(this_centre(where), event_centres.c.closed_at.is_(None))
    row = (await connection.execute(wanted.with_for_update())).first()
    return CentreNow(**row._mapping) if row else None


async def _clicked(connection: AsyncConnection, where: Where, wanted: Move) -> bool:
    if wanted.key is None:
        return False
    held = centre_moves.c
    mine = and_(held.commune == where.commune, held.act_key == wanted.key)
    return (await connection.execute(select(held.number).where(mine))).first() is not None


def _change(read: CentreNow, wanted: Move) -> int:
    if not wanted.counted:
        return 0
    if wanted.kind == RECOUNT:
        return wanted.people - read.people
    return wanted.people if wanted.kind == ARRIVAL else -wanted.people


@dataclass(frozen=True)
class Guests:
    """Who gave her name in a centre: her words sealed for her row."""

    where: Where
    ring: Ring

    def sealed(self, column: str, text: str, *, of: str) -> str:
        """Return a word of hers as it is kept; what is empty stays so."""
        return personal.sealed(self.ring, text, self._place(column, of)) if text else ""

    def opened(self, kept: "Named") -> "Named":
        """Return somebody with her words."""

        def read(column: str, said: str) -> str:
            return personal.read(self.ring, said, self._place(column, kept.person_id))

        return replace(
            kept,
            name=read("name", kept.name),
            comes_from=read("comes_from", kept.comes_from),
            phone=read("phone", kept.phone),
            went_to=read("went_to", kept.went_to),
        )

    def _place(self, column: str, person_id: str) -> str:
        return personal.guest_at(column, self.where.commune, self.where.event_id, person_id)


_WORDS = ("name", "comes_from", "phone")


async def _names(connection: AsyncConnection, guests: Guests, wanted: Move, *, by: str) -> bool:
    """Note who comes or goes by name; False where she is there already, or is not any more."""
    where = guests.where
    if wanted.comes is not None:
        now = (await connection.execute(select(db_now()))).scalar_one()
        told = vars(wanted.comes)
        of = wanted.comes.person_id
        words = {one: guests.sealed(one, told[one], of=of) for one in _WORDS}
        row = {**vars(where), **told, **words, "arrived_at": now, "arrived_by": by}
        return bool(await insert_missing(connection, centre_people, [row]))
    if wanted.leaves is None:
        return True
    staying = and_(
        in_centre(where),
        centre_people.c.person_id == wanted.leaves.person_id,
        centre_people.c.left_at.is_(None),
    )
    went_to = guests.sealed("went_to", wanted.leaves.went_to, of=wanted.leaves.person_id)
    values = {"left_at": db_now(), "left_by": by, "went_to": went_to}
    done = await connection.execute(update(centre_people).where(staying).values(**values))
    return done.rowcount == 1


async def _count(
    connection: AsyncConnection, read: CentreNow, wanted: Move, *, change: int, by: str
) -> None:
    where = Where(read.commune, read.event_id, read.centre_id)
    present = read.people + change
    values = {"people": present, "children": _children(read, wanted, present=present)}
    await connection.execute(update(event_centres).where(this_centre(where)).values(**values))
    held = centre_moves.c
    mine = and_(
        held.commune == where.commune,
        held.event_id == where.event_id,
        held.centre_id == where.centre_id,
    )
    newest = select(func.coalesce(func.max(held.number), 0) + 1).where(mine)
    await connection.execute(
        centre_moves.insert().values(
            **vars(where),
            number=newest.scalar_subquery(),
            kind=wanted.kind,
            people=change,
            adults=wanted.adults,
            children=wanted.children,
            present=present,
            moved_by=by,
            moved_at=db_now(),
            act_key=wanted.key,
        )
    )


def _children(read: CentreNow, wanted: Move, *, present: int) -> int:
    told = wanted.children or 0
    if wanted.kind == RECOUNT:
        children = read.children if wanted.children is None else told
    elif not wanted.counted:
        children = read.children
    else:
        children = read.children + (told if wanted.kind == ARRIVAL else -told)
    return min(max(children, 0), present)


@dataclass(frozen=True)
class Named:
    """Somebody who gave her name in a centre; instants are epoch seconds."""

    person_id: str
    centre_id: str
    name: str
    household: int
    comes_from: str
    phone: str
    arrived_at: float
    arrived_by: str
    left_at: float | None
    left_by: str | None
    went_to: str


@dataclass(frozen=True)
class NamedCount:
    """How many names an event holds: households and people, and people still there by centre."""

    households: int = 0
    people: int = 0
    staying: Mapping[str, int] = field(default_factory=dict)


async def people_of(ledger: Ledger, where: Where) -> list[Named]:
    """Return who gave her name in a centre: those still there first, by name."""
    names = [centre_people.c[name] for name in Named.__dataclass_fields__]
    wanted = select(*names).where(in_centre(where))
    guests = Guests(where, ledger.ring)
    async with ledger.reading() as connection:
        found = [guests.opened(Named(**row._mapping)) for row in await connection.execute(wanted)]
    return sorted(
        found, key=lambda one: (one.left_at is not None, one.name.casefold(), one.person_id)
    )


async def person_of(ledger: Ledger, where: Where, person_id: str) -> Named | None:
    """Return one of them; None where she never gave her name there."""
    found = [one for one in await people_of(ledger, where) if one.person_id == person_id]
    return found[0] if found else None


async def named_count(ledger: Ledger, commune: str, event_id: str) -> NamedCount:
    """Count the names of an event without reading any."""
    held = centre_people.c
    stays = held.left_at.is_(None)
    wanted = (
        select(held.centre_id, stays.label("stays"), func.count(), func.sum(held.household))
        .where(held.commune == commune, held.event_id == event_id)
        .group_by(held.centre_id, stays)
    )
    async with ledger.reading() as connection:
        rows = (await connection.execute(wanted)).all()
    staying = {row[0]: int(row[3]) for row in rows if row[1]}
    return NamedCount(sum(row[2] for row in rows), sum(int(row[3]) for row in rows), staying)


async def erase_people(
    ledger: Ledger, commune: str, event_id: str, *, line: Callable[[int], Chained]
) -> int:
    """Erase every name of an event; return how many households there were. None: no line."""
    mine = and_(centre_people.c.commune == commune, centre_people.c.event_id == event_id)
    async with ledger.writing() as connection:
        done = await connection.execute(delete(centre_people).where(mine))
        if done.rowcount:
            written = line(done.rowcount)
            await append(connection, commune=commune, entry=written.entry, key=written.key)
        return done.rowcount
