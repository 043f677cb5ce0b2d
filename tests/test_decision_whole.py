"""What an approver reads is what leaves: a correction as itself, the means, what was done alone."""

import re
from dataclasses import replace

import httpx
import pytest
from sqlalchemy import update

from dispatcher.alerts import judging, life, sketching
from dispatcher.alerts.sketching import Start
from dispatcher.crisis import overriding
from dispatcher.crisis.holds import Holds
from dispatcher.crisis.overriding import Emergency
from dispatcher.delivery.content import Content
from dispatcher.store.decision_tables import overrides
from dispatcher.store.ledger import Ledger
from dispatcher.store.sketch_tables import sketches
from tests.consoles import SAME, form_token
from tests.crises import MAYOR, OPERATOR
from tests.peopled_town import people_the_town
from tests.situations import Planned, add_user, office, write_alert
from tests.written_alerts import FLOOD, words

pytest_plugins = ("tests.console_visits",)
OURS = "Ce que l'équipe fait elle-même, dès le lancement"


async def evacuated(town: Ledger) -> str:
    """Launch an alert that was written on the console, of which the plan has lost the sectors."""
    desk, blanks = office(town), {"heure": "22 h"}
    chosen = replace(FLOOD, template="crue_evacuation", blanks=blanks)
    alert = await sketching.begin(desk, Start(chosen=chosen), actor=OPERATOR)
    await sketching.freeze(desk, alert, revision=1, actor=OPERATOR)
    await life.submit(desk, alert, actor=OPERATOR)
    await life.launch(desk, alert, actor=MAYOR, approving=life.Read())
    async with town.writing() as connection:
        lost = {**chosen.as_json(), "sectors": []}
        await connection.execute(update(sketches).values(chosen=lost))
    return alert


async def test_a_correction_is_decided_on_a_page_of_its_own_words(
    operator: httpx.AsyncClient, town: Ledger
) -> None:
    await people_the_town(town)
    alert = await evacuated(town)
    here = f"/console/alertes/{alert}"
    before = Content.of((await life.find(office(town), alert)).content).title
    blanks = re.findall(r'name="(blank-[^"]+)"', (await operator.get(f"{here}/fin")).text)
    form = {"token": await form_token(operator), "key": "fin-une-fois"}
    form |= {name: f"valeur{number}" for number, name in enumerate(blanks)}
    done = await operator.post(f"{here}/fin", data=form, headers=SAME)
    assert done.headers["location"] == f"{here}/decision"
    after = Content.of((await life.find(office(town), alert)).content).title
    page = await operator.get(f"{here}/decision")
    assert after != before
    heading = re.search(r"<h1[^>]*>(.*?)</h1>", page.text.replace("&#39;", "'"), re.DOTALL)
    assert heading is not None
    assert after in heading[1]
    assert before not in heading[1]
    assert "Fin d'alerte · version 2 de l'alerte" in words(page)
    assert "compose-rail" not in page.text  # a correction is not taken back through the steps
    await judging.send_back(office(town), alert, actor=MAYOR, reason="à revoir")
    returned = words(await operator.get(f"{here}/decision"))
    assert "L'alerte n'a pas de zone" not in returned
    assert "Ce qui manque avant de soumettre" not in returned
    assert "Soumettre et appeler" in returned
    assert "Ce que les gens reçoivent" in returned


@pytest.mark.parametrize("ticked", [("siren", "bells"), ()])
async def test_what_the_team_does_itself_is_read_before_it_is_approved(
    operator: httpx.AsyncClient, town: Ledger, ticked: tuple[str, ...]
) -> None:
    await people_the_town(town)
    desk = office(town)
    alert = await sketching.begin(desk, Start(chosen=replace(FLOOD, means=ticked)), actor=OPERATOR)
    await sketching.freeze(desk, alert, revision=1, actor=OPERATOR)
    await life.submit(desk, alert, actor=OPERATOR)
    said = words(await operator.get(f"/console/alertes/{alert}/decision"))
    assert (OURS in said) is bool(ticked)
    assert ("Déclencher la sirène communale" in said) is ("siren" in ticked)


async def test_an_alert_of_the_emergency_procedure_says_so_and_who_and_why(
    operator: httpx.AsyncClient, town: Ledger
) -> None:
    await people_the_town(town)
    await add_user(town, "maire", "dos", "Hélène Vasseur")
    desk = office(town)
    asked = Emergency("danger_immediat", ("bas_bourg",), "La digue vient de céder")
    stopped = await overriding.hold(desk, asked, actor=MAYOR, key="un")
    await overriding.stop(desk, stopped, actor=OPERATOR)
    left = await overriding.hold(desk, asked, actor=MAYOR, key="deux")
    async with town.writing() as connection:  # a minute later
        await connection.execute(update(overrides).values(leaves_at=overrides.c.leaves_at - 61))
    assert await Holds(town, office_of=desk.of).turn()
    page = words(await operator.get(f"/console/alertes/{left}"))
    assert "Lancée en procédure d'urgence par Hélène Vasseur à" in page
    assert "Motif : La digue vient de céder" in page
    page = words(await operator.get(f"/console/alertes/{stopped}"))
    assert (
        "arrêté par Nadine LHUILLIER (Agent d'état civil) avant son départ : rien n'est parti"
        in page
    )
    plain = await write_alert(town, Planned(lines=(("sms", "delivered", 1),)))
    assert "procédure d'urgence" not in words(
        await operator.get(f"/console/alertes/{plain.alert_id}")
    )
