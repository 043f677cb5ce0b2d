"""What a partner sent, as it may read it itself: ids, hours, doors, first answers, repeats."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, and_, or_, select

from dispatcher.store.ledger import Ledger
from dispatcher.store.partner_tables import partner_messages


@dataclass(frozen=True)
class Kept:
    """A message as it was taken; instants are epoch seconds."""

    message_id: str
    door: str
    sent_at: float
    received_at: float
    repeats: int
    status: int
    answer: Mapping[str, Any]


_NAMES = tuple(Kept.__dataclass_fields__)
_COLUMNS = [partner_messages.c[name] for name in _NAMES]


async def messages_after(
    ledger: Ledger, commune: str, partner: str, *, after: str, limit: int
) -> list[Kept] | None:
    """Return up to `limit` messages after one by its id, in order; "": from the first.

    None where there is none by this id.
    """
    held = partner_messages.c
    mine = and_(held.commune == commune, held.partner == partner)

    def look(connection: Connection) -> list[Kept] | None:
        wanted = select(*_COLUMNS).where(mine).order_by(held.received_at, held.message_id)
        if after:
            this = select(held.received_at).where(mine, held.message_id == after)
            since = connection.execute(this).scalar_one_or_none()
            if since is None:
                return None
            same = and_(held.received_at == since, held.message_id > after)
            wanted = wanted.where(or_(held.received_at > since, same))
        return [_kept(row) for row in connection.execute(wanted.limit(limit))]

    return await ledger.read(look)


async def last_messages(ledger: Ledger, commune: str, partner: str, *, limit: int) -> list[Kept]:
    """Return the last messages, the newest first."""
    held = partner_messages.c
    wanted = (
        select(*_COLUMNS)
        .where(held.commune == commune, held.partner == partner)
        .order_by(held.received_at.desc(), held.message_id.desc())
        .limit(limit)
    )

    def look(connection: Connection) -> list[Kept]:
        return [_kept(row) for row in connection.execute(wanted)]

    return await ledger.read(look)


def _kept(row: Row[Any]) -> Kept:
    return Kept(**row._mapping)
