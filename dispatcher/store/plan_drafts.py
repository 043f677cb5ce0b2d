"""The first plan of a commune while it is being written: one draft, saved step by step."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from sqlalchemy import delete, select

from dispatcher.store.clock import db_now
from dispatcher.store.ledger import Ledger
from dispatcher.store.plan_tables import plan_drafts
from dispatcher.store.plans import PlanMoved, as_json, from_json
from dispatcher.store.turns import take_turns


@dataclass(frozen=True)
class PlanDraft:
    """A draft as it was saved; revision 0 is one that nobody has begun."""

    files: Mapping[str, bytes] = field(default_factory=dict)
    revision: int = 0
    changed_by: str = ""
    changed_at: float = 0.0


async def draft_of(ledger: Ledger, commune: str) -> PlanDraft:
    """Return the commune's draft."""
    wanted = select(plan_drafts).where(plan_drafts.c.commune == commune)
    async with ledger.reading() as connection:
        row = (await connection.execute(wanted)).first()
    if row is None:
        return PlanDraft()
    return PlanDraft(from_json(row.files), row.revision, row.changed_by, row.changed_at)


async def save_draft(
    ledger: Ledger, commune: str, files: Mapping[str, bytes], *, read: int, by: str
) -> None:
    """Keep the draft; `read` is the revision it was made from. Raises PlanMoved."""
    values = {"files": as_json(files), "changed_by": by, "changed_at": db_now()}
    async with ledger.writing() as connection:
        await take_turns(connection, "plan", commune=commune)
        mine = plan_drafts.c.commune == commune
        now = (await connection.execute(select(plan_drafts).where(mine))).first()
        if (now.revision if now else 0) != read:
            raise PlanMoved(now.changed_by if now else by, now.changed_at if now else 0.0)
        await connection.execute(delete(plan_drafts).where(mine))
        await connection.execute(
            plan_drafts.insert().values(commune=commune, revision=read + 1, **values)
        )


async def drop_draft(ledger: Ledger, commune: str) -> None:
    """Throw the draft away: it has become the plan, or nobody wants it any more."""
    async with ledger.writing() as connection:
        await connection.execute(delete(plan_drafts).where(plan_drafts.c.commune == commune))
