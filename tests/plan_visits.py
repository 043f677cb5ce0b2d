"""Forms of the plan's pages, read and sent as a browser does."""

import html
import re

import httpx

from dispatcher.alerts import plan_in_force
from dispatcher.store.ledger import Ledger
from plans.plan import Plan
from tests.consoles import SAME
from tests.situations import office


async def fields(client: httpx.AsyncClient, path: str) -> dict[str, str | list[str]]:
    """Read a form of the plan as a browser would send it back untouched."""
    page = (await client.get(path)).text
    form = page[page.index('plan-form"') :]
    form = form[: form.index("</form>")]
    found: dict[str, list[str]] = {}
    for tag in re.findall(r"<input [^>]*>", form):
        name, value = re.search(r'name="([^"]+)"', tag), re.search(r'value="([^"]*)"', tag)
        boxed = 'type="checkbox"' in tag
        if name and 'type="file"' not in tag and (not boxed or " checked" in tag):
            found.setdefault(name[1], []).append(html.unescape(value[1]) if value else "")
    for name, inner in re.findall(r'<select [^>]*name="([^"]+)"[^>]*>(.*?)</select>', form, re.S):
        chosen = re.search(r'value="([^"]*)" selected', inner)
        found.setdefault(name, []).append(chosen[1] if chosen else "")
    for name, inner in re.findall(
        r'<textarea [^>]*name="([^"]+)"[^>]*>(.*?)</textarea>', form, re.S
    ):
        found.setdefault(name, []).append(html.unescape(inner))
    return {**found}


async def send(
    client: httpx.AsyncClient, path: str, data: dict[str, str | list[str]]
) -> httpx.Response:
    return await client.post(path, data=data, headers=SAME)


async def plan_of(ledger: Ledger) -> Plan:
    return (await plan_in_force.in_force(office(ledger))).plan
