"""A crisis on the console: how it begins, each decision's page, refusals in words, both tongues."""

import re
from pathlib import Path

import httpx
from sqlalchemy import select

from dispatcher.delivery.tokens import TokenKeys, answer_token
from dispatcher.keys import key
from dispatcher.store.crises import acts_of, open_event_of
from dispatcher.store.duties import duties_of
from dispatcher.store.ledger import Ledger
from dispatcher.store.outgoing import answers, deliveries
from dispatcher.store.summons_answers import summonses_of
from tests.called_people import answer_call, made, turned
from tests.consoles import SAME, console, form_token, sign_in
from tests.crises import activated
from tests.keyring import mark_of
from tests.situations import COMMUNE, add_user, office

pytest_plugins = ("tests.console_visits",)


async def submit(client: httpx.AsyncClient, path: str, **fields: str) -> httpx.Response:
    """Send a form as the browser that shows it."""
    token = await form_token(client)
    return await client.post(path, data={"token": token, **fields}, headers=SAME)


async def test_where_no_event_is_open_the_console_offers_both_beginnings(
    operator: httpx.AsyncClient,
) -> None:
    page = (await operator.get("/")).text
    assert 'href="/evenements/alerte-recue"' in page
    assert 'href="/evenements/ouvrir"' in page
    form = (await operator.get("/evenements/alerte-recue")).text
    assert "Samia BELKACEM" in form or "Hélène VASSEUR" in form  # who will be rung, by name
    assert "Sans réponse en 5 min, le suivant est appelé." in form


async def test_an_alert_received_becomes_an_event_and_a_double_click_only_one(
    operator: httpx.AsyncClient, town: Ledger
) -> None:
    form = (await operator.get("/evenements/alerte-recue")).text
    click = re.search(r'name="key" value="([^"]+)"', form)
    assert click is not None
    said = {"sender": "Préfecture", "text": "Crue <b>vite</b>", "code": "4471", "key": click[1]}
    first = await submit(operator, "/evenements/alerte-recue", **said, call="yes", mode="real")
    second = await submit(operator, "/evenements/alerte-recue", **said, call="yes", mode="real")
    assert first.status_code == second.status_code == 303
    assert first.headers["location"] == second.headers["location"]
    event = await open_event_of(town, COMMUNE)
    assert event is not None
    assert len(await summonses_of(town, COMMUNE, event.event_id)) == 1
    page = (await operator.get(first.headers["location"])).text
    assert "Crue &lt;b&gt;vite&lt;/b&gt;" in page
    assert "code 4471" in page
    assert "Quelqu'un doit évaluer ce qui est signalé." in page
    third = await submit(operator, "/evenements/alerte-recue", **{**said, "key": "un-autre"})
    assert third.status_code == 409
    assert "Un événement est déjà ouvert" in third.text
    assert "Crue &lt;b&gt;vite&lt;/b&gt;" in third.text  # what was typed is still there


async def test_a_refusal_is_a_sentence_in_the_language_of_the_reader(
    operator: httpx.AsyncClient,
) -> None:
    fields = {"sender": "Préfecture", "text": "Crue", "time": "vers midi"}
    french = await submit(operator, "/evenements/alerte-recue", **fields)
    assert (french.status_code, "Écrivez l&#39;heure de réception" in french.text) == (422, True)
    english = await submit(operator, "/evenements/alerte-recue?lang=en", **fields)
    assert "Write the time of reception like 03:12." in english.text


async def test_the_rac_may_pre_alert_and_only_the_mayor_finds_the_door_of_activation(
    operator: httpx.AsyncClient, town: Ledger, tmp_path: Path
) -> None:
    opened = await submit(operator, "/evenements/ouvrir", title="Crue", key="ouvrir-1")
    here = opened.headers["location"]
    page = (await operator.get(here)).text
    assert f'href="{here}/pre-alerte"' in page
    assert f'href="{here}/activer"' not in page
    assert (await operator.get(f"{here}/activer")).status_code == 403
    assert (await submit(operator, f"{here}/activer", call="no")).status_code == 403
    done = await submit(operator, f"{here}/pre-alerte", call="no", key="pre-alerte-1")
    assert done.status_code == 303
    await add_user(town, "maire", "dos", "Hélène Vasseur")
    async with console(tmp_path) as mayor:
        await sign_in(mayor, "maire")
        form = (await mayor.get(f"{here}/activer")).text
        assert "Oui : 9 fonctions et cellules" in form
        assert "Bruno OUDOT → Samia BELKACEM" in form  # the mayor does not call herself
        ready = {"call": "yes", "scenario": "serolle_q100", "key": "activer-1"}
        assert (await submit(mayor, f"{here}/activer", **ready)).status_code == 303
        page = (await mayor.get(here)).text
        assert "PCS activé" in page
        assert "Relever l&#39;échelle du pont" in page
        assert "Crue possible - préparez-vous, secteur Bas-Bourg" in page
    event = await open_event_of(town, COMMUNE)
    assert event is not None
    acts = [act.act for act in await acts_of(town, COMMUNE, event.event_id)]
    assert acts == ["activate", "pre_alert", "open"]


async def test_what_a_form_without_its_token_asks_is_not_done(
    operator: httpx.AsyncClient, town: Ledger
) -> None:
    bare = await operator.post("/evenements/ouvrir", data={"title": "Crue"}, headers=SAME)
    assert bare.status_code == 403
    assert await open_event_of(town, COMMUNE) is None


