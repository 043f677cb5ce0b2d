"""Pages of a plan's message templates: measured, refused at a field, approved beforehand."""

import html

import httpx
import pytest

from dispatcher.store import plan_history
from dispatcher.store.ledger import Ledger
from tests.plan_visits import fields, plan_of, send
from tests.situations import COMMUNE

pytest_plugins = ("tests.console_visits",)


async def test_a_template_is_changed_measured_and_its_blanks_follow(
    operator: httpx.AsyncClient, town: Ledger
) -> None:
    path = "/plan/modeles/crue_evacuation"
    data = await fields(operator, path)
    text = "Mairie de Vaubrenne: quittez {secteur} vers {centre} par {rue}. {lien} {tel}"
    measured = await send(operator, path, {**data, ":sms": text + " “mot”", "acte": "mesurer"})
    assert "UCS-2" in measured.text
    assert await plan_history.count_versions(town, COMMUNE) == 1
    answer = await send(operator, path, {**data, ":sms": text})
    assert answer.status_code == 303
    plan = await plan_of(town)
    kept = next(one for one in plan.templates if one.id == "crue_evacuation")
    assert kept.texts["fr"].sms == text
    assert "rue" in kept.variables


async def test_a_template_that_invites_an_answer_nobody_reads_is_refused_at_its_field(
    operator: httpx.AsyncClient,
) -> None:
    path = "/plan/modeles/crue_evacuation"
    data = await fields(operator, path)
    answer = await send(operator, path, {**data, "en:sms": "Reply YES to this SMS. {secteur}"})
    assert answer.status_code == 422
    assert 'id="faute-traductions.en.sms"' in answer.text


async def test_a_template_is_approved_beforehand_and_no_more(
    operator: httpx.AsyncClient, town: Ledger
) -> None:
    path = "/plan/modeles/crue_evacuation"
    data = await fields(operator, path)
    assert "prevalide" not in data
    for given, kept in (("oui", True), ("", False)):
        data |= {"base": (await fields(operator, path))["base"], "prevalide": given}
        assert (await send(operator, path, data)).status_code == 303
        found = {one.id: one.pre_approved for one in (await plan_of(town)).templates}
        assert found["crue_evacuation"] is kept
        listed = html.unescape((await operator.get("/plan/modeles")).text)
        assert listed.count("validé d'avance") == 1 + kept  # one is in the plan already


async def test_a_language_is_taken_out_and_a_template_is_added(
    operator: httpx.AsyncClient, town: Ledger
) -> None:
    path = "/plan/modeles/crue_evacuation"
    data = await fields(operator, path)
    for text in ("sms", "voix", "email.objet", "email.corps"):
        data[f"en:{text}"] = ""
    assert (await send(operator, path, data)).status_code == 303
    new = await fields(operator, "/plan/modeles/ajouter")
    new |= {"cap.event": "Neige", ":sms": "Mairie de Vaubrenne: neige. Restez chez vous. {tel}"}
    assert (await send(operator, "/plan/modeles/ajouter", new)).status_code == 303
    found = {one.id: one for one in (await plan_of(town)).templates}
    assert "en" not in found["crue_evacuation"].texts
    assert found["neige"].cap.event == "Neige"


@pytest.mark.parametrize("ident", ["../../pcs", "a/b", "é", "x" * 41, "fausse_alerte"])
async def test_the_id_of_a_template_never_names_another_file(
    operator: httpx.AsyncClient, town: Ledger, ident: str
) -> None:
    new = await fields(operator, "/plan/modeles/ajouter")
    new |= {"cap.event": "Neige", ":sms": "Mairie: neige. {tel}", "id": ident}
    answer = await send(operator, "/plan/modeles/ajouter", new)
    assert answer.status_code == 409
    assert await plan_history.count_versions(town, COMMUNE) == 1
