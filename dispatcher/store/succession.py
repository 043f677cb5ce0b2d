"""The versions of one alert after another: a correction takes the place of what it corrects.

An alert has one version that runs at most. A correction is a version with the next number: of kind
`update` (new instructions), `all_clear` or `false_alarm`. The moment it is launched, in the same
transaction, the version before it is `superseded` and no more of it leaves.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Insert, Update, and_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from dispatcher.store.clock import db_now
from dispatcher.store.crash_points import CrashPoint
from dispatcher.store.ledger import Ledger
from dispatcher.store.logbook import append
from dispatcher.store.outgoing import blocks, versions
from dispatcher.store.overrides import HELD, end_hold
from dispatcher.store.rings import end_rings_of
from dispatcher.store.versions import Chained, Draft, follow_earlier, over, supersede

UNLAUNCHED = ("draft", "pending_approval", "approved")
STOPPABLE = (*UNLAUNCHED, HELD, "launched")


@dataclass(frozen=True)
class Correction:
    """A new version of an alert that was launched: which number it takes, and what it is."""

    draft: Draft
    number: int
    kind: str


@dataclass(frozen=True)
class Retraction:
    """The words approved with an alert, sent at once by one person: who, under which key."""

    correction: Correction
    by: str
    launch_key: str


async def keep_correction(ledger: Ledger, correction: Correction, line: Chained) -> bool:
    """Write the draft of a correction; False when another one took its number meanwhile."""
    try:
        async with ledger.writing() as connection:
            await connection.execute(_inserted(correction, state="draft"))
            await _append(connection, correction, line)
    except IntegrityError:
        return False
    return True


async def retract(ledger: Ledger, act: Retraction, line: Chained) -> bool:
    """Launch the false-alarm text: stop what runs, set aside what is being prepared, in one act.

    False when another version took its number meanwhile, or its key was used: nothing is written.
    """
    correction = act.correction
    launched = {"launched_by": act.by, "launched_at": db_now(), "launch_key": act.launch_key}
    draft = correction.draft
    try:
        async with ledger.writing() as connection:
            await connection.execute(_set_aside(draft.commune, draft.alert_id, by=act.by))
            await end_rings_of(connection, draft.commune, draft.alert_id, by=act.by)
            await connection.execute(_inserted(correction, state="launched", **launched))
            await supersede(connection, draft.commune, draft.alert_id, number=correction.number)
            await follow_earlier(connection, draft.commune, draft.version_id, number=0)
            await _append(connection, correction, line)
            ledger.passing(CrashPoint.CP0)
    except IntegrityError:
        return False
    ledger.passing(CrashPoint.CP1)
    return True


async def _append(connection: AsyncConnection, correction: Correction, line: Chained) -> None:
    await append(connection, commune=correction.draft.commune, entry=line.entry, key=line.key)


def _inserted(correction: Correction, *, state: str, **more: object) -> Insert:
    draft = correction.draft
    return versions.insert().values(
        commune=draft.commune,
        version_id=draft.version_id,
        alert_id=draft.alert_id,
        number=correction.number,
        kind=correction.kind,
        state=state,
        content=draft.content,
        digest=draft.digest,
        lane=draft.lane,
        expires_at=draft.expires_at,
        people=draft.people,
        drafted_by=draft.created_by,
        **more,
    )


async def stop(ledger: Ledger, commune: str, alert_id: str, *, by: str, line: Chained) -> bool:
    """Cancel every version of an alert that runs or is being prepared; False when none does.

    `finished_at` is taken back: what had left is counted once the window in flight has settled.
    """
    running = and_(_of_alert(commune, alert_id), versions.c.state.in_(STOPPABLE))
    async with ledger.writing() as connection:
        # The hold before its version, in the order of its launch: neither waits for the other.
        await end_hold(connection, commune, alert_id, by=by)
        stopped = await connection.execute(
            update(versions)
            .where(running)
            .values(
                state="cancelled",
                cancelled_by=by,
                cancelled_at=db_now(),
                finished_at=None,
                pursuit=over(),
            )
        )
        if stopped.rowcount == 0:
            return False
        await end_rings_of(connection, commune, alert_id, by=by)
        await append(connection, commune=commune, entry=line.entry, key=line.key)
    ledger.passing(CrashPoint.CP9)
    return True


async def withdraw(ledger: Ledger, commune: str, alert_id: str, *, by: str, line: Chained) -> bool:
    """Set aside what is being prepared of an alert; False when nothing is. What runs goes on."""
    async with ledger.writing() as connection:
        dropped = await connection.execute(_set_aside(commune, alert_id, by=by))
        if dropped.rowcount == 0:
            return False
        await end_rings_of(connection, commune, alert_id, by=by)
        await append(connection, commune=commune, entry=line.entry, key=line.key)
    return True


async def earlier_people(ledger: Ledger, commune: str, alert_id: str) -> Sequence[str]:
    """Return everyone of the frozen audiences of an alert's versions so far, each once."""
    wanted = (
        select(blocks.c.people)
        .join(
            versions,
            and_(
                versions.c.commune == blocks.c.commune,
                versions.c.version_id == blocks.c.version_id,
            ),
        )
        .where(_of_alert(commune, alert_id))
        .order_by(versions.c.number, blocks.c.number)
    )
    async with ledger.reading() as connection:
        rows = await connection.execute(wanted)
        return list(dict.fromkeys(person for row in rows for person in row[0]))


def _set_aside(commune: str, alert_id: str, *, by: str) -> Update:
    return (
        update(versions)
        .where(_of_alert(commune, alert_id), versions.c.state.in_(UNLAUNCHED))
        .values(state="cancelled", cancelled_by=by, cancelled_at=db_now())
    )


def _of_alert(commune: str, alert_id: str) -> ColumnElement[bool]:
    return and_(versions.c.commune == commune, versions.c.alert_id == alert_id)
