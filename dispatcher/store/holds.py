"""Legal holds: what no clock and no slip may end while a court or an insurer asks for it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, and_, select

from dispatcher.store.clock import db_now
from dispatcher.store.ledger import Ledger
from dispatcher.store.logbook import append
from dispatcher.store.noted import moved
from dispatcher.store.privacy_tables import legal_holds
from dispatcher.store.statements import insert_missing
from dispatcher.store.turns import take_turns
from dispatcher.store.versions import Chained

TURN = "holds"  # of who places one, and of who ends what one would keep


@dataclass(frozen=True)
class Hold:
    """A hold: of an alert, or of all (`alert_id` empty); who placed it, who asks to lift it."""

    hold_id: str
    alert_id: str
    reason: str
    reference: str
    placed_by: str
    placed_at: float
    lift_asked_by: str | None
    lift_asked_at: float | None
    lifted_by: str | None
    lifted_at: float | None


async def place(ledger: Ledger, commune: str, row: Mapping[str, Any], *, line: Chained) -> bool:
    """Place a hold; False, and no line, where its id is there: the same click again.

    An elimination that runs ends the part that it is at, and nothing after.
    """
    async with ledger.writing() as connection:
        await take_turns(connection, TURN, commune=commune)
        now = (await connection.execute(select(db_now()))).scalar_one()
        held = {"commune": commune, **row, "placed_at": now}
        if not await insert_missing(connection, legal_holds, [held]):
            return False
        await append(connection, commune=commune, entry=line.entry, key=line.key)
    return True


async def ask_to_lift(
    ledger: Ledger, commune: str, hold_id: str, *, by: str, line: Chained
) -> bool:
    """Note who asks; False where somebody did, or it is lifted."""
    held = legal_holds.c
    free = and_(held.lift_asked_at.is_(None), held.lifted_at.is_(None))
    values = {held.lift_asked_by: by, held.lift_asked_at: db_now()}
    return await moved(ledger, _this(commune, hold_id) & free, values, line=line)


async def lift(ledger: Ledger, commune: str, hold_id: str, *, by: str, line: Chained) -> bool:
    """Lift a hold that somebody else asked to lift; False where nobody did, or the same person."""
    held = legal_holds.c
    asked = and_(
        held.lift_asked_by.is_not(None), held.lift_asked_by != by, held.lifted_at.is_(None)
    )
    values = {held.lifted_by: by, held.lifted_at: db_now()}
    return await moved(ledger, _this(commune, hold_id) & asked, values, line=line)


def _this(commune: str, hold_id: str) -> ColumnElement[bool]:
    return and_(legal_holds.c.commune == commune, legal_holds.c.hold_id == hold_id)


async def holds_of(ledger: Ledger, commune: str) -> list[Hold]:
    """Return all holds, the newest first."""
    columns = [legal_holds.c[name] for name in Hold.__dataclass_fields__]
    wanted = (
        select(*columns)
        .where(legal_holds.c.commune == commune)
        .order_by(legal_holds.c.placed_at.desc())
    )
    async with ledger.reading() as connection:
        return [Hold(**row._mapping) for row in await connection.execute(wanted)]
