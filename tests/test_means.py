"""Means that Tocsin does not drive: ticked, then tasks from the launch on, never half of it."""

import asyncio
from dataclasses import replace

import pytest
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from dispatcher.alerts import life, means, plan_in_force, sketching
from dispatcher.alerts.office import Office
from dispatcher.alerts.refusals import NotNow, NotSo, NotThere, NotYou
from dispatcher.alerts.sketch import Chosen
from dispatcher.alerts.sketching import Start
from dispatcher.crisis import cards, deciding
from dispatcher.crisis.cards import TaskChange
from dispatcher.crisis.means import change_means, means_of
from dispatcher.store import logbook
from dispatcher.store.crash_points import CrashPoint
from dispatcher.store.ledger import Ledger
from dispatcher.store.ledger import opened as opened_ledger
from dispatcher.store.tasks import Task, of_event, tasks_of
from tests.crises import MAYOR, OBSERVER, OPERATOR, RAC, by, opened, town_hall
from tests.situations import COMMUNE

TICKED = ("siren", "fr_alert", "plan:megaphones")
ZONE = Chosen(template="fin_alerte", sectors=("bas_bourg",), means=TICKED, night_confirmed=True)


class _DiedError(Exception):
    """The process stops here."""


async def change(
    town: Office,
    alert: str,
    step: int,
    *,
    to: str,
    owner: str = "",
    reason: str = "",
    done_at: float | None = None,
) -> Task:
    wanted = TaskChange("", step, to, owner, done_at)
    return await change_means(town, alert, step, wanted=wanted, asked=by(RAC, reason))


async def set_aside(town: Office, event: str) -> None:
    """End an event that came to nothing."""
    await deciding.no_follow_up(town, event, asked=by(MAYOR, "fausse piste"))


async def approved(town: Office, *, event: str | None = None, chosen: Chosen = ZONE) -> str:
    """Write an alert with its means, and have it approved."""
    alert = await sketching.begin(town, Start("real", event, chosen), actor=OPERATOR)
    await sketching.freeze(town, alert, revision=1, actor=OPERATOR)
    await life.submit(town, alert, actor=OPERATOR)
    await life.approve(town, alert, actor=MAYOR)
    return alert


async def launched(town: Office, *, event: str | None = None, chosen: Chosen = ZONE) -> str:
    alert = await approved(town, event=event, chosen=chosen)
    await life.launch(town, alert, actor=MAYOR)
    return alert


async def kinds(ledger: Ledger) -> list[str]:
    return [line.kind async for line in logbook.read_all(ledger, COMMUNE)]


async def test_the_plan_s_own_means_are_offered_beside_those_of_every_commune(
    ledger: Ledger,
) -> None:
    plan = (await plan_in_force.in_force(await town_hall(ledger))).plan
    offered = {one.code: one for one in means.offered(plan)}
    assert "siren" in offered
    assert offered["plan:megaphones"].text == "Employer : Mégaphones (4)"
    assert offered["plan:megaphones"].kept.startswith("Mairie")
    with pytest.raises(NotSo, match="moyen d'alerte"):
        means.check_means(plan, ("siren", "canon"))


async def test_nothing_is_to_be_done_before_the_launch_and_everything_from_it_on(
    ledger: Ledger,
) -> None:
    town = await town_hall(ledger)
    alert = await approved(town)
    assert (await means_of(town, alert)).tasks == ()
    await life.launch(town, alert, actor=MAYOR)
    now = await means_of(town, alert)
    assert [(task.means, task.state, task.owner) for task in now.tasks] == [
        (code, "open", None) for code in TICKED
    ]
    assert (now.event, now.open) == (None, 3)
    assert (await kinds(ledger))[-2:] == ["alert.launched", "alert.means"]


async def test_the_tasks_of_an_event_s_alert_stand_among_the_event_s(ledger: Ledger) -> None:
    town = await town_hall(ledger)
    event = await opened(town)
    alert = await launched(town, event=event.event_id)
    found = await tasks_of(ledger, of_event(COMMUNE, event.event_id))
    assert [task.means for task in found if task.means] == list(TICKED)
    assert (await means_of(town, alert)).event == event.event_id
    wanted = TaskChange(means.card_of(alert), 1, "done")
    await cards.change(town, event.event_id, wanted, asked=by(RAC, "entendue"))
    assert (await means_of(town, alert)).tasks[0].state == "done"


async def test_an_alert_of_an_event_that_has_ended_keeps_its_means_itself(ledger: Ledger) -> None:
    town = await town_hall(ledger)
    event = await opened(town)
    alert = await approved(town, event=event.event_id)
    await set_aside(town, event.event_id)
    await life.launch(town, alert, actor=MAYOR)
    now = await means_of(town, alert)
    assert (now.event, len(now.tasks)) == (None, 3)


