"""One person in two rows: pairs of one name at one door that share no contact, to be judged.

Nothing joins them by itself: anybody may give a name and an address as hers. A pair is shown until
the town hall says that it is one person (`one_person.py`) or two. Where both have left there is
nothing to judge.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, and_, case, exists, func, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from dispatcher.store.clock import db_now
from dispatcher.store.double_tables import door_names, told_apart
from dispatcher.store.ledger import Ledger
from dispatcher.store.logbook import append
from dispatcher.store.people import in_parts
from dispatcher.store.personal import contact_mark
from dispatcher.store.register_rows import door_name_marks
from dispatcher.store.registers import Resident
from dispatcher.store.statements import insert_missing
from dispatcher.store.tables import contacts, persons
from dispatcher.store.turns import take_turns
from dispatcher.store.versions import Chained


class Pair(NamedTuple):
    """Two rows of the register, by their ids, the lower first."""

    one: str
    other: str

    @classmethod
    def of(cls, one: str, other: str) -> "Pair":
        """Return the pair of two ids, in whichever order."""
        return cls(*sorted((one, other)))


@dataclass(frozen=True)
class Doubled:
    """A pair to be judged, and whether one of the two has left: the other is still reached."""

    pair: Pair
    one_left: bool


async def doubled(ledger: Ledger, commune: str, *, limit: int) -> list[Doubled]:
    """Return the pairs to be judged, those of whom one has left first."""
    rows = _everywhere(commune).order_by(_ONE_LEFT.desc(), *_IDS).limit(limit)
    read = await ledger.study(lambda one: one.execute(rows).all())
    return [Doubled(Pair(row.one, row.other), bool(row.one_left)) for row in read]


async def doubled_count(ledger: Ledger, commune: str) -> int:
    """Count the pairs to be judged."""
    wanted = select(func.count()).select_from(_everywhere(commune).subquery())
    return int(await ledger.study(lambda one: one.execute(wanted).scalar_one()))


async def doubled_in(connection: AsyncConnection, commune: str, pair: Pair) -> Doubled | None:
    """Return a pair as it stands; None where there is nothing to judge any more."""
    these = and_(_one.c.person_id == pair.one, _other.c.person_id == pair.other)
    wanted = select(*_IDS, _ONE_LEFT).where(_judged(commune), these).limit(1)
    row = (await connection.execute(wanted)).first()
    return Doubled(pair, bool(row.one_left)) if row else None


async def tell_apart(ledger: Ledger, commune: str, pair: Pair, *, by: str, line: Chained) -> bool:
    """Keep that two rows are two people: they are not shown again. False: no pair to be judged."""
    async with ledger.writing() as connection:
        await take_turns(connection, "people", commune=commune)
        if await doubled_in(connection, commune, pair) is None:
            return False
        now = (await connection.execute(select(db_now()))).scalar_one()
        row = {"commune": commune, "person_id": pair.one, "other_id": pair.other}
        await insert_missing(connection, told_apart, [{**row, "told_by": by, "told_at": now}])
        await append(connection, commune=commune, entry=line.entry, key=line.key)
    return True


async def beside_who_left(
    ledger: Ledger, commune: str, residents: Sequence[Resident]
) -> list[bool]:
    """Tell of each of these people, who are enrolled, whether a namesake at her door has left.

    Under another number: who has a contact of hers is she. Nobody has judged of them yet.
    """
    marked = [door_name_marks(ledger.ring, one) for one in residents]
    left: defaultdict[str, set[str]] = defaultdict(set)  # mark of a name at a door → who left
    gone_is_first = _first.c.unsubscribed_at.is_not(None)
    who = case((gone_is_first, _one.c.person_id), else_=_other.c.person_id).label("who")
    async with ledger.reading() as connection:
        for some in in_parts(sorted({mark for hers in marked for mark in hers})):
            wanted = select(_one.c.mark, who).where(
                _judged(commune), _ONE_LEFT, _one.c.mark.in_(some)
            )
            for row in await connection.execute(wanted):
                left[row.mark].add(row.who)
        ways = await _ways(
            connection, commune, sorted({one for some in left.values() for one in some})
        )
    return [
        any(
            ways[who].isdisjoint(_marks(ledger, one)) for mark in hers for who in left.get(mark, ())
        )
        for one, hers in zip(residents, marked, strict=True)
    ]


def _marks(ledger: Ledger, one: Resident) -> list[str]:
    return [contact_mark(ledger.ring, way.value) for way in one.contacts]


async def _ways(
    connection: AsyncConnection, commune: str, ids: Sequence[str]
) -> dict[str, set[str]]:
    found: defaultdict[str, set[str]] = defaultdict(set)
    for some in in_parts(ids):
        mine = and_(contacts.c.commune == commune, contacts.c.person_id.in_(some))
        wanted = select(contacts.c.person_id, contacts.c.mark).where(mine)
        for row in await connection.execute(wanted):
            found[row.person_id].add(row.mark)
    return found


_one, _other = door_names.alias("one"), door_names.alias("other")
_first, _second = persons.alias("first"), persons.alias("second")
_IDS = (_one.c.person_id.label("one"), _other.c.person_id.label("other"))
_ONE_LEFT = or_(
    _first.c.unsubscribed_at.is_not(None), _second.c.unsubscribed_at.is_not(None)
).label("one_left")


def _everywhere(commune: str) -> Select[Any]:
    """Select all pairs to be judged: few marks are of several, and the index tells which."""
    shared = (
        select(door_names.c.mark)
        .where(door_names.c.commune == commune)
        .group_by(door_names.c.mark)
        .having(func.count() > 1)
    )
    return select(*_IDS, _ONE_LEFT).where(_judged(commune), _one.c.mark.in_(shared)).distinct()


def _judged(commune: str) -> ColumnElement[bool]:
    """Tell of two rows of `door_names`, and of `persons`, whether they are a pair to be judged."""
    ours, theirs = contacts.alias("ours"), contacts.alias("theirs")
    in_common = exists().where(
        ours.c.commune == commune,
        ours.c.person_id == _one.c.person_id,
        theirs.c.commune == commune,
        theirs.c.mark == ours.c.mark,
        theirs.c.kind == ours.c.kind,
        theirs.c.person_id == _other.c.person_id,
    )
    apart = exists().where(
        told_apart.c.commune == commune,
        told_apart.c.person_id == _one.c.person_id,
        told_apart.c.other_id == _other.c.person_id,
    )
    return and_(
        _one.c.commune == commune,
        _other.c.commune == commune,
        _other.c.mark == _one.c.mark,
        _other.c.person_id > _one.c.person_id,
        _first.c.commune == commune,
        _first.c.person_id == _one.c.person_id,
        _second.c.commune == commune,
        _second.c.person_id == _other.c.person_id,
        or_(_first.c.unsubscribed_at.is_(None), _second.c.unsubscribed_at.is_(None)),
        ~in_common,
        ~apart,
    )
