"""Outlines of sectors while they are being drawn: one hand's own, until the plan takes them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, and_, delete, select

from dispatcher.store.clock import db_now
from dispatcher.store.ledger import Ledger
from dispatcher.store.plan_tables import plan_outlines
from dispatcher.store.turns import take_turns

KEPT_S = 30 * 86_400.0
"""A drawing that nobody came back to for a month is thrown away when another one is kept."""


@dataclass(frozen=True)
class Whose:
    """Whose drawing of which sector; `sector` is empty for one that the plan has not yet."""

    commune: str
    login: str
    sector: str


@dataclass(frozen=True)
class Outline:
    """A drawing as it was kept; revision 0 is one that nobody has begun."""

    drawn: Mapping[str, Any] = field(default_factory=dict)
    revision: int = 0


async def outline_of(ledger: Ledger, whose: Whose) -> Outline:
    """Return the drawing in hand."""
    async with ledger.reading() as connection:
        row = (await connection.execute(select(plan_outlines).where(_mine(whose)))).first()
    return Outline(row.drawn, row.revision) if row else Outline()


async def keep_outline(
    ledger: Ledger, whose: Whose, drawn: Mapping[str, Any], *, read: int
) -> bool:
    """Keep a drawing; False where it was changed since the revision `read`, in another window."""
    async with ledger.writing() as connection:
        await take_turns(connection, "plan", commune=whose.commune)
        now = (await connection.execute(select(plan_outlines).where(_mine(whose)))).first()
        if (now.revision if now else 0) != read:
            return False
        old = plan_outlines.c.changed_at < db_now() - KEPT_S
        stale = and_(plan_outlines.c.commune == whose.commune, old)
        await connection.execute(delete(plan_outlines).where(_mine(whose)))
        await connection.execute(delete(plan_outlines).where(stale))
        await connection.execute(
            plan_outlines.insert().values(
                commune=whose.commune, login=whose.login, sector=whose.sector,
                revision=read + 1, drawn=dict(drawn), changed_at=db_now(),
            )
        )  # fmt: skip
    return True


async def drop_outline(ledger: Ledger, whose: Whose) -> None:
    """Throw a drawing away: the plan has it, or nobody wants it any more."""
    async with ledger.writing() as connection:
        await connection.execute(delete(plan_outlines).where(_mine(whose)))


def _mine(whose: Whose) -> ColumnElement[bool]:
    kept = plan_outlines.c
    return and_(
        kept.commune == whose.commune, kept.login == whose.login, kept.sector == whose.sector
    )
