"""« Prêt ? » on the console: the worst first, a remedy beside each, two people at the door."""

import re

import httpx
import pytest

from dispatcher.readiness.lines import not_ready, ready
from dispatcher.store import readiness
from dispatcher.store.in_service import opening_of
from dispatcher.store.ledger import Ledger
from dispatcher.store.phone_trials import last_trial
from tests.consoles import SAME, form_token, sign_in
from tests.signing import send
from tests.situations import COMMUNE, add_user

pytest_plugins = ("tests.console_visits",)
FOUND = [
    ready("sender", "Les SMS partent au nom de « %(sender)s ».", sender="VAUBRENNE"),
    not_ready("approvers",
              "Ni le maire ni un suppléant ne pourrait valider cette nuit, seulement : %(there)s.",
              "Invitez-les dans « Accès » (second facteur compris), et complétez leurs numéros dans"
              " l'annuaire.", there="<b>Marc</b>"),
]  # fmt: skip


def saw(page: str) -> str:
    """Return what the form says that its reader saw."""
    found = re.search(r'name="saw" value="(\w+)"', page)
    assert found is not None
    return found[1]


async def tried(guest: httpx.AsyncClient, people: list[str]) -> httpx.Response:
    """Send the form of a test."""
    fields = {"token": await form_token(guest), "people": people}
    return await guest.post("/pret/essai", data=fields, headers=SAME)


async def test_what_is_not_ready_comes_first_with_its_remedy_and_its_place(
    operator: httpx.AsyncClient, town: Ledger
) -> None:
    await readiness.keep(town, COMMUNE, FOUND)
    page = (await operator.get("/pret")).text
    assert "Pas prêt : 1 point" in page
    assert page.index("Qui valide cette nuit") < page.index("Nom d&#39;émetteur")
    remedy = page[page.index("ready-remedy") :]
    assert "second facteur compris" in remedy
    assert 'href="/acces"' in remedy[: remedy.index("</p>")]
    assert "&lt;b&gt;Marc&lt;/b&gt;" in page
    assert "<b>Marc" not in page


async def test_it_is_all_in_english_too(operator: httpx.AsyncClient, town: Ledger) -> None:
    await readiness.keep(town, COMMUNE, FOUND)
    page = (await operator.get("/pret?lang=en")).text
    assert "Not ready: 1 point" in page
    assert "Neither the mayor nor a deputy could approve tonight" in page
    assert "SMS leave in the name of “VAUBRENNE”" in page
    assert not re.search(r"Pas prêt|Vérifier|Mise en service|Essai vers", page)


async def test_before_the_first_round_nothing_is_said_to_be_ready(
    operator: httpx.AsyncClient,
) -> None:
    page = (await operator.get("/pret")).text
    assert "Pas encore vérifié" in page
    assert "ready-good" not in page


async def test_asking_again_waits_for_a_worker_and_the_page_says_so(
    operator: httpx.AsyncClient, town: Ledger
) -> None:
    answer = await send(operator, "/pret", to="/pret/verifier")
    assert answer.headers["location"] == "/pret?fait=demande"
    assert (await readiness.round_of(town, COMMUNE)).waits
    page = (await operator.get("/pret")).text
    assert 'hx-get="/pret/lignes"' in page
    assert "Vérification en cours" in page
    assert await readiness.take(town, COMMUNE)
    await readiness.keep(town, COMMUNE, FOUND)
    assert "hx-get" not in (await operator.get("/pret")).text.split('id="pret"')[1][:80]
    assert "Pas prêt : 1 point" in (await operator.get("/pret/lignes")).text


async def test_two_people_put_the_commune_in_service_on_the_page(
    visitor: httpx.AsyncClient, town: Ledger
) -> None:
    await readiness.keep(town, COMMUNE, FOUND)
    await add_user(town, login="maire", function="dos", name="Hélène")
    await add_user(town, login="admin", function="administrator", name="Isabelle")
    await sign_in(visitor, "maire")
    page = (await visitor.get("/pret")).text
    assert "1 point n&#39;est pas prêt" in page or "1 point n'est pas prêt" in page
    await send(visitor, "/pret", to="/pret/service", act="ask", saw=saw(page))
    own = (await visitor.get("/pret")).text
    assert 'value="confirm"' not in own
    refused = await send(visitor, "/pret", to="/pret/service", act="confirm", saw=saw(page))
    assert refused.status_code in (403, 409)
    visitor.cookies.clear()
    await sign_in(visitor, "admin")
    page = (await visitor.get("/pret")).text
    assert 'value="confirm"' in page
    answer = await send(visitor, "/pret", to="/pret/service", act="confirm", saw=saw(page))
    assert answer.headers["location"] == "/pret?fait=confirm"
    assert (await opening_of(town, COMMUNE)).live
    assert "Mettre hors service" in (await visitor.get("/pret")).text
    await send(visitor, "/pret", to="/pret/service", act="close", reason="essai")
    assert not (await opening_of(town, COMMUNE)).live


async def test_three_people_are_tried_from_the_page_and_two_are_refused(
    operator: httpx.AsyncClient, town: Ledger
) -> None:
    page = (await operator.get("/pret")).text
    people = re.findall(r'name="people" value="(\w+)"', page)
    refused = await tried(operator, people[:2])
    assert refused.status_code == 422
    assert 'role="alert"' in refused.text
    assert await last_trial(town, COMMUNE) is None
    answer = await tried(operator, people[:3])
    assert answer.status_code == 303
    trial = await last_trial(town, COMMUNE)
    assert trial is not None
    assert list(trial.people) == people[:3]


@pytest.mark.parametrize("function", ["observer", "operator", "rac"])
async def test_who_may_not_open_the_service_sees_it_and_has_no_button(
    visitor: httpx.AsyncClient, town: Ledger, function: str
) -> None:
    await add_user(town, login="autre", function=function)
    await sign_in(visitor, "autre")
    page = (await visitor.get("/pret")).text
    assert "pas en service" in page
    assert 'action="/pret/service"' not in page
    assert ('action="/pret/essai"' in page) == (function == "rac")


async def test_tools_read_the_same(operator: httpx.AsyncClient, town: Ledger) -> None:
    await readiness.keep(town, COMMUNE, FOUND)
    told = (await operator.get("/api/v1/readiness")).json()
    assert (told["ready"], told["in_service"]) == (False, False)
    assert told["counts"] == {"not_ready": 1, "unknown": 0, "warning": 0, "ready": 1}
    assert [one["subject"] for one in told["lines"]] == ["approvers", "sender"]
    assert told["lines"][0]["said"].endswith("<b>Marc</b>.")
