"""What an author asks for and cannot have is refused in words; a key never hides another alert."""

from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest

from dispatcher.alerts import life
from dispatcher.alerts.drafting import Wanted
from dispatcher.alerts.office import Office
from dispatcher.alerts.refusals import AlertRefused, NotNow
from dispatcher.store.ledger import Ledger
from tests.offices import APPROVER, AUTHOR, bruz_office

CRUE = Wanted(scenario="crue")
pytestmark = pytest.mark.parametrize("ledger_url", ["sqlite"], indirect=True)


@pytest.fixture
async def office(ledger: Ledger, tmp_path: Path) -> Office:
    return await bruz_office(ledger, tmp_path, "circle_150m")


async def approved(office: Office) -> str:
    alert = await life.make_draft(office, CRUE, actor=AUTHOR)
    await life.submit(office, alert, actor=AUTHOR)
    await life.approve(office, alert, actor=APPROVER)
    return alert


@pytest.mark.parametrize(
    ("wanted", "said"),
    [
        (replace(CRUE, media=("email", "texto")), "« texto »"),
        (Wanted(scenario="seisme", sectors=("circle_150m",)), "« seisme »"),
        (Wanted(scenario="seisme", sectors=("circle_150m",), template="crue"), "« seisme »"),
        (replace(CRUE, expires_at=datetime(2026, 1, 1)), "fuseau"),  # noqa: DTZ001 - the fault
    ],
)
async def test_what_the_plan_or_the_clock_does_not_know_is_refused_by_name(
    office: Office, wanted: Wanted, said: str
) -> None:
    with pytest.raises(AlertRefused, match=said):
        await life.make_draft(office, wanted, actor=AUTHOR)


async def test_the_key_of_one_launch_never_answers_for_another_alert(office: Office) -> None:
    first, second = await approved(office), await approved(office)
    await life.launch(office, first, actor=AUTHOR, launch_key="bouton-1")
    with pytest.raises(NotNow, match="clé"):
        await life.launch(office, second, actor=AUTHOR, launch_key="bouton-1")
    assert (await life.find(office, second)).state == "approved"


async def test_the_key_of_one_draft_never_answers_for_another(office: Office) -> None:
    alert = await life.make_draft(office, CRUE, actor=AUTHOR, key="bouton-1")
    assert await life.make_draft(office, CRUE, actor=AUTHOR, key="bouton-1") == alert
    with pytest.raises(NotNow, match="clé"):
        await life.make_draft(office, replace(CRUE, mode="rehearsal"), actor=AUTHOR, key="bouton-1")
