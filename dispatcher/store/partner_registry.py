"""The registry of partners: asked for, let in by a second person, their keys changed, ended.

One transaction an act, its line in it. A row is never taken away, and its id never used again: the
secrets are made from it.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, func, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from dispatcher.store.announcements import Announcement, announce
from dispatcher.store.clock import db_now
from dispatcher.store.ledger import Ledger
from dispatcher.store.logbook import append
from dispatcher.store.partner_tables import partner_keys, partners
from dispatcher.store.tables import logbook
from dispatcher.store.turns import take_turns
from dispatcher.store.versions import Chained

MOST_OPEN = 2  # keys at once, while a partner changes its secret


@dataclass(frozen=True)
class Asked:
    """A partner as somebody asks for it."""

    commune: str
    partner: str
    name: str
    kind: str
    teams: tuple[str, ...]
    verbs: tuple[str, ...]
    rate_per_s: float
    url: str
    asked_by: str


@dataclass(frozen=True)
class Key:
    """A key of a partner: its serial, and when it ends, None while nobody said so."""

    serial: int
    made_by: str
    made_at: float
    ends_at: float | None
    opens: bool


@dataclass(frozen=True)
class Pushed:
    """How the posting of its events goes."""

    through: int  # the last line of the logbook that it was told
    tries: int
    due_at: float | None
    problem: str
    failing_at: float | None
    stopped_at: float | None
    passed: int = 0  # events that it refused each time, and was not told
    passed_after: int = 0  # the cursor before the first of them


@dataclass(frozen=True)
class Registered:
    """A partner as the registry holds it; instants are epoch seconds."""

    asked: Asked
    asked_at: float
    agreed_by: str | None
    agreed_at: float | None
    ended_by: str | None
    ended_at: float | None
    pushed: Pushed
    keys: tuple[Key, ...] = ()

    @property
    def state(self) -> str:
        """Return `asked`, `live`, `refused` or `ended`."""
        if self.ended_at is not None:
            return "ended" if self.agreed_at is not None else "refused"
        return "live" if self.agreed_at is not None else "asked"

    @property
    def open_keys(self) -> tuple[Key, ...]:
        """Return the keys that open now, the newest first."""
        return tuple(one for one in self.keys if one.opens)


@dataclass(frozen=True)
class Told:
    """The logbook's line of an act, and what is announced of it."""

    line: Chained
    announcement: Announcement | None = None


Act = Callable[[Connection], bool]


async def ask(ledger: Ledger, asked: Asked, told: Told) -> bool:
    """Keep a partner that waits for a second person; False where its id was ever used."""

    def act(connection: Connection) -> bool:
        if connection.execute(select(partners.c.partner).where(_mine(asked))).first():
            return False
        lists = {name: list(getattr(asked, name)) for name in _LISTS}
        row = {**vars(asked), **lists, "asked_at": db_now(), "push_problem": ""}
        connection.execute(insert(partners).values(row))
        return True

    return await _done(ledger, asked.commune, told, act)


_LISTS = ("teams", "verbs")


async def agree(ledger: Ledger, asked: Asked, told: Told, *, by: str) -> bool:
    """Let it in with its first key; False when it does not wait any more.

    It is told of what happens from now on.
    """

    def act(connection: Connection) -> bool:
        last = select(func.coalesce(func.max(logbook.c.number), 0)).where(
            logbook.c.commune == asked.commune
        )
        end = connection.execute(last).scalar_one()
        values = {"agreed_by": by, "agreed_at": db_now(), "told_from": end, "pushed_through": end}
        waits = and_(partners.c.agreed_at.is_(None), partners.c.ended_at.is_(None))
        if not _moved(connection, asked, waits, values):
            return False
        _add_key(connection, asked, by=by)
        return True

    return await _done(ledger, asked.commune, told, act)


async def end(ledger: Ledger, asked: Asked, told: Told, *, by: str) -> bool:
    """End it, or what was asked; False when it had ended."""

    def act(connection: Connection) -> bool:
        values = {"ended_by": by, "ended_at": db_now()}
        return _moved(connection, asked, partners.c.ended_at.is_(None), values)

    return await _done(ledger, asked.commune, told, act)


async def rotate(
    ledger: Ledger, asked: Asked, told: Told, *, by: str, old_ends_in_s: float
) -> bool:
    """Add a key, and end the one before in so many seconds; False where two open already."""

    def act(connection: Connection) -> bool:
        if not _is_live(connection, asked) or _count_open(connection, asked) >= MOST_OPEN:
            return False
        _end_keys(connection, asked, db_now() + old_ends_in_s)
        _add_key(connection, asked, by=by)
        return True

    return await _done(ledger, asked.commune, told, act)


