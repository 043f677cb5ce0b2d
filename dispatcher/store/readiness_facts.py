"""What the ledger knows of a commune's readiness: cover, last activations, tests and copies."""

import time
from dataclasses import dataclass

from sqlalchemy import and_, case, func, literal_column, select

from dispatcher.store.accounts import accounts
from dispatcher.store.alarm_tables import alarms, dailies
from dispatcher.store.canaries import WHAT
from dispatcher.store.clock import db_now
from dispatcher.store.cover import sure_contact
from dispatcher.store.crisis_tables import event_acts, events
from dispatcher.store.ledger import Ledger
from dispatcher.store.outgoing import deliveries, versions
from dispatcher.store.people import RESIDENTS
from dispatcher.store.tables import addresses, contacts, homes, persons


@dataclass(frozen=True)
class Enrolled:
    """How many addresses a commune has, and at how many of them somebody is enrolled.

    `sure` of these have somebody with a confirmed contact that does not fail (`store/cover.py`).
    """

    addresses: int
    enrolled: int
    sure: int


async def enrolled_at(ledger: Ledger, commune: str) -> Enrolled:
    """Count the addresses of a commune where somebody is enrolled. A long look."""
    her = and_(persons.c.commune == homes.c.commune, persons.c.person_id == homes.c.person_id)
    lived = (
        select(homes.c.place_mark)
        .join(persons, her)
        .where(homes.c.commune == commune, persons.c.unsubscribed_at.is_(None))
    )
    confirmed = select(contacts.c.person_id).where(contacts.c.commune == commune, sure_contact())
    surely = lived.where(
        homes.c.kind == "home",
        persons.c.source.in_(RESIDENTS),
        homes.c.person_id.in_(confirmed),
    )
    every = select(func.count()).select_from(addresses).where(addresses.c.commune == commune)
    asked = (every, *(every.where(addresses.c.place_mark.in_(one)) for one in (lived, surely)))
    return await ledger.study(
        lambda connection: Enrolled(*[connection.execute(one).scalar_one() for one in asked])
    )


async def played_of(ledger: Ledger, commune: str) -> dict[str, float]:
    """Return when a crisis was activated last, by mode (real, exercise); epoch seconds."""
    wanted = (
        select(events.c.mode, func.max(event_acts.c.acted_at).label("last"))
        .join(
            event_acts,
            and_(
                event_acts.c.commune == events.c.commune,
                event_acts.c.event_id == events.c.event_id,
            ),
        )
        .where(events.c.commune == commune, event_acts.c.to_state == "active")
        .group_by(events.c.mode)
    )
    async with ledger.reading() as connection:
        return {row.mode: row.last for row in await connection.execute(wanted)}


@dataclass(frozen=True)
class Flights:
    """Accounts whose test of a day was sent, whose test arrived, and whose alarm is open."""

    sent: frozenset[str]
    arrived: frozenset[str]
    failed: frozenset[str]


async def flights_of(ledger: Ledger, *, day: str, commune: str) -> Flights:
    """Return what became of the accounts' tests of a day (YYYY-MM-DD)."""
    today = and_(dailies.c.what.like(f"{WHAT}%"), dailies.c.day == day)
    open_ones = and_(
        alarms.c.commune == commune,
        alarms.c.subject.like("canary/%"),
        alarms.c.ended_at.is_(None),
    )
    async with ledger.reading() as connection:
        rows = (
            await connection.execute(select(dailies.c.what, dailies.c.done_at).where(today))
        ).all()
        bad = (await connection.execute(select(alarms.c.subject).where(open_ones))).scalars()
        return Flights(
            frozenset(row.what.removeprefix(WHAT) for row in rows),
            frozenset(row.what.removeprefix(WHAT) for row in rows if row.done_at is not None),
            frozenset(subject.removeprefix("canary/") for subject in bad),
        )


async def hours_since(ledger: Ledger, what: str) -> float | None:
    """Return how many hours ago a day's work was last done; None where it never was."""
    wanted = select(db_now() - func.max(dailies.c.done_at)).where(dailies.c.what == what)
    async with ledger.reading() as connection:
        found: float | None = (await connection.execute(wanted)).scalar()
        return None if found is None else found / 3600.0


@dataclass(frozen=True)
class Rehearsing:
    """How long ago the process of rehearsals was seen, and for how long a delivery is due; in s."""

    seen_s: float | None
    due_s: float | None


async def rehearsing_of(ledger: Ledger, commune: str) -> Rehearsing:
    """Return who takes rehearsals to their end, and what of this commune's waits for that."""
    seen = select(db_now() - func.max(accounts.c.seen_at)).where(accounts.c.route == "rehearsal")
    launched, asked = versions.c.launched_at, deliveries.c.next_at  # 0 where it was never put off
    due = (
        select(db_now() - func.min(case((asked > launched, asked), else_=launched)))
        .join(
            versions,
            and_(
                versions.c.commune == deliveries.c.commune,
                versions.c.version_id == deliveries.c.version_id,
            ),
        )
        .where(
            deliveries.c.commune == commune,
            deliveries.c.route == "rehearsal",
            literal_column("deliveries.state = 'ready'"),  # as the partial index says it
            versions.c.state == "launched",
            versions.c.expires_at > db_now(),
        )
    )
    async with ledger.reading() as connection:
        last: float | None = (await connection.execute(seen)).scalar()
        waits: float | None = (await connection.execute(due)).scalar()
        return Rehearsing(last, waits)


async def clock_apart(ledger: Ledger) -> float:
    """Return by how many seconds this machine's clock is ahead of the database's."""
    async with ledger.reading() as connection:
        await connection.execute(select(db_now()))  # the first one opens the connection
        before = time.time()
        there = (await connection.execute(select(db_now()))).scalar_one()
        return (before + time.time()) / 2 - there
