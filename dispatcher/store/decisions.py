"""Two people: submitted by one, decided by another; each act guarded by the statement itself.

Whatever the verbs above say, no statement of this file approves for somebody who wrote or submitted
the version, under whichever of her accounts, nor without the mayor or a deputy as one of the two.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from sqlalchemy import and_, func, select, true, update
from sqlalchemy.ext.asyncio import AsyncConnection

from dispatcher.store.alert_steps import (
    APPROVED,
    OPENED,
    REFUSED,
    RENEWED,
    RETURNED,
    SUBMITTED,
    By,
    write_step,
)
from dispatcher.store.clock import db_now
from dispatcher.store.decision_tables import alert_steps
from dispatcher.store.hands import hands_in
from dispatcher.store.launching import APPROVAL_S, launch
from dispatcher.store.ledger import Ledger
from dispatcher.store.logbook import append
from dispatcher.store.outgoing import versions
from dispatcher.store.rings import DECIDED, WAITING, NewRing, end_rings, start_ring
from dispatcher.store.rings import OPENED as RING_OPENED
from dispatcher.store.sketch_tables import sketches
from dispatcher.store.versions import FIRST, Chained, Launch, Version, as_read

MAYORS = ("dos", "deputy")  # one of the two who decide is always one of these


@dataclass(frozen=True)
class Renewal:
    """What is asked to be approved again: the head-count of now, and the digest that binds it."""

    people: int
    digest: str

    def of(self, version: Version) -> Version:
        """Return the version as it will wait."""
        return replace(version, people=self.people, digest=self.digest)


async def submit(
    ledger: Ledger, version: Version, by: By, *, ring: NewRing | None, line: Chained
) -> bool:
    """Ask for the approval of a draft, and ring the approvers; False: someone was faster.

    A version whose sketch was changed since is not what anybody wrote last: it is made anew first.
    """
    values = {"submitted_by": by.login, "submitted_at": db_now(), "submitted_as": by.function}
    async with ledger.writing() as connection:
        moved = replace(version, state=WAITING)
        if await _rewritten(connection, version):
            return False
        if not await _moved(connection, version, to=WAITING, values=values):
            return False
        await write_step(connection, moved, SUBMITTED, by=by)
        if ring is not None:
            of = (version.commune, version.version_id)
            await start_ring(connection, of, ring, by=by.login)
        await append(connection, commune=version.commune, entry=line.entry, key=line.key)
    return True


async def _rewritten(connection: AsyncConnection, version: Version) -> bool:
    """Tell whether the sketch of a version says something else by now; the version is held first.

    In the order in which a change holds them, so that neither waits for the other.
    """
    held = select(versions.c.version_id).where(as_read(version)).with_for_update()
    await connection.execute(held)
    mine = and_(sketches.c.commune == version.commune, sketches.c.alert_id == version.alert_id)
    frozen = (await connection.execute(select(sketches.c.frozen).where(mine))).first()
    return version.kind == FIRST and frozen is not None and frozen[0] != version.digest


async def approve(ledger: Ledger, version: Version, by: By, *, line: Chained) -> bool:
    """Approve what was submitted, and ring nobody more; False: it is not as it was read."""
    async with ledger.writing() as connection:
        if await approve_in(connection, version, by) is None:
            return False
        await append(connection, commune=version.commune, entry=line.entry, key=line.key)
    return True


@dataclass(frozen=True)
class Signed:
    """An approval that is part of a launch: by whom, and the line that tells it."""

    by: By
    line: Chained


async def approve_and_launch(
    ledger: Ledger, version: Version, act: Launch, *, signed: Signed, line: Chained
) -> bool:
    """Approve and launch in one transaction: both, or neither (False)."""

    async def first(connection: AsyncConnection) -> Version | None:
        approved = await approve_in(connection, version, signed.by)
        if approved is not None:
            told = signed.line
            await append(connection, commune=version.commune, entry=told.entry, key=told.key)
        return approved

    return await launch(ledger, version, act, line=line, first=first)


async def approve_in(connection: AsyncConnection, version: Version, by: By) -> Version | None:
    """Approve inside the caller's transaction; return the version as it stands then, None: no."""
    values = {"approved_by": by.login, "approved_at": db_now()}
    # Held before its hands are read: who changes it meanwhile waits, and finds it approved.
    held = select(versions.c.version_id).where(as_read(version)).with_for_update()
    if (await connection.execute(held)).first() is None:
        return None
    hands = await hands_in(connection, version)
    if by.login in (*hands.logins, *hands.others):
        return None
    mayor = true() if by.function in MAYORS else versions.c.submitted_as.in_(MAYORS)
    second = and_(
        versions.c.state == WAITING,
        versions.c.drafted_by != by.login,
        versions.c.submitted_by != by.login,
        mayor,
    )
    moved = await connection.execute(
        update(versions).where(as_read(version), second).values(state="approved", **values)
    )
    if moved.rowcount == 0:
        return None
    await write_step(connection, version, APPROVED, by=by)
    commune, version_id = version.commune, version.version_id
    await end_rings(connection, commune, version_id, why=DECIDED, by=by.login)
    return replace(version, state="approved", approved_by=by.login)


