"""What can wait does not leave at night unseen: launched late, asked anew, by the emergency."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from dispatcher.alerts import judging, life, sketching
from dispatcher.alerts.office import Actor, Office
from dispatcher.alerts.refusals import NotSo
from dispatcher.alerts.sketch import Chosen
from dispatcher.crisis import overriding
from dispatcher.store import logbook, overrides
from dispatcher.store.ledger import Ledger
from tests.consoles import SAME, console, form_token, sign_in
from tests.crises import OPERATOR
from tests.decided_town import MAYOR, plan_files, planned, town_of
from tests.emergencies import DANGER, with_danger
from tests.peopled_town import people_the_town
from tests.situations import add_user, office
from tests.test_night_submission import at
from tests.written_alerts import begun, words

pytest_plugins = ("tests.console_visits",)
CAN_WAIT = Chosen(
    template="fin_alerte", sectors=("bas_bourg",), hours=6.0, media=("sms",), public_informed=True
)
GRAVE = Chosen(
    template="danger_immediat", sectors=("bas_bourg",), hours=6.0, public_informed=True
)  # fmt: skip
MAIRE = Actor("maire", "dos", "maire")


@pytest.fixture
async def evening(town: Ledger) -> Office:
    await people_the_town(town)
    return replace(office(town), clock=lambda: at(21))


async def asked(evening: Office, chosen: Chosen = CAN_WAIT) -> str:
    """Submit an alert in the evening, when nobody asks about the night."""
    alert = await begun(evening.ledger, chosen)
    await sketching.freeze(evening, alert, revision=1, actor=OPERATOR)
    await life.submit(evening, alert, actor=OPERATOR)
    return alert


async def test_what_was_approved_in_the_evening_is_launched_at_night_by_who_says_so(
    evening: Office,
) -> None:
    night = replace(evening, clock=lambda: at(23))
    alert = await asked(evening)
    with pytest.raises(NotSo, match="Envoyer de nuit"):
        await life.launch(night, alert, actor=MAIRE, approving=life.Read())
    await life.approve(evening, alert, actor=MAIRE)
    with pytest.raises(NotSo, match="rien n'est parti"):
        await life.launch(night, alert, actor=MAIRE)
    assert (await life.find(night, alert)).state == "approved"
    done = await life.launch(night, alert, actor=MAIRE, night_confirmed=True)
    assert done.state == "launched"
    marked = [
        line.data.get("night_confirmed")
        async for line in logbook.read_all(night.ledger, night.commune)
        if line.kind == "alert.launched"
    ]
    assert marked == [True]


async def test_grave_danger_is_asked_nothing_nor_what_its_author_confirmed(
    evening: Office,
) -> None:
    night = replace(evening, clock=lambda: at(23))
    for chosen in (GRAVE, CAN_WAIT.changed({"night_confirmed": True})):
        alert = await asked(evening, chosen)
        await judging.ask_again(night, alert, actor=OPERATOR)
        done = await life.launch(night, alert, actor=MAIRE, approving=life.Read())
        assert done.state == "launched"


async def test_what_is_asked_anew_at_night_is_a_submission_of_the_night(evening: Office) -> None:
    night = replace(evening, clock=lambda: at(23))
    alert = await asked(evening)
    with pytest.raises(NotSo, match="Envoyer de nuit"):
        await judging.ask_again(night, alert, actor=OPERATOR)
    await judging.ask_again(night, alert, actor=OPERATOR, night_confirmed=True)
    await judging.ask_again(evening, alert, actor=OPERATOR)


async def test_the_emergency_is_for_danger_alone_and_an_exercise_of_it_is_confirmed_at_night(
    ledger: Ledger, tmp_path: Path
) -> None:
    town = await town_of(ledger, tmp_path)
    await planned(town, with_danger(plan_files()))
    night = replace(town, clock=lambda: at(3))
    played = replace(DANGER, mode="exercise", players=("contact:maire",))
    for where in (town, night):
        with pytest.raises(NotSo, match="danger grave"):
            await overriding.hold(where, replace(DANGER, template="eau"), actor=MAYOR)
    with pytest.raises(NotSo, match="Envoyer de nuit"):
        await overriding.hold(night, played, actor=MAYOR)
    assert await overrides.holding(ledger, town.commune) == []
    held = await overriding.hold(night, replace(played, night_confirmed=True), actor=MAYOR)
    await overriding.stop(night, held, actor=MAYOR)
    assert await overriding.hold(night, DANGER, actor=MAYOR) != held


@pytest.fixture
async def mayor(tmp_path: Path, town: Ledger) -> AsyncIterator[httpx.AsyncClient]:
    await add_user(town, "maire", "dos", "Hélène Vasseur")
    async with console(tmp_path, clock=lambda: at(23)) as client:
        assert (await sign_in(client, "maire")).status_code == 303
        yield client


async def test_the_page_lets_who_launches_confirm_it_there(
    evening: Office, mayor: httpx.AsyncClient
) -> None:
    alert = await asked(evening)
    here = f"/console/alertes/{alert}/decision"
    box = 'name="night_confirmed"'
    page = (await mayor.get(here)).text
    assert page.count(box) == 2  # beside the launch, and beside « Relancer l'appel »
    version = await life.find(evening, alert)
    read = {
        "token": await form_token(mayor),
        "digest": version.digest,
        "people": str(version.people),
        "then": "launch",
    }
    refused = await mayor.post(f"{here}/valider", data=read, headers=SAME)
    assert (refused.status_code, "rien n'est parti" in words(refused)) == (422, True)
    assert f'value="{version.people}"' in refused.text  # what was typed is still there
    only = await mayor.post(f"{here}/valider", data={**read, "then": ""}, headers=SAME)
    assert only.status_code == 303  # to approve wakes nobody
    assert f'{box} value="1" required' in (await mayor.get(here)).text
    late = await mayor.post(f"{here}/lancer", data={"token": read["token"]}, headers=SAME)
    assert (late.status_code, "Send at night" in late.text) == (422, False)
    english = (await mayor.get(f"{here}?lang=en")).text
    assert "Send at night" in english
    sure = {"token": read["token"], "night_confirmed": "1"}
    done = await mayor.post(f"{here}/lancer", data=sure, headers=SAME)
    assert done.headers["location"] == f"/console/alertes/{alert}"
    assert (await life.find(evening, alert)).state == "launched"


async def test_the_api_is_told_in_the_body(evening: Office, mayor: httpx.AsyncClient) -> None:
    alert = await asked(evening)
    version = await life.find(evening, alert)
    door, key = f"/api/v1/alerts/{alert}", {"Idempotency-Key": "de-nuit-1", **SAME}
    refused = await mayor.post(f"{door}/ask-again", headers=SAME)
    assert (refused.status_code, "nuit" in refused.text) == (422, True)
    again = await mayor.post(f"{door}/ask-again", json={"night_confirmed": True}, headers=SAME)
    assert again.status_code == 200
    await life.approve(evening, alert, actor=MAIRE)
    assert version.people == (await life.find(evening, alert)).people
    assert (await mayor.post(f"{door}/launch", headers=key)).status_code == 422
    sure = await mayor.post(f"{door}/launch", json={"night_confirmed": True}, headers=key)
    assert sure.status_code == 200
