"""At night nothing that can wait is submitted unless somebody says so, whatever the way."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import httpx
import pytest

from dispatcher.alerts import life, sketching
from dispatcher.alerts.drafting import Wanted
from dispatcher.alerts.office import Office
from dispatcher.alerts.refusals import NotSo
from dispatcher.alerts.sketch import Chosen
from dispatcher.store.ledger import Ledger
from tests.consoles import SAME, console, form_token, sign_in
from tests.crises import OPERATOR
from tests.peopled_town import people_the_town
from tests.situations import office
from tests.written_alerts import begun, words

pytest_plugins = ("tests.console_visits",)
CAN_WAIT = Chosen(template="fin_alerte", sectors=("bas_bourg",), hours=2.0)


def at(hour: int) -> datetime:
    """Return the next time that the commune's clocks show this hour."""
    now = datetime.now(UTC).astimezone(ZoneInfo("Europe/Paris"))
    there = now.replace(hour=hour, minute=0, second=0)
    return there if there > now else there + timedelta(days=1)


@pytest.fixture
async def night(town: Ledger) -> Office:
    await people_the_town(town)
    return replace(office(town), clock=lambda: at(3))


async def test_what_can_wait_is_not_made_at_night_until_somebody_confirms_it(
    town: Ledger, night: Office
) -> None:
    alert = await begun(town, CAN_WAIT)
    with pytest.raises(NotSo, match="confirmez l'envoi de nuit"):
        await sketching.freeze(night, alert, revision=1, actor=OPERATOR)
    await sketching.change(night, alert, {"night_confirmed": True}, revision=1, actor=OPERATOR)
    await sketching.freeze(night, alert, revision=2, actor=OPERATOR)
    await life.submit(night, alert, actor=OPERATOR)


async def test_nor_submitted_at_night_where_it_was_made_in_the_evening(
    town: Ledger, night: Office
) -> None:
    alert = await begun(town, CAN_WAIT)
    evening = replace(night, clock=lambda: at(21))
    await sketching.freeze(evening, alert, revision=1, actor=OPERATOR)
    with pytest.raises(NotSo, match="confirmez l'envoi de nuit"):
        await life.submit(night, alert, actor=OPERATOR)
    await life.submit(evening, alert, actor=OPERATOR)


@pytest.mark.parametrize(
    ("template", "mode"), [("crue_evacuation", "real"), ("fin_alerte", "rehearsal")]
)
async def test_what_threatens_lives_or_leaves_nowhere_asks_nothing(
    night: Office, template: str, mode: str
) -> None:
    wanted = Wanted(template=template, scenario="serolle_q100", mode=mode, blanks=BLANKS)
    alert = await life.make_draft(night, wanted, actor=OPERATOR)
    await life.submit(night, alert, actor=OPERATOR)


BLANKS = {"lieu": "le gymnase", "heure": "4 h"}


@pytest.fixture
async def at_night(tmp_path: Path, town: Ledger) -> AsyncIterator[httpx.AsyncClient]:
    async with console(tmp_path, clock=lambda: at(3)) as client:
        assert (await sign_in(client)).status_code == 303
        yield client


async def test_the_pages_say_what_is_missing_and_where_to_confirm_it(
    town: Ledger, night: Office, at_night: httpx.AsyncClient
) -> None:
    alert = await begun(town, CAN_WAIT)
    here = f"/console/alertes/{alert}"
    page = await at_night.get(f"{here}/decision")
    said = "Il fait nuit et ce message ne dit pas de danger grave : confirmez l'envoi de nuit."
    assert f'<a href="{here}/portee">{said}' in page.text.replace("&#39;", "'")
    token = await form_token(at_night)
    form = {"token": token, "revision": "1"}
    answer = await at_night.post(f"{here}/decision/soumettre", data=form, headers=SAME)
    assert (answer.status_code, said in words(answer)) == (422, True)
    reach = {"token": token, "revision": "1", "media": "sms", "hours": "2", "next": "1"}
    refused = await at_night.post(f"{here}/portee", data=reach, headers=SAME)
    assert (refused.status_code, "Envoyer de nuit" in words(refused)) == (422, True)
    sure = {**reach, "revision": "2", "night_confirmed": "1"}
    kept = await at_night.post(f"{here}/portee", data=sure, headers=SAME)
    assert kept.headers["location"] == f"{here}/decision"
    form = {"token": token, "revision": "3"}
    answer = await at_night.post(f"{here}/decision/soumettre", data=form, headers=SAME)
    assert answer.status_code == 303


async def test_the_api_is_told_the_same_and_says_so_in_its_own_way(
    town: Ledger, night: Office, at_night: httpx.AsyncClient
) -> None:
    wanted = Wanted(template="fin_alerte", sectors=("bas_bourg",))
    alert = await life.make_draft(night, wanted, actor=OPERATOR)
    door = f"/api/v1/alerts/{alert}/submit"
    refused = await at_night.post(door, headers=SAME)
    assert (refused.status_code, "envoi de nuit" in refused.text) == (422, True)
    done = await at_night.post(door, json={"night_confirmed": True}, headers=SAME)
    assert done.json()["state"] == "pending_approval"
