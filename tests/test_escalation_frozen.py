"""The waits of an alert are those of the plan it was drafted from, whatever is loaded later."""

from pathlib import Path

import pytest

from dispatcher.alerts import life
from dispatcher.alerts.drafting import Wanted
from dispatcher.alerts.office import Office
from dispatcher.alerts.plan_in_force import load
from dispatcher.delivery.content import Content, Escalation
from dispatcher.store.ledger import Ledger
from tests.offices import APPROVER, AUTHOR, bruz_office, bruz_plan, office_of

ZONE = "circle_150m"
POLICY = "alerte/reglement.yaml"


@pytest.fixture
async def office(ledger: Ledger) -> Office:
    office = office_of(ledger)
    await with_policy(office, "emetteur_sms: Bruz\n")
    return office


@pytest.fixture
async def lived_in(ledger: Ledger, tmp_path: Path) -> Office:
    return await bruz_office(ledger, tmp_path, ZONE)


async def with_policy(office: Office, text: str) -> None:
    reading = await load(office, {**bruz_plan(ZONE), POLICY: text.encode()}, actor=AUTHOR)
    assert not reading.faults, reading.faults


async def drafted(office: Office, **more: object) -> tuple[str, Escalation | None]:
    wanted = Wanted(scenario="crue", **more)  # type: ignore[arg-type]  # fields of Wanted
    alert = await life.make_draft(office, wanted, actor=AUTHOR)
    return alert, Content.of((await life.find(office, alert)).content).escalation


async def test_an_alert_keeps_the_waits_it_was_approved_with_when_the_plan_changes(
    lived_in: Office,
) -> None:
    office = lived_in
    await with_policy(office, "emetteur_sms: Bruz\nescalade: {delais_min: [3, 7]}\n")
    alert, frozen = await drafted(office)
    assert frozen == Escalation((180.0, 420.0))
    digest = (await life.find(office, alert)).digest
    await with_policy(office, "emetteur_sms: Bruz\nescalade: {delais_min: [60]}\n")
    await life.submit(office, alert, actor=AUTHOR)
    await life.approve(office, alert, actor=APPROVER, digest=digest)
    launched = await life.launch(office, alert, actor=AUTHOR, launch_key="k1")
    assert Content.of(launched.content).escalation == frozen
    assert launched.pursuit == "open"


async def test_the_waits_are_in_the_digest_that_an_approval_binds(office: Office) -> None:
    expires = (await life.find(office, (await drafted(office))[0])).expires_at
    moment = life.instant(expires)
    one, _ = await drafted(office, expires_at=moment)
    await with_policy(office, "emetteur_sms: Bruz\nescalade: {delais_min: [60]}\n")
    other, _ = await drafted(office, expires_at=moment)
    contents = [dict((await life.find(office, alert)).content) for alert in (one, other)]
    for content in contents:
        content.pop("plan_digest")
    assert contents[0] != contents[1]
    assert (await life.find(office, one)).digest != (await life.find(office, other)).digest


async def test_what_confirms_and_who_is_called_come_from_the_policy(office: Office) -> None:
    await with_policy(
        office,
        "emetteur_sms: Bruz\ncontrole: {confirmation: remise}\n"
        "canaux: {sms: {actif: true}, voix: {actif: true, fixes_seulement: true}}\n",
    )
    _, frozen = await drafted(office)
    assert frozen == Escalation((300.0, 600.0, 900.0), "delivered", landlines_only=True)


async def test_an_exercise_leaves_second_contacts_in_peace(office: Office) -> None:
    _, frozen = await drafted(office, mode="exercise", players=("contact:adj",))
    assert frozen is not None
    assert not frozen.second_contacts


async def test_an_alert_that_does_not_escalate_says_so_in_its_content(office: Office) -> None:
    _, frozen = await drafted(office, escalates=False)
    assert frozen is None


async def test_a_cancel_ends_the_pursuit(lived_in: Office) -> None:
    office = lived_in
    alert, _ = await drafted(office)
    await life.submit(office, alert, actor=AUTHOR)
    await life.approve(office, alert, actor=APPROVER)
    await life.launch(office, alert, actor=AUTHOR, launch_key="k1")
    assert (await life.cancel(office, alert, actor=AUTHOR)).pursuit == "over"
