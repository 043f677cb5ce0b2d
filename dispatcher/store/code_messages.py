"""A code on its way to a contact: one message, sent as any other, of no alert.

Its version is `apart`: on no page of alerts, answered by nobody, in no count of what is launched.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import and_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from dispatcher.ciphers import Ring
from dispatcher.store import personal
from dispatcher.store.blocks import Block, Planned, put
from dispatcher.store.canaries import CANARY
from dispatcher.store.clock import db_now
from dispatcher.store.names import number_delivery
from dispatcher.store.outgoing import alerts, deliveries, versions
from dispatcher.store.personal import contact_mark
from dispatcher.store.versions import APART

CODE = "code"
CODE_FIELD = "sealed_code"  # where the content of its version holds the code, sealed
CODE_BLANK = "{code}"
LANE = 2  # an alert leaves first


@dataclass(frozen=True)
class CodeMessage:
    """A code to send: in which words, by which medium, to what; until when it serves, in s.

    The words have `{code}` where it stands; a call has none.
    """

    ident: str
    code: str
    content: Mapping[str, Any]
    digest: str
    medium: str
    contact: str
    language: str
    lasts_s: float
    opens: float = 0.0  # it does not leave before, in epoch seconds


async def send_code(
    connection: AsyncConnection, commune: str, message: CodeMessage, *, ring: Ring
) -> str:
    """Write a code's message, in the caller's transaction; return its delivery's id."""
    now = (await connection.execute(select(db_now()))).scalar_one()
    alert = {"commune": commune, "alert_id": message.ident}
    place = personal.code_at(commune, message.ident)
    secret = personal.sealed(ring, message.code, place) if message.code else ""
    heading = {name: message.content[name] for name in ("mode", "title", "template")}
    await connection.execute(
        alerts.insert().values(**alert, **heading, created_by=CANARY, created_at=now)
    )
    await connection.execute(
        versions.insert().values(
            **alert, version_id=message.ident, number=1, kind=CODE, state=APART,
            content={**message.content, CODE_FIELD: secret}, digest=message.digest, lane=LANE,
            expires_at=now + message.lasts_s, people=1, launched_by=CANARY, launched_at=now,
            finished_at=now,
        )
    )  # fmt: skip
    mark = contact_mark(ring, message.contact)
    delivery = number_delivery(commune, message.ident, message.medium, contact_mark=mark)
    block = Block(commune, message.ident, 0, (), (), LANE, str(message.content["route"]))
    planned = Planned(
        delivery, message.medium, mark, message.contact, message.language, 0, (message.ident,),
        message.opens,
    )  # fmt: skip
    await connection.run_sync(lambda one: put(one, block, [planned], ring=ring))
    return delivery


async def blank_out(connection: AsyncConnection, commune: str, idents: Sequence[str]) -> None:
    """Forget where these codes went and what they were: that one was sent is all that is left."""
    for ident in idents:
        mine = and_(deliveries.c.commune == commune, deliveries.c.version_id == ident)
        emptied = {"contact": "", "contact_mark": ""}
        await connection.execute(update(deliveries).where(mine).values(emptied))
        this = and_(versions.c.commune == commune, versions.c.version_id == ident)
        content = (await connection.execute(select(versions.c.content).where(this))).scalar()
        if content:
            kept = update(versions).where(this).values(content={**content, CODE_FIELD: ""})
            await connection.execute(kept)
