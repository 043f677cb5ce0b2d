"""Two people decide: who may be the second, for how long, on what; what is returned or refused."""

from pathlib import Path

import pytest

from dispatcher.alerts import judging, life, sketching
from dispatcher.alerts.office import Actor, Office
from dispatcher.alerts.refusals import NotNow, NotSo, NotYou
from dispatcher.store import alert_steps, decisions
from dispatcher.store.alert_steps import By
from dispatcher.store.ledger import Ledger
from tests.decided_town import (
    CHIEF,
    CLERK,
    DEPUTY,
    EVERYBODY,
    MAYOR,
    OVER_S,
    RAC,
    aged,
    counted,
    edited,
    frozen_by,
    lines_of,
    plan_files,
    planned,
    submitted_by,
    town_of,
)


@pytest.fixture
async def office(ledger: Ledger, tmp_path: Path) -> Office:
    return await town_of(ledger, tmp_path, rac=True)


async def may(office: Office, alert: str) -> set[str]:
    """Tell who may approve what waits, by trying on the store itself and on the verb."""
    able = set()
    for actor in EVERYBODY:
        try:
            await life.approve(office, alert, actor=actor)
        except NotYou:
            continue
        able.add(actor.login)
        await judging.ask_again(office, alert, actor=CLERK)
    return able


@pytest.mark.parametrize(
    ("author", "able"),
    [
        (CLERK, {"maire", "adj"}),
        (CHIEF, {"maire", "adj"}),
        (RAC, {"maire", "adj"}),
        (MAYOR, {"adj", "dgs"}),
        (DEPUTY, {"maire", "dgs"}),
    ],
)
async def test_the_second_is_another_person_and_one_of_the_two_is_the_mayor_or_a_deputy(
    office: Office, author: Actor, able: set[str]
) -> None:
    assert await may(office, await submitted_by(office, author)) == able


async def test_the_rac_is_no_second_where_the_policy_does_not_name_her(office: Office) -> None:
    await planned(office, plan_files(rac=False))
    alert = await submitted_by(office, MAYOR)
    with pytest.raises(NotYou, match="règlement"):
        await life.approve(office, alert, actor=RAC)


async def test_the_mayor_who_only_wrote_is_not_one_of_the_two_for_the_rac(office: Office) -> None:
    alert = await submitted_by(office, CLERK, writer=MAYOR)
    with pytest.raises(NotYou, match="maire ou un suppléant"):
        await life.approve(office, alert, actor=RAC)
    with pytest.raises(NotYou, match="rédigé"):
        await life.approve(office, alert, actor=MAYOR)
    await life.approve(office, alert, actor=DEPUTY)


async def test_who_changed_it_before_it_was_submitted_does_not_approve_it(office: Office) -> None:
    alert = await frozen_by(office, CLERK)
    await edited(office, alert, by=DEPUTY, margin_m=5.0)
    await edited(office, alert, by=CHIEF, margin_m=6.0)
    await frozen_again(office, alert)
    await life.submit(office, alert, actor=CLERK)
    with pytest.raises(NotYou, match="rédigé"):
        await life.approve(office, alert, actor=DEPUTY)
    version = await life.find(office, alert)  # nor by a statement that a verb forgot to guard
    line = office.line("adj", "alert.approved", "Essai", alert=alert)
    assert not await decisions.approve(office.ledger, version, By("adj", "deputy"), line=line)
    assert (await life.find(office, alert)).state == "pending_approval"
    await life.approve(office, alert, actor=MAYOR)


async def frozen_again(office: Office, alert: str) -> None:
    """Freeze what was changed."""
    sketch = await sketching.sketch_of(office, alert)
    await sketching.freeze(office, alert, revision=sketch.revision, actor=CLERK)


@pytest.mark.parametrize(
    ("author", "by", "may"),
    [
        (CLERK, By("agent", "dos"), False),  # who submitted
        (CLERK, By("dgs", "deputy"), False),  # who drafted
        (CLERK, By("autre", "rac"), False),  # neither leads the commune
        (CLERK, By("autre", "deputy"), True),
        (MAYOR, By("maire", "dos"), False),
        (MAYOR, By("autre", "rac"), True),
    ],
)
async def test_the_statement_itself_approves_for_nobody_who_may_not(
    office: Office, author: Actor, by: By, may: bool
) -> None:
    alert = await submitted_by(office, author, writer=RAC)
    version = await life.find(office, alert)
    line = office.line(by.login, "alert.approved", "Essai", alert=alert)
    assert await decisions.approve(office.ledger, version, by, line=line) == may


