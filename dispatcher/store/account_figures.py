"""How each provider account stands while people follow an alert: held, failing, slow, its pace."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select

from dispatcher.store.accounts import GONE_S, accounts
from dispatcher.store.clock import db_now
from dispatcher.store.ledger import Ledger
from dispatcher.store.outgoing import paces

UNHELD_S = 60.0  # workers present their accounts every 15 s
OPEN_S, STEPS_S = 15.0, 20.0  # of a breaker: then one probe, then two steps back (DELIVERY §4)


@dataclass(frozen=True)
class AccountFigure:
    """A live account; `state` is held, unheld, open or returning; `points_off` its weight's.

    `rate_per_s` is what somebody set while alerts run; None: what is configured.
    """

    name: str
    medium: str
    state: str
    points_off: int
    rate_per_s: float | None


async def account_figures(ledger: Ledger) -> Sequence[AccountFigure]:
    """Return the live accounts, by medium and name, as the workers told of them."""
    statement = (
        select(
            accounts.c.name,
            accounts.c.medium,
            accounts.c.lowered,
            (db_now() - accounts.c.seen_at).label("seen_s"),
            (db_now() - accounts.c.opened_at).label("open_s"),
            paces.c.rate_per_s,
        )
        .select_from(accounts.outerjoin(paces, paces.c.account == accounts.c.name))
        .where(accounts.c.route == "live", accounts.c.seen_at > db_now() - GONE_S)
        .order_by(accounts.c.medium, accounts.c.name)
    )
    rows = await ledger.read(lambda one: one.execute(statement).all())
    return [
        AccountFigure(
            row.name, row.medium, _state(row.seen_s, row.open_s), row.lowered, row.rate_per_s
        )
        for row in rows
    ]


def _state(seen_s: float, open_s: float | None) -> str:
    if seen_s > UNHELD_S:
        return "unheld"
    if open_s is None or open_s > OPEN_S + STEPS_S:
        return "held"
    return "open" if open_s <= OPEN_S else "returning"
