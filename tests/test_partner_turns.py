"""One process at a time tells a partner; what it asks for itself is dated in its turn."""

import asyncio
from dataclasses import replace

from sqlalchemy import select

from dispatcher.partners import registry, replaying
from dispatcher.store import partner_pushes
from dispatcher.store.clock import db_now
from dispatcher.store.field_filing import TURN
from dispatcher.store.ledger import Ledger
from dispatcher.store.partner_log import messages_after
from dispatcher.store.partner_messages import Answer, Message, keep_answers
from dispatcher.store.turns import take_turns
from tests.partner_hall import FIRST, admitted
from tests.situations import COMMUNE, office
from tests.test_partner_pushes import WANTED, due_now, pushed


async def test_who_lost_its_turn_writes_nothing_on_both_databases(ledger: Ledger) -> None:
    town = office(ledger)
    partner = await admitted(town, replace(WANTED, teams=()))
    assert set(await partner_pushes.due(ledger)) == {(COMMUNE, partner)}
    late = await partner_pushes.take(ledger, COMMUNE, partner, holder="late")
    assert late is not None
    assert await partner_pushes.take(ledger, COMMUNE, partner, holder="other") is None
    await due_now(ledger)  # its hold is over
    other = await partner_pushes.take(ledger, COMMUNE, partner, holder="other")
    assert other is not None
    assert not await partner_pushes.told(ledger, late, through=90)
    assert not await partner_pushes.failed(ledger, late, problem="x", again_in_s=1)
    assert not await partner_pushes.done(ledger, late, through=90)
    assert await partner_pushes.told(ledger, other, through=7)
    assert await partner_pushes.failed(ledger, other, problem="x", again_in_s=1)
    assert ((await pushed(town, partner)).through, (await pushed(town, partner)).tries) == (7, 1)
    await registry.rotate(town, partner, by=FIRST, old_ends_in_h=2)
    assert len((await registry.find(town, partner)).open_keys) == 2
    await registry.end_old_key(town, partner, by=FIRST)
    await replaying.replay_since(town, partner, hours=1, by=FIRST)
    assert (await pushed(town, partner)).through == 0
    await registry.end(town, partner, by=FIRST, reason="fini")
    assert await partner_pushes.due(ledger) == {}


async def test_a_message_that_asks_for_a_replay_is_dated_after_those_that_were_being_taken(
    ledger: Ledger,
) -> None:
    town = office(ledger)
    partner = await admitted(town, replace(WANTED, teams=()))
    first, second = (Message(COMMUNE, partner, one, one, "/x", 0.0) for one in ("m2", "m1"))
    async with ledger.writing() as connection:
        await take_turns(connection, TURN, commune=COMMUNE)
        asking = asyncio.create_task(replaying.replay_asked(town, second, after=0))
        await asyncio.sleep(0.2)
        now = (await connection.execute(select(db_now()))).scalar_one()
        await connection.run_sync(keep_answers, [(first, Answer(200, {}))], now=now)
    await asking
    log = await messages_after(ledger, COMMUNE, partner, after="m2", limit=9)
    assert [one.message_id for one in log or ()] == ["m1"]