async def test_an_approval_binds_what_was_read_and_the_number_that_was_typed(
    office: Office,
) -> None:
    alert = await submitted_by(office, CLERK)
    version = await life.find(office, alert)
    with pytest.raises(NotNow, match="relisez"):
        await life.approve(office, alert, actor=MAYOR, digest="0" * 64)
    with pytest.raises(NotSo, match=f"pour {version.people} personnes"):
        await life.approve(office, alert, actor=MAYOR, people=version.people + 1)
    await life.approve(office, alert, actor=MAYOR, digest=version.digest, people=version.people)
    steps = await alert_steps.steps_of(office.ledger, office.commune, version.version_id)
    assert [(one.act, one.acted_by, one.function) for one in steps] == [
        ("submitted", "agent", "operator"),
        ("approved", "maire", "dos"),
    ]
    assert steps[1].content == version.content


async def test_an_edit_after_the_approval_makes_it_void(office: Office) -> None:
    alert = await submitted_by(office, CLERK)
    await life.approve(office, alert, actor=MAYOR)
    read = await life.find(office, alert)
    await edited(office, alert, by=CLERK, margin_m=7.0)
    with pytest.raises(NotNow):
        await life.launch(office, alert, actor=CLERK)
    assert (await life.find(office, alert)).approved_by is None
    assert read.state == "approved"


async def test_an_approval_is_over_after_half_an_hour_by_the_database_s_clock(
    office: Office,
) -> None:
    alert = await submitted_by(office, CLERK)
    await life.approve(office, alert, actor=MAYOR)
    left = await decisions.approval_left_s(office.ledger, await life.find(office, alert))
    assert left is not None
    assert 1_700 < left <= 1_800
    await aged(office.ledger, alert, seconds=OVER_S)
    with pytest.raises(NotNow, match="La validation a expiré : faites-la valider de nouveau"):
        await life.launch(office, alert, actor=MAYOR)
    assert (await life.find(office, alert)).state == "approved"  # nothing moves by itself
    await judging.ask_again(office, alert, actor=CLERK)
    assert (await life.find(office, alert)).state == "pending_approval"
    await life.approve(office, alert, actor=DEPUTY)
    assert (await life.launch(office, alert, actor=CLERK)).state == "launched"


async def test_a_head_count_that_drifted_is_asked_again_with_the_number_of_now(
    office: Office,
) -> None:
    alert = await submitted_by(office, CLERK)
    await life.approve(office, alert, actor=MAYOR)
    now = (await life.find(office, alert)).people
    await counted(office, alert, now + 50)
    with pytest.raises(NotNow, match="faites-la valider de nouveau"):
        await life.launch(office, alert, actor=CLERK)
    before = await life.find(office, alert)
    await judging.ask_again(office, alert, actor=CLERK)
    asked = await life.find(office, alert)
    assert (asked.people, asked.submitted_by) == (now, "agent")
    assert asked.digest != before.digest
    with pytest.raises(NotNow, match="relisez"):
        await life.approve(office, alert, actor=MAYOR, digest=before.digest)


@pytest.mark.parametrize(("away", "launches"), [(10, True), (11, False)])
async def test_ten_people_more_are_no_drift_and_eleven_of_a_hundred_are(
    office: Office, away: int, launches: bool
) -> None:
    alert = await submitted_by(office, CLERK)
    await life.approve(office, alert, actor=MAYOR)
    now = (await life.find(office, alert)).people
    assert 50 < now < 110  # so that 10 % is less than 11 people
    await counted(office, alert, now - away)
    if launches:
        assert (await life.launch(office, alert, actor=CLERK)).people == now
        return
    with pytest.raises(NotNow):
        await life.launch(office, alert, actor=CLERK)


async def test_what_is_returned_is_a_draft_again_with_the_reason_why(office: Office) -> None:
    alert = await submitted_by(office, CLERK)
    for nothing in ("", "  \n "):
        with pytest.raises(NotSo, match="pourquoi"):
            await judging.send_back(office, alert, actor=MAYOR, reason=nothing)
    await judging.send_back(office, alert, actor=MAYOR, reason="La rue du Pont est sûre")
    version = await life.find(office, alert)
    assert version.state == "draft"
    steps = await alert_steps.steps_of(office.ledger, office.commune, version.version_id)
    assert (steps[-1].act, steps[-1].reason) == ("returned", "La rue du Pont est sûre")
    await life.submit(office, alert, actor=CLERK)
    assert (await life.find(office, alert)).state == "pending_approval"
    assert "alert.returned" in await lines_of(office, alert)


async def test_what_is_refused_stays_refused(office: Office) -> None:
    alert = await submitted_by(office, CLERK)
    with pytest.raises(NotSo, match="pourquoi"):
        await judging.refuse(office, alert, actor=MAYOR, reason="")
    await judging.refuse(office, alert, actor=MAYOR, reason="La digue tient")
    assert (await life.find(office, alert)).state == "refused"
    for act in (
        life.submit(office, alert, actor=CLERK),
        life.approve(office, alert, actor=DEPUTY),
        life.launch(office, alert, actor=CLERK),
        judging.ask_again(office, alert, actor=CLERK),
        judging.send_back(office, alert, actor=DEPUTY, reason="encore"),
        edited(office, alert, by=CLERK, margin_m=3.0),
    ):
        with pytest.raises(NotNow):
            await act
