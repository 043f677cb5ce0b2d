"""Approvers rung for what waits: who, in which order, until one opens it; and nobody outside."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import update

from dispatcher.alerts import judging, life, sketching
from dispatcher.alerts.drafting import Wanted
from dispatcher.alerts.office import Actor, Office
from dispatcher.alerts.plan_in_force import in_force
from dispatcher.alerts.ringing import approvers, content_of
from dispatcher.alerts.sketching import Start
from dispatcher.crisis.ring_turns import Ringer
from dispatcher.store import rings
from dispatcher.store.decision_tables import approval_calls, approval_rings
from dispatcher.store.ledger import Ledger
from dispatcher.store.outgoing import versions
from dispatcher.store.people import residents_count
from dispatcher.store.rings import Ring
from tests.decided_town import (
    CLERK,
    DEPUTY,
    MAYOR,
    RAC,
    READY,
    edited,
    lines_of,
    plan_files,
    planned,
    submitted_by,
    town_of,
)
from tests.driven_worker import working
from tests.offices import BRUZ
from tests.outgoing import LOGBOOK_KEY
from tests.rung_town import ringing
from tests.summoned_town import CANNOT, COMES, LANDLINE, SILENT, town_of_duty

AUTHOR = Actor("dst", "operator")
ON_CALL = datetime(2026, 2, 18, 3, 0, tzinfo=UTC)  # in 2026-W08


@pytest.fixture
async def office(ledger: Ledger, tmp_path: Path) -> Office:
    return await town_of(ledger, tmp_path, rac=True)


async def ring_of(office: Office, alert: str) -> Ring:
    """Return the newest ring of an alert's version."""
    version = await life.find(office, alert)
    return (await rings.rings_of(office.ledger, office.commune, version.version_id))[0]


async def called(office: Office, alert: str) -> list[tuple[str, bool, str | None]]:
    """Return the calls of the newest ring: who, whether rung yet, how that ended."""
    one = await ring_of(office, alert)
    calls = await rings.ring_calls(office.ledger, office.commune, one.ring_id)
    return [(c.person_id.removeprefix("contact:"), bool(c.called_at), c.outcome) for c in calls]


async def turned(office: Office, *, seconds: float = 0.0) -> None:
    """Let time pass for who was rung, then a worker take its turn."""
    async with office.ledger.writing() as connection:
        for column in (approval_calls.c.called_at, approval_rings.c.expires_at):
            await connection.execute(update(column.table).values({column.name: column - seconds}))
    await Ringer(office.ledger, logbook_key=LOGBOOK_KEY).turn()


@pytest.mark.parametrize(
    ("author", "rung"),
    [
        (CLERK, ["maire", "adj"]),  # the RAC cannot approve what a clerk submits
        (MAYOR, ["adj", "dgs"]),
        (DEPUTY, ["maire", "dgs"]),
        (RAC, ["maire", "adj"]),
    ],
)
async def test_who_may_approve_it_is_rung_in_plan_order_and_who_wrote_it_is_not(
    office: Office, author: Actor, rung: list[str]
) -> None:
    alert = await submitted_by(office, author)
    assert await called(office, alert) == [(one, n == 0, None) for n, one in enumerate(rung)]


async def test_who_is_on_call_this_week_is_rung_first(office: Office) -> None:
    files = plan_files(rac=True)
    files["annuaire.yaml"] += b"astreinte: [{semaine: 2026-W08, elu: adj}]\n"
    await planned(office, files)
    plan = (await in_force(office)).plan
    assert approvers(plan, submitted_as="operator", at=ON_CALL) == ("adj", "maire")
    later = ON_CALL.replace(day=25)
    assert approvers(plan, submitted_as="operator", at=later) == ("maire", "adj")
    assert approvers(plan, submitted_as="dos", at=later) == ("maire", "adj", "dgs")


async def test_a_plan_that_names_nobody_else_rings_nobody_and_submits_all_the_same(
    office: Office,
) -> None:
    await planned(office, plan_files(rac=False))
    alert = await submitted_by(office, MAYOR, writer=DEPUTY)
    version = await life.find(office, alert)
    assert version.state == "pending_approval"
    assert await rings.rings_of(office.ledger, office.commune, version.version_id) == []


@pytest.mark.parametrize(
    ("mode", "first"),
    [
        ("real", "RÉEL. Mairie de Bruz: alerte à VALIDER. Zone: Secteur 1. "),
        ("exercise", "EXERCICE Mairie de Bruz: alerte à VALIDER. Zone: Secteur 1. "),
        ("public_test", "EXERCICE (ESSAI PUBLIC) Mairie de Bruz: alerte à VALIDER."),
        ("rehearsal", "RÉPÉTITION. Mairie de Bruz: alerte à VALIDER."),
    ],
)
async def test_the_words_begin_with_the_mode_and_hold_zone_number_and_page(
    office: Office, mode: str, first: str
) -> None:
    wanted = Wanted(scenario="crue", mode=mode, players=("contact:adj",), public_informed=True)
    alert = await life.make_draft(office, wanted, actor=CLERK)
    version = await life.find(office, alert)
    at = replace(office, public_url="https://alerte.example")
    content = content_of(at, await in_force(office), replace(version, people=771))
    assert content.texts["fr"].sms.startswith(first)
    assert content.texts["fr"].sms.endswith(
        f" 771 personnes. https://alerte.example/console/alertes/{alert}/decision"
    )
    assert "Sept cent soixante et onze personnes" in content.texts["fr"].voice
    assert "Seven hundred and seventy-one people" in content.texts["en"].voice
    assert content.route == ("rehearsal" if mode == "rehearsal" else "live")


