"""Reception centres of an event: opened, closed, adjusted; how many are counted in each."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, func, select, update

from dispatcher.store.centre_tables import centre_moves, centre_people, event_centres
from dispatcher.store.clock import db_now
from dispatcher.store.ledger import Ledger
from dispatcher.store.logbook import append
from dispatcher.store.statements import insert_missing
from dispatcher.store.versions import Chained

PURPOSES = ("reception", "lodging", "meals")


@dataclass(frozen=True)
class Where:
    """A centre of an event."""

    commune: str
    event_id: str
    centre_id: str


@dataclass(frozen=True)
class CentreNow:
    """A centre that was opened in an event; instants are epoch seconds.

    `reception`, `lodging`, `meals` are places where somebody adjusted them. `people` are counted
    there, `children` among them as far as it was told. `lon`, `lat` are those of a centre that no
    plan has, where its address is known.
    """

    commune: str
    event_id: str
    centre_id: str
    label: str
    opened_at: float
    opened_by: str
    closed_at: float | None
    closed_by: str | None
    reception: int | None
    lodging: int | None
    meals: int | None
    people: int
    children: int
    lon: float | None = None
    lat: float | None = None

    @property
    def is_open(self) -> bool:
        """Whether it takes people in."""
        return self.closed_at is None

    @property
    def adjusted(self) -> Mapping[str, int | None]:
        """Return what was adjusted of its places, by purpose."""
        return {name: getattr(self, name) for name in PURPOSES}


@dataclass(frozen=True)
class MoveSeen:
    """One movement: how many more or fewer, and how many were there afterwards."""

    number: int
    kind: str
    people: int
    adults: int | None
    children: int | None
    present: int
    moved_by: str
    moved_at: float


def this_centre(where: Where) -> ColumnElement[bool]:
    """Return the condition of a centre's row."""
    held = event_centres.c
    return and_(
        held.commune == where.commune,
        held.event_id == where.event_id,
        held.centre_id == where.centre_id,
    )


async def open_centre(
    ledger: Ledger,
    where: Where,
    label: str,
    *,
    line: Chained,
    own: Mapping[str, float | None] | None = None,
) -> bool:
    """Open a centre, or open it again; False where it is open already.

    `own` are the columns of one that no plan knows: its places, its longitude and latitude.
    """
    async with ledger.writing() as connection:
        now = (await connection.execute(select(db_now()))).scalar_one()
        opened = {"label": label, "opened_at": now, "opened_by": line.entry.author}
        opened |= own or {}
        if not await insert_missing(connection, event_centres, [{**vars(where), **opened}]):
            shut = and_(this_centre(where), event_centres.c.closed_at.is_not(None))
            values = {**opened, "closed_at": None, "closed_by": None}
            again = await connection.execute(update(event_centres).where(shut).values(**values))
            if again.rowcount == 0:
                return False
        await append(connection, commune=where.commune, entry=line.entry, key=line.key)
    return True


async def close_centre(ledger: Ledger, where: Where, *, line: Callable[[int], Chained]) -> bool:
    """Close a centre where nobody is counted any more; False where somebody is, or it is closed.

    Who is still there by name has left at that moment; `line` is told how many these are.
    """
    empty = and_(
        this_centre(where), event_centres.c.closed_at.is_(None), event_centres.c.people == 0
    )
    staying = and_(in_centre(where), centre_people.c.left_at.is_(None))
    async with ledger.writing() as connection:
        count = select(func.count()).select_from(centre_people).where(staying)
        left = int((await connection.execute(count)).scalar_one())
        written = line(left)
        by = written.entry.author
        values = {"closed_at": db_now(), "closed_by": by, "children": 0}
        done = await connection.execute(update(event_centres).where(empty).values(**values))
        if done.rowcount == 0:
            return False
        gone = update(centre_people).where(staying).values(left_at=db_now(), left_by=by)
        await connection.execute(gone)
        await append(connection, commune=where.commune, entry=written.entry, key=written.key)
    return True


def in_centre(where: Where) -> ColumnElement[bool]:
    """Return the condition of the names noted in a centre."""
    held = centre_people.c
    return and_(
        held.commune == where.commune,
        held.event_id == where.event_id,
        held.centre_id == where.centre_id,
    )


async def adjust(
    ledger: Ledger, centre: CentreNow, places: Mapping[str, int | None], *, line: Chained
) -> bool:
    """Adjust a centre's places as they were read; False: somebody was faster."""
    where = Where(centre.commune, centre.event_id, centre.centre_id)
    read = [
        event_centres.c[name].is_not_distinct_from(value) for name, value in centre.adjusted.items()
    ]
    async with ledger.writing() as connection:
        changed = update(event_centres).where(this_centre(where), *read).values(**places)
        if (await connection.execute(changed)).rowcount == 0:
            return False
        await append(connection, commune=where.commune, entry=line.entry, key=line.key)
    return True


async def centres_of(ledger: Ledger, commune: str, event_id: str) -> list[CentreNow]:
    """Return the centres that were opened in an event, the earliest first."""
    mine = and_(event_centres.c.commune == commune, event_centres.c.event_id == event_id)
    order = (event_centres.c.opened_at, event_centres.c.centre_id)
    async with ledger.reading() as connection:
        rows = await connection.execute(select(event_centres).where(mine).order_by(*order))
        return [CentreNow(**row._mapping) for row in rows]


async def centre_now(ledger: Ledger, where: Where) -> CentreNow | None:
    """Return a centre as it is; None where it was never opened in the event."""
    async with ledger.reading() as connection:
        row = (await connection.execute(select(event_centres).where(this_centre(where)))).first()
        return CentreNow(**row._mapping) if row else None


async def moves_of(ledger: Ledger, where: Where, *, limit: int = 20) -> list[MoveSeen]:
    """Return the last movements of a centre, the newest first."""
    held = centre_moves.c
    names = [held[name] for name in MoveSeen.__dataclass_fields__]
    mine = (
        held.commune == where.commune,
        held.event_id == where.event_id,
        held.centre_id == where.centre_id,
    )
    wanted = select(*names).where(*mine).order_by(held.number.desc()).limit(limit)
    async with ledger.reading() as connection:
        return [MoveSeen(**row._mapping) for row in await connection.execute(wanted)]
