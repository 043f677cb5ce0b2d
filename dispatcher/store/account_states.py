"""How the accounts are that workers hold: asked by `/readyz`."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select

from dispatcher.store.accounts import accounts
from dispatcher.store.clock import db_now
from dispatcher.store.ledger import Ledger

GONE_S = 60.0  # workers present their accounts every 15 s
OPEN_S = 30.0  # since an account was last seen to fail


@dataclass(frozen=True)
class AccountState:
    """A live account; `held`: by a worker of the last minute."""

    name: str
    held: bool
    failing: bool


async def account_states(ledger: Ledger) -> Sequence[AccountState]:
    """Return the live accounts by name."""
    statement = (
        select(
            accounts.c.name,
            (db_now() - accounts.c.seen_at < GONE_S).label("held"),
            func.coalesce(db_now() - accounts.c.opened_at < OPEN_S, False).label("failing"),
        )
        .where(accounts.c.route == "live")
        .order_by(accounts.c.name)
    )
    rows = await ledger.read(lambda one: one.execute(statement).all())
    return [AccountState(row.name, bool(row.held), bool(row.failing)) for row in rows]
