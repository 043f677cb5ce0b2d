"""Two rows of the register made one, since the town hall says that they are one person.

One transaction. Contacts, homes and choices come together; who has left by one has left. What she
has opened or asked for follows: her links, whom she has told, sign-ups begun, flags, the yearly
question. What alerts left behind them keeps the id that it has (`known_as.py`): so nothing is
joined while an alert, a call for help or a mission is under way, which reach people by their ids.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Row, Table, and_, delete, exists, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from dispatcher.store.clock import db_now
from dispatcher.store.cover_tables import failing, yearly
from dispatcher.store.double_tables import joined_as, told_apart
from dispatcher.store.doubles import Doubled, Pair, doubled_in
from dispatcher.store.following_tables import help_calls
from dispatcher.store.joining import keep_verified, read_whole, verified
from dispatcher.store.kin import follow_kin
from dispatcher.store.kin_tables import kin_told
from dispatcher.store.ledger import Ledger
from dispatcher.store.logbook import append
from dispatcher.store.mission_rows import OVER
from dispatcher.store.outgoing import versions
from dispatcher.store.own_tables import own_links
from dispatcher.store.people import OWN
from dispatcher.store.register_rows import Register, rewrite
from dispatcher.store.registers import Resident
from dispatcher.store.signup_tables import signups
from dispatcher.store.statements import insert_missing
from dispatcher.store.tables import departed, persons
from dispatcher.store.tasking_tables import mission_doors
from dispatcher.store.team_tables import missions
from dispatcher.store.turns import take_turns
from dispatcher.store.versions import Chained


class NoPair(Exception):
    """There is nothing to judge: one of the two is gone, or they were judged."""


class ChangedSince(Exception):
    """One of the two has left, or come back, since whoever judges looked."""


class UnderWay(Exception):
    """Something reaches people by their ids now: an alert, a call for help, a mission."""


@dataclass(frozen=True)
class Judged:
    """Two rows said to be one person, by whom, and joined how: what stays first."""

    seen: Doubled  # as whoever judges saw it
    by: str
    joined: Callable[[Resident, Resident], Resident]
    line: Callable[[str, str], Chained]  # of the id that stays, and of the other


async def make_one(ledger: Ledger, commune: str, judged: Judged) -> str:
    """Make two rows one; return the id that stays.

    Raises NoPair, ChangedSince, UnderWay, and NotOpened where something of theirs cannot be read.
    """
    here = Register(commune, ledger.ring)
    async with ledger.writing() as connection:
        await take_turns(connection, "people", commune=commune)
        stands = await doubled_in(connection, commune, judged.seen.pair)
        if stands is None:
            raise NoPair
        if stands != judged.seen:
            raise ChangedSince
        stays, goes = await _in_order(connection, commune, stands.pair)
        await _join(connection, here, stays, goes=goes, judged=judged)
        # Last: a launch that froze its audience meanwhile has let these homes go by now.
        if await _under_way(connection, commune):
            raise UnderWay
        line = judged.line(stays.person_id, goes.person_id)
        await append(connection, commune=commune, entry=line.entry, key=line.key)
    return str(stays.person_id)


async def _in_order(
    connection: AsyncConnection, commune: str, pair: Pair
) -> tuple[Row[Any], Row[Any]]:
    """Return the row that stays, and the one that goes: her own word first, then a file's id."""
    wanted = select(persons).where(persons.c.commune == commune, persons.c.person_id.in_(pair))
    rows = (await connection.execute(wanted)).all()
    first, second = sorted(
        rows, key=lambda row: (row.source != OWN, row.external_id is None, row.person_id)
    )
    return first, second


async def _join(
    connection: AsyncConnection, here: Register, stays: Row[Any], *, goes: Row[Any], judged: Judged
) -> None:
    commune, kept, was = here.commune, stays.person_id, goes.person_id
    said = [await read_whole(connection, here, one) for one in (kept, was)]
    if said[0] is None or said[1] is None:
        raise NoPair
    sure = await verified(connection, commune, was)
    left = [one.unsubscribed_at for one in (stays, goes) if one.unsubscribed_at is not None]
    alias = {
        "was": was,
        "external_id": goes.external_id if stays.external_id else None,
        "joined_by": judged.by,
        "joined_at": (await connection.execute(select(db_now()))).scalar_one(),
    }
    await _follow(connection, here, kept, was=was)
    row = {"commune": commune, "person_id": kept, **alias}
    await insert_missing(connection, joined_as, [row])
    for table in (persons, departed):  # she has not gone: what was sent to her stays hers
        mine = and_(table.c.commune == commune, table.c.person_id == was)
        await connection.execute(delete(table).where(mine))
    await rewrite(connection, here, {kept: judged.joined(said[0], said[1])})
    await keep_verified(connection, commune, kept, sure)
    mine = and_(persons.c.commune == commune, persons.c.person_id == kept)
    hers = {"unsubscribed_at": max(left, default=None)}
    await connection.execute(update(persons).where(mine).values(hers))


_FOLLOWING: tuple[tuple[Table, tuple[str, ...]], ...] = (  # by what the one that stays has it too
    (own_links, ()),
    (joined_as, ()),
    (signups, ()),
    (failing, ("mark",)),
    (yearly, ("commune",)),
    (kin_told, ("alert_id", "mark", "outcome")),
)


async def _follow(connection: AsyncConnection, here: Register, kept: str, *, was: str) -> None:
    """Give what belongs to the row that goes to the one that stays; what it has already, it has."""
    commune = here.commune
    await follow_kin(connection, here, kept, was=was)
    for table, key in _FOLLOWING:
        mine = [table.c.commune == commune, table.c.person_id == was]
        if key:
            mine.append(~_has(table, commune, kept, key=key))
        await connection.execute(update(table).where(*mine).values(person_id=kept))
    apart = told_apart.c
    hers = or_(apart.person_id == was, apart.other_id == was)
    rows = (
        await connection.execute(select(told_apart).where(apart.commune == commune, hers))
    ).all()
    told = []
    for row in rows:
        pair = Pair.of(kept, row.other_id if row.person_id == was else row.person_id)
        told.append({**row._mapping, "person_id": pair.one, "other_id": pair.other})
    await insert_missing(connection, told_apart, told)


def _has(table: Table, commune: str, kept: str, *, key: tuple[str, ...]) -> ColumnElement[bool]:
    hers = table.alias("hers")
    same = (hers.c[name] == table.c[name] for name in key)
    return exists().where(hers.c.commune == commune, hers.c.person_id == kept, *same)


async def _under_way(connection: AsyncConnection, commune: str) -> bool:
    alert = select(versions.c.version_id).where(
        versions.c.commune == commune,
        versions.c.state == "launched",
        versions.c.expires_at > db_now(),
        or_(versions.c.cancelled_at.is_(None), versions.c.finished_at.is_(None)),
    )
    call = select(help_calls.c.call_id).where(
        help_calls.c.commune == commune, help_calls.c.closed_at.is_(None)
    )
    doors = exists().where(
        mission_doors.c.commune == missions.c.commune, mission_doors.c.mission == missions.c.mission
    )
    mission = select(missions.c.mission).where(
        missions.c.commune == commune, missions.c.state.not_in(OVER), doors
    )
    for wanted in (alert, call, mission):
        if (await connection.execute(wanted.limit(1))).first() is not None:
            return True
    return False
