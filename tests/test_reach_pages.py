"""The reach step, the other means and the FR-Alert sheet as pages: what is shown, kept, refused."""

import re
from dataclasses import replace
from html import unescape

import httpx
import pytest
from sqlalchemy import delete

from dispatcher.alerts import life, sketching
from dispatcher.alerts.sketch import Chosen
from dispatcher.alerts.sketching import Start
from dispatcher.crisis.means import means_of
from dispatcher.store import fr_alerts
from dispatcher.store.ledger import Ledger
from dispatcher.store.tables import addresses, homes
from tests.consoles import SAME, sign_in
from tests.crises import MAYOR, OPERATOR, RAC, opened
from tests.peopled_town import people_the_town
from tests.signing import HIDDEN, send
from tests.situations import COMMUNE, add_user, office

pytest_plugins = ("tests.console_visits",)
FLOOD = Chosen(scenario="serolle_q100", template="fin_alerte", sectors=("bas_bourg", "moulins"))


async def begun(town: Ledger, chosen: Chosen = FLOOD, *, mode: str = "real") -> str:
    start = Start(mode=mode, chosen=chosen)
    return await sketching.begin(office(town), start, actor=RAC)


async def launched(town: Ledger, *means: str, event: str | None = None) -> str:
    """Launch an alert with these means ticked."""
    desk = office(town)
    chosen = replace(FLOOD, means=means)
    alert = await sketching.begin(desk, Start("real", event, chosen), actor=OPERATOR)
    await sketching.freeze(desk, alert, revision=1, actor=OPERATOR)
    await life.submit(desk, alert, actor=OPERATOR)
    await life.approve(desk, alert, actor=MAYOR)
    await life.launch(desk, alert, actor=MAYOR)
    return alert


def words(page: httpx.Response) -> str:
    """Return what a page says, without its marks."""
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", page.text)).split())


async def test_the_page_says_how_many_people_by_what_and_whom_it_leaves_out(
    operator: httpx.AsyncClient, town: Ledger
) -> None:
    await people_the_town(town)
    alert = await begun(town)
    page = await operator.get(f"/console/alertes/{alert}/portee")
    said = words(page)
    assert page.status_code == 200
    assert re.search(r"\d+ personnes SMS \d+", said)
    assert re.search(r"\d+ adresses sur \d+ n'ont aucun abonné", said)
    assert "Sans message : aucun contact utilisable" in said
    assert re.search(r"adresses? à moins de 50 m de la limite ne seront? pas prévenues?", said)
    assert "besoin d'aide pour partir" in said
    assert "à appeler" in said or "contact prévenu" in said


async def test_zero_is_said_in_words(operator: httpx.AsyncClient, town: Ledger) -> None:
    alert = await begun(town, replace(FLOOD, sectors=("bas_bourg",), means=()))
    async with town.writing() as connection:
        await connection.execute(delete(homes))
        await connection.execute(delete(addresses))
    said = words(await operator.get(f"/console/alertes/{alert}/portee"))
    assert "Aucune adresse connue dans cette zone" in said
    assert "Personne n'a demandé à être prévenu en premier." in said
    assert "Personne ni aucune adresse à moins de 50 m" in said
    short = words(await operator.get(f"/console/alertes/{alert}/portee/resume"))
    assert "aucune adresse connue" in short


async def test_without_a_zone_nobody_is_counted_and_nobody_means_everywhere(
    operator: httpx.AsyncClient, town: Ledger
) -> None:
    await people_the_town(town)
    alert = await begun(town, Chosen(template="fin_alerte"))
    said = words(await operator.get(f"/console/alertes/{alert}/portee"))
    assert "Personne : l'alerte n'a pas encore de zone." in said
    short = words(await operator.get(f"/console/alertes/{alert}/portee/resume"))
    assert short == "Pas encore de zone : personne ne serait prévenu."


async def test_the_summary_follows_the_area(operator: httpx.AsyncClient, town: Ledger) -> None:
    await people_the_town(town)
    alert = await begun(town)
    path = f"/console/alertes/{alert}/portee/resume"
    wide = people_in(await operator.get(path))
    changes = {"sectors": ("bas_bourg",)}
    await sketching.change(office(town), alert, changes, revision=1, actor=RAC)
    assert 0 < people_in(await operator.get(path)) < wide


def people_in(page: httpx.Response) -> int:
    found = re.search(r"([\d\s\u202f]+) personnes?", words(page))
    assert found is not None, page.text
    return int(re.sub(r"\D", "", found[1]))


async def test_the_numbers_follow_the_media_before_they_are_kept(
    operator: httpx.AsyncClient, town: Ledger
) -> None:
    await people_the_town(town)
    alert = await begun(town)
    path = f"/console/alertes/{alert}/portee/chiffres"
    by_mail = words(await operator.get(path, params={"media": "email"}))
    by_all = words(await operator.get(path, params={"media": ["sms", "voice", "email"]}))
    assert "SMS" in by_all
    assert by_mail != by_all
    assert (await sketching.sketch_of(office(town), alert)).chosen.media == ()


