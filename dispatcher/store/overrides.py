"""The emergency procedure: one person's launch, held for a minute before everybody's eyes.

The hold is a row of the ledger, so it outlives every process: a worker launches what nobody stopped
(`dispatcher/crisis/overriding.py`). The version stands in the state `held`, which no other act
launches, changes or approves.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from dispatcher.store.alert_steps import By, write_step
from dispatcher.store.clock import db_now
from dispatcher.store.decision_tables import overrides
from dispatcher.store.launching import launch
from dispatcher.store.ledger import Ledger
from dispatcher.store.logbook import append
from dispatcher.store.outgoing import versions
from dispatcher.store.tables import users
from dispatcher.store.turns import take_turns
from dispatcher.store.versions import Chained, Draft, Launch, Version, keep_first
from dispatcher.store.waves import Wave, head_waves, launch_wave

HELD = "held"  # the state of a version
HOLD_S = 60.0
LATEST_S = 600.0  # a hold that nothing looked at for so long is no emergency any more
HOLDING, LAUNCHED, STOPPED, LOST = "holding", "launched", "stopped", "lost"
OVERRIDDEN = "overridden"  # the step that it is


@dataclass(frozen=True)
class Override:
    """A hold as the ledger holds it; `left_s` until it leaves, by the database's clock."""

    commune: str
    alert_id: str
    version_id: str
    template: str
    reason: str
    asked_by: str
    function: str
    held_at: float
    leaves_at: float
    state: str
    ended_by: str | None
    ended_at: float | None
    left_s: float
    asked_name: str


@dataclass(frozen=True)
class Telling:
    """Everybody of the crisis cell, told at once: under which id, in which words."""

    ident: str
    content: Mapping[str, Any]
    digest: str
    expires_at: float
    people: tuple[str, ...]


@dataclass(frozen=True)
class NewOverride:
    """A launch by one person: what leaves, why, and who is told of it."""

    draft: Draft
    by: By
    telling: Telling | None


async def hold(ledger: Ledger, new: NewOverride, *, line: Chained) -> str:
    """Write what is to leave, hold it, and tell everybody: all of it, or nothing.

    Returns the alert that is held: that of before where the same click came twice, or where the
    same message is held for the same sectors already, whoever asked for it: nothing is written.
    """
    draft, by = new.draft, new.by
    commune, version_id = draft.commune, draft.version_id
    async with ledger.writing() as connection:
        await take_turns(connection, "override", commune=commune)
        standing = await _standing(connection, draft)
        if standing is not None:
            return standing
        await keep_first(connection, draft)
        mine = and_(versions.c.commune == commune, versions.c.version_id == version_id)
        values = {"state": HELD, "submitted_by": by.login, "submitted_as": by.function}
        await connection.execute(
            update(versions).where(mine).values(submitted_at=db_now(), **values)
        )
        await connection.execute(
            overrides.insert().values(
                commune=commune,
                alert_id=draft.alert_id,
                version_id=version_id,
                template=draft.content["template"],
                reason=by.reason,
                asked_by=by.login,
                function=by.function,
                held_at=db_now(),
                leaves_at=db_now() + HOLD_S,
                state=HOLDING,
            )
        )
        row = (await connection.execute(select(versions).where(mine))).one()
        await write_step(connection, Version(**row._mapping), OVERRIDDEN, by=by)
        if new.telling is not None:
            await _tell(connection, commune, new.telling, by=by.login)
        await append(connection, commune=commune, entry=line.entry, key=line.key)
    return draft.alert_id


async def _standing(connection: AsyncConnection, draft: Draft) -> str | None:
    """Return the alert that holds the same already, or was held by this very click."""
    its = and_(
        versions.c.commune == overrides.c.commune, versions.c.version_id == overrides.c.version_id
    )
    wanted = (
        select(overrides.c.alert_id, versions.c.content)
        .join_from(overrides, versions, its)
        .where(overrides.c.commune == draft.commune)
        .where(or_(overrides.c.alert_id == draft.alert_id, overrides.c.state == HOLDING))
    )
    for alert_id, content in await connection.execute(wanted):
        if alert_id == draft.alert_id or _what(content) == _what(draft.content):
            return str(alert_id)
    return None


def _what(content: Mapping[str, Any]) -> tuple[object, ...]:
    """Return what makes two holds one: the message, where it goes, to whom."""
    named = [sorted(content[name]) for name in ("sectors", "players")]
    return (content["mode"], content["template"], *named)


