"""Who is ordered somewhere opens her team's page from that order, as long as it stands."""

import html

import httpx
import pytest
from sqlalchemy import select, update

from dispatcher.alerts.office import Actor
from dispatcher.delivery.planning import materialise_next
from dispatcher.delivery.tokens import answer_hash
from dispatcher.store import logbook
from dispatcher.store.ledger import Ledger
from dispatcher.store.mission_rows import Mission
from dispatcher.store.mission_tellings import tellings_of
from dispatcher.store.outgoing import deliveries, versions
from dispatcher.tasking.chasing import Chaser
from dispatcher.tasking.phone_from_order import MOST_PHONES
from dispatcher.teams import phone_links
from dispatcher.teams.ordering import NewMission, move, order, propose
from tests.situations import COMMUNE, office

pytest_plugins = ("tests.console_visits",)

RAC = Actor("rac", "rac")
PONT = NewMission("secure", "Fermer le pont")
PAGE = {"kind": "team_page"}


async def told(town: Ledger, mission: Mission, token: str) -> None:
    """Let the team be told, and give the page of its leader's SMS this address."""
    assert await Chaser(office(town)).turn()
    while await materialise_next(town) is not None:
        pass
    step = (await tellings_of(town, COMMUNE, mission.mission))[-1]
    version = select(versions.c.version_id).where(versions.c.alert_id == step.wave)
    sms = (deliveries.c.version_id.in_(version), deliveries.c.medium == "sms")
    async with town.writing() as connection:
        named = update(deliveries).where(*sms).values(answer_hash=answer_hash(token))
        assert (await connection.execute(named)).rowcount == 1


@pytest.fixture
async def mission(town: Ledger) -> Mission:
    made = await propose(office(town), PONT, actor=RAC, team="TERRAIN1")
    await told(town, made, "first")
    return made


async def test_an_order_opens_its_team_s_page_by_a_button_and_says_so_in_the_logbook(
    visitor: httpx.AsyncClient, town: Ledger, mission: Mission
) -> None:
    shown = (await visitor.get("/a/first")).text
    assert "Ouvrir la page de l'équipe" in html.unescape(shown)
    assert await phone_links.links_of(office(town), "TERRAIN1") == []  # to look makes nothing
    sent = await visitor.post("/a/first", data=PAGE)
    assert sent.status_code == 303, sent.text
    page = await visitor.get(sent.headers["location"])
    assert page.status_code == 200
    assert "TERRAIN 1" in page.text
    assert "Mission reçue" in page.text  # to open the page is not to accept
    (line,) = await logbook.read_kinds(town, COMMUNE, "team.link_made", limit=2)
    assert (line.author, line.data["mission"]) == ("contact:chef_voirie", mission.mission)


async def test_what_the_cell_has_cut_an_order_opens_no_more_until_it_is_given_anew(
    visitor: httpx.AsyncClient, town: Ledger, mission: Mission
) -> None:
    await visitor.post("/a/first", data=PAGE)
    assert await phone_links.revoke_links(office(town), "TERRAIN1", actor=RAC) == 1
    refused = await visitor.post("/a/first", data=PAGE)
    assert refused.status_code == 409
    assert "a coupé les téléphones de cette équipe" in refused.text
    for team, token in (("TERRAIN2", "second"), ("TERRAIN1", "third")):
        await order(office(town), mission.mission, team, actor=RAC)
        await told(town, mission, token)
    assert (await visitor.post("/a/third", data=PAGE)).status_code == 303


async def test_an_order_that_is_over_or_another_team_s_opens_nothing(
    visitor: httpx.AsyncClient, town: Ledger, mission: Mission
) -> None:
    await order(office(town), mission.mission, "TERRAIN2", actor=RAC)
    assert "team_page" not in (await visitor.get("/a/first")).text
    assert (await visitor.post("/a/first", data=PAGE)).status_code == 200
    await told(town, mission, "second")
    await move(office(town), mission.mission, "cancelled", actor=RAC, note="eau")
    await visitor.post("/a/second", data=PAGE)
    for team in ("TERRAIN1", "TERRAIN2"):
        assert await phone_links.links_of(office(town), team) == []


async def test_an_order_opens_a_team_s_telephones_and_not_a_street_s(
    visitor: httpx.AsyncClient, mission: Mission
) -> None:
    opened = [(await visitor.post("/a/first", data=PAGE)).status_code for _ in range(7)]
    assert opened == [303] * MOST_PHONES + [409] * 2