async def test_the_next_is_rung_after_the_wait_and_opening_it_stops_the_ringing(
    office: Office,
) -> None:
    alert = await submitted_by(office, CLERK)
    await turned(office, seconds=299.0)
    assert await called(office, alert) == [("maire", True, None), ("adj", False, None)]
    await turned(office, seconds=2.0)
    assert await called(office, alert) == [("maire", True, "silent"), ("adj", True, None)]
    assert await judging.open_to_decide(office, alert, actor=DEPUTY)
    assert not await judging.open_to_decide(office, alert, actor=DEPUTY)  # once
    assert (await ring_of(office, alert)).over == "opened"
    await turned(office, seconds=600.0)
    assert await called(office, alert) == [("maire", True, "silent"), ("adj", True, None)]
    assert (await lines_of(office, alert)).count("alert.opened") == 1


async def test_when_nobody_opens_it_that_is_told_and_it_goes_on_waiting(office: Office) -> None:
    alert = await submitted_by(office, CLERK)
    for _ in range(2):
        await turned(office, seconds=301.0)
    assert (await ring_of(office, alert)).over == "in_vain"
    assert [end for *_, end in await called(office, alert)] == ["silent", "silent"]
    assert (await life.find(office, alert)).state == "pending_approval"
    await judging.ask_again(office, alert, actor=CLERK)
    assert await called(office, alert) == [("maire", True, None), ("adj", False, None)]


async def test_every_end_of_the_waiting_ends_the_ringing(office: Office) -> None:
    ends: dict[str, Callable[[str], Awaitable[object]]] = {
        "approve": lambda alert: life.approve(office, alert, actor=MAYOR),
        "return": lambda alert: judging.send_back(office, alert, actor=MAYOR, reason="non"),
        "refuse": lambda alert: judging.refuse(office, alert, actor=MAYOR, reason="non"),
        "cancel": lambda alert: life.cancel(office, alert, actor=RAC),
        "edit": lambda alert: edited(office, alert, by=CLERK, margin_m=4.0),
        "launch": lambda alert: life.launch(office, alert, actor=MAYOR, approving=life.Read()),
    }
    for name, end in ends.items():
        alert = await submitted_by(office, CLERK)
        await end(alert)
        assert (await ring_of(office, alert)).over == "decided", name


async def test_a_ring_of_what_waits_no_more_is_ended_by_the_worker_itself(office: Office) -> None:
    alert = await submitted_by(office, CLERK)
    async with office.ledger.writing() as connection:  # an act that forgot the ringing
        await connection.execute(
            update(versions).where(versions.c.alert_id == alert).values(state="draft")
        )
    await turned(office, seconds=301.0)
    assert (await ring_of(office, alert)).over == "decided"
    assert await called(office, alert) == [("maire", True, None), ("adj", False, None)]


async def test_only_approvers_hear_of_it_by_sms_and_voice_until_one_opens_it(
    ledger: Ledger, ledger_url: str, valkey_url: str, tmp_path: Path
) -> None:
    office = replace(await town_of_duty(ledger, tmp_path), public_url="https://alerte.example")
    chosen = replace(READY, sectors=("circle_150m",))
    alert = await sketching.begin(office, Start(chosen=chosen), actor=AUTHOR)
    await sketching.freeze(office, alert, revision=1, actor=AUTHOR)
    await life.submit(office, alert, actor=AUTHOR)
    async with ledger.writing() as connection:
        await connection.execute(update(approval_rings).values(wait_s=10.0))
    async with (
        ringing(ledger, ledger_url, valkey_url, folder=tmp_path) as town,
        working(town.order, tmp_path),
    ):
        async with asyncio.timeout(60):
            while not (await called(office, alert))[2][1]:  # the third: two did not open it
                await asyncio.sleep(0.2)
        await judging.open_to_decide(office, alert, actor=Actor("adj2", "deputy"))
        await asyncio.sleep(2.0)
        sms, voice = await town.got("sms"), await town.got("voice")
        words = [str(entry["content"]) for entry in await town.sandbox.ledger("sms")]
        heard = [str(entry["content"]) for entry in await town.sandbox.ledger("voice")]
    assert await residents_count(ledger, BRUZ) > 50
    assert set(sms) | set(voice) <= {SILENT, CANNOT, COMES}
    assert sms[SILENT] == voice[SILENT] == sms[CANNOT] == voice[CANNOT] == 1
    assert LANDLINE not in voice  # the RAC cannot approve it
    assert Counter(sms).most_common(1)[0][1] == 1
    assert all(text.startswith("RÉEL. Mairie de Bruz") for text in words)
    assert all(f"/console/alertes/{alert}/decision" in text for text in words)
    assert all("la personne suivante est appelée" in text for text in heard)
    ends = [end for *_, end in await called(office, alert)]
    assert ends == ["silent", "unable", None]
