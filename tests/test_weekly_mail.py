"""The mail of the week reaches each person once: whoever was missed is tried again, alone."""

from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import text

from dispatcher.alarms.telling import OnCall
from dispatcher.delivery.accounts import Route
from dispatcher.readiness.lines import ready
from dispatcher.readiness.showing import Readiness, readiness_of
from dispatcher.readiness.weekly import concerned, tell_week
from dispatcher.staff.asking import plan_of
from dispatcher.store import readiness
from dispatcher.store.ledger import Ledger
from plans.plan import Plan
from tests.outgoing import PUBLIC_URL
from tests.sentinels import account
from tests.situations import COMMUNE, load_example_plan, office
from tests.sms_operator import sms_operator


@pytest.fixture
async def town(ledger: Ledger) -> Ledger:
    await load_example_plan(ledger)
    await readiness.keep(ledger, COMMUNE, [ready("sender", "Bien.")])
    return ledger


async def _known(ledger: Ledger) -> tuple[Plan, Readiness]:
    plan = await plan_of(office(ledger))
    assert plan is not None
    return plan, await readiness_of(ledger, COMMUNE)


async def _later(ledger: Ledger, seconds: float) -> None:
    """Let time pass for what is done once a week, by the database's own clock."""
    async with ledger.writing() as connection:
        await connection.execute(
            text("UPDATE dailies SET begun_at = begun_at - :s, done_at = done_at - :s"),
            {"s": seconds},
        )


async def test_whom_nothing_reached_is_tried_again_for_a_day_and_nobody_twice(
    town: Ledger, tmp_path: Path
) -> None:
    plan, known = await _known(town)
    every = await concerned(town, plan)
    lost = next(iter(every))
    by_mail = replace(every[lost], phones=(), email="nobody@vaubrenne.example")
    cut_off = replace(
        plan, contacts=tuple(by_mail if one.id == lost else one for one in plan.contacts)
    )
    async with sms_operator(tmp_path) as operator:
        people = OnCall((), lambda: (account(operator.url),), PUBLIC_URL)

        async def told(of: Plan, week: str = "2026-W48") -> int:
            return await tell_week(town, people, of, known=known, week=week)

        assert await told(cut_off) == len(every) - 1
        assert await told(plan) == 0  # not before a quarter of an hour
        assert await readiness.last_week(town, COMMUNE) is None
        await _later(town, 901)
        assert await told(plan) == 1
        assert max(operator.copies().values()) == 1
        last = await readiness.last_week(town, COMMUNE)
        assert last is not None
        assert set(last.reached) == set(every)
        assert await told(cut_off, "2026-W49") == len(every) - 1
        await _later(town, 86_401)
        assert await told(cut_off, "2026-W49") == 0
    last = await readiness.last_week(town, COMMUNE)
    assert last is not None
    assert (last.week, set(last.reached)) == ("2026-W49", {*every} - {lost})


async def test_a_worker_that_dies_midway_mails_nobody_again(town: Ledger, tmp_path: Path) -> None:
    plan, known = await _known(town)
    died = False
    async with sms_operator(tmp_path) as operator:

        def dies_after_one() -> tuple[Route, ...]:
            nonlocal died
            if not died and operator.book.exists() and operator.entries():
                died = True
                raise OSError("out of files")
            return (account(operator.url),)

        people = OnCall((), dies_after_one, PUBLIC_URL)
        with pytest.raises(OSError, match="out of files"):
            await tell_week(town, people, plan, known=known, week="2026-W48")
        assert len(operator.entries()) == 1
        await _later(town, 901)
        await tell_week(town, people, plan, known=known, week="2026-W48")
        assert set(operator.copies().values()) == {1}
        assert len(operator.entries()) == len(await concerned(town, plan))
