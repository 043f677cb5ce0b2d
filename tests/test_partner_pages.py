"""« Partenaires »: asked for on one screen, agreed to on another, its secret shown and logged."""

import html
import re
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
from sqlalchemy import update

from dispatcher.alerts.office import Office
from dispatcher.partners import registry
from dispatcher.store import logbook
from dispatcher.store.ledger import Ledger
from dispatcher.store.partner_tables import partners
from tests.consoles import SAME, console
from tests.partner_hall import POLICE, admitted
from tests.signing import enrol, enter, send
from tests.situations import COMMUNE

pytest_plugins = ("tests.console_visits", "tests.partner_visits")
ASKED = {"name": "Police municipale", "kind": "police_municipale", "url": ""}


@pytest.fixture
async def manager(visitor: httpx.AsyncClient, town: Ledger) -> httpx.AsyncClient:
    """Be an administrator, signed in with a code."""
    await enrol(town, "isabelle", "administrator", contact="dgs")
    assert (await enter(visitor, "isabelle")).status_code == 303
    return visitor


async def ask(client: httpx.AsyncClient, **fields: str) -> httpx.Response:
    form = (await client.get("/partenaires/demander")).text
    token = re.search(r'name="token" value="(\w+)"', form)
    assert token is not None
    data = {"token": token[1], **ASKED, "rate": "20", "teams": "POLICE", **fields}
    pairs = {**data, "verbs": ["team.status", "events.read"]}
    return await client.post("/partenaires/demander", data=pairs, headers=SAME)


def read(answer: httpx.Response) -> str:
    return html.unescape(answer.text)


async def test_two_people_let_a_partner_in_and_its_secret_is_shown_to_them(
    manager: httpx.AsyncClient, town: Ledger, tmp_path: Path, mairie: Office
) -> None:
    unsound = await ask(manager, url="http://police.example/x")
    assert (unsound.status_code, "il faut https" in read(unsound)) == (422, True)
    assert 'value="Police municipale"' in unsound.text
    asked = await ask(manager, url="https://police.example/x?key=JETON")
    here = "/partenaires/police-municipale"
    assert asked.headers["location"] == f"{here}?fait=attend"
    waits = read(await manager.get(here))
    assert "accord d'une autre personne" in waits
    assert ("https://police.example/x?…" in waits, "JETON" in waits) == (True, False)
    assert (await send(manager, here, act="agree")).status_code == 409
    assert "attend un accord" in (await manager.get("/partenaires")).text
    await enrol(town, "helene", "dos", contact="maire")
    async with console(tmp_path) as mayor:
        await enter(mayor, "helene")
        agreed = await send(mayor, here, act="agree")
        assert agreed.headers["location"] == f"{here}?fait=admis"
        secret = await send(mayor, here, to=f"{here}/secret")
    assert secret.headers["cache-control"] == "no-store"
    shown = re.findall(r"whsec_[\w+/=]{40,}", read(secret))
    assert len(set(shown)) == 2
    assert shown[0] not in (await manager.get(here)).text
    (line,) = await logbook.read_kinds(town, COMMUNE, "partner.secret_shown", limit=9)
    assert line.author == "helene"
    for act, fields in (
        ("ping", {}),
        ("replay", {"hours": "1"}),
        ("rotate", {"hours": "24"}),
        ("end_old", {}),
    ):
        assert (await send(manager, here, act=act, **fields)).status_code == 303, act
    assert (await send(manager, here, act="end")).status_code == 409  # without a reason
    assert (await send(manager, here, act="end", reason="contrat")).status_code == 303
    assert (await registry.find(mairie, "police-municipale")).state == "ended"
    english = read(await manager.get(f"{here}?lang=en"))
    assert "Its last messages" in english
    assert not re.search(r"admis|retiré|secrets?</h2>Ses", english)


async def test_an_operator_names_what_it_calls_ours_and_may_do_no_more(
    operator: httpx.AsyncClient, mairie: Office
) -> None:
    here = f"/partenaires/{await admitted(mairie)}"
    page = await operator.get(here)
    assert "Afficher le secret" not in page.text
    fields = {"act": "add", "kind": "team", "external": "PM-01", "ours": "POLICE"}
    added = await send(operator, here, to=f"{here}/noms", **fields)
    assert added.status_code == 303
    assert "« PM-01 »" in (await operator.get(here)).text
    again = await send(operator, here, to=f"{here}/noms", **fields)
    assert again.status_code == 409
    await send(operator, here, to=f"{here}/noms", act="remove", kind="team", external="PM-01")
    assert "« PM-01 »" not in (await operator.get(here)).text
    assert (await send(operator, here, to=f"{here}/secret")).status_code == 403
    assert (await send(operator, here, act="end", reason="x")).status_code == 403
    assert (await operator.get("/partenaires/inconnu")).status_code == 404


async def test_events_that_it_refused_are_shown_and_sent_again_by_a_button(
    manager: httpx.AsyncClient, town: Ledger, mairie: Office
) -> None:
    here = f"/partenaires/{await admitted(mairie, replace(POLICE, url='https://police.example/x'))}"
    async with town.writing() as connection:
        await connection.execute(update(partners).values(push_passed=2, push_passed_after=1))
    assert "Renvoyer depuis le premier refusé" in read(await manager.get(here))
    assert (await send(manager, here, act="replay_passed")).status_code == 303
    assert "Renvoyer depuis le premier refusé" not in read(await manager.get(here))
    assert (await send(manager, here, act="replay_passed")).status_code == 409
