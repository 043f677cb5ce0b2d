"""Two accounts linked to one person of the directory are one person: never the two who decide."""

from dataclasses import replace
from pathlib import Path

import pytest

from dispatcher.access import pins
from dispatcher.access.signing_in import NewUser, create_user, disable_user
from dispatcher.alerts import by_phone, life, sketching
from dispatcher.alerts.office import Actor, Office
from dispatcher.alerts.refusals import NotYou
from dispatcher.store import decisions
from dispatcher.store.alert_steps import By
from dispatcher.store.ledger import Ledger
from dispatcher.store.phone_approvals import Called
from dispatcher.store.users import User
from tests.decided_town import (
    CLERK,
    DEPUTY,
    MAYOR,
    edited,
    frozen_by,
    plan_files,
    planned,
    submitted_by,
    town_of,
)
from tests.offices import BRUZ
from tests.situations import PASSWORD

DESK = Actor("maire.bureau", "operator", "maire")  # the mayor's own account for every day
KEY = b"k" * 32


@pytest.fixture
async def office(ledger: Ledger, tmp_path: Path) -> Office:
    town = replace(await town_of(ledger, tmp_path), public_url="https://alerte.example")
    await planned(town, plan_files(by_phone=True))
    for actor in (MAYOR, DESK, DEPUTY, CLERK):
        user = User(BRUZ, actor.login, actor.login, actor.function, actor.contact_id)
        await create_user(ledger, NewUser(user, PASSWORD), by="test", key=KEY)
    return town


async def refused_everywhere(office: Office, alert: str) -> None:
    """Ask everywhere for an approval by the mayor, whose other account had a hand in it."""
    with pytest.raises(NotYou, match="un autre de vos accès"):
        await life.approve(office, alert, actor=MAYOR)
    with pytest.raises(NotYou, match="un autre de vos accès"):
        await life.launch(office, alert, actor=MAYOR, approving=life.Read())
    version = await life.find(office, alert)  # nor by a statement that a verb forgot to guard
    line = office.line("maire", "alert.approved", "Essai", alert=alert)
    assert not await decisions.approve(office.ledger, version, By("maire", "dos"), line=line)
    assert (await life.find(office, alert)).state == "pending_approval"


async def test_who_submitted_under_another_account_is_not_the_second_person(
    office: Office,
) -> None:
    alert = await submitted_by(office, DESK)
    await refused_everywhere(office, alert)
    await life.approve(office, alert, actor=DEPUTY)


async def test_nor_who_wrote_in_it_under_another_account_not_even_one_taken_away(
    office: Office,
) -> None:
    alert = await frozen_by(office, CLERK)
    await edited(office, alert, by=DESK, margin_m=3.0)
    await edited(office, alert, by=CLERK, margin_m=0.0)
    await frozen_again(office, alert)
    await life.submit(office, alert, actor=CLERK)
    gone = User(BRUZ, DESK.login, DESK.login, DESK.function, DESK.contact_id)
    await disable_user(office.ledger, gone, by="test", key=KEY)
    await refused_everywhere(office, alert)


async def test_the_telephone_says_the_same_to_her(office: Office) -> None:
    line = office.line("maire", "access.pin", "Code")
    await pins.keep_pin(office.ledger, BRUZ, "maire", pin="482915", line=line)
    alert = await submitted_by(office, DESK)
    version = await life.find(office, alert)
    call = Called(BRUZ, "ring", version.version_id, "contact:maire", "fr")
    heard = await by_phone.begin(office, call)
    assert not heard.asks
    assert "sous cet accès ou un autre : il faut une autre personne" in heard.text


async def test_accounts_without_a_person_of_the_directory_are_people_of_their_own(
    office: Office,
) -> None:
    for login, function in (("vacataire", "operator"), ("suppleant", "deputy")):
        user = User(BRUZ, login, login, function)
        await create_user(office.ledger, NewUser(user, PASSWORD), by="test", key=KEY)
    alert = await submitted_by(office, Actor("vacataire", "operator"))
    await life.approve(office, alert, actor=Actor("suppleant", "deputy"))
    assert (await life.find(office, alert)).state == "approved"


async def frozen_again(office: Office, alert: str) -> None:
    """Freeze what was changed."""
    sketch = await sketching.sketch_of(office, alert)
    await sketching.freeze(office, alert, revision=sketch.revision, actor=CLERK)