async def test_tasks_change_from_the_page_and_only_with_a_reason_where_one_is_due(
    operator: httpx.AsyncClient, town: Ledger
) -> None:
    event = await activated(office(town))
    here = f"/evenements/{event.event_id}"
    done = await submit(operator, f"{here}/taches/FA-CRUE/1", to="done", cellule="RENS")
    assert done.headers["location"] == f"{here}?cellule=RENS#t-FA-CRUE"
    part = (await operator.get(f"{here}/vivant?part=taches&cellule=RENS")).text
    assert "Faite" in part
    assert "Commander les repas" not in part  # of another cell
    refused = await submit(operator, f"{here}/taches/FA-CRUE/2", to="not_applicable")
    assert (refused.status_code, "sans objet" in refused.text) == (422, True)
    assert (await operator.get(f"{here}/taches/FA-CRUE/99")).status_code == 404


async def test_the_live_part_shows_answers_as_they_come(
    operator: httpx.AsyncClient, town: Ledger
) -> None:
    event = await activated(office(town))
    await answer_call(town, event, {"contact:dgs": "coming", "contact:ccas": "unable"})
    await turned(town)
    part = (await operator.get(f"/evenements/{event.event_id}/vivant")).text
    assert part.count('<span class="pill ok">Vient</span>') == 2
    assert '<span class="pill warn">Ne peut pas venir</span>' in part
    assert "<html" not in part
    english = (await operator.get(f"/evenements/{event.event_id}?lang=en")).text
    assert "Who is called, who comes" in english
    assert "Cannot come" in english


async def test_a_relief_shows_its_hand_over_sheet_as_it_was(
    operator: httpx.AsyncClient, town: Ledger
) -> None:
    event = await activated(office(town))
    here = f"/evenements/{event.event_id}"
    first = await submit(operator, f"{here}/fonctions/RAC", holder="contact:dgs")
    assert first.headers["location"] == f"{here}#fonctions"
    second = await submit(operator, f"{here}/fonctions/RAC", holder="contact:dst")
    sheet = (await operator.get(second.headers["location"])).text
    assert "Cède : Isabelle MARCHAL." in sheet
    assert "Prend : Karim FERRAND." in sheet
    assert "Tâches ouvertes : 48" in sheet
    await submit(operator, f"{here}/taches/FA-CRUE/1", to="done")
    assert "Tâches ouvertes : 48" in (await operator.get(second.headers["location"])).text
    assert "Tâches ouvertes : 47" in (await operator.get(f"{here}/fiche/RAC")).text
    refused = await submit(operator, f"{here}/fonctions/RAC", holder="contact:personne")
    assert refused.status_code == 422
    assert (await operator.get(f"{here}/fonctions/XXX")).status_code == 404
    assert len(await duties_of(town, COMMUNE, event.event_id)) == 3


async def test_a_proposal_becomes_one_draft_and_nothing_leaves(
    operator: httpx.AsyncClient, town: Ledger
) -> None:
    event = await activated(office(town))
    here = f"/evenements/{event.event_id}"
    drafted = await submit(operator, f"{here}/messages/crue_preparation")
    assert drafted.headers["location"].startswith("/console/alertes/")
    assert (await operator.get(drafted.headers["location"])).status_code == 200
    assert "n'est pas soumis : rien ne part" in (await operator.get(here)).text
    again = await submit(operator, f"{here}/messages/crue_preparation")
    assert again.headers["location"] == drafted.headers["location"]
    refused = await submit(operator, f"{here}/messages/feu_evacuation")
    assert refused.status_code == 404
    (one,) = await summonses_of(town, COMMUNE, event.event_id)
    assert (await operator.get(f"/console/alertes/{one.summons_id}")).status_code == 404


async def test_the_stand_down_lists_what_is_left_to_know(town: Ledger, tmp_path: Path) -> None:
    event = await activated(office(town))
    here = f"/evenements/{event.event_id}"
    await add_user(town, "adj1", "deputy", "Bruno Oudot")
    async with console(tmp_path) as deputy:
        await sign_in(deputy, "adj1")
        form = (await deputy.get(f"{here}/lever")).text
        assert "48 tâches restent ouvertes" in form
        assert "1 appel de personnes est en cours" in form
        refused = await submit(deputy, f"{here}/lever", knows="open_tasks")
        assert refused.status_code == 409
        assert "1 appel de personnes est en cours" in refused.text
        token = await form_token(deputy)
        knows = {"token": token, "knows": ["open_tasks", "running_calls"], "key": "lever-1"}
        done = await deputy.post(f"{here}/lever", data=knows, headers=SAME)
        assert done.status_code == 303
        assert 'href="/evenements/alerte-recue"' in (await deputy.get("/")).text


async def test_whoever_is_called_answers_on_her_own_page_and_may_change_her_mind(
    visitor: httpx.AsyncClient, town: Ledger, tmp_path: Path
) -> None:
    event = await activated(office(town))
    await made(town)
    wanted = select(deliveries.c.delivery_id).where(
        deliveries.c.contact_mark == mark_of("+33639980005")
    )
    async with town.reading() as connection:
        (ident, *_) = (await connection.execute(wanted)).scalars()
    keys = TokenKeys(key(tmp_path, "attempts"), key(tmp_path, "answers"))
    path = f"/a/{answer_token(keys, ident)}"
    page = (await visitor.get(path)).text
    assert "Je viens" in page
    assert "J'ai besoin d'aide" not in page
    for kind in ("understood", "help", "x"):  # of an alert, not of a summons
        await visitor.post(path, data={"kind": kind})
    assert (await visitor.post(path, data={"kind": "coming"})).status_code == 303
    assert "C'est noté : vous venez." in (await visitor.get(path)).text
    await visitor.post(path, data={"kind": "unable"})
    assert "Votre dernière réponse est notée." in (await visitor.get(path)).text
    async with town.reading() as connection:
        kinds = set((await connection.execute(select(answers.c.kind))).scalars())
    assert kinds == {"coming", "unable"}
    assert event.state == "active"
