"""What an elimination may not take: what is of an alert that a legal hold keeps.

Each part of it looks in its own transaction, at the turn of `holds.py`: a hold that was placed is
seen by the next part, and one that is being placed waits for it.
"""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, Select, and_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from dispatcher.store.ledger import Ledger
from dispatcher.store.logbook_tables import evidence
from dispatcher.store.outgoing import versions
from dispatcher.store.privacy_tables import eliminations, legal_holds


async def held_under(connection: AsyncConnection, commune: str, seals: Sequence[int]) -> bool:
    """Tell whether a hold keeps any message that is still under these seals."""
    under = and_(
        evidence.c.commune == commune,
        evidence.c.version_id == versions.c.version_id,
        evidence.c.seal.in_(list(seals)),
    )
    found = _all_held(commune), select(evidence.c.serial).where(_of_held(commune), under)
    return await _any(connection, found)


async def held_among(connection: AsyncConnection, commune: str, idents: Sequence[str]) -> bool:
    """Tell whether a hold keeps any of these versions."""
    mine = versions.c.version_id.in_(list(idents))
    found = _all_held(commune), select(versions.c.version_id).where(_of_held(commune), mine)
    return await _any(connection, found)


async def paused(ledger: Ledger, commune: str) -> set[int]:
    """Return the numbers of the slips that have begun and that a hold stops."""
    slip = eliminations.c
    wanted = select(slip.number, slip.seals, slip.counts).where(
        slip.commune == commune, slip.begun_at.is_not(None), slip.done_at.is_(None)
    )
    async with ledger.reading() as connection:
        return {
            one.number
            for one in (await connection.execute(wanted)).all()
            if await held_under(connection, commune, one.seals)
            or await held_among(connection, commune, one.counts["versions"])
        }


async def _any(connection: AsyncConnection, found: Sequence[Select[tuple[object]]]) -> bool:
    for wanted in found:
        if (await connection.execute(wanted.limit(1))).first() is not None:
            return True
    return False


def _standing(commune: str) -> ColumnElement[bool]:
    return and_(legal_holds.c.commune == commune, legal_holds.c.lifted_at.is_(None))


def _all_held(commune: str) -> Select[tuple[object]]:
    return select(legal_holds.c.hold_id).where(_standing(commune), legal_holds.c.alert_id == "")


def _of_held(commune: str) -> ColumnElement[bool]:
    its = legal_holds.c.alert_id == versions.c.alert_id
    return and_(_standing(commune), versions.c.commune == commune, its)
