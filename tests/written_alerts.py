"""Alerts that are being written, or were launched with means, for the pages that show them."""

import re
from dataclasses import replace
from html import unescape

import httpx

from dispatcher.alerts import life, sketching
from dispatcher.alerts.sketch import Chosen
from dispatcher.alerts.sketching import Start
from dispatcher.store.ledger import Ledger
from tests.crises import MAYOR, OPERATOR, RAC
from tests.situations import office

FLOOD = Chosen(
    scenario="serolle_q100",
    template="fin_alerte",
    sectors=("bas_bourg", "moulins"),
    night_confirmed=True,  # tests run at any hour
)


async def begun(town: Ledger, chosen: Chosen = FLOOD, *, mode: str = "real") -> str:
    start = Start(mode=mode, chosen=chosen)
    return await sketching.begin(office(town), start, actor=RAC)


async def launched(
    town: Ledger, *means: str, event: str | None = None, chosen: Chosen = FLOOD
) -> str:
    """Launch an alert with these means ticked."""
    desk = office(town)
    chosen = replace(chosen, means=means)
    alert = await sketching.begin(desk, Start("real", event, chosen), actor=OPERATOR)
    await sketching.freeze(desk, alert, revision=1, actor=OPERATOR)
    await life.submit(desk, alert, actor=OPERATOR)
    await life.approve(desk, alert, actor=MAYOR)
    await life.launch(desk, alert, actor=MAYOR)
    return alert


def words(page: httpx.Response) -> str:
    """Return what a page says, without its marks."""
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", page.text)).split())
