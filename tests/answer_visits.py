"""A resident at her answering page: she is alerted, writes, and what the ledger then holds."""

import html
import re

import httpx
from sqlalchemy import select

from dispatcher.store.help_calls import HelpCall, open_calls
from dispatcher.store.information import Wanted, wanted_of
from dispatcher.store.ledger import Ledger
from dispatcher.store.people import Contact
from dispatcher.store.replies import ToRead, to_read
from dispatcher.store.tables import persons
from tests.outgoing import Inhabitant, settle_in
from tests.situations import COMMUNE, Planned, Written, write_alert

NUMBER, MAIL = "+33639980000", "p0@foyer.example"
SMS, EMAIL = (("sms", "delivered", 1),), (("email", "delivered", 1),)


async def alerted(town: Ledger, **how: object) -> tuple[Written, str]:
    """Alert Anna, who has a telephone and a mail address; return her page too."""
    anna = Inhabitant("p0", (Contact("mobile", NUMBER), Contact("email", MAIL)))
    await settle_in(town, [anna], commune=COMMUNE)
    written = await write_alert(town, Planned(**({"lines": SMS} | how)))  # type: ignore[arg-type]
    (token,) = written.tokens.values()
    return written, f"/a/{token}"


async def says(visitor: httpx.AsyncClient, page: str, words: str, kind: str = "write") -> str:
    """Send the form that is on the screen; return what stands there after."""
    once = re.findall(r'name="once" value="([^"]+)"', (await visitor.get(page)).text)[0]
    data = {"kind": kind, "words": words, "once": once}
    sent = await visitor.post(page, data=data, follow_redirects=True)
    return html.unescape(sent.text)


async def only_call(town: Ledger) -> HelpCall:
    (call,) = await open_calls(town, COMMUNE)
    return call


async def read_by_people(town: Ledger, written: Written) -> list[ToRead]:
    return await to_read(town, COMMUNE, alert_id=written.alert_id)


async def unsubscribed(town: Ledger) -> bool:
    async with town.reading() as connection:
        kept = select(persons.c.unsubscribed_at).where(persons.c.person_id == "p0")
        return (await connection.execute(kept)).scalar_one() is not None


async def wants(town: Ledger) -> Wanted:
    async with town.reading() as connection:
        kept = select(persons.c.information).where(persons.c.person_id == "p0")
        return wanted_of((await connection.execute(kept)).scalar_one())
