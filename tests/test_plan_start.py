"""The guided start: each step saves a draft, refuses what makes no plan, and can be left."""

import json
import re
from collections.abc import Mapping, Sequence

import httpx
import pytest
from sqlalchemy import delete

from channels.segments import measure
from dispatcher.alerts.office import Actor
from dispatcher.alerts.refusals import NotNow
from dispatcher.revision import starting
from dispatcher.store import plan_drafts, plans
from dispatcher.store.ledger import Ledger
from dispatcher.store.plans import PlanMoved
from dispatcher.store.tables import plans as plan_table
from operator_ui.plan_start_steps import SAVED
from plans import starter
from plans.drawn import geometry_of
from plans.starter_words import READY, texts_of
from plans.words import fill
from tests.addressed_town import put_addresses
from tests.consoles import SAME, sign_in
from tests.example_commune import address_rows
from tests.plan_folders import read
from tests.situations import COMMUNE, add_user, load_example_plan, office
from zones.area import Place
from zones.geojson import read_area

pytest_plugins = ("tests.console_visits",)
ACTOR = Actor("rac", "rac")
OUTLINE = {
    "type": "Polygon",
    "coordinates": [[[5.0, 47.76], [5.05, 47.76], [5.05, 47.8], [5.0, 47.8], [5.0, 47.76]]],
}


@pytest.fixture
async def beginner(operator: httpx.AsyncClient, town: Ledger) -> httpx.AsyncClient:
    """Be the RAC of a town without a plan."""
    async with town.writing() as connection:
        await connection.execute(delete(plan_table))
    return operator


async def send(
    client: httpx.AsyncClient, step: str, data: Mapping[str, str | Sequence[str]]
) -> httpx.Response:
    shown = step if step in starter.STEPS else "relire"
    page = (await client.get(f"/plan/demarrer/{shown}")).text
    hidden = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', page))
    return await client.post(f"/plan/demarrer/{step}", data={**hidden, **data}, headers=SAME)


@pytest.mark.parametrize("step", starter.STEPS)
async def test_every_step_can_be_looked_at_before_any_is_taken(
    beginner: httpx.AsyncClient, step: str
) -> None:
    for language in ("fr", "en"):
        page = await beginner.get(f"/plan/demarrer/{step}?lang={language}")
        assert page.status_code == 200
        assert 'aria-current="step"' in page.text


async def test_a_step_saves_goes_on_and_is_found_again(
    beginner: httpx.AsyncClient, town: Ledger
) -> None:
    answer = await send(beginner, "commune", {"nom": "Vaubrenne", "telephone": "03 53 01 00 02"})
    assert answer.headers["location"] == "/plan/demarrer/personnes?fait=1"
    draft = await plan_drafts.draft_of(town, COMMUNE)
    assert starter.commune_of(draft.files)["telephone"] == "+33353010002"
    assert (draft.revision, draft.changed_by) == (1, "rac")
    again = await beginner.get("/plan/demarrer")
    assert again.headers["location"] == "/plan/demarrer/personnes"
    assert 'value="Vaubrenne"' in (await beginner.get("/plan/demarrer/commune")).text
    assert "Continuer le premier plan" in (await beginner.get("/plan")).text


@pytest.mark.parametrize(
    ("step", "data", "said"),
    [
        ("commune", {"nom": " "}, "Écrivez le nom de la commune"),
        ("personnes", {"nom": "SEUL"}, "au moins le nom et un numéro"),
        ("fonctions", {"maire": "a", "suppleants": ["a"]}, "au moins un suppléant"),
        ("secteurs", {"nom": "Bourg"}, "a besoin de son tracé"),
        ("secteurs", {"nom": "Bourg", "trace": '{"type": "Point"}'}, "trac"),
        ("messages", {}, "au moins un message"),
    ],
)
async def test_what_makes_no_plan_is_refused_in_words(
    beginner: httpx.AsyncClient,
    town: Ledger,
    step: str,
    data: Mapping[str, str | Sequence[str]],
    said: str,
) -> None:
    answer = await send(beginner, step, {**data})
    assert answer.status_code == 422
    alert = re.search(r'role="alert"[^>]*>([^<]+)', answer.text)
    assert alert is not None
    assert said in alert[1].replace("&#39;", "'")
    assert (await plan_drafts.draft_of(town, COMMUNE)).revision == 0


