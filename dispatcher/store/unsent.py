"""Giving back what has not left, because there was no room for it: no attempt is counted."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Double, Update, bindparam, update

from dispatcher.store.claims import Claimed, still_held
from dispatcher.store.clock import db_now
from dispatcher.store.ledger import Ledger
from dispatcher.store.listed import DIALECTS, listed, rows_of
from dispatcher.store.outgoing import deliveries

_HELD = {"serial": int, "fence": int, "delay_s": float}


@dataclass(frozen=True)
class PutOff:
    """A claimed delivery that goes back to the ledger, due again `delay_s` from now."""

    claimed: Claimed
    delay_s: float


async def put_off(ledger: Ledger, rows: Sequence[PutOff], *, owner: str) -> None:
    """Give claims back that nothing was begun for."""
    if rows:
        await ledger.write(lambda connection: put_off_in(connection, rows, owner=owner))


def put_off_in(connection: Connection, rows: Sequence[PutOff], *, owner: str) -> None:
    """Do it inside the caller's transaction."""
    _give_back(connection, rows, owner=owner, state="claimed", begun=0)


async def take_back(ledger: Ledger, rows: Sequence[Claimed], *, owner: str, delay_s: float) -> None:
    """Undo the intent of deliveries of which surely no byte left."""
    back = [PutOff(row, delay_s) for row in rows]
    await ledger.write(
        lambda connection: _give_back(connection, back, owner=owner, state="sending", begun=1)
    )


def _give_back(
    connection: Connection, rows: Sequence[PutOff], *, owner: str, state: str, begun: int
) -> None:
    told = rows_of([(*row.claimed.held, row.delay_s) for row in rows])
    given = {"held_by": owner, "in_state": state, "begun": begun, **told}
    connection.execute(_BACK[connection.dialect.name], given)


def _back(dialect: str) -> Update:
    rows = listed(dialect, _HELD)
    delay: Any = rows.c.delay_s
    return (
        update(deliveries)
        .where(still_held(rows, bindparam("in_state")))
        .values(
            state="ready",
            attempts=deliveries.c.attempts - bindparam("begun"),
            next_at=db_now() + delay.cast(Double),
            owner=None,
            lease_until=None,
        )
    )


_BACK = {dialect: _back(dialect) for dialect in DIALECTS}
