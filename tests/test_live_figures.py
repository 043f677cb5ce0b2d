"""Figures of live screens: nobody waits for a long count, answers are never behind it."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from sqlalchemy.ext.asyncio import AsyncConnection
from typing_extensions import override

from dispatcher.store.alert_lines import AlertLine, alert_versions
from dispatcher.store.ledger import Ledger
from dispatcher.store.receipts import record_answer
from operator_ui.live_figures import FIRST_REST_S, LOOK_S, PAGE_S, Figures
from tests.situations import COMMUNE, Planned, Written, move, write_alert

LINES = (("sms", "delivered", 3), ("sms", "ready", 2))
LONG_S = 2 * PAGE_S


class Busy(Ledger):
    """The same ledger, of which a look takes its time."""

    def __init__(self, ledger: Ledger) -> None:
        vars(self).update(vars(ledger))
        self.takes_s, self.looks, self.broken = 0.0, 0, False
        self.late: OSError | None = None

    @asynccontextmanager
    @override
    async def reading(self) -> AsyncIterator[AsyncConnection]:
        self.looks += 1
        takes_s, late = self.takes_s, self.late
        if self.broken:
            raise OSError("no disk")
        async with super().reading() as connection:
            yield connection
        await asyncio.sleep(takes_s)  # what was read is old when it is told
        if late is not None:
            raise late


@pytest.fixture
def busy(ledger: Ledger) -> Busy:
    return Busy(ledger)


async def line_of(ledger: Ledger, written: Written) -> AlertLine:
    return (await alert_versions(ledger, COMMUNE, written.alert_id))[0]


async def understood(figures: Figures, line: AlertLine) -> int:
    found = await figures.of(COMMUNE, line, rested=True)
    assert found is not None
    return found.understood


async def test_a_page_does_not_wait_for_a_long_count_which_goes_on_once(busy: Busy) -> None:
    line = await line_of(busy, await write_alert(busy, Planned(lines=LINES)))
    figures, busy.takes_s, busy.looks = Figures(busy), LONG_S, 0
    async with asyncio.timeout(1.8 * PAGE_S):
        several = await asyncio.gather(
            *(figures.of(COMMUNE, line, rested=rested) for rested in (False, True, False))
        )
    assert several == [None, None, None]
    await asyncio.sleep(LONG_S)
    assert busy.looks == 1
    found = await figures.of(COMMUNE, line, rested=False)
    assert found is not None
    assert found.count("delivered") == 3


async def test_what_is_soon_counted_is_counted_for_each_page(busy: Busy) -> None:
    written = await write_alert(busy, Planned(lines=LINES))
    figures, line = Figures(busy), await line_of(busy, written)
    for number in (3, 4, 5):
        await move(busy, written, to="delivered", first=number)
        found = await figures.of(COMMUNE, line, rested=False)
        assert found is not None
        assert found.count("delivered") == number


async def test_an_answer_is_shown_while_counting_rests(busy: Busy) -> None:
    written = await write_alert(busy, Planned(lines=LINES))
    figures, line = Figures(busy), await line_of(busy, written)
    busy.takes_s = LOOK_S
    for _ in ("a first count", "one that rests by what it cost"):
        assert (await figures.of(COMMUNE, line, rested=True)) is not None
        await asyncio.sleep(FIRST_REST_S)
    busy.takes_s = 0.0
    await move(busy, written, to="delivered", first=5)
    await record_answer(
        busy, commune=COMMUNE, delivery_id=written.deliveries[0], kind="help", via="page"
    )
    found = await figures.of(COMMUNE, line, rested=True)
    assert found is not None
    assert (found.count("delivered"), found.need_help) == (3, 1)


async def test_a_long_count_that_goes_on_takes_no_answer_back(busy: Busy) -> None:
    written = await write_alert(busy, Planned(lines=LINES))
    figures, line = Figures(busy), await line_of(busy, written)
    assert (await figures.of(COMMUNE, line, rested=True)) is not None
    await asyncio.sleep(FIRST_REST_S + 0.1)  # it is due again, and will be long
    busy.takes_s = LONG_S
    late = asyncio.create_task(figures.of(COMMUNE, line, rested=True))
    await asyncio.sleep(LOOK_S / 2)
    busy.takes_s = 0.0
    for number, ident in enumerate(written.deliveries[:2], start=1):
        await record_answer(busy, commune=COMMUNE, delivery_id=ident, kind="understood", via="page")
        async with asyncio.timeout(10):
            while (await understood(figures, line)) != number:
                await asyncio.sleep(0.02)
    await late
    for _ in range(20):  # the count that began before they answered ends meanwhile
        await asyncio.sleep(LONG_S / 20)
        assert await understood(figures, line) == 2


async def test_a_ledger_that_cannot_be_read_is_told_and_read_again(busy: Busy) -> None:
    line = await line_of(busy, await write_alert(busy, Planned(lines=LINES)))
    figures, busy.broken = Figures(busy), True
    with pytest.raises(OSError, match="no disk"):
        await figures.of(COMMUNE, line, rested=True)
    busy.broken = False
    assert (await figures.of(COMMUNE, line, rested=True)) is not None


async def test_a_long_count_that_fails_is_told_to_the_next_look(busy: Busy) -> None:
    written = await write_alert(busy, Planned(lines=LINES))
    figures, line = Figures(busy), await line_of(busy, written)
    assert (await figures.of(COMMUNE, line, rested=True)) is not None
    await asyncio.sleep(FIRST_REST_S + 0.1)
    busy.takes_s, busy.late = 3 * LOOK_S, OSError("no disk")
    looking = asyncio.create_task(figures.of(COMMUNE, line, rested=True))
    await asyncio.sleep(LOOK_S / 2)
    busy.takes_s, busy.late = 0.0, None
    assert (await looking) is not None  # it did not wait for it
    await asyncio.sleep(3 * LOOK_S)
    with pytest.raises(OSError, match="no disk"):
        await figures.of(COMMUNE, line, rested=True)
    assert (await figures.of(COMMUNE, line, rested=True)) is not None


async def test_figures_of_long_ago_are_not_shown_as_those_of_now(busy: Busy) -> None:
    passed_s = [0.0]
    line = await line_of(busy, await write_alert(busy, Planned(lines=LINES)))
    figures = Figures(busy, now=lambda: time.monotonic() + passed_s[0])
    assert (await figures.of(COMMUNE, line, rested=False)) is not None
    busy.takes_s, passed_s[0] = LONG_S, 3600.0
    assert await figures.of(COMMUNE, line, rested=True) is None


async def test_nothing_is_counted_of_what_was_not_launched(busy: Busy) -> None:
    line = await line_of(busy, await write_alert(busy, Planned(lines=LINES, state="draft")))
    busy.looks = 0
    assert await Figures(busy).of(COMMUNE, line, rested=False) is None
    assert busy.looks == 0
