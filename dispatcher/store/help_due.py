"""Calls for help that the RAC is to be rung for: nobody has them, or nobody answers them again."""

from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, or_, select, text

from dispatcher.store.clock import db_now
from dispatcher.store.crisis_tables import event_holders
from dispatcher.store.following_tables import OPEN, help_calls
from dispatcher.store.help_owners import ALONE, ANEW, OWNED
from dispatcher.store.ledger import Ledger
from dispatcher.store.plan_tables import plan_versions


@dataclass(frozen=True)
class Due:
    """Calls of a commune that nobody has taken in time; `mode` is how they are rung.

    `again` of them have an owner, who does not answer that she is asked again.
    """

    commune: str
    mode: str
    calls: tuple[str, ...]
    again: int = 0


def unowned(*, after_s: float, spared_s: float) -> ColumnElement[bool]:
    """Return the condition that a call has waited `after_s` for somebody, and is to be rung for.

    Nobody has it, nor anybody who still has access; or who has it was asked again and did nothing.
    It is rung for once for each who had it, and again when the same telephone asks again. Within
    `spared_s` of a ring the RAC of that commune is not rung again: she is at it. Where nobody could
    be called it is tried again after as long, and as soon as the plan or a function has changed.
    """
    rung = help_calls.alias("rung")
    lately = (
        select(rung.c.call_id)
        .where(
            rung.c.commune == help_calls.c.commune,
            rung.c.mode == help_calls.c.mode,
            rung.c.rung_at > db_now() - spared_s,
        )
        .exists()
    )
    rung_at, tried_at, again_at = (
        help_calls.c.rung_at, help_calls.c.tried_at, help_calls.c.again_at,
    )  # fmt: skip
    return and_(
        text(f"help_calls.{OPEN}"),  # as its index says it
        help_calls.c.came_at <= db_now() - after_s,
        or_(ALONE, help_calls.c.anew_at <= db_now() - after_s),
        or_(rung_at.is_(None), again_at > rung_at, help_calls.c.owned_at > rung_at),
        or_(
            tried_at.is_(None),
            tried_at <= db_now() - spared_s,
            again_at > tried_at,
            help_calls.c.owned_at > tried_at,
            _changed_since(tried_at),
        ),
        ~lately,
    )


def _changed_since(at: ColumnElement[float | None]) -> ColumnElement[bool]:
    """Return the condition that somebody may be there to call who was not: a plan, a relief."""
    planned = (
        select(plan_versions.c.number)
        .where(plan_versions.c.commune == help_calls.c.commune, plan_versions.c.at > at)
        .exists()
    )
    relieved = (
        select(event_holders.c.number)
        .where(event_holders.c.commune == help_calls.c.commune, event_holders.c.since > at)
        .exists()
    )
    return or_(planned, relieved)


async def due_calls(ledger: Ledger, *, after_s: float, spared_s: float) -> list[Due]:
    """Return the calls to ring the RAC for, by commune and mode."""
    again = and_(ANEW, OWNED).label("again")
    wanted = (
        select(help_calls.c.commune, help_calls.c.mode, help_calls.c.call_id, again)
        .where(unowned(after_s=after_s, spared_s=spared_s))
        .order_by(help_calls.c.commune, help_calls.c.mode, help_calls.c.came_at)
    )
    found: dict[tuple[str, str], list[tuple[str, bool]]] = {}
    rows = await ledger.read(lambda connection: connection.execute(wanted).all())
    for row in rows:
        found.setdefault((row.commune, row.mode), []).append((row.call_id, row.again))
    return [
        Due(*key, tuple(ident for ident, _ in of), sum(again for _, again in of))
        for key, of in found.items()
    ]
