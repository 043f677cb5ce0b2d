"""Approved and launched in one act, or neither; a correction is decided as the alert was."""

import asyncio
from pathlib import Path

import pytest
from sqlalchemy import select, update

from dispatcher.alerts import correcting, judging, life
from dispatcher.alerts.correcting import Asked
from dispatcher.alerts.life import Read
from dispatcher.alerts.office import Office
from dispatcher.alerts.refusals import NotNow, NotYou
from dispatcher.store import decisions
from dispatcher.store.alert_steps import By
from dispatcher.store.ledger import Ledger
from dispatcher.store.outgoing import versions
from dispatcher.store.versions import Launch
from tests.decided_town import (
    CLERK,
    DEPUTY,
    MAYOR,
    OBSERVER,
    OVER_S,
    RAC,
    aged,
    counted,
    lines_of,
    submitted_by,
    town_of,
)


@pytest.fixture
async def office(ledger: Ledger, tmp_path: Path) -> Office:
    return await town_of(ledger, tmp_path, rac=True)


async def test_approving_and_launching_is_one_act(office: Office) -> None:
    alert = await submitted_by(office, CLERK)
    version = await life.find(office, alert)
    read = Read(version.digest, version.people)
    clicks = [life.launch(office, alert, actor=MAYOR, approving=read) for _ in range(3)]
    done = await asyncio.gather(*clicks)
    assert {(one.state, one.approved_by, one.launched_by) for one in done} == {
        ("launched", "maire", "maire")
    }
    assert (await lines_of(office, alert)).count("alert.launched") == 1
    assert (await lines_of(office, alert)).count("alert.approved") == 1


async def test_what_cannot_be_launched_is_not_approved_on_the_way(office: Office) -> None:
    alert = await submitted_by(office, CLERK)
    now = (await life.find(office, alert)).people
    await counted(office, alert, now + 50)
    with pytest.raises(NotNow):
        await life.launch(office, alert, actor=MAYOR, approving=Read())
    assert (await life.find(office, alert)).state == "pending_approval"
    for actor in (CLERK, OBSERVER):
        with pytest.raises(NotYou):
            await life.launch(office, alert, actor=actor, approving=Read())
    async with office.ledger.writing() as connection:  # expired between the look and the statement
        await connection.execute(
            update(versions).where(versions.c.alert_id == alert).values(people=now, expires_at=1.0)
        )
    version = await life.find(office, alert)
    line = office.line("maire", "alert.launched", "Essai", alert=alert)
    signed = decisions.Signed(By("maire", "dos"), line)
    act = Launch("maire", "k", (), 0)
    done = await decisions.approve_and_launch(office.ledger, version, act, signed=signed, line=line)
    assert not done
    assert (await life.find(office, alert)).state == "pending_approval"
    async with office.ledger.reading() as connection:
        kept = select(versions.c.approved_by).where(versions.c.alert_id == alert)
        assert (await connection.execute(kept)).scalar_one() is None


async def test_a_correction_is_decided_as_the_alert_was(office: Office) -> None:
    alert = await submitted_by(office, CLERK)
    await life.launch(office, alert, actor=MAYOR, approving=Read())
    asked = Asked("update", blanks={"consigne": "restez à l'étage"})
    await correcting.correct(office, alert, asked, actor=MAYOR)
    await life.submit(office, alert, actor=MAYOR)
    with pytest.raises(NotYou):
        await life.approve(office, alert, actor=MAYOR)
    await life.approve(office, alert, actor=RAC)
    await aged(office.ledger, alert, seconds=OVER_S)
    with pytest.raises(NotNow, match="expiré"):
        await life.launch(office, alert, actor=CLERK)
    await judging.ask_again(office, alert, actor=CLERK)
    await life.approve(office, alert, actor=DEPUTY)
    launched = await life.launch(office, alert, actor=CLERK)
    assert (launched.number, launched.kind, launched.state) == (2, "update", "launched")
