"""What one person does alone to an alert that left: her factor shown again, and not too late."""

import time

import httpx
import pytest
from sqlalchemy import select, update

from dispatcher.alerts import correcting
from dispatcher.alerts.refusals import NotNow
from dispatcher.store.ledger import Ledger
from dispatcher.store.outgoing import versions
from dispatcher.store.tables import sessions
from tests.consoles import SAME, form_token
from tests.crises import MAYOR
from tests.situations import Planned, Written, change_version, office, write_alert
from tests.written_alerts import words

pytest_plugins = ("tests.console_visits",)
LATE = "Cette alerte a expiré depuis plus d'un jour"


@pytest.fixture
async def alert(town: Ledger) -> Written:
    return await write_alert(town, Planned(lines=(("sms", "delivered", 3),)))


async def long_ago(town: Ledger) -> None:
    """Let an hour have passed since the second factor was shown."""
    async with town.writing() as connection:
        await connection.execute(update(sessions).values(confirmed_at=1.0))


async def states(town: Ledger, alert: Written) -> set[tuple[str, str]]:
    wanted = select(versions.c.kind, versions.c.state).where(versions.c.alert_id == alert.alert_id)
    return await town.read(lambda one: {(row.kind, row.state) for row in one.execute(wanted)})


@pytest.mark.parametrize("act", ["arreter", "fausse-alerte"])
async def test_stopping_and_a_false_alarm_ask_for_the_factor_again(
    operator: httpx.AsyncClient, town: Ledger, alert: Written, act: str
) -> None:
    token = await form_token(operator)
    before = await states(town, alert)
    await long_ago(town)
    path = f"/console/alertes/{alert.alert_id}/{act}"
    page = await operator.get(path)
    assert (page.status_code, page.headers["location"]) == (303, f"/confirmer?vers={path}")
    done = await operator.post(path, data={"token": token}, headers=SAME)
    assert done.headers["location"] == f"/confirmer?vers={path}&tard=1"
    door = {"arreter": "cancel", "fausse-alerte": "false-alarm"}[act]
    over_api = await operator.post(f"/api/v1/alerts/{alert.alert_id}/{door}", headers=SAME)
    assert (over_api.status_code, "Confirmez d'abord" in over_api.text) == (403, True)
    assert await states(town, alert) == before


@pytest.mark.parametrize(("hours", "leaves"), [(23, True), (25, False)])
async def test_a_false_alarm_leaves_a_day_after_the_expiry_at_most(
    operator: httpx.AsyncClient, town: Ledger, alert: Written, hours: int, leaves: bool
) -> None:
    await change_version(town, alert, expires_at=time.time() - 3_600 * hours)
    path = f"/console/alertes/{alert.alert_id}/fausse-alerte"
    said = words(await operator.get(path))
    assert (LATE in said) is not leaves
    assert ("Envoyer la fausse alerte maintenant" in said) is leaves
    form = {"token": await form_token(operator)}
    done = await operator.post(path, data=form, headers=SAME)
    assert (done.status_code == 303) is leaves
    assert (("false_alarm", "launched") in await states(town, alert)) is leaves


async def test_nor_by_a_verb_that_a_page_forgot_to_guard(town: Ledger, alert: Written) -> None:
    await change_version(town, alert, expires_at=time.time() - 3_600 * 25)
    with pytest.raises(NotNow, match=LATE):
        await correcting.take_back(office(town), alert.alert_id, actor=MAYOR)
