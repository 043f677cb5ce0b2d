"""The other means and the FR-Alert sheet as pages: what is shown, kept, refused."""

import re
from html import unescape

import httpx

from dispatcher.alerts.sketch import Chosen
from dispatcher.crisis.means import means_of
from dispatcher.store import fr_alerts
from dispatcher.store.ledger import Ledger
from tests.consoles import SAME
from tests.crises import opened
from tests.signing import HIDDEN, send
from tests.situations import COMMUNE, office
from tests.written_alerts import begun, launched, words

pytest_plugins = ("tests.console_visits",)


async def test_the_means_of_an_alert_are_taken_done_and_set_aside(
    operator: httpx.AsyncClient, town: Ledger
) -> None:
    alert = await launched(town, "siren", "radio")
    here = f"/console/alertes/{alert}/moyens"
    assert "2 autres moyens d'alerte à faire sur 2" in words(await operator.get(f"{here}/resume"))
    mute = await send(operator, here, to=f"{here}/1", step="1", reason="", to_="")
    assert mute.status_code == 422  # no act was chosen
    await send_act(operator, here, 1, act="take", owner="contact:pm1")
    refused = await send_act(operator, here, 1, act="done")
    assert "ce que cela a donné" in words(refused)
    await send_act(operator, here, 1, act="done", reason="entendue", at="2026-01-02T03:04")
    await send_act(operator, here, 2, act="not_applicable", reason="radio en panne")
    now = await means_of(office(town), alert)
    assert [(one.state, one.note) for one in now.tasks] == [
        ("done", "entendue"), ("not_applicable", "radio en panne"),
    ]  # fmt: skip
    assert now.tasks[0].done_at == 1767319440.0  # 03:04 in Paris
    assert "sont faits" in words(await operator.get(f"{here}/resume"))
    late = await send_act(operator, here, 1, act="done", reason="x", at="2099-01-02T03:04")
    assert "l'avenir" in words(late)


async def send_act(
    guest: httpx.AsyncClient, here: str, step: int, *, act: str, **fields: str
) -> httpx.Response:
    hidden = dict(HIDDEN.findall((await guest.get(here)).text))
    data = {**hidden, "to": act, **fields}
    return await guest.post(f"{here}/{step}", data=data, headers=SAME)


async def test_an_event_s_page_leads_to_the_means_where_their_result_is_asked(
    operator: httpx.AsyncClient, town: Ledger
) -> None:
    event = await opened(office(town))
    alert = await launched(town, "siren", event=event.event_id)
    page = await operator.get(f"/evenements/{event.event_id}")
    assert f"/console/alertes/{alert}/moyens#m-1" in page.text
    assert "Déclencher la sirène communale" in page.text
    missing = await operator.get("/console/alertes/nulle-part/moyens")
    assert missing.status_code == 404


async def test_the_fr_alert_sheet_is_asked_for_and_answered(
    operator: httpx.AsyncClient, town: Ledger
) -> None:
    alert = await begun(town)
    here = f"/console/alertes/{alert}/fr-alert"
    first = await operator.get(here)
    assert "Pas encore demandé" in words(first)
    sheet = sheet_in(first)
    assert sheet["authority"].startswith("Mairie de Vaubrenne")
    refused = await send(operator, here, state="requested", **sheet)
    assert "à qui vous avez parlé" in words(refused)
    await send(operator, here, state="requested", spoken_with="Mme Roy, SIDPC", **sheet)
    assert "La réponse de la préfecture" in words(await operator.get(here))
    await send(operator, here, state="accepted", spoken_with="Mme Roy, SIDPC", said="diffusé")
    steps = await fr_alerts.steps_of(town, COMMUNE, alert)
    assert [one.state for one in steps] == ["requested", "accepted"]
    assert "Accepté par la préfecture" in words(await operator.get(here))
    paper = await operator.get(f"{here}.pdf")
    assert paper.content.startswith(b"%PDF")
    zone = (await operator.get(f"{here}.geojson")).json()
    assert zone["features"][0]["geometry"]["type"] == "Polygon"
    assert zone["features"][0]["properties"]["text"] == sheet["text"]


def sheet_in(page: httpx.Response) -> dict[str, str]:
    found = dict(
        re.findall(r'type="text" name="(\w+)" maxlength="2000" value="([^"]*)"', page.text)
    )
    text = re.search(r'<textarea name="text"[^>]*>([^<]*)</textarea>', page.text)
    assert text is not None
    return {name: unescape(one) for name, one in {**found, "text": text[1]}.items()}


async def test_a_request_without_a_zone_says_what_to_do(
    operator: httpx.AsyncClient, town: Ledger
) -> None:
    alert = await begun(town, Chosen(template="fin_alerte"))
    here = f"/console/alertes/{alert}/fr-alert"
    assert "n'a pas encore de zone" in words(await operator.get(here))
    assert (await operator.get(f"{here}.pdf", headers={"accept": "text/html"})).status_code == 404
    assert (await operator.get("/console/alertes/rien/fr-alert")).status_code == 404


async def test_hostile_words_stay_words(operator: httpx.AsyncClient, town: Ledger) -> None:
    alert = await launched(town, "siren")
    here = f"/console/alertes/{alert}/moyens"
    await send_act(operator, here, 1, act="done", reason="<img src=x onerror=alert(1)>")
    assert "<img src=x" not in (await operator.get(here)).text
    sheet = {"nature": '"><script>x</script>', "place": "p", "attitude": "a", "authority": "m"}
    page = f"/console/alertes/{alert}/fr-alert"
    await send(operator, page, state="prepared", text="<b>t</b>", link="", **sheet)
    shown = (await operator.get(page)).text
    assert "<script>x" not in shown
    assert "<b>t</b>" not in shown
