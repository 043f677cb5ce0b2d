"""What an author asks for and cannot have is refused in words; a key never hides another alert."""

import asyncio
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import delete, update

from dispatcher.alerts import life
from dispatcher.alerts.drafting import Wanted
from dispatcher.alerts.office import Office
from dispatcher.alerts.plan_in_force import directory, in_force
from dispatcher.alerts.preview import preview
from dispatcher.alerts.refusals import AlertRefused, NotNow
from dispatcher.store.ledger import Ledger
from dispatcher.store.tables import contacts, persons
from plans.ground import Asset
from tests.offices import APPROVER, AUTHOR, bruz_office
from zones.area import Place

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


async def test_a_double_click_on_launch_is_answered_twice_as_done(office: Office) -> None:
    alert = await approved(office)
    clicks = [life.launch(office, alert, actor=AUTHOR, launch_key="bouton-1") for _ in range(3)]
    states = [version.state for version in await asyncio.gather(*clicks)]
    assert states == ["launched"] * 3


async def test_the_key_of_one_draft_never_answers_for_another(office: Office) -> None:
    alert = await life.make_draft(office, CRUE, actor=AUTHOR, key="bouton-1")
    assert await life.make_draft(office, CRUE, actor=AUTHOR, key="bouton-1") == alert
    with pytest.raises(NotNow, match="clé"):
        await life.make_draft(office, replace(CRUE, mode="rehearsal"), actor=AUTHOR, key="bouton-1")


@pytest.mark.parametrize("lost", ["contact", "consent"])
async def test_an_address_whose_people_cannot_be_reached_has_no_subscriber(
    office: Office, lost: str
) -> None:
    alert = await life.make_draft(office, CRUE, actor=AUTHOR)
    before = await preview(office, alert)
    async with office.ledger.writing() as connection:
        if lost == "contact":
            await connection.execute(delete(contacts))
        else:
            await connection.execute(update(persons).values(unsubscribed_at=1.0))
    after = await preview(office, alert)
    assert before["addresses_without_subscriber"] == 0
    assert after["addresses_without_subscriber"] == after["addresses"] == before["addresses"]


@pytest.mark.parametrize(
    ("phone", "kind"),
    [
        ("+262639012345", "mobile"),
        ("+687751234", "mobile"),
        ("+4915112345678", "mobile"),
        ("+33639980001", "mobile"),
        ("+262262161234", "fixed"),
        ("+33199000001", "fixed"),
    ],
)
async def test_a_site_s_mobile_is_known_for_one_overseas_and_abroad(
    office: Office, phone: str, kind: str
) -> None:
    plan = (await in_force(office)).plan
    contact = replace(plan.contacts[0], phones=(phone,))
    place = Place(lon=-1.748, lat=48.026)
    school = Asset("ecole", kind="ecole", name="École", place=place, contact=contact.id)
    person, _ = directory(replace(plan, contacts=(contact,), assets=(school,), roles=()))
    assert [way.kind for way in person.contacts] == [kind]


async def test_a_blank_that_nothing_fills_is_told_in_one_language(office: Office) -> None:
    drawn = (await in_force(office)).plan.sectors[0].area
    with pytest.raises(AlertRefused, match=r"qui manque : secteur\. .*--blank secteur="):
        await life.make_draft(office, Wanted(template="crue", area=drawn), actor=AUTHOR)
