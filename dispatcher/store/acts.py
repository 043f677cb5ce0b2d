"""Answers already given to an Idempotency-Key, so that a second click changes nothing (F39)."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import and_, delete, select, update

from dispatcher.store.clock import db_now
from dispatcher.store.ledger import Ledger
from dispatcher.store.statements import insert_missing
from dispatcher.store.tables import acts

ABANDONED_S = 60.0  # longer than any request: who began it is dead
KEPT_S = 24 * 3600.0


@dataclass(frozen=True)
class Answer:
    """What the first request was told: an HTTP status and a JSON body."""

    status: int
    body: Any


class KeyReused(Exception):
    """The key came before with another request: nothing was done."""


class StillActing(Exception):
    """The first request with this key is not over: ask again in a moment."""


async def begin(ledger: Ledger, key: str, *, commune: str, fingerprint: str) -> Answer | None:
    """Return the answer given before to this key, or None: act now, then `finish`.

    `fingerprint` is a digest of the request (user, path, body; 64 characters at most). Of requests
    that race, one gets None. Raises KeyReused, StillActing. What was begun and never finished can
    be taken up again after a minute, so that a crash does not block the key.
    """
    mine = and_(acts.c.commune == commune, acts.c.act_key == key)
    async with ledger.writing() as connection:
        now = (await connection.execute(select(db_now()))).scalar_one()
        await connection.execute(delete(acts).where(mine, acts.c.acted_at < now - KEPT_S))
        first = {
            "commune": commune, "act_key": key, "fingerprint": fingerprint, "acted_at": now,
        }  # fmt: skip
        if await insert_missing(connection, acts, [first]):
            return None
        found = (await connection.execute(select(acts).where(mine).with_for_update())).one()
        if found.fingerprint != fingerprint:
            raise KeyReused
        if found.status is not None:
            return Answer(found.status, found.answer)
        if found.acted_at > now - ABANDONED_S:
            raise StillActing
        await connection.execute(update(acts).where(mine).values(acted_at=now))
    return None


async def finish(ledger: Ledger, key: str, *, commune: str, answer: Answer) -> None:
    """Keep what the request was told."""
    mine = and_(acts.c.commune == commune, acts.c.act_key == key)
    async with ledger.writing() as connection:
        await connection.execute(
            update(acts).where(mine).values(status=answer.status, answer=answer.body)
        )
