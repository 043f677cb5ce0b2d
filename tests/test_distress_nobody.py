"""Nobody could be called for a call for help: it is said so, and tried again until somebody can."""

import pytest

from dispatcher.alerts import plan_in_force
from dispatcher.alerts.refusals import NotNow
from dispatcher.crisis import relief
from dispatcher.distress import calls
from dispatcher.distress.calls import End
from dispatcher.distress.showing import listed, shown
from dispatcher.store import help_calls, logbook
from dispatcher.store.help_counts import HelpCounts, help_counts
from dispatcher.store.help_cries import Cry, keep_cry
from dispatcher.store.ledger import Ledger
from dispatcher.store.people import DUTY, people
from plans.people import Contact
from plans.plan import Plan
from tests.crises import MAYOR, activated, by
from tests.distress_town import RAC, Town, town_in_distress
from tests.outgoing import COMMUNE
from tests.situations import add_user, load_example_plan, office
from tests.test_distress_rings import MINUTES, rung, turn


async def lines(ledger: Ledger) -> list[object]:
    """Return whom each line of the logbook says was rung."""
    return [
        line.data["called"]
        async for line in logbook.read_all(ledger, COMMUNE)
        if line.kind == "help.rung"
    ]


def stranger_of(plan: Plan) -> Contact:
    """Find somebody of the directory who holds no function, no cell, and is not on call."""
    named = {one for role in plan.roles for one in role.people}
    named |= {one for cell in plan.cells for one in (cell.lead, cell.deputy) if one}
    named |= {one for week in plan.on_call for one in (week.official, week.technician) if one}
    return next(one for one in plan.contacts if one.id not in named and one.phones)


async def town_without_plan(ledger: Ledger) -> Town:
    """Have somebody ask for help, four minutes ago, where no plan was ever loaded."""
    async with ledger.writing() as connection:
        await connection.run_sync(keep_cry, Cry(COMMUNE, "sms", "+33639980001", sid="SM1"))
    town = Town(ledger, None)  # type: ignore[arg-type]  # it has no alert
    await town.age(4 * MINUTES)
    return town


async def test_where_nobody_can_be_called_nobody_is_said_to_be(ledger: Ledger) -> None:
    town = await town_without_plan(ledger)
    assert not await turn(town)
    call = await town.the_call()
    assert call.rung_at is None
    assert call.nobody_at is not None
    assert shown(call)["nobody_to_ring_at"] is not None
    counted = await help_counts(ledger, COMMUNE, late_s=180.0)
    assert counted == HelpCounts(1, 1, 1, call.came_at, call.nobody_at)
    assert not await turn(town)
    assert await lines(ledger) == [None]


async def test_it_is_tried_again_in_three_minutes_and_told_once(ledger: Ledger) -> None:
    town = await town_without_plan(ledger)
    await turn(town)
    first = (await town.the_call()).nobody_at
    await turn(town)
    assert (await town.the_call()).nobody_at == first  # not at every look
    await town.age(3.1 * MINUTES)
    await turn(town)
    again = (await town.the_call()).nobody_at
    assert again is not None
    assert first is not None
    assert again > first
    assert await lines(ledger) == [None]


async def test_as_soon_as_the_plan_names_her_she_is_called(ledger: Ledger) -> None:
    town = await town_without_plan(ledger)
    await turn(town)
    await load_example_plan(ledger)
    assert await turn(town)
    assert len(await rung(ledger)) == 1
    call = await town.the_call()
    assert call.rung_at is not None
    assert call.nobody_at is None
    assert not await turn(town)


async def test_the_rac_by_relief_is_called_who_has_neither_an_account_nor_a_function(
    ledger: Ledger,
) -> None:
    town = await town_in_distress(ledger)
    plan = (await plan_in_force.in_force(town.office)).plan
    stranger = stranger_of(plan)
    event = await activated(town.office)
    await relief.hold(
        town.office, event.event_id, "RAC", holder=f"contact:{stranger.id}", asked=by(MAYOR)
    )
    await town.cries()
    await town.age(4 * MINUTES)
    assert await turn(town)
    who = f"{DUTY}{stranger.id}"
    assert who in await rung(ledger)
    assert who in await people(ledger, COMMUNE, [who])  # enrolled: a wave of her calls somebody


async def test_who_asks_again_after_the_ring_is_rung_for_again(ledger: Ledger) -> None:
    town = await town_in_distress(ledger)
    await town.cries()
    await town.age(4 * MINUTES)
    assert await turn(town)
    await town.age(2 * MINUTES)
    await town.cries()
    assert not await turn(town)  # the RAC was called two minutes ago: she is at it
    await town.age(1.1 * MINUTES)
    assert await turn(town)
    assert len(await rung(ledger)) == 2
    await town.age(60 * MINUTES)
    assert not await turn(town)


async def test_a_cry_that_came_since_is_not_ended_with_the_one_that_was_read(
    ledger: Ledger,
) -> None:
    town = await town_in_distress(ledger)
    await town.cries()
    await town.age(MINUTES)
    read = await town.the_call()
    await town.cries()
    with pytest.raises(NotNow, match="redemandé de l'aide depuis"):
        await calls.end(
            town.office, read.call_id, End("called_back", read_again=read.again), actor=RAC
        )
    assert (await town.the_call()).is_open
    values = {"owner": "rac", "closed_by": "rac", "closed_at": help_calls.NOW}
    line = town.office.line("rac", "help.ended", "x", call=read.call_id)
    assert not await help_calls.change_call(ledger, read, values=values, line=line)  # at once too
    now = await town.the_call()
    ended = await calls.end(
        town.office, read.call_id, End("called_back", read_again=now.again), actor=RAC
    )
    assert not ended.is_open


async def test_however_many_calls_there_are_all_are_counted_and_listed_by_pages(
    ledger: Ledger,
) -> None:
    many = 230
    await add_user(ledger)
    async with ledger.writing() as connection:
        for number in range(many):
            cry = Cry(COMMUNE, "sms", f"+3363998{number:04d}", sid=f"SM{number}")
            await connection.run_sync(keep_cry, cry)
    first, *_ = await help_calls.open_calls(ledger, COMMUNE)
    await help_calls.change_call(
        ledger, first, values={"owner": "rac"}, line=office(ledger).line("rac", "help.taken", "x")
    )
    counted = await help_counts(ledger, COMMUNE, late_s=180.0)
    assert (counted.open, counted.alone, counted.late) == (many, many - 1, 0)
    told = await listed(office(ledger))
    assert (told["open_count"], told["unowned_count"]) == (many, many - 1)
    pages = [
        await help_calls.open_calls(ledger, COMMUNE, limit=100, after=after)
        for after in (0, 100, 200)
    ]
    assert [len(page) for page in pages] == [100, 100, 30]
    assert len({one.call_id for page in pages for one in page}) == many
    assert pages[2][-1].call_id == first.call_id  # who has an owner comes last


async def test_who_plays_the_rac_of_an_exercise_is_not_rung_for_a_real_call(
    ledger: Ledger,
) -> None:
    town = await town_in_distress(ledger)
    plan = (await plan_in_force.in_force(town.office)).plan
    player = stranger_of(plan)
    event = await activated(town.office, mode="exercise")
    await relief.hold(
        town.office, event.event_id, "RAC", holder=f"contact:{player.id}", asked=by(MAYOR)
    )
    await town.cries()
    await town.age(4 * MINUTES)
    assert await turn(town)
    assert f"{DUTY}{player.id}" not in await rung(ledger)
