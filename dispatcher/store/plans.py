"""Plans as they were read, file by file: the one in force and those before it."""

import base64
from collections.abc import Mapping
from dataclasses import dataclass, field

from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from dispatcher.store.clock import db_now
from dispatcher.store.ledger import Ledger
from dispatcher.store.logbook import Entry, append
from dispatcher.store.plan_tables import plan_versions
from dispatcher.store.statements import insert_for
from dispatcher.store.tables import plans
from dispatcher.store.turns import take_turns


@dataclass(frozen=True)
class Coming:
    """How a plan comes into force: why, how much differs, and which plan it was made from."""

    reason: str = ""
    differences: int = 0
    base: str | None = None  # its digest; None: whatever is in force


class PlanMoved(Exception):
    """Another plan came into force since `base` was read: by whom, when (epoch seconds)."""

    def __init__(self, by: str, at: float) -> None:
        super().__init__(by, at)
        self.by = by
        self.at = at


@dataclass(frozen=True)
class PlanFiles:
    """A plan folder whole: its version, the digest of its content, its files by path."""

    version: str
    digest: str
    files: Mapping[str, bytes]  # pcs.yaml, geo/secteurs.geojson, … never `prive/`
    coming: Coming = field(default=Coming(), compare=False)


async def keep(ledger: Ledger, plan: PlanFiles, *, commune: str, entry: Entry, key: bytes) -> None:
    """Make the plan the one in force, and write its line in the logbook; all or nothing.

    `entry.author` loaded it. A plan known by its digest comes back into force as it was. Its
    history goes on by one. Raises PlanMoved where it was made from another plan than the one in
    force: two people changed it at once.
    """
    async with ledger.writing() as connection:
        await take_turns(connection, "plan", commune=commune)
        former = await _former(connection, plan, commune=commune)
        await _remember(connection, plan, former, commune=commune, by=entry.author)
        await connection.execute(
            update(plans).where(plans.c.commune == commune, plans.c.in_force).values(in_force=False)
        )
        await _put(connection, plan, commune=commune, by=entry.author)
        await append(connection, commune=commune, entry=entry, key=key)


async def _former(connection: AsyncConnection, plan: PlanFiles, *, commune: str) -> str | None:
    wanted = select(plans.c.digest, plans.c.loaded_by, plans.c.loaded_at).where(
        plans.c.commune == commune, plans.c.in_force
    )
    found = (await connection.execute(wanted)).first()
    base = plan.coming.base
    if base is not None and found is not None and found.digest != base:
        raise PlanMoved(found.loaded_by, found.loaded_at)
    return found.digest if found else None


async def _remember(
    connection: AsyncConnection, plan: PlanFiles, former: str | None, *, commune: str, by: str
) -> None:
    mine = plan_versions.c.commune == commune
    last = select(func.coalesce(func.max(plan_versions.c.number), 0)).where(mine)
    number = (await connection.execute(last)).scalar_one() + 1
    await connection.execute(
        plan_versions.insert().values(
            commune=commune,
            number=number,
            digest=plan.digest,
            previous=former,
            at=db_now(),
            by=by,
            reason=plan.coming.reason,
            differences=plan.coming.differences,
        )
    )


async def _put(connection: AsyncConnection, plan: PlanFiles, *, commune: str, by: str) -> None:
    files = as_json(plan.files)
    values = {"version": plan.version, "in_force": True, "loaded_at": db_now(), "loaded_by": by}
    statement = insert_for(connection, plans).values(
        commune=commune, digest=plan.digest, files=files, **values
    )
    await connection.execute(
        statement.on_conflict_do_update(index_elements=["commune", "digest"], set_=values)
    )


async def in_force(ledger: Ledger, commune: str) -> PlanFiles | None:
    """Return the commune's plan in force, or None before the first one is loaded."""
    async with ledger.reading() as connection:
        found = (
            await connection.execute(
                select(plans.c.version, plans.c.digest, plans.c.files).where(
                    plans.c.commune == commune, plans.c.in_force
                )
            )
        ).first()
    if found is None:
        return None
    return PlanFiles(found.version, found.digest, from_json(found.files))


async def communes(ledger: Ledger) -> list[str]:
    """Return the INSEE codes of the communes that have a plan in force, in order."""
    wanted = select(plans.c.commune).where(plans.c.in_force).order_by(plans.c.commune)
    async with ledger.reading() as connection:
        return list((await connection.execute(wanted)).scalars())


async def known_before(ledger: Ledger, commune: str, instant: float) -> bool:
    """Tell whether a commune had a plan before an instant, in epoch seconds."""
    wanted = select(plans.c.digest).where(plans.c.commune == commune, plans.c.loaded_at < instant)
    async with ledger.reading() as connection:
        return (await connection.execute(wanted.limit(1))).first() is not None


def as_json(files: Mapping[str, bytes]) -> dict[str, str]:
    """Return files as the ledger keeps them."""
    return {path: base64.b64encode(content).decode() for path, content in files.items()}


def from_json(files: Mapping[str, str]) -> dict[str, bytes]:
    """Return files from the ledger."""
    return {path: base64.b64decode(content) for path, content in files.items()}