async def test_a_launch_that_dies_half_way_leaves_no_task_and_a_second_click_no_second_one(
    ledger: Ledger, ledger_url: str
) -> None:
    def dying(point: CrashPoint) -> None:
        if point is CrashPoint.CP0:
            raise _DiedError

    town = await town_hall(ledger)
    alert = await approved(town)
    async with opened_ledger(ledger_url, passing=dying) as doomed:
        with pytest.raises(_DiedError):
            await life.launch(replace(town, ledger=doomed), alert, actor=MAYOR, launch_key="k")
    assert (await means_of(town, alert)).tasks == ()
    assert "alert.means" not in await kinds(ledger)
    clicks = (life.launch(town, alert, actor=MAYOR, launch_key="k") for _ in range(2))
    await asyncio.gather(*clicks)
    assert len((await means_of(town, alert)).tasks) == 3
    assert (await kinds(ledger)).count("alert.means") == 1


async def test_where_the_tasks_cannot_be_written_nothing_is_launched(ledger: Ledger) -> None:
    town = await town_hall(ledger)
    alert = await approved(town)
    async with ledger.writing() as connection:
        await connection.execute(text("DROP TABLE alert_tasks"))
    with pytest.raises(SQLAlchemyError):
        await life.launch(town, alert, actor=MAYOR)
    assert (await life.find(town, alert)).state == "approved"
    assert "alert.launched" not in await kinds(ledger)


async def test_without_a_means_a_launch_opens_nothing(ledger: Ledger) -> None:
    town = await town_hall(ledger)
    alert = await launched(town, chosen=replace(ZONE, means=()))
    assert (await means_of(town, alert)).tasks == ()
    assert "alert.means" not in await kinds(ledger)


async def test_a_means_has_an_owner_a_time_and_a_result_and_the_logbook_says_so(
    ledger: Ledger,
) -> None:
    town = await town_hall(ledger)
    alert = await launched(town)
    taken = await change(town, alert, 1, to="take", owner="contact:pm1")
    assert taken.owner == "contact:pm1"
    with pytest.raises(NotSo, match="ce que cela a donné"):
        await change(town, alert, 1, to="done")
    done = await change(town, alert, 1, to="done", reason="entendue au pont", done_at=1e9)
    assert (done.owner, done.done_at, done.note) == ("contact:pm1", 1e9, "entendue au pont")
    lines = [line async for line in logbook.read_all(ledger, COMMUNE)]
    assert (lines[-1].kind, lines[-1].data["alert"]) == ("task.done", alert)
    assert (lines[-1].data["note"], lines[-1].data["done_at"]) == ("entendue au pont", 1e9)
    again = await change(town, alert, 1, to="reopen", reason="pas partout")
    assert (again.state, again.done_at) == ("open", None)


async def test_setting_a_means_aside_needs_a_reason(ledger: Ledger) -> None:
    town = await town_hall(ledger)
    alert = await launched(town)
    with pytest.raises(NotSo, match="pourquoi"):
        await change(town, alert, 2, to="not_applicable")
    left = await change(town, alert, 2, to="not_applicable", reason="le préfet l'a déjà fait")
    assert (left.state, left.note) == ("not_applicable", "le préfet l'a déjà fait")


async def test_who_only_looks_on_changes_no_means_and_what_is_not_there_is_said(
    ledger: Ledger,
) -> None:
    town = await town_hall(ledger)
    alert = await launched(town)
    wanted = TaskChange("", 0, "take")
    with pytest.raises(NotYou):
        await change_means(town, alert, 1, wanted=wanted, asked=by(OBSERVER))
    with pytest.raises(NotThere):
        await change(town, alert, 9, to="take")


async def test_two_who_take_one_means_at_once_never_both_win(ledger: Ledger) -> None:
    town = await town_hall(ledger)
    alert = await launched(town)

    async def take(owner: str) -> str:
        try:
            return (await change(town, alert, 1, to="take", owner=owner)).owner or ""
        except NotNow:
            return ""

    said = await asyncio.gather(take("contact:pm1"), take("contact:pm2"))
    final = (await means_of(town, alert)).tasks[0].owner
    assert final in said


async def test_the_means_of_an_event_that_is_over_change_no_more(ledger: Ledger) -> None:
    town = await town_hall(ledger)
    event = await opened(town)
    alert = await launched(town, event=event.event_id)
    await set_aside(town, event.event_id)
    assert (await means_of(town, alert)).over
    with pytest.raises(NotNow, match="terminé"):
        await change(town, alert, 1, to="take")
