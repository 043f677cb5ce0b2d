"""People of the plan told at the same moment: a version of kind "summons", sent as any other.

Whatever asks for it, nobody outside the plan's directory is ever in a wave.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import and_, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from dispatcher.store.clock import db_now
from dispatcher.store.outgoing import alerts, blocks, versions
from dispatcher.store.people import DUTY
from dispatcher.store.statements import insert_rows
from dispatcher.store.versions import SUMMONS

Chains = tuple[tuple[str, ...], ...]
CHAINS: Chains = (("sms",), ("voice",))  # both at once: at night an SMS wakes nobody


class NotOfThePlan(ValueError):
    """A summons was to call somebody who is not of the plan's directory: nothing was written."""


@dataclass(frozen=True)
class Wave:
    """People told at the same moment, in which words, by which media, until when, by whom."""

    content: Mapping[str, Any]
    digest: str
    expires_at: float
    people: tuple[str, ...]
    by: str
    chains: Chains = CHAINS


async def head_waves(
    connection: AsyncConnection, commune: str, ident: str, *, content: Mapping[str, Any], by: str
) -> None:
    """Write what waves stand under, in the caller's transaction: it is on no page of alerts."""
    named = {name: content[name] for name in ("mode", "title", "scenario", "template")}
    await connection.execute(
        alerts.insert().values(
            commune=commune, alert_id=ident, created_by=by, created_at=db_now(), **named
        )
    )


async def launch_wave(
    connection: AsyncConnection, commune: str, ident: str, *, wave: Wave
) -> str | None:
    """Launch the next wave under `ident` in the caller's transaction; return its version's id.

    None, and nothing, where the wave has nobody. Raises NotOfThePlan.
    """
    if not wave.people:
        return None
    if strangers := [one for one in wave.people if not one.startswith(DUTY)]:
        raise NotOfThePlan(f"{len(strangers)} people of a summons are not of the directory")
    mine = and_(versions.c.commune == commune, versions.c.alert_id == ident)
    newest = select(func.coalesce(func.max(versions.c.number), 0) + 1).where(mine)
    number = (await connection.execute(newest)).scalar_one()
    version_id = f"{ident}-{number}"
    await connection.execute(
        versions.insert().values(
            commune=commune,
            version_id=version_id,
            alert_id=ident,
            number=number,
            kind=SUMMONS,
            state="launched",
            content=wave.content,
            digest=wave.digest,
            drafted_by=wave.by,
            lane=0,  # who leads comes before everyone she will lead
            expires_at=wave.expires_at,
            people=len(wave.people),
            approved_by=wave.by,
            approved_at=db_now(),
            launch_key=f"summons-{version_id}",
            launched_by=wave.by,
            launched_at=db_now(),
            pursuit="open" if wave.content.get("escalation") else None,
        )
    )
    block = {"number": 0, "chains": wave.chains, "people": wave.people}
    row = {"commune": commune, "version_id": version_id, **block, "others": None, "choice": None}
    await insert_rows(connection, blocks, [row])
    return version_id


async def call_up(connection: AsyncConnection, commune: str, ident: str, *, wave: Wave) -> None:
    """Tell people of the plan once, of no event, inside the caller's transaction.

    Whoever is silent is followed by nobody. Raises NotOfThePlan.
    """
    await head_waves(connection, commune, ident, content=wave.content, by=wave.by)
    await launch_wave(connection, commune, ident, wave=wave)


async def first_wave(
    connection: AsyncConnection, commune: str, ident: str, *, people: tuple[str, ...]
) -> Wave:
    """Return a wave of these people in the words of the first one under `ident`."""
    wanted = select(
        versions.c.content, versions.c.digest, versions.c.expires_at, versions.c.launched_by
    ).where(versions.c.commune == commune, versions.c.alert_id == ident, versions.c.number == 1)
    row = (await connection.execute(wanted)).one()
    return Wave(row.content, row.digest, row.expires_at, people, row.launched_by)