async def _tell(connection: AsyncConnection, commune: str, telling: Telling, *, by: str) -> None:
    content = telling.content
    await head_waves(connection, commune, telling.ident, content=content, by=by)
    chains = tuple((medium,) for medium in content["media"])
    wave = Wave(content, telling.digest, telling.expires_at, telling.people, by, chains)
    await launch_wave(connection, commune, telling.ident, wave=wave)


async def holding(ledger: Ledger, commune: str) -> list[Override]:
    """Return what a commune holds now, the first to leave first."""
    return await _read(ledger, and_(overrides.c.commune == commune, overrides.c.state == HOLDING))


async def due(ledger: Ledger) -> list[Override]:
    """Return the holds of this installation whose minute is over."""
    return await _read(
        ledger, and_(overrides.c.state == HOLDING, overrides.c.leaves_at <= db_now())
    )


async def override_of(ledger: Ledger, commune: str, alert_id: str) -> Override | None:
    """Return the emergency procedure that an alert is of; None where two people decide it."""
    found = await _read(
        ledger, and_(overrides.c.commune == commune, overrides.c.alert_id == alert_id)
    )
    return found[0] if found else None


async def _read(ledger: Ledger, which: ColumnElement[bool]) -> list[Override]:
    left = (overrides.c.leaves_at - db_now()).label("left_s")
    hers = and_(users.c.commune == overrides.c.commune, users.c.login == overrides.c.asked_by)
    name = func.coalesce(users.c.name, overrides.c.asked_by).label("asked_name")
    wanted = (
        select(overrides, left, name)
        .outerjoin(users, hers)
        .where(which)
        .order_by(overrides.c.leaves_at)
    )
    async with ledger.reading() as connection:
        return [Override(**row._mapping) for row in await connection.execute(wanted)]


async def stop_hold(ledger: Ledger, commune: str, alert_id: str, *, line: Chained) -> bool:
    """Stop what is held: it does not leave; False where it left, or was stopped, already."""
    by = line.entry.author
    async with ledger.writing() as connection:
        if not await end_hold(connection, commune, alert_id, by=by):
            return False
        await _version_over(connection, commune, alert_id, by=by)
        await append(connection, commune=commune, entry=line.entry, key=line.key)
    return True


async def end_hold(
    connection: AsyncConnection, commune: str, alert_id: str, *, by: str, state: str = STOPPED
) -> bool:
    """End a hold in the caller's transaction; False where there is none any more."""
    ended = await connection.execute(
        update(overrides)
        .where(
            overrides.c.commune == commune,
            overrides.c.alert_id == alert_id,
            overrides.c.state == HOLDING,
        )
        .values(state=state, ended_by=by, ended_at=db_now())
    )
    return ended.rowcount > 0


async def lose_hold(ledger: Ledger, one: Override, *, line: Chained) -> bool:
    """Give up what cannot leave any more, with the line that says why."""
    commune, by = one.commune, line.entry.author
    async with ledger.writing() as connection:
        if not await end_hold(connection, commune, one.alert_id, by=by, state=LOST):
            return False
        await _version_over(connection, commune, one.alert_id, by=by)
        await append(connection, commune=commune, entry=line.entry, key=line.key)
    return True


async def _version_over(
    connection: AsyncConnection, commune: str, alert_id: str, *, by: str
) -> None:
    await connection.execute(
        update(versions)
        .where(
            versions.c.commune == commune,
            versions.c.alert_id == alert_id,
            versions.c.state == HELD,
        )
        .values(state="cancelled", cancelled_by=by, cancelled_at=db_now())
    )


async def launch_held(
    ledger: Ledger, one: Override, version: Version, *, act: Launch, line: Chained
) -> bool:
    """Launch what was held for its whole minute, once however many workers try.

    False where somebody stopped it, or its minute is not over: nothing is written.
    """

    async def first(connection: AsyncConnection) -> Version | None:
        over = await connection.execute(
            update(overrides)
            .where(
                overrides.c.commune == one.commune,
                overrides.c.alert_id == one.alert_id,
                overrides.c.state == HOLDING,
                overrides.c.leaves_at <= db_now(),
                overrides.c.leaves_at > db_now() - LATEST_S,
            )
            .values(state=LAUNCHED, ended_at=db_now())
        )
        if over.rowcount == 0:
            return None
        await connection.execute(
            update(versions)
            .where(
                versions.c.commune == one.commune,
                versions.c.version_id == one.version_id,
                versions.c.state == HELD,
            )
            .values(state="approved", approved_by=one.asked_by, approved_at=db_now())
        )
        return replace(version, state="approved", approved_by=one.asked_by)

    return await launch(ledger, version, act, line=line, first=first)
