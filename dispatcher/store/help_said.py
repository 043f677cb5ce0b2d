"""What somebody who asked for help has said: in her words, and « safe » since.

By whichever of her contacts: a correction of the alert, or another page, is no other person.
"""

from collections.abc import Collection
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from dispatcher.ciphers import Ring
from dispatcher.store import personal
from dispatcher.store.help_calls import HELP, HelpCall
from dispatcher.store.names import number_delivery
from dispatcher.store.outgoing import answers, versions
from dispatcher.store.people import MEDIA
from dispatcher.store.reply_tables import replies

MOST_WORDS = 20  # the first that cries for help, then the newest: where she is now
BEFORE_S = 3600.0  # what she said in the hour before is of it too
_READ = 200
_SAFE = "understood"  # the kind of an answer, or of a reply


class Said(NamedTuple):
    """Words, and when they came (epoch seconds)."""

    text: str
    at: float


async def said_of(
    connection: AsyncConnection, call: HelpCall, marks: Collection[str], *, ring: Ring
) -> tuple[Said, ...]:
    """Return what was said of a call, the oldest first: « 2 », then « au 2e étage » is one story.

    `marks` are those of her contacts; where none is known, what came with the call itself.
    """
    wanted = (
        select(replies.c.sid, replies.c.kind, replies.c.body, replies.c.received_at)
        .where(
            replies.c.commune == call.commune,
            _theirs(call, marks),
            replies.c.kind.in_((HELP, "unknown")),
            replies.c.body.is_not(None),
        )
        .order_by(replies.c.received_at.desc())
        .limit(_READ)
    )
    rows = list(reversed((await connection.execute(wanted)).all()))
    first = next((row for row in rows if row.kind == HELP), None)
    newest = rows[-MOST_WORDS:]
    if first is not None and first not in newest:
        newest = [first, *newest[1:]]
    read = [(_opened(ring, call.commune, row), row.received_at) for row in newest]
    return tuple(Said(text, at) for text, at in read if text)


def _theirs(call: HelpCall, marks: Collection[str]) -> ColumnElement[bool]:
    if marks:
        since = replies.c.received_at >= call.came_at - BEFORE_S
        hers = and_(replies.c.contact_mark.in_(marks), since)
        return or_(hers, replies.c.sid == call.sid) if call.sid else hers
    if call.sid is not None:
        return replies.c.sid == call.sid
    return replies.c.delivery_id == call.delivery_id


def _opened(ring: Ring, commune: str, row: Any) -> str:  # noqa: ANN401 - a row of `replies`
    return personal.read(ring, row.body, personal.reply_at("body", commune, row.sid, row.kind))


async def safe_since(
    connection: AsyncConnection, call: HelpCall, marks: Collection[str]
) -> float | None:
    """Return when one of these contacts last said « 1 » to the alert after every cry; None: never.

    In epoch seconds. Her messages of the alert are found by their names: no index tells those of a
    contact.
    """
    mine = (versions.c.commune == call.commune, versions.c.alert_id == call.alert_id)
    sent = list((await connection.execute(select(versions.c.version_id).where(*mine))).scalars())
    named = [
        number_delivery(call.commune, version, medium, contact_mark=mark)
        for version in sent
        for medium in MEDIA
        for mark in sorted(marks)
    ]
    if call.delivery_id is not None:
        named.append(call.delivery_id)

    async def last(kind: str) -> float:
        answered = select(func.max(answers.c.answered_at)).where(
            answers.c.commune == call.commune,
            answers.c.delivery_id.in_(named),
            answers.c.kind == kind,
        )
        replied = select(func.max(replies.c.received_at)).where(
            replies.c.commune == call.commune,
            replies.c.contact_mark.in_(marks),
            replies.c.kind == kind,
            replies.c.version_id.in_(sent),
        )
        found = [(await connection.execute(one)).scalar() for one in (answered, replied)]
        return max((one for one in found if one is not None), default=0.0)

    cried_at = max(call.again_at or call.came_at, await last(HELP))
    safe_at = await last(_SAFE)
    return safe_at if safe_at > cried_at else None
