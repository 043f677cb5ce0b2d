"""The ids that somebody's other rows had before the town hall joined them: hers since.

What an alert left behind it keeps the id of its time, and so does the evidence; who looks for what
is somebody's looks for all of her ids.
"""

from collections.abc import Iterable, Sequence

from sqlalchemy import Connection, Select, and_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from dispatcher.store.double_tables import joined_as
from dispatcher.store.people import in_parts


async def known_before(
    connection: AsyncConnection, commune: str, person_id: str
) -> dict[str, str | None]:
    """Return the ids that somebody had before, each with the id of a file that came with it."""
    mine = and_(joined_as.c.commune == commune, joined_as.c.person_id == person_id)
    wanted = select(joined_as.c.was, joined_as.c.external_id).where(mine).order_by(joined_as.c.was)
    return {row.was: row.external_id for row in await connection.execute(wanted)}


async def ids_of(connection: AsyncConnection, commune: str, people: Iterable[str]) -> list[str]:
    """Return these ids, and those that the same people had before."""
    return await connection.run_sync(ids_in, commune, list(people))


def ids_in(connection: Connection, commune: str, people: Sequence[str]) -> list[str]:
    """Return the same, inside a transaction that is one hop."""
    found = list(people)
    for some in in_parts(people):
        found += connection.execute(_before(commune, some)).scalars()
    return list(dict.fromkeys(found))


def _before(commune: str, people: Sequence[str]) -> "Select[str]":
    mine = joined_as.c.commune == commune, joined_as.c.person_id.in_(people)
    return select(joined_as.c.was).where(*mine).order_by(joined_as.c.was)
