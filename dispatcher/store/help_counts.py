"""How many calls for help are open, taken by nobody, or late: counted, however many they are."""

from dataclasses import dataclass

from sqlalchemy import Connection, and_, func, select

from dispatcher.store.clock import db_now
from dispatcher.store.following_tables import help_calls
from dispatcher.store.ledger import Ledger


@dataclass(frozen=True)
class HelpCounts:
    """Open calls of a commune; `alone` have no owner, `late` of these wait too long.

    `since` is when the oldest without an owner came; `nobody_at` when it was last tried to ring for
    one of them and nobody could be called. Both in epoch seconds.
    """

    open: int = 0
    alone: int = 0
    late: int = 0
    since: float | None = None
    nobody_at: float | None = None

    def minutes(self, now: float) -> int:
        """Return since how many whole minutes the oldest call without an owner waits."""
        return max(0, int((now - self.since) // 60)) if self.since is not None else 0


async def help_counts(ledger: Ledger, commune: str, *, late_s: float) -> HelpCounts:
    """Count the open calls; `late_s` is how long a call may wait for an owner."""
    nobodys = help_calls.c.owner.is_(None)
    late = and_(nobodys, help_calls.c.came_at <= db_now() - late_s)
    unheard = and_(nobodys, help_calls.c.tried_at > func.coalesce(help_calls.c.rung_at, 0.0))
    wanted = select(
        func.count(),
        func.count().filter(nobodys),
        func.count().filter(late),
        func.min(help_calls.c.came_at).filter(nobodys),
        func.max(help_calls.c.tried_at).filter(unheard),
    ).where(help_calls.c.commune == commune, help_calls.c.closed_at.is_(None))

    def look(connection: Connection) -> HelpCounts:
        return HelpCounts(*connection.execute(wanted).one())

    return await ledger.read(look)
