"""The emergency procedure: one person, a pre-approved message, a minute that anybody can end."""

import asyncio
import signal
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import select

from dispatcher.alerts import correcting, judging, life, sketching
from dispatcher.alerts.office import Actor, Office
from dispatcher.alerts.refusals import NotNow, NotSo, NotYou
from dispatcher.alerts.showing import show
from dispatcher.crisis import overriding
from dispatcher.crisis.overriding import Emergency
from dispatcher.logbook.chain import verify_ledger
from dispatcher.store import logbook, overrides
from dispatcher.store.ledger import Ledger
from dispatcher.store.outgoing import blocks, deliveries, versions
from dispatcher.store.versions import SUMMONS, Launch
from tests.decided_town import (
    CHIEF,
    CLERK,
    DEPUTY,
    EVERYBODY,
    MAYOR,
    OBSERVER,
    RAC,
    lines_of,
    plan_files,
    planned,
    town_of,
)
from tests.driven_worker import Worker
from tests.emergencies import DANGER, audience, looked, minute_passes, state, with_danger
from tests.rung_town import ringing


@pytest.fixture
async def office(ledger: Ledger, tmp_path: Path) -> Office:
    town = await town_of(ledger, tmp_path)
    await planned(town, with_danger(plan_files()))
    return replace(town, public_url="https://alerte.example")


@pytest.mark.parametrize("actor", EVERYBODY, ids=lambda one: one.function)
async def test_it_belongs_to_the_mayor_and_the_deputies(office: Office, actor: Actor) -> None:
    if actor in (MAYOR, DEPUTY):
        assert await overriding.hold(office, DANGER, actor=actor)
        return
    with pytest.raises(NotYou, match="maire"):
        await overriding.hold(office, DANGER, actor=actor)
    assert await overrides.holding(office.ledger, office.commune) == []


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (replace(DANGER, reason="  "), "pourquoi"),
        (replace(DANGER, reason="x" * 501), "trop long"),
        (replace(DANGER, template="crue"), "validé d'avance"),
        (replace(DANGER, template="aucun"), "validé d'avance"),
        (replace(DANGER, template="libre"), "consigne"),
        (replace(DANGER, template="eau"), "danger grave"),
        (replace(DANGER, sectors=()), "zone"),
        (replace(DANGER, mode="exercise"), "joueurs"),
    ],
)
async def test_only_a_pre_approved_message_unaltered_with_a_reason_and_a_zone(
    office: Office, asked: Emergency, said: str
) -> None:
    with pytest.raises(NotSo, match=said):
        await overriding.hold(office, asked, actor=MAYOR)
    assert await overrides.holding(office.ledger, office.commune) == []


async def test_nothing_leaves_before_the_minute_is_over_then_it_leaves_by_itself_once(
    office: Office,
) -> None:
    alert = await overriding.hold(office, DANGER, actor=MAYOR)
    (one,) = await overrides.holding(office.ledger, office.commune)
    assert 55 < one.left_s <= 60
    await minute_passes(office, seconds=55.0)
    assert not await looked(office)
    assert await audience(office, alert) == []
    await minute_passes(office, seconds=6.0)
    assert sorted(await asyncio.gather(*(looked(office) for _ in range(3)))) == [False, False, True]
    assert await state(office, alert) == ("launched", "launched")
    people = await audience(office, alert)
    assert len(people) == len(set(people)) > 50
    kinds = await lines_of(office, alert)
    assert kinds == ["alert.override_held", "alert.launched"]
    marked = [
        line.data
        async for line in logbook.read_all(office.ledger, office.commune)
        if line.kind == "alert.launched"
    ]
    assert [(one["override"], one["reason"]) for one in marked] == [
        (True, "La digue vient de céder")
    ]
    assert (await verify_ledger(office.ledger, office.commune, key=office.logbook_key)).valid
    shown = await show(office, alert)
    assert shown["state"] == "dispatching"


async def test_the_statement_itself_launches_nothing_before_the_minute_nor_once_stopped(
    office: Office,
) -> None:
    alert = await overriding.hold(office, DANGER, actor=MAYOR)
    (one,) = await overrides.holding(office.ledger, office.commune)
    version = await life.find(office, alert)
    act = Launch("maire", "trop-tot", (), 0)
    line = office.line("maire", "alert.launched", "Essai", alert=alert)
    assert not await overrides.launch_held(office.ledger, one, version, act=act, line=line)
    assert await state(office, alert) == ("holding", "held")
    await overriding.stop(office, alert, actor=CLERK)
    await minute_passes(office)
    assert not await overrides.launch_held(office.ledger, one, version, act=act, line=line)
    assert await state(office, alert) == ("stopped", "cancelled")


@pytest.mark.parametrize("actor", [MAYOR, DEPUTY, RAC, CLERK, CHIEF], ids=lambda one: one.function)
async def test_anybody_of_the_cell_stops_it_and_it_never_leaves(
    office: Office, actor: Actor
) -> None:
    alert = await overriding.hold(office, DANGER, actor=MAYOR)
    await overriding.stop(office, alert, actor=actor)
    await minute_passes(office)
    assert not await looked(office)
    assert await state(office, alert) == ("stopped", "cancelled")
    assert await audience(office, alert) == []
    with pytest.raises(NotNow):
        await overriding.stop(office, alert, actor=actor)


