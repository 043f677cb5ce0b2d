"""The versions of a commune's plan, the last first, and the files of each."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, func, select

from dispatcher.store.ledger import Ledger
from dispatcher.store.plan_tables import plan_versions
from dispatcher.store.plans import PlanFiles, from_json
from dispatcher.store.tables import plans

PAGE = 100


@dataclass(frozen=True)
class PlanVersion:
    """A plan that came into force: its number, by whom, when (epoch seconds), why."""

    number: int
    digest: str
    previous: str | None
    at: float
    by: str
    reason: str
    differences: int
    version: str  # as the plan names itself


async def versions_of(
    ledger: Ledger, commune: str, *, before: int = 0, limit: int = PAGE
) -> list[PlanVersion]:
    """Return up to `limit` versions numbered below `before`, or the last ones; the newest first."""
    wanted = _versions(commune).order_by(plan_versions.c.number.desc()).limit(limit)
    if before:
        wanted = wanted.where(plan_versions.c.number < before)
    async with ledger.reading() as connection:
        return [PlanVersion(**row._mapping) for row in await connection.execute(wanted)]


async def version_of(ledger: Ledger, commune: str, number: int) -> PlanVersion | None:
    """Return one version, None where there is none of that number."""
    wanted = _versions(commune).where(plan_versions.c.number == number)
    async with ledger.reading() as connection:
        row = (await connection.execute(wanted)).first()
    return PlanVersion(**row._mapping) if row else None


async def count_versions(ledger: Ledger, commune: str) -> int:
    """Return how many times a plan of the commune came into force."""
    wanted = select(func.count()).where(plan_versions.c.commune == commune)
    async with ledger.reading() as connection:
        return int((await connection.execute(wanted)).scalar_one())


async def files_of(ledger: Ledger, commune: str, digest: str) -> PlanFiles | None:
    """Return a plan by its digest, in force or not."""
    wanted = select(plans.c.version, plans.c.files).where(
        plans.c.commune == commune, plans.c.digest == digest
    )
    async with ledger.reading() as connection:
        row = (await connection.execute(wanted)).first()
    return PlanFiles(row.version, digest, from_json(row.files)) if row else None


def _versions(commune: str) -> Select[Any]:
    mine = plan_versions.c.commune == commune
    return (
        select(*(column for column in plan_versions.c if column.name != "commune"), plans.c.version)
        .join(
            plans,
            (plans.c.commune == plan_versions.c.commune)
            & (plans.c.digest == plan_versions.c.digest),
        )
        .where(mine)
    )
