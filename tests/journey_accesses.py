"""How people of a town hall come in: invited from the first account, each by her own link."""

import asyncio
import re

from playwright.async_api import expect

from tests.browsing import Visit
from tests.journey_house import House
from tests.journey_steps import LONG, PATIENCE_MS, Codes, press

LINK = re.compile(r"https?://\S+(/invitation/[\w-]+)")


async def invited(seen: Visit, login: str, *, contact: str, function: str) -> None:
    """Ask for somebody of the plan's directory to be let in."""
    await seen.open("/acces/inviter")
    await seen.page.locator("[name=contact]").select_option(contact)
    await seen.page.locator("[name=function]").select_option(function)
    await seen.page.locator("[name=login]").fill(login)
    await seen.page.locator("form[action$=inviter] button.big").click()
    await expect(seen.page.get_by_role("status").first).to_be_visible()


async def agreed(seen: Visit) -> None:
    """Give the second agreement that an invitation waits for."""
    await seen.open("/acces")
    await press(seen, "Décider", role="link")
    await press(seen, "Donner mon accord")
    await expect(seen.page.get_by_role("status").first).to_contain_text("lien est parti")


async def link_sent(house: House, *, taken: frozenset[str] = frozenset()) -> str:
    """Wait for the link that somebody got by mail or SMS, and return its path."""
    async with house.sandbox() as operators, asyncio.timeout(PATIENCE_MS / 1000):
        while True:
            said = " ".join(str(one) for one in await operators.outbox())
            found: set[str] = set(LINK.findall(said))
            if fresh := found - taken:
                return fresh.pop()
            await asyncio.sleep(0.2)


async def taken_up(seen: Visit, link: str) -> Codes:
    """Follow one's link: choose a password, add an application; return its codes."""
    await seen.open(link)
    await seen.page.locator("[name=password]").fill(LONG)
    await seen.page.locator("[name=again]").fill(LONG)
    await press(seen, "Ouvrir mon accès")
    await seen.page.wait_for_url(seen.url + "/compte/second-facteur")
    codes = Codes((await seen.page.locator("#cle").inner_text()).replace(" ", ""))
    await seen.page.locator("[name=code]").fill(await codes.fresh(seen))
    await seen.page.locator("[name=code]").press("Enter")
    await seen.page.wait_for_url(seen.url + "/compte/codes")
    return codes
