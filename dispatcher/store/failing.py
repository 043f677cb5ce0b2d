"""Contacts of residents that fail: found in how deliveries ended, forgotten once one arrives.

A flag removes nobody and nothing: an alert tries the contact as before.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, delete, exists, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from dispatcher.store.clock import db_now
from dispatcher.store.cover_tables import failing, failing_looks
from dispatcher.store.ledger import Ledger
from dispatcher.store.logbook import append
from dispatcher.store.names import number_delivery
from dispatcher.store.outgoing import deliveries, versions
from dispatcher.store.people import MEDIA, RESIDENTS, in_parts
from dispatcher.store.statements import insert_for, insert_missing
from dispatcher.store.tables import contacts, persons
from dispatcher.store.versions import Chained

A_LOOK_S = 30.0  # of ends at once: a large alert is gone through in many short looks
LAG_S = 10.0  # what was settled just now may not be committed yet
ENDED_BADLY = ("failed", "undelivered")


@dataclass(frozen=True)
class Ended:
    """A delivery that did not arrive: by which medium, to whose mark, with which code, when."""

    version_id: str
    medium: str
    mark: str
    code: str | None
    at: float


@dataclass(frozen=True)
class Look:
    """The deliveries of a commune that ended in a span of time: which failed, which arrived."""

    commune: str
    upto: float
    failed: tuple[Ended, ...]
    arrived: frozenset[str]  # marks, of contacts that were flagged


async def next_look(ledger: Ledger, commune: str) -> Look | None:
    """Return what ended next since the last look; None where nothing did."""
    mine, flagged = deliveries.c.commune == commune, failing.c.commune == commune
    since = select(failing_looks.c.upto).where(failing_looks.c.commune == commune)
    async with ledger.reading() as connection:
        upto = (await connection.execute(since)).scalar() or 0.0
        first = select(func.min(deliveries.c.settled_at)).where(
            mine, deliveries.c.settled_at > upto, deliveries.c.settled_at <= db_now() - LAG_S
        )
        began = (await connection.execute(first)).scalar()
        if began is None:
            return None
        now = (await connection.execute(select(db_now()))).scalar_one()
        until = min(began + A_LOOK_S, now - LAG_S)
        span = and_(mine, deliveries.c.settled_at >= began, deliveries.c.settled_at <= until)
        names = ("version_id", "medium", "contact_mark", "reason", "settled_at")
        wanted = select(*(deliveries.c[name] for name in names)).where(
            span,
            deliveries.c.state.in_(ENDED_BADLY),
            deliveries.c.route == "live",
            deliveries.c.contact_mark != "",
        )
        failed = tuple(Ended(*row) for row in (await connection.execute(wanted)).all())
        came = select(deliveries.c.contact_mark).where(
            span,
            deliveries.c.state == "delivered",
            deliveries.c.contact_mark.in_(select(failing.c.mark).where(flagged)),
        )
        arrived = frozenset((await connection.execute(came)).scalars())
    return Look(commune, until, failed, arrived)


async def siblings(
    ledger: Ledger, commune: str, some: Sequence[Ended]
) -> dict[tuple[str, str], list[tuple[str, str, str | None]]]:
    """Return how the same contact fared in the same version: medium, state and code, by medium."""
    ids = {
        number_delivery(commune, one.version_id, medium, contact_mark=one.mark)
        for one in some
        for medium in MEDIA
    }
    found: dict[tuple[str, str], list[tuple[str, str, str | None]]] = {}
    names = ("version_id", "contact_mark", "medium", "state", "reason")
    async with ledger.reading() as connection:
        for part in in_parts(sorted(ids)):
            wanted = select(*(deliveries.c[name] for name in names)).where(
                deliveries.c.commune == commune, deliveries.c.delivery_id.in_(part)
            )
            for version, mark, *how in (await connection.execute(wanted)).all():
                found.setdefault((version, mark), []).append((how[0], how[1], how[2]))
    return found


@dataclass(frozen=True)
class Flag:
    """That a contact of this mark is nobody's: why, since when, by which version."""

    mark: str
    why: str
    at: float
    version_id: str


