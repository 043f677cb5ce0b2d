"""A resident's pages as a browser without a script uses them, and the codes that come to her."""

import html
import re
from collections.abc import Mapping

import httpx

from dispatcher.delivery.drain import drain
from dispatcher.store.ledger import Ledger
from tests.consoles import SAME
from tests.fake_channel import FakeChannel, door
from tests.situations import COMMUNE

HERE = f"/inscription/{COMMUNE}"
Fields = Mapping[str, str | list[str]]


async def post(visitor: httpx.AsyncClient, path: str, data: Fields | None = None) -> httpx.Response:
    """Send a form as our own page does."""
    return await visitor.post(path, headers=SAME, data=dict(data or {}))


def plain(page: httpx.Response) -> str:
    """Return the words of a page."""
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", page.text)).split())


async def texts_sent(town: Ledger, medium: str = "sms") -> list[str]:
    """Let what waits leave by a medium; return its words."""
    fake = FakeChannel(medium=medium)
    await drain(door(town, fake))
    return [one.text for one in fake.ledger]


async def code_sent(town: Ledger, medium: str = "sms") -> str:
    """Let what waits leave; return the code that came last."""
    return str(re.findall(r"\d{6}", (await texts_sent(town, medium))[-1])[0])


async def an_address(visitor: httpx.AsyncClient, words: str = "1 quai") -> tuple[str, str]:
    """Return an address of the commune's file: what is typed for it, and its id."""
    page = await post(visitor, f"{HERE}/adresses", {"typed": words})
    found = re.findall(r'value="([^"]+)"[^>]*> ([^<]+)</label>', page.text)
    ident, label = next((one, two) for one, two in found if one != "other")
    return html.unescape(label), ident


async def code_count(town: Ledger) -> int:
    """Let what waits leave by SMS and mail; return how many messages that was."""
    return len(await texts_sent(town)) + len(await texts_sent(town, "email"))
