"""The sessions of screens that follow live figures: asked for, and noted, all at once."""

from collections.abc import Collection

from sqlalchemy import select, tuple_, update

from dispatcher.store.clock import db_now
from dispatcher.store.ledger import Ledger
from dispatcher.store.sessions import FOLLOWABLE, LIVING
from dispatcher.store.tables import sessions

Key = tuple[str, str]  # a commune, and a session's id in it
_AT_ONCE = 400  # keys in one statement


async def living(ledger: Ledger, keys: Collection[Key]) -> frozenset[Key]:
    """Return which of these sessions still live; one short look, however many screens."""
    if not keys:
        return frozenset()
    found: set[Key] = set()
    ordered = sorted(keys)
    async with ledger.reading() as connection:
        for start in range(0, len(ordered), _AT_ONCE):
            some = ordered[start : start + _AT_ONCE]
            wanted = LIVING.where(_KEY.in_(some)).with_only_columns(*_COLUMNS)
            found |= {(row[0], row[1]) for row in await connection.execute(wanted)}
    return frozenset(found)


async def note_following(ledger: Ledger, keys: Collection[Key]) -> None:
    """Note that these sessions are in use, where there is a crisis or an alert to follow."""
    ordered = sorted(keys)
    for start in range(0, len(ordered), _AT_ONCE):
        some = ordered[start : start + _AT_ONCE]
        followed = select(*_COLUMNS).where(_KEY.in_(some), FOLLOWABLE)
        async with ledger.writing() as connection:
            mine = [tuple(row) for row in await connection.execute(followed)]
            if mine:
                await connection.execute(
                    update(sessions).where(_KEY.in_(mine)).values(seen_at=db_now())
                )


_COLUMNS = (sessions.c.commune, sessions.c.session_id)
_KEY = tuple_(*_COLUMNS)
