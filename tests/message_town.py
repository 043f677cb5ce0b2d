"""A message that is being written in the example commune, as its pages' tests begin."""

import html
import re

import httpx

from dispatcher.alerts import sketching
from dispatcher.alerts.office import Actor
from dispatcher.alerts.sketch import Chosen, Sketch
from dispatcher.alerts.sketching import Start
from dispatcher.store.ledger import Ledger
from tests.consoles import SAME, form_token
from tests.situations import office

AUTHOR = Actor("rac", "rac")
SECTORS = ("bas_bourg",)


async def sketched(town: Ledger, *, mode: str = "real", **chosen: object) -> str:
    """Begin an alert of the evacuation template in one sector; return its id."""
    values = {"template": "crue_evacuation", "sectors": SECTORS, **chosen}
    start = Start(mode, None, Chosen().changed(values))
    return await sketching.begin(office(town), start, actor=AUTHOR)


async def sketch_of(town: Ledger, alert: str) -> Sketch:
    return await sketching.sketch_of(office(town), alert)


def place(alert: str, rest: str = "") -> str:
    return f"/console/alertes/{alert}/message{rest}"


async def press(
    guest: httpx.AsyncClient, alert: str, act: str = "save", *, to: str = "", **typed: str
) -> httpx.Response:
    """Send the page's form with a button; `typed` names use __ where the page has a dot."""
    page = (await guest.get(place(alert))).text
    found = re.search(r'name="revision" value="(\d+)"', page)
    assert found is not None, page
    fields = {name.replace("__", "."): value for name, value in typed.items()}
    data = {"revision": found[1], "token": await form_token(guest), "act": act, **fields}
    return await guest.post(place(alert, to), data=data, headers=SAME)


def words_of(page: str) -> str:
    """Return what a page says, without its marks."""
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", page)).split())
