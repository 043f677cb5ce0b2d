"""Links to residents' own pages: kept as digests, for thirty days, one person each."""

from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import and_, delete, select
from sqlalchemy.ext.asyncio import AsyncConnection

from dispatcher.store.clock import db_now
from dispatcher.store.ledger import Ledger
from dispatcher.store.own_tables import own_links
from dispatcher.store.people import RESIDENTS
from dispatcher.store.statements import insert_missing
from dispatcher.store.tables import persons

LASTS_S = 30 * 86_400.0


class Own(NamedTuple):
    """Whose page it is."""

    commune: str
    person_id: str


async def keep_link(connection: AsyncConnection, own: Own, *, link_id: str) -> None:
    """Open a page by a link, in the caller's transaction; without one, nothing is opened."""
    if not link_id:
        return
    until = (await connection.execute(select(db_now()))).scalar_one() + LASTS_S
    row = {"commune": own.commune, "person_id": own.person_id, "link_id": link_id, "until": until}
    await insert_missing(connection, own_links, [row])


async def whose(ledger: Ledger, link_id: str) -> Own | None:
    """Return whose page a link opens; None where it has ended, or she is not enrolled any more."""
    return (await opened_by(ledger, [link_id])).get(link_id)


async def opened_by(ledger: Ledger, link_ids: Sequence[str]) -> dict[str, Own]:
    """Return whose pages these links open, by link: those that still open one."""
    hers = and_(
        persons.c.commune == own_links.c.commune, persons.c.person_id == own_links.c.person_id
    )
    wanted = (
        select(own_links.c.link_id, own_links.c.commune, own_links.c.person_id)
        .join(persons, hers)
        .where(
            own_links.c.link_id.in_(link_ids),
            own_links.c.until > db_now(),
            persons.c.source.in_(RESIDENTS),
        )
    )
    async with ledger.reading() as connection:
        rows = (await connection.execute(wanted)).all()
    return {row.link_id: Own(row.commune, row.person_id) for row in rows}


async def end_link(ledger: Ledger, link_id: str) -> None:
    """Shut the page that a link opens; twice is once."""
    async with ledger.writing() as connection:
        await connection.execute(delete(own_links).where(own_links.c.link_id == link_id))


async def end_others(ledger: Ledger, own: Own, *, but: str) -> None:
    """End all links to somebody's page but one."""
    hers = and_(own_links.c.commune == own.commune, own_links.c.person_id == own.person_id)
    async with ledger.writing() as connection:
        await connection.execute(delete(own_links).where(hers, own_links.c.link_id != but))


async def forget_ended(connection: AsyncConnection) -> None:
    """Forget the links that have ended, in the caller's transaction."""
    await connection.execute(delete(own_links).where(own_links.c.until <= db_now()))
