"""The steps of a decision on a version: who submitted, opened, returned, refused, approved it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import and_, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from dispatcher.store.clock import db_now
from dispatcher.store.decision_tables import alert_steps
from dispatcher.store.ledger import Ledger
from dispatcher.store.outgoing import versions
from dispatcher.store.versions import Version

SUBMITTED, OPENED, RETURNED, REFUSED = "submitted", "opened", "returned", "refused"
APPROVED, RENEWED = "approved", "renewed"
JUDGED = (APPROVED, RETURNED)  # an approver read it: what changed since is shown to the next


@dataclass(frozen=True)
class By:
    """Who takes a step, in which function, and why where a reason is needed."""

    login: str
    function: str
    reason: str = ""


@dataclass(frozen=True)
class Step:
    """A step as the ledger holds it; `content` is kept of what was approved or returned."""

    number: int
    act: str
    acted_by: str
    function: str
    reason: str
    people: int
    digest: str
    content: Mapping[str, Any] | None
    acted_at: float


async def write_step(connection: AsyncConnection, version: Version, act: str, *, by: By) -> None:
    """Write a step in the caller's transaction; one of a version is written after the other."""
    mine = and_(
        alert_steps.c.commune == version.commune, alert_steps.c.version_id == version.version_id
    )
    newest = select(func.coalesce(func.max(alert_steps.c.number), 0) + 1).where(mine)
    await connection.execute(
        alert_steps.insert().values(
            commune=version.commune,
            version_id=version.version_id,
            number=(await connection.execute(newest)).scalar_one(),
            act=act,
            acted_by=by.login,
            function=by.function,
            reason=by.reason,
            people=version.people,
            digest=version.digest,
            content=dict(version.content) if act in JUDGED else None,
            acted_at=db_now(),
        )
    )


async def steps_of(ledger: Ledger, commune: str, version_id: str) -> list[Step]:
    """Return the steps of a version, in order."""
    names = [alert_steps.c[name] for name in Step.__dataclass_fields__]
    wanted = (
        select(*names)
        .where(alert_steps.c.commune == commune, alert_steps.c.version_id == version_id)
        .order_by(alert_steps.c.number)
    )
    async with ledger.reading() as connection:
        return [Step(**row._mapping) for row in await connection.execute(wanted)]


async def last_judged(ledger: Ledger, commune: str, alert_id: str, *, but: str = "") -> Step | None:
    """Return what an approver last approved or returned of an alert, of whichever version.

    `but` leaves out what has this digest: the same text read again is no change.
    """
    names = [alert_steps.c[name] for name in Step.__dataclass_fields__]
    same = and_(
        versions.c.commune == alert_steps.c.commune,
        versions.c.version_id == alert_steps.c.version_id,
    )
    wanted = (
        select(*names)
        .join(versions, same)
        .where(
            versions.c.commune == commune,
            versions.c.alert_id == alert_id,
            alert_steps.c.act.in_(JUDGED),
            alert_steps.c.digest != but,
        )
        .order_by(alert_steps.c.acted_at.desc())
        .limit(1)
    )
    async with ledger.reading() as connection:
        row = (await connection.execute(wanted)).first()
        return Step(**row._mapping) if row else None
