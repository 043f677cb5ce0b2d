"""Drawings of sectors in hand: everybody's own, one window at a time, forgotten when left."""

from sqlalchemy import update

from dispatcher.store import plan_outlines
from dispatcher.store.clock import db_now
from dispatcher.store.ledger import Ledger
from dispatcher.store.plan_outlines import KEPT_S, Outline, Whose
from dispatcher.store.plan_tables import plan_outlines as kept

MINE = Whose("99042", "rac", "moulins")
HERS = Whose("99042", "maire", "moulins")
NEW = Whose("99042", "rac", "")


async def test_a_drawing_is_kept_for_who_drew_it_and_dropped_when_it_is_done(
    ledger: Ledger,
) -> None:
    assert await plan_outlines.outline_of(ledger, MINE) == Outline()
    assert await plan_outlines.keep_outline(ledger, MINE, {"a": 1}, read=0)
    assert await plan_outlines.keep_outline(ledger, NEW, {"b": 2}, read=0)
    assert await plan_outlines.outline_of(ledger, MINE) == Outline({"a": 1}, 1)
    assert await plan_outlines.outline_of(ledger, HERS) == Outline()
    await plan_outlines.drop_outline(ledger, MINE)
    assert await plan_outlines.outline_of(ledger, MINE) == Outline()
    assert await plan_outlines.outline_of(ledger, NEW) == Outline({"b": 2}, 1)


async def test_an_older_window_overwrites_nothing(ledger: Ledger) -> None:
    assert await plan_outlines.keep_outline(ledger, MINE, {"a": 1}, read=0)
    assert not await plan_outlines.keep_outline(ledger, MINE, {"a": 2}, read=0)
    assert await plan_outlines.keep_outline(ledger, MINE, {"a": 3}, read=1)
    assert await plan_outlines.outline_of(ledger, MINE) == Outline({"a": 3}, 2)


async def test_a_drawing_left_for_a_month_goes_when_the_next_one_is_kept(ledger: Ledger) -> None:
    for one in (HERS, Whose("99043", "maire", "moulins")):
        await plan_outlines.keep_outline(ledger, one, {"a": 1}, read=0)
    async with ledger.writing() as connection:
        await connection.execute(update(kept).values(changed_at=db_now() - KEPT_S - 60))
    await plan_outlines.keep_outline(ledger, MINE, {"a": 1}, read=0)
    assert await plan_outlines.outline_of(ledger, HERS) == Outline()
    elsewhere = Whose("99043", "maire", "moulins")
    assert (await plan_outlines.outline_of(ledger, elsewhere)).revision == 1
