"""The trial of three telephones: one a click, by real providers only, namesakes apart."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace

import httpx
import pytest
from sqlalchemy import text

from channels.contract import AccountSettings
from dispatcher.alerts.office import Actor
from dispatcher.alerts.refusals import NotNow
from dispatcher.delivery.accounts import Route
from dispatcher.delivery.answers import record_to
from dispatcher.delivery.planning import materialise_next
from dispatcher.readiness.lines import Line
from dispatcher.readiness.trials import judge_phones, may_be_tried, try_phones
from dispatcher.staff.asking import plan_of
from dispatcher.store.ledger import Ledger
from dispatcher.store.phone_trials import last_trial
from plans.plan import Plan
from tests.situations import COMMUNE, load_example_plan, office

pytest_plugins = ("tests.console_visits",)
RAC = Actor("rac", "rac")


def accounts(*, sandbox: bool = False) -> list[Route]:
    """Return the account of an installation's SMS."""
    return [Route("sms", "live", AccountSettings("a", "twilio-sms", 1.0, sandbox=sandbox))]


async def plan_in(ledger: Ledger) -> Plan:
    """Return the plan in force."""
    plan = await plan_of(office(ledger))
    assert plan is not None
    return plan


async def confirmed_by_all(ledger: Ledger, *, provider: str | None) -> None:
    """Have the last trial's messages taken by a provider, and all of them answered."""
    while await materialise_next(ledger) is not None:
        pass
    async with ledger.writing() as connection:
        await connection.execute(text("UPDATE deliveries SET provider = :p"), {"p": provider})
        rows = (await connection.execute(text("SELECT delivery_id FROM deliveries"))).all()
    for row in rows:
        await record_to(ledger, COMMUNE, row.delivery_id, kind="understood", via="page")


async def judged(ledger: Ledger, plan: Plan, carried: Sequence[Route] | None = None) -> Line:
    """Judge the last trial, some days at most after it."""
    trial = await last_trial(ledger, COMMUNE)
    now = trial.asked_at if trial else 0.0
    routes = accounts() if carried is None else carried
    return await judge_phones(ledger, plan, COMMUNE, accounts=routes, now=now)


async def chosen(ledger: Ledger) -> list[str]:
    """Choose three people of the plan in force."""
    return [one.id for one in may_be_tried(await plan_in(ledger))[:3]]


async def test_a_double_click_is_one_trial(ledger: Ledger) -> None:
    await load_example_plan(ledger)
    people = await chosen(ledger)
    clicks = (try_phones(office(ledger), people, actor=RAC) for _ in range(3))
    done = await asyncio.gather(*clicks, return_exceptions=True)
    assert len([one for one in done if isinstance(one, str)]) == 1
    assert len([one for one in done if isinstance(one, NotNow)]) == 2
    async with ledger.writing() as connection:
        trials = (await connection.execute(text("SELECT count(*) FROM phone_trials"))).scalar_one()
        assert trials == 1
        await connection.execute(text("UPDATE phone_trials SET asked_at = asked_at - 301"))
    await try_phones(office(ledger), people, actor=RAC)  # five minutes later it is another


@pytest.mark.parametrize(
    ("provider", "state"),
    [
        ("twilio-sms", "ready"),
        ("sandbox-sms", "not_ready"),
        ("rehearsal-sms", "not_ready"),
        (None, "not_ready"),
    ],
)
async def test_only_what_a_real_provider_carried_is_confirmed(
    ledger: Ledger, provider: str | None, state: str
) -> None:
    await load_example_plan(ledger)
    await try_phones(office(ledger), await chosen(ledger), actor=RAC)
    await confirmed_by_all(ledger, provider=provider)
    assert (await judged(ledger, await plan_in(ledger))).state == state


async def test_in_the_sandbox_alone_the_line_says_that_nobody_is_reached(ledger: Ledger) -> None:
    await load_example_plan(ledger)
    line = await judged(ledger, await plan_in(ledger), accounts(sandbox=True))
    assert line.state == "not_ready"
    assert "bac à sable" in line.said


async def test_namesakes_are_two_people(ledger: Ledger) -> None:
    await load_example_plan(ledger)
    plan, people = await plan_in(ledger), await chosen(ledger)
    last, first = "VASSEUR", "Hélène"
    named = [
        replace(one, name=last, first_name=first) if one.id in people[:2] else one
        for one in plan.contacts
    ]
    await try_phones(office(ledger), people, actor=RAC)
    await confirmed_by_all(ledger, provider="twilio-sms")
    line = await judged(ledger, replace(plan, contacts=tuple(named)))
    assert line.state == "ready"
    assert all(f"[{one}]" in line.blanks["people"] for one in people[:2])


async def test_the_page_does_not_call_confirmed_what_the_sandbox_answered(
    operator: httpx.AsyncClient, town: Ledger
) -> None:
    await try_phones(office(town), await chosen(town), actor=RAC)
    await confirmed_by_all(town, provider="sandbox-sms")
    page = (await operator.get("/pret")).text
    assert "bac à sable : ne compte pas" in page
    assert "✓ confirmé" not in page
