"""Who asked for help, and answered « understood, safe » since: by any of her contacts."""

from collections.abc import Collection

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from dispatcher.store.help_calls import HelpCall
from dispatcher.store.names import number_delivery
from dispatcher.store.outgoing import answers, versions
from dispatcher.store.people import MEDIA
from dispatcher.store.reply_tables import replies

_SAFE = "understood"  # the kind of an answer, or of a reply


async def safe_since(
    connection: AsyncConnection, call: HelpCall, marks: Collection[str]
) -> float | None:
    """Return when one of these contacts last said « 1 » after the call's last cry; None: never.

    In epoch seconds. Its messages of the alert are found by their names: no index tells those of a
    contact.
    """
    cried_at = call.again_at or call.came_at
    mine = (versions.c.commune == call.commune, versions.c.alert_id == call.alert_id)
    sent = await connection.execute(select(versions.c.version_id).where(*mine))
    named = [
        number_delivery(call.commune, version, medium, contact_mark=mark)
        for version in sent.scalars()
        for medium in MEDIA
        for mark in sorted(marks)
    ]
    if call.delivery_id is not None:
        named.append(call.delivery_id)
    answered = select(func.max(answers.c.answered_at)).where(
        answers.c.commune == call.commune,
        answers.c.delivery_id.in_(named),
        answers.c.kind == _SAFE,
        answers.c.answered_at > cried_at,
    )
    replied = select(func.max(replies.c.received_at)).where(
        replies.c.contact_mark.in_(marks),
        replies.c.commune == call.commune,
        replies.c.kind == _SAFE,
        replies.c.received_at > cried_at,
    )
    found = [(await connection.execute(wanted)).scalar() for wanted in (answered, replied)]
    return max((one for one in found if one is not None), default=None)
