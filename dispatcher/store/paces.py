"""Rates of provider accounts changed while alerts run; an account has what is configured otherwise.

An account serves every commune of an installation, so its rate is keyed by the account alone; the
row says which commune's user changed it, in whose logbook it is told.
"""

from collections.abc import Mapping

from sqlalchemy import delete, select

from dispatcher.store.clock import db_now
from dispatcher.store.ledger import Ledger
from dispatcher.store.logbook import append
from dispatcher.store.outgoing import paces
from dispatcher.store.versions import Chained


async def set_pace(
    ledger: Ledger, account: str, rate_per_s: float | None, *, commune: str, line: Chained
) -> None:
    """Give an account another rate in its own unit; None: what is configured again."""
    async with ledger.writing() as connection:
        await connection.execute(delete(paces).where(paces.c.account == account))
        if rate_per_s is not None:
            await connection.execute(
                paces.insert().values(
                    account=account,
                    rate_per_s=rate_per_s,
                    commune=commune,
                    changed_by=line.entry.author,
                    changed_at=db_now(),
                )
            )
        await append(connection, commune=commune, entry=line.entry, key=line.key)


async def changed_paces(ledger: Ledger) -> Mapping[str, float]:
    """Return the rates that were changed, by account."""
    wanted = select(paces.c.account, paces.c.rate_per_s)
    rows = await ledger.read(lambda connection: connection.execute(wanted).all())
    return {row.account: row.rate_per_s for row in rows}