async def test_the_whole_way_and_then_the_draft_is_gone(
    beginner: httpx.AsyncClient, town: Ledger
) -> None:
    await send(beginner, "commune", {"nom": "Vaubrenne"})
    early = await send(beginner, "charger", {})
    assert early.status_code == 422
    assert "empêche" in early.text
    for name, phone in (("A", "06 39 98 00 01"), ("B", "06 39 98 00 02"), ("C", "0639980003")):
        await send(beginner, "personnes", {"nom": name, "tel": [phone, ""]})
    await send(beginner, "personnes", {"retirer": "c"})
    await send(beginner, "fonctions", {"maire": "a", "suppleants": ["b", "", ""]})
    await send(beginner, "risques", {"risques": ["inondation", "rien"]})
    sector = {"nom": "Toute la commune", "population": "300", "trace": json.dumps(OUTLINE)}
    await send(beginner, "secteurs", {**sector})
    await send(beginner, "centres", {"pcc": "Mairie", "accueil": "Gymnase", "capacite": "100"})
    messages = {"modeles": ["danger_immediat", "evacuation"], "emetteur_sms": "Vaubrenne"}
    await send(beginner, "messages", {**messages, "numero_appelant": "03 53 01 00 01"})
    answer = await send(beginner, "charger", {})
    assert answer.headers["location"] == "/plan?fait=demarre", answer.text
    kept = await plans.in_force(town, COMMUNE)
    assert kept is not None
    reading = read({**kept.files})
    assert reading.faults == ()
    assert reading.plan is not None
    assert [one.id for one in reading.plan.contacts] == ["a", "b"]
    assert [one.code for one in reading.plan.hazards] == ["inondation"]
    assert (await plan_drafts.draft_of(town, COMMUNE)).revision == 0
    assert (await beginner.get("/plan/demarrer")).headers["location"] == "/plan"


async def test_a_village_without_an_outline_starts_from_its_addresses(
    beginner: httpx.AsyncClient, town: Ledger
) -> None:
    await send(beginner, "commune", {"nom": "Vaubrenne"})
    page = (await beginner.get("/plan/demarrer/secteurs")).text
    assert "Partir des adresses" not in page
    refused = await send(beginner, "secteurs", {"depuis": "adresses"})
    assert refused.status_code == 422
    assert "a de position" in refused.text
    count = await put_addresses(town)
    assert "Partir des adresses" in (await beginner.get("/plan/demarrer/secteurs")).text
    assert (await send(beginner, "secteurs", {"depuis": "adresses"})).status_code == 303
    draft = await plan_drafts.draft_of(town, COMMUNE)
    area = read_area(json.dumps(geometry_of(draft.files, "toute_la_commune")).encode())
    inside = [one for one in address_rows()
              if area.covers_place(Place(float(one["long"]), float(one["lat"])))]  # fmt: skip
    assert len(inside) == count


async def test_two_people_at_one_draft_are_told_of_each_other(
    beginner: httpx.AsyncClient, town: Ledger
) -> None:
    page = (await beginner.get("/plan/demarrer/commune")).text
    late = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', page))
    await send(beginner, "commune", {"nom": "Vaubrenne"})
    answer = await beginner.post(
        "/plan/demarrer/commune", data={**late, "nom": "Autre"}, headers=SAME
    )
    assert answer.status_code == 409
    assert "rac a changé le plan à" in answer.text


async def test_a_commune_that_has_a_plan_is_not_started_again(ledger: Ledger) -> None:
    with pytest.raises(PlanMoved):
        await plan_drafts.save_draft(ledger, COMMUNE, {"a": b"b"}, read=3, by="rac")
    await starting.keep(office(ledger), {"a": b"b"}, read=0, actor=ACTOR)
    await load_example_plan(ledger)
    with pytest.raises(NotNow):
        await starting.load(office(ledger), read=1, actor=ACTOR)
    with pytest.raises(NotNow):
        await starting.keep(office(ledger), {}, read=1, actor=ACTOR)


async def test_who_may_not_load_a_plan_does_not_start_one(
    visitor: httpx.AsyncClient, town: Ledger
) -> None:
    await add_user(town, login="lecteur", function="operator")
    await sign_in(visitor, "lecteur")
    assert (await visitor.get("/plan/demarrer/commune")).status_code == 403


@pytest.mark.parametrize("ready", READY, ids=lambda one: str(one.ident))
def test_a_ready_message_is_two_plain_segments_at_most(ready: object) -> None:
    values = {
        "commune": "Saint-Jean-de-la-Rivière",
        "secteur": "Toute la commune de la vallée",
        "tel": "01 99 00 00 00",
        "lien": "https://alerte.commune.fr/a/" + "x" * 22,
        "centre": "Salle du conseil",
    }
    for text in ready.sms:  # type: ignore[attr-defined]
        found = measure(fill(text, values))
        assert (found.encoding, found.segments <= 2) == ("GSM-7", True), found.segments
    whole = texts_of(ready, shelter=True)  # type: ignore[arg-type]
    assert {"sms", "voix", "email", "traductions"} <= set(whole)


def test_every_step_but_the_review_saves_something() -> None:
    assert set(SAVED) == set(starter.STEPS) - {"relire"}


@pytest.mark.parametrize(
    ("insee", "zone"),
    [("97411", "Indian/Reunion"), ("2A004", "Europe/Paris"), ("35047", "Europe/Paris")],
)
def test_the_clock_comes_from_the_code(insee: str, zone: str) -> None:
    assert starter.zone_of(insee) == zone
