"""The partners' doors of a town with two partners and a team of each."""

from collections.abc import AsyncIterator

import httpx
import pytest

from dispatcher.api.assembling import assemble
from dispatcher.api.services import Services
from dispatcher.api.signed_doors import Application
from dispatcher.delivery.accounts import CallbackKeys
from dispatcher.delivery.bell import Bell
from dispatcher.store import logbook
from dispatcher.store.ledger import Ledger
from dispatcher.store.own_teams import OwnTeam, add_team
from dispatcher.store.versions import Chained
from tests.offices import KEYS
from tests.partner_systems import PartnerSystem, let_in, secret
from tests.partner_town import LOGBOOK_KEY, MASTER, TOWN, URL


@pytest.fixture
async def http(ledger: Ledger) -> AsyncIterator[httpx.AsyncClient]:
    app = Application()
    assemble(app)
    app.state.services = Services(
        ledger,
        URL,
        KEYS,
        LOGBOOK_KEY,
        CallbackKeys(),
        {},
        Bell("redis://127.0.0.1:1"),
        partner_key=MASTER,
    )
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url=URL) as client:
        yield client


@pytest.fixture
async def fire(ledger: Ledger, http: httpx.AsyncClient) -> PartnerSystem:
    line = Chained(logbook.Entry("test", "team.added", "Équipe ajoutée"), LOGBOOK_KEY)
    for team, partner in (("FPT1", "sdis"), ("PATROL1", "gendarmerie")):
        made = OwnTeam(team, team.replace("1", " 1"), "fire_service", partner)
        await add_team(ledger, TOWN, made, by="maire", line=line)
    await let_in(ledger, TOWN, "sdis")
    await let_in(ledger, TOWN, "gendarmerie", verbs=["team.status"])
    return PartnerSystem(http, "sdis", secret(MASTER, TOWN, "sdis"))


@pytest.fixture
async def gendarmes(fire: PartnerSystem) -> PartnerSystem:
    return PartnerSystem(fire.http, "gendarmerie", secret(MASTER, TOWN, "gendarmerie"))