async def end_old_key(ledger: Ledger, asked: Asked, told: Told) -> bool:
    """End at once all its keys but the newest; False where only one opens."""

    def act(connection: Connection) -> bool:
        newest = select(func.max(partner_keys.c.serial)).where(_of(asked)).scalar_subquery()
        ended = connection.execute(
            update(partner_keys)
            .where(_of(asked), _OPENS, partner_keys.c.serial < newest)
            .values(ends_at=db_now())
        )
        return ended.rowcount > 0

    return await _done(ledger, asked.commune, told, act)


async def tell(ledger: Ledger, commune: str, told: Told) -> None:
    """Write that somebody did what changes nothing here: looked at a secret, asked for a ping."""
    await _done(ledger, commune, told, lambda _: True)


async def _done(ledger: Ledger, commune: str, told: Told, act: Act) -> bool:
    async with ledger.writing() as connection:
        await take_turns(connection, "accesses", commune=commune)
        if not await connection.run_sync(act):
            await connection.rollback()
            return False
        await _tell(connection, commune, told)
    return True


async def _tell(connection: AsyncConnection, commune: str, told: Told) -> None:
    if told.announcement:
        await announce(connection, commune, told.announcement)
    await append(connection, commune=commune, entry=told.line.entry, key=told.line.key)


_OPENS = or_(partner_keys.c.ends_at.is_(None), partner_keys.c.ends_at > db_now())


def _of(asked: Asked) -> ColumnElement[bool]:
    return and_(partner_keys.c.commune == asked.commune, partner_keys.c.partner == asked.partner)


def _mine(asked: Asked) -> ColumnElement[bool]:
    return and_(partners.c.commune == asked.commune, partners.c.partner == asked.partner)


def _moved(
    connection: Connection, asked: Asked, where: ColumnElement[bool], values: Mapping[str, Any]
) -> bool:
    done = connection.execute(update(partners).where(_mine(asked), where).values(values))
    return done.rowcount > 0


def _is_live(connection: Connection, asked: Asked) -> bool:
    wanted = select(partners.c.partner).where(
        _mine(asked), partners.c.agreed_at.is_not(None), partners.c.ended_at.is_(None)
    )
    return connection.execute(wanted).first() is not None


def _count_open(connection: Connection, asked: Asked) -> int:
    wanted = select(func.count()).select_from(partner_keys).where(_of(asked), _OPENS)
    return int(connection.execute(wanted).scalar_one())


def _end_keys(connection: Connection, asked: Asked, at: ColumnElement[float]) -> None:
    connection.execute(update(partner_keys).where(_of(asked), _OPENS).values(ends_at=at))


def _add_key(connection: Connection, asked: Asked, *, by: str) -> None:
    wanted = select(func.coalesce(func.max(partner_keys.c.serial), 0) + 1).where(_of(asked))
    serial = connection.execute(wanted).scalar_one()
    row = {"commune": asked.commune, "partner": asked.partner, "serial": serial}
    connection.execute(insert(partner_keys).values(**row, made_by=by, made_at=db_now()))


async def registered(ledger: Ledger, commune: str) -> list[Registered]:
    """Return every partner that was ever asked for, those that wait first, then by name."""

    def look(connection: Connection) -> list[Registered]:
        keys = _keys(connection, commune)
        rows = connection.execute(select(partners).where(partners.c.commune == commune))
        return [_registered(row, keys.get(row.partner, ())) for row in rows]

    order = ("asked", "live", "ended", "refused")
    found = await ledger.read(look)
    return sorted(found, key=lambda one: (order.index(one.state), one.asked.name, one.asked_at))


def _keys(connection: Connection, commune: str) -> dict[str, tuple[Key, ...]]:
    opens = _OPENS.label("opens")
    wanted = (
        select(partner_keys, opens)
        .where(partner_keys.c.commune == commune)
        .order_by(partner_keys.c.serial.desc())
    )
    found: dict[str, tuple[Key, ...]] = {}
    for row in connection.execute(wanted):
        one = Key(row.serial, row.made_by, row.made_at, row.ends_at, bool(row.opens))
        found[row.partner] = (*found.get(row.partner, ()), one)
    return found


def _registered(row: Row[Any], keys: Sequence[Key]) -> Registered:
    asked = {name: getattr(row, name) for name in Asked.__dataclass_fields__}
    lists = {name: tuple(asked[name]) for name in _LISTS}
    pushed = Pushed(
        row.pushed_through,
        row.push_tries,
        row.push_at,
        row.push_problem,
        row.push_failing_at,
        row.push_stopped_at,
        row.push_passed,
        row.push_passed_after,
    )
    return Registered(
        Asked(**{**asked, **lists}),
        row.asked_at,
        row.agreed_by,
        row.agreed_at,
        row.ended_by,
        row.ended_at,
        pushed,
        tuple(keys),
    )