async def keep(
    guest: httpx.AsyncClient, alert: str, **fields: str | list[str]
) -> httpx.Response:
    path = f"/console/alertes/{alert}/portee"
    hidden = dict(HIDDEN.findall((await guest.get(path)).text))
    return await guest.post(path, data={**hidden, "hours": "6", **fields}, headers=SAME)


async def test_what_is_chosen_is_kept(operator: httpx.AsyncClient, town: Ledger) -> None:
    alert = await begun(town)
    answer = await keep(
        operator, alert, media=["sms", "email"], hours="1,5", means=["siren", "plan:megaphones"],
        night_confirmed="1", next="1",
    )  # fmt: skip
    assert answer.headers["location"] == f"/console/alertes/{alert}/decision"
    chosen = (await sketching.sketch_of(office(town), alert)).chosen
    assert (chosen.media, chosen.hours) == (("sms", "email"), 1.5)
    assert chosen.means == ("siren", "plan:megaphones")
    assert (chosen.escalates, chosen.night_confirmed) == (False, True)
    assert chosen.sectors == FLOOD.sectors


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({}, "au moins un canal"),
        ({"media": "sms", "hours": "100"}, "72 au plus"),
        ({"media": "sms", "hours": "nan"}, "72 au plus"),
        ({"media": "sms", "means": "canon"}, "pas un moyen"),
    ],
)
async def test_what_cannot_be_is_said_and_nothing_is_kept(
    operator: httpx.AsyncClient, town: Ledger, fields: dict[str, str | list[str]], why: str
) -> None:
    alert = await begun(town)
    answer = await keep(operator, alert, **fields)
    assert answer.status_code == 422
    assert why in words(answer)
    assert (await sketching.sketch_of(office(town), alert)).revision == 1


async def test_who_saves_over_a_colleague_is_told(
    operator: httpx.AsyncClient, town: Ledger
) -> None:
    alert = await begun(town)
    form = dict(HIDDEN.findall((await operator.get(f"/console/alertes/{alert}/portee")).text))
    await sketching.change(office(town), alert, {"hours": 3.0}, revision=1, actor=OPERATOR)
    answer = await operator.post(
        f"/console/alertes/{alert}/portee",
        data={**form, "media": "sms", "hours": "6"},
        headers=SAME,
    )
    assert answer.status_code == 409
    assert "a modifié cette alerte" in words(answer)


async def test_an_exercise_names_its_players_and_a_test_says_that_it_was_announced(
    operator: httpx.AsyncClient, town: Ledger
) -> None:
    drill = await begun(town, mode="exercise")
    page = await operator.get(f"/console/alertes/{drill}/portee")
    assert "Joueurs de l'exercice" in words(page)
    await keep(operator, drill, media="sms", players=["contact:dgs", "contact:inconnu"])
    assert (await sketching.sketch_of(office(town), drill)).chosen.players == ("contact:dgs",)
    test = await begun(town, mode="public_test")
    await keep(operator, test, media="sms", public_informed="1")
    assert (await sketching.sketch_of(office(town), test)).chosen.public_informed


async def test_an_observer_sees_the_numbers_and_can_change_nothing(
    visitor: httpx.AsyncClient, town: Ledger
) -> None:
    await add_user(town, "obs", "observer")
    await sign_in(visitor, "obs")
    alert = await begun(town)
    page = await visitor.get(f"/console/alertes/{alert}/portee")
    assert "disabled" in page.text
    assert 'name="next"' not in page.text
    assert (await keep(visitor, alert, media="sms")).status_code == 403


async def test_the_means_of_an_alert_are_taken_done_and_set_aside(
    operator: httpx.AsyncClient, town: Ledger
) -> None:
    alert = await launched(town, "siren", "radio")
    here = f"/console/alertes/{alert}/moyens"
    assert "2 autres moyens d'alerte à faire sur 2" in words(await operator.get(f"{here}/resume"))
    mute = await send(operator, here, to=f"{here}/1", step="1", reason="", **{"to_": ""})
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
    found = dict(re.findall(r'type="text" name="(\w+)" maxlength="2000" value="([^"]*)"', page.text))
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


async def test_every_page_speaks_english_too(operator: httpx.AsyncClient, town: Ledger) -> None:
    await people_the_town(town)
    alert = await launched(town, "siren", "fr_alert")
    draft = await begun(town)
    pages = (
        f"/console/alertes/{draft}/portee",
        f"/console/alertes/{draft}/portee/resume",
        f"/console/alertes/{alert}/moyens",
        f"/console/alertes/{alert}/fr-alert",
    )
    for path in pages:
        said = words(await operator.get(path, params={"lang": "en"}))
        for french in ("Personne", "adresses", "Qui s'en charge", "préfecture ?", "canaux"):
            assert french not in said, (path, french)
