"""Each clock: what is older than its period ends, what is younger stays, and what is held stays."""

import time

import pytest
from sqlalchemy import func, insert, select, update

from dispatcher.privacy.holding import hold, lift
from dispatcher.privacy.kinds import BY_NAME
from dispatcher.privacy.purging import Ended, purge
from dispatcher.store.centre_tables import event_centres
from dispatcher.store.clocks import CLOCKS, Clock
from dispatcher.store.crisis_tables import CLOSED_STATES, events
from dispatcher.store.ledger import Ledger
from dispatcher.store.outgoing import deliveries
from dispatcher.store.reply_tables import replies
from dispatcher.store.tables import users
from tests.law import DAY_S, DEPUTY, MAYOR, aged, asked, row_of, sealed_alert
from tests.situations import office

# Those whose rows stand alone; who left (`left`) and doors are in tests of their own.
ALONE = (
    "replies",
    "desk",
    "calls",
    "looks",
    "invitations",
    "announcements",
    "sessions",
    "guesses",
    "acts",
)
SIMPLE = ("sends", *ALONE, "centres")
WHY = {"reason": "plainte", "reference": "TJ"}


def clock_of(kind: str) -> Clock:
    return next(one for one in CLOCKS if one.kind == kind)


async def filled(ledger: Ledger, clock: Clock, days: tuple[float, float]) -> None:
    """Put two rows there, so many days old."""
    if clock.kind == "sends":
        await sealed_alert(ledger)
        await aged(ledger, days[1])
        serial = select(func.min(deliveries.c.serial)).scalar_subquery()
        older = {"settled_at": deliveries.c.settled_at - (days[0] - days[1]) * DAY_S}
        async with ledger.writing() as connection:
            await connection.execute(
                update(deliveries).where(deliveries.c.serial == serial).values(older)
            )
        return
    async with ledger.writing() as connection:
        for number, old in enumerate(days, 1):
            at = time.time() - old * DAY_S
            values: dict[str, object] = dict.fromkeys(clock.blanks, f"{number}")
            if clock.kind == "centres":
                event = row_of(
                    events, number, state=CLOSED_STATES[0], state_at=at, event_id=f"{number}"
                )
                await connection.execute(insert(events), event)
                where = row_of(event_centres, number, event_id=f"{number}", centre_id=f"{number}")
                await connection.execute(insert(event_centres), where)
                values["event_id"] = f"{number}"
            else:
                values[clock.since.name] = at
            if clock.table.foreign_keys and clock.kind == "sessions":
                await connection.execute(insert(users), row_of(users, number))
            await connection.execute(insert(clock.table), row_of(clock.table, number, **values))


async def left(ledger: Ledger, clock: Clock) -> int:
    wanted = select(func.count()).select_from(clock.table).where(clock.open_)
    async with ledger.reading() as connection:
        return int((await connection.execute(wanted)).scalar_one())


async def turned(ledger: Ledger, kind: str) -> Ended:
    return next(one for one in await purge(office(ledger)) if one.kind == kind)


@pytest.mark.parametrize("kind", SIMPLE)
async def test_the_older_ends_the_younger_stays_and_the_held_stays(
    ledger: Ledger, kind: str
) -> None:
    clock, days = clock_of(kind), BY_NAME[kind].days
    await filled(ledger, clock, (days + 1, days - 1))
    all_ = await left(ledger, clock)
    ident = await hold(office(ledger), "", **WHY, asked=asked(MAYOR))
    held = await turned(ledger, kind)
    assert (held.rows, held.left, await left(ledger, clock)) == (0, 0, all_)
    for who in (MAYOR, DEPUTY):
        await lift(office(ledger), ident, asked=asked(who))
    ended = await turned(ledger, kind)
    assert (ended.rows, ended.left, await left(ledger, clock)) == (1, 0, all_ - 1)
    assert (await turned(ledger, kind)).rows == 0


async def test_words_of_no_alert_end_with_their_number_and_those_of_one_stay(
    ledger: Ledger,
) -> None:
    at = time.time() - 366 * DAY_S
    rows = [
        row_of(replies, number, received_at=at, body="words", contact=contact, version_id=version)
        for number, (contact, version) in enumerate(
            [("x", None), ("", None), ("x", "v1"), ("", "v1")], 1
        )
    ]
    async with ledger.writing() as connection:
        await connection.execute(insert(replies), rows)
    ended = await turned(ledger, "replies")
    assert (ended.rows, ended.left) == (3, 0)  # of a hidden number too, where it is of no alert
    wanted = select(replies.c.contact, replies.c.body).order_by(replies.c.sid)
    async with ledger.reading() as connection:
        found = [tuple(one) for one in await connection.execute(wanted)]
    assert found == [("", None), ("", None), ("", "words"), ("", "words")]


async def test_a_number_that_no_receipt_ever_came_from_ends_too(ledger: Ledger) -> None:
    await sealed_alert(ledger)
    await aged(ledger, BY_NAME["sends"].days + 1)
    unsettled = {"settled_at": None, "accepted_at": deliveries.c.settled_at, "state": "accepted"}
    async with ledger.writing() as connection:
        await connection.execute(update(deliveries).values(unsettled))
    assert await left(ledger, clock_of("sends")) > 0
    await turned(ledger, "sends")
    assert await left(ledger, clock_of("sends")) == 0