async def test_stopped_in_the_same_moment_it_leaves_or_it_does_not(office: Office) -> None:
    alert = await overriding.hold(office, DANGER, actor=MAYOR)
    await minute_passes(office)
    done, _ = await asyncio.gather(
        looked(office), overriding.stop(office, alert, actor=CLERK), return_exceptions=True
    )
    expected = ("launched", "launched") if done is True else ("stopped", "cancelled")
    assert await state(office, alert) == expected
    assert bool(await audience(office, alert)) == (done is True)


async def test_cancelling_the_alert_ends_the_hold_too(office: Office) -> None:
    alert = await overriding.hold(office, DANGER, actor=MAYOR)
    await life.cancel(office, alert, actor=RAC)
    await minute_passes(office)
    assert not await looked(office)
    assert await state(office, alert) == ("stopped", "cancelled")


async def test_while_it_is_held_no_other_act_moves_it(office: Office) -> None:
    alert = await overriding.hold(office, DANGER, actor=MAYOR)
    for act in (
        life.submit(office, alert, actor=CLERK),
        life.approve(office, alert, actor=DEPUTY),
        life.launch(office, alert, actor=MAYOR),
        life.launch(office, alert, actor=DEPUTY, approving=life.Read()),
        judging.ask_again(office, alert, actor=CLERK),
        judging.send_back(office, alert, actor=DEPUTY, reason="non"),
        correcting.withdraw(office, alert, actor=CLERK),
        sketching.change(office, alert, {"margin_m": 4.0}, revision=0, actor=CLERK),
    ):
        with pytest.raises(NotNow):
            await act
    assert await state(office, alert) == ("holding", "held")


async def test_a_second_click_holds_nothing_more(office: Office) -> None:
    first = await overriding.hold(office, DANGER, actor=MAYOR, key="un-clic")
    assert await overriding.hold(office, DANGER, actor=MAYOR, key="un-clic") == first
    assert len(await overrides.holding(office.ledger, office.commune)) == 1


async def test_what_nobody_looked_at_for_too_long_is_lost_and_says_so(office: Office) -> None:
    alert = await overriding.hold(office, DANGER, actor=MAYOR)
    await minute_passes(office, seconds=60.0 + overrides.LATEST_S + 1)
    assert not await looked(office)
    assert await state(office, alert) == ("lost", "cancelled")
    assert (await lines_of(office, alert))[-1] == "alert.override_lost"


async def test_everybody_of_the_cell_is_told_at_once_and_no_resident_before_the_minute(
    office: Office,
) -> None:
    await overriding.hold(office, DANGER, actor=DEPUTY)
    async with office.ledger.reading() as connection:
        row = (await connection.execute(select(versions).where(versions.c.kind == SUMMONS))).one()
        wanted = select(blocks.c.people, blocks.c.chains)
        told = (await connection.execute(wanted)).all()
    assert [sorted(people) for people, _ in told] == [
        ["contact:adj", "contact:dgs", "contact:maire"]
    ]
    assert told[0].chains == [["sms"], ["email"]]
    words = row.content["texts"]["fr"]
    assert words["sms"].startswith("RÉEL. Mairie de Bruz: ENVOI D'URGENCE par suppléant")
    assert "https://alerte.example/" in words["sms"]
    assert "La digue vient de céder" in words["email_body"]
    assert OBSERVER.login not in words["sms"]


KILLED = -signal.SIGKILL


async def _everyone_sent_to(office: Office, alert: str) -> bool:
    """Tell whether nobody waits for an SMS; who does not answer is called again minutes later."""
    version = await life.find(office, alert)
    async with office.ledger.reading() as connection:
        wanted = select(deliveries.c.state).where(
            deliveries.c.version_id == version.version_id, deliveries.c.medium == "sms"
        )
        states = list(await connection.scalars(wanted))
    over = all(one in ("delivered", "undelivered", "failed") for one in states)
    return over and len(states) >= version.people > 0


@pytest.mark.parametrize("crash", ["CP0:1", "CP1:1"])
async def test_it_leaves_once_though_web_and_worker_are_killed_meanwhile(
    ledger: Ledger, ledger_url: str, valkey_url: str, tmp_path: Path, office: Office, crash: str
) -> None:
    """The web process wrote the hold and is gone; the worker dies in the middle of the launch."""
    alert = await overriding.hold(office, DANGER, actor=MAYOR)
    async with ringing(ledger, ledger_url, valkey_url, folder=tmp_path) as town:
        worker = Worker(town.order, tmp_path)
        await worker.start(crash=crash)
        await asyncio.sleep(3.0)
        assert await state(office, alert) == ("holding", "held")
        early = {str(one["to"]) for one in await town.sandbox.ledger("sms")}
        assert early <= {"+33639980001", "+33639980002", "+33639980003"}
        await minute_passes(office)
        assert await worker.died() == KILLED
        await worker.start()
        try:
            async with asyncio.timeout(60):
                while not await _everyone_sent_to(office, alert):
                    await asyncio.sleep(0.3)
        finally:
            await worker.end(signal.SIGKILL)
        got = Counter(str(one["to"]) for one in await town.sandbox.ledger("sms"))
    assert await state(office, alert) == ("launched", "launched")
    assert len(got) > 20
    assert max(got.values()) == 1
    assert (await lines_of(office, alert)).count("alert.launched") == 1
