"""How many calls for help are open, had by nobody, asked again, or late: all are counted."""

from dataclasses import dataclass

from sqlalchemy import Connection, and_, case, func, or_, select

from dispatcher.store.clock import db_now
from dispatcher.store.following_tables import help_calls
from dispatcher.store.help_owners import ALONE
from dispatcher.store.ledger import Ledger


@dataclass(frozen=True)
class HelpCounts:
    """Open calls of a commune; `alone` have no owner, `again` have one who does not answer.

    `late` of both wait too long. An owner whose access ended is none; who is asked again and has
    done nothing since does not answer. `since` is when the oldest without an owner came;
    `nobody_at` when it was last tried to ring for one of either and nobody could be called. Both in
    epoch seconds.
    """

    open: int = 0
    alone: int = 0
    late: int = 0
    since: float | None = None
    nobody_at: float | None = None
    again: int = 0

    def minutes(self, now: float) -> int:
        """Return since how many whole minutes the oldest call without an owner waits."""
        return max(0, int((now - self.since) // 60)) if self.since is not None else 0


async def help_counts(ledger: Ledger, commune: str, *, late_s: float) -> HelpCounts:
    """Count the open calls; `late_s` is how long a call may wait for an owner, or an answer."""
    each = (
        select(
            help_calls.c.came_at,
            help_calls.c.anew_at,
            help_calls.c.tried_at,
            help_calls.c.rung_at,
            case((ALONE, 1), else_=0).label("alone"),
        )
        .where(help_calls.c.commune == commune, help_calls.c.closed_at.is_(None))
        .subquery()
    )
    alone, before = each.c.alone == 1, db_now() - late_s
    again = and_(each.c.alone == 0, each.c.anew_at.is_not(None))
    late = or_(and_(alone, each.c.came_at <= before), each.c.anew_at <= before)
    unheard = and_(or_(alone, again), each.c.tried_at > func.coalesce(each.c.rung_at, 0.0))
    wanted = select(
        func.count(),
        func.count().filter(alone),
        func.count().filter(late),
        func.min(each.c.came_at).filter(alone),
        func.max(each.c.tried_at).filter(unheard),
        func.count().filter(again),
    ).select_from(each)

    def look(connection: Connection) -> HelpCounts:
        return HelpCounts(*connection.execute(wanted).one())

    return await ledger.read(look)
