"""The forms of the zone's page as a browser without script has them, and its map opened."""

import html
import re

import httpx
from playwright.async_api import Page

from dispatcher.alerts import sketching
from dispatcher.alerts.sketch import Sketch
from dispatcher.store.ledger import Ledger
from tests.browsing import DESK, Visit
from tests.consoles import SAME
from tests.situations import office

CORNERS = [(5.012, 47.776), (5.018, 47.776), (5.018, 47.781), (5.012, 47.781), (5.012, 47.776)]
SQUARE = {"type": "Polygon", "coordinates": [CORNERS]}
LINE = {"type": "LineString", "coordinates": [[5.012, 47.778], [5.02, 47.779]]}


class Zone:
    """The zone's page of one alert, as a browser without script has it."""

    def __init__(self, client: httpx.AsyncClient, alert_id: str, token: str) -> None:
        self.client, self.path, self.token = client, f"/console/alertes/{alert_id}/zone", token

    async def attempt(self, tool: str, op: str = "replace", **fields: object) -> httpx.Response:
        data = {"token": self.token, "tool": tool, "op": op, **fields}
        return await self.client.post(f"{self.path}/essai", data=data, headers=SAME)

    async def keep(self, tried: httpx.Response) -> httpx.Response:
        data = {"token": self.token, **proposal(tried)}
        return await self.client.post(self.path, data=data, headers=SAME)

    async def read(self) -> str:
        return (await self.client.get(self.path)).text


def proposal(tried: httpx.Response) -> dict[str, str]:
    """Return what the form that keeps a proposal would send."""
    found = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', tried.text))
    return {name: html.unescape(found[name]) for name in ("revision", "proposal")}


def count(text: str) -> int:
    found = re.search(r'class="zone-figure"><b>([\d\s\u202f]+)</b>', text)
    assert found is not None
    return int(re.sub(r"\D", "", found[1]))


async def sketch(ledger: Ledger, alert_id: str) -> Sketch:
    return await sketching.sketch_of(office(ledger), alert_id)


async def opened(seen: Visit, alert_id: str) -> Page:
    """Sign in and open the zone of an alert in a browser, its map drawn."""
    await seen.resize(DESK)
    await seen.sign_in()
    await seen.open(f"/console/alertes/{alert_id}/zone")
    await seen.page.wait_for_selector(".map[data-drawn]")
    return seen.page