async def keep_look(
    ledger: Ledger, look: Look, flags: Sequence[Flag], *, line: Callable[[int], Chained]
) -> int:
    """Flag contacts, forget the flags of those that arrived; return how many are newly flagged.

    One that somebody confirmed since it failed is not flagged. `line` is of how many; none without.
    """
    async with ledger.writing() as connection:
        new = 0
        by_mark = {one.mark: one for one in flags}
        for part in in_parts(list(by_mark)):
            rows = await _rows(connection, look.commune, {one: by_mark[one] for one in part})
            new += await insert_missing(connection, failing, rows)
        await _forget(connection, failing.c.commune == look.commune, look.arrived, upto=look.upto)
        moved = {"commune": look.commune, "upto": look.upto}
        anew = insert_for(connection, failing_looks).values(moved)
        await connection.execute(
            anew.on_conflict_do_update(
                index_elements=["commune"],
                set_={"upto": look.upto},
                where=failing_looks.c.upto < look.upto,
            )
        )
        if new:
            told = line(new)
            await append(connection, commune=look.commune, entry=told.entry, key=told.key)
    return new


async def _rows(
    connection: AsyncConnection, commune: str, flags: Mapping[str, Flag]
) -> list[dict[str, object]]:
    hers = and_(
        persons.c.commune == contacts.c.commune, persons.c.person_id == contacts.c.person_id
    )
    wanted = (
        select(contacts.c.person_id, contacts.c.mark, contacts.c.verified_at)
        .join(persons, hers)
        .where(
            contacts.c.commune == commune,
            contacts.c.mark.in_(list(flags)),
            persons.c.source.in_(RESIDENTS),
        )
    )
    return [
        {
            "commune": commune,
            "person_id": row.person_id,
            "mark": row.mark,
            "why": flag.why,
            "failed_at": flag.at,
            "version_id": flag.version_id,
        }
        for row in (await connection.execute(wanted)).all()
        for flag in (flags[row.mark],)
        if row.verified_at is None or row.verified_at < flag.at
    ]


async def _forget(
    connection: AsyncConnection, whose: ColumnElement[bool], marks: Iterable[str], *, upto: float
) -> None:
    for part in in_parts(sorted(marks)):
        await connection.execute(
            delete(failing).where(whose, failing.c.mark.in_(part), failing.c.failed_at <= upto)
        )


async def works_again(
    connection: AsyncConnection, commune: str, person_id: str, *, marks: Iterable[str]
) -> None:
    """Forget the flags of contacts that she confirmed now, in the caller's transaction."""
    hers = and_(failing.c.commune == commune, failing.c.person_id == person_id)
    now = (await connection.execute(select(db_now()))).scalar_one()
    await _forget(connection, hers, marks, upto=now)


def failed_here() -> ColumnElement[bool]:
    """Tell of a row of `contacts` whether it is flagged."""
    return exists(
        select(failing.c.mark).where(
            failing.c.commune == contacts.c.commune,
            failing.c.person_id == contacts.c.person_id,
            failing.c.mark == contacts.c.mark,
        )
    )


async def failing_of(
    connection: AsyncConnection, commune: str, person_id: str
) -> dict[str, tuple[str, float]]:
    """Return why and since when contacts of hers fail, by their marks."""
    wanted = select(failing.c.mark, failing.c.why, failing.c.failed_at).where(
        failing.c.commune == commune, failing.c.person_id == person_id
    )
    return {row.mark: (row.why, row.failed_at) for row in await connection.execute(wanted)}


async def failing_count(ledger: Ledger, commune: str) -> int:
    """Count the residents who stay and have a contact that fails."""
    wanted = select(func.count(failing.c.person_id.distinct())).select_from(_HERS)
    async with ledger.reading() as connection:
        found = await connection.execute(wanted.where(failing.c.commune == commune, _STAYS))
        return int(found.scalar_one())


async def who_fails(ledger: Ledger, commune: str, *, after: str, limit: int) -> list[str]:
    """Return residents who stay and have a contact that fails, in the order of their ids."""
    wanted = (
        select(failing.c.person_id)
        .select_from(_HERS)
        .where(failing.c.commune == commune, _STAYS, failing.c.person_id > after)
        .distinct()
        .order_by(failing.c.person_id)
        .limit(limit)
    )
    async with ledger.reading() as connection:
        return list((await connection.execute(wanted)).scalars())


async def communes(ledger: Ledger) -> list[str]:
    """Return the communes that have residents to look after: those of whom something was sent."""
    wanted = select(versions.c.commune).distinct()
    async with ledger.reading() as connection:
        return list((await connection.execute(wanted)).scalars())


_HERS = failing.join(
    persons,
    and_(persons.c.commune == failing.c.commune, persons.c.person_id == failing.c.person_id),
).join(
    contacts,
    and_(
        contacts.c.commune == failing.c.commune,
        contacts.c.person_id == failing.c.person_id,
        contacts.c.mark == failing.c.mark,
    ),
)
_STAYS = and_(persons.c.unsubscribed_at.is_(None), persons.c.source.in_(RESIDENTS))
