"""Plans as they were read, file by file: the one in force and those before it."""

import base64
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from dispatcher.store.clock import db_now
from dispatcher.store.ledger import Ledger
from dispatcher.store.logbook import Entry, append
from dispatcher.store.statements import insert_for
from dispatcher.store.tables import plans
from dispatcher.store.turns import take_turns


@dataclass(frozen=True)
class PlanFiles:
    """A plan folder whole: its version, the digest of its content, its files by path."""

    version: str
    digest: str
    files: Mapping[str, bytes]  # pcs.yaml, geo/secteurs.geojson, … never `prive/`


async def keep(ledger: Ledger, plan: PlanFiles, *, commune: str, entry: Entry, key: bytes) -> None:
    """Make the plan the one in force, and write its line in the logbook; all or nothing.

    `entry.author` loaded it. A plan known by its digest comes back into force as it was.
    """
    async with ledger.writing() as connection:
        await take_turns(connection, "plan", commune=commune)
        await connection.execute(
            update(plans).where(plans.c.commune == commune, plans.c.in_force).values(in_force=False)
        )
        await _put(connection, plan, commune=commune, by=entry.author)
        await append(connection, commune=commune, entry=entry, key=key)


async def _put(connection: AsyncConnection, plan: PlanFiles, *, commune: str, by: str) -> None:
    files = {path: base64.b64encode(content).decode() for path, content in plan.files.items()}
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
    files = {path: base64.b64decode(content) for path, content in found.files.items()}
    return PlanFiles(found.version, found.digest, files)


async def communes(ledger: Ledger) -> list[str]:
    """Return the INSEE codes of the communes that have a plan in force, in order."""
    wanted = select(plans.c.commune).where(plans.c.in_force).order_by(plans.c.commune)
    async with ledger.reading() as connection:
        return list((await connection.execute(wanted)).scalars())