async def give_back(ledger: Ledger, version: Version, by: By, *, line: Chained) -> bool:
    """Return what was submitted to its author, with the reason; False: it is not as it was read."""
    return await _judged(ledger, version, by, to="draft", line=line)


async def refuse(ledger: Ledger, version: Version, by: By, *, line: Chained) -> bool:
    """Refuse what was submitted, for good, with the reason; False: it is not as it was read."""
    return await _judged(ledger, version, by, to="refused", line=line)


async def _judged(ledger: Ledger, version: Version, by: By, *, to: str, line: Chained) -> bool:
    async with ledger.writing() as connection:
        if version.state != WAITING or not await _moved(connection, version, to=to, values={}):
            return False
        await write_step(connection, version, REFUSED if to == "refused" else RETURNED, by=by)
        commune, version_id = version.commune, version.version_id
        await end_rings(connection, commune, version_id, why=DECIDED, by=by.login)
        await append(connection, commune=commune, entry=line.entry, key=line.key)
    return True


async def renew(  # noqa: PLR0913 - what the act writes
    ledger: Ledger,
    version: Version,
    by: By,
    *,
    renewal: Renewal,
    ring: NewRing | None,
    line: Chained,
) -> bool:
    """Ask again for the approval of what was submitted or approved, with the head-count of now.

    False: it is not as it was read. Whoever wrote and submitted it stay who they are.
    """
    commune, version_id = version.commune, version.version_id
    values = {
        "people": renewal.people,
        "digest": renewal.digest,
        "submitted_at": db_now(),
        "approved_by": None,
        "approved_at": None,
    }
    async with ledger.writing() as connection:
        if version.state not in (WAITING, "approved"):
            return False
        if not await _moved(connection, version, to=WAITING, values=values):
            return False
        await connection.execute(  # its sketch stays the one that it was made of
            update(sketches)
            .where(
                sketches.c.commune == commune,
                sketches.c.alert_id == version.alert_id,
                sketches.c.frozen == version.digest,
            )
            .values(frozen=renewal.digest)
        )
        await write_step(connection, renewal.of(version), RENEWED, by=by)
        await end_rings(connection, commune, version_id, why=DECIDED, by=by.login)
        if ring is not None:
            await start_ring(connection, (commune, version_id), ring, by=by.login)
        await append(connection, commune=commune, entry=line.entry, key=line.key)
    return True


async def note_opened(ledger: Ledger, version: Version, by: By, *, line: Chained) -> bool:
    """Note that an approver has opened what waits for her, and ring nobody more.

    Once for each person and submission; False where it was noted, or waits no more.
    """
    commune, version_id = version.commune, version.version_id
    mine = and_(alert_steps.c.commune == commune, alert_steps.c.version_id == version_id)
    asked = select(func.max(alert_steps.c.number)).where(
        mine, alert_steps.c.act.in_((SUBMITTED, RENEWED))
    )
    async with ledger.writing() as connection:
        held = await connection.execute(
            select(versions.c.version_id)
            .where(as_read(version), versions.c.state == WAITING)
            .with_for_update()
        )
        if held.first() is None:
            return False
        since = (await connection.execute(asked)).scalar_one() or 0
        seen = select(alert_steps.c.number).where(
            mine,
            alert_steps.c.act == OPENED,
            alert_steps.c.acted_by == by.login,
            alert_steps.c.number > since,
        )
        if (await connection.execute(seen)).first() is not None:
            return False
        await write_step(connection, version, OPENED, by=by)
        await end_rings(connection, commune, version_id, why=RING_OPENED, by=by.login)
        await append(connection, commune=commune, entry=line.entry, key=line.key)
    return True


async def approval_left_s(ledger: Ledger, version: Version) -> float | None:
    """Return how long an approval still lives, by the database's clock; None without one."""
    left = versions.c.approved_at + APPROVAL_S - db_now()
    mine = and_(versions.c.commune == version.commune, versions.c.version_id == version.version_id)
    async with ledger.reading() as connection:
        wanted = select(left).where(mine, versions.c.state == "approved")
        return (await connection.execute(wanted)).scalar_one_or_none()


async def _moved(
    connection: AsyncConnection, version: Version, *, to: str, values: Mapping[str, object]
) -> bool:
    moved = await connection.execute(
        update(versions).where(as_read(version)).values(state=to, **values)
    )
    return moved.rowcount > 0
