"""What the population may read on the public page: alerts to residents in force, or over lately."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import and_, func, or_, select

from dispatcher.store.canaries import CANARY
from dispatcher.store.clock import db_now
from dispatcher.store.ledger import Ledger
from dispatcher.store.outgoing import alerts, versions
from dispatcher.store.versions import SUMMONS

TO_RESIDENTS = ("real", "public_test")  # a rehearsal reaches nobody, an exercise its players
OVER_S = 24 * 3600.0  # who heard of it yesterday may look today whether it is over


@dataclass(frozen=True)
class PublicAlert:
    """The newest launched version of an alert; instants are epoch seconds.

    `since` is when the alert itself was launched, whatever was corrected after that.
    """

    alert_id: str
    version_id: str
    kind: str
    mode: str
    state: str
    content: Mapping[str, Any]
    since: float
    launched_at: float
    cancelled_at: float | None
    expires_at: float

    def in_force(self, now: float) -> bool:
        """Whether it holds at an instant: launched, not stopped, not expired, not itself an end."""
        runs = self.state == "launched" and self.expires_at > now
        return runs and self.kind not in ("all_clear", "false_alarm")

    @property
    def over_at(self) -> float:
        """When it stopped holding: its end was launched, it was stopped, or it expired."""
        if self.kind in ("all_clear", "false_alarm"):
            return self.launched_at
        return self.cancelled_at or self.expires_at


async def public_alerts(ledger: Ledger, commune: str) -> list[PublicAlert]:
    """Return the alerts that residents were sent and that hold, or ended within a day.

    The newest launch first. Nothing of an exercise, a rehearsal, a canary, a call-up of the crisis
    cell, or of a draft.
    """
    launched = versions.c.launched_at.is_not(None)
    mine = and_(versions.c.commune == commune, launched, versions.c.kind != SUMMONS)
    newest = (
        select(
            versions.c.alert_id,
            func.max(versions.c.number).label("number"),
            func.min(versions.c.launched_at).label("since"),
        )
        .where(mine)
        .group_by(versions.c.alert_id)
        .subquery()
    )
    lately = db_now() - OVER_S
    wanted = (
        select(
            versions.c.alert_id,
            versions.c.version_id,
            versions.c.kind,
            alerts.c.mode,
            versions.c.state,
            versions.c.content,
            newest.c.since,
            versions.c.launched_at,
            versions.c.cancelled_at,
            versions.c.expires_at,
        )
        .join(
            newest,
            and_(versions.c.alert_id == newest.c.alert_id, versions.c.number == newest.c.number),
        )
        .join(
            alerts,
            and_(alerts.c.commune == versions.c.commune, alerts.c.alert_id == versions.c.alert_id),
        )
        .where(
            mine,
            alerts.c.mode.in_(TO_RESIDENTS),
            alerts.c.created_by != CANARY,
            versions.c.expires_at > lately,
            or_(versions.c.cancelled_at.is_(None), versions.c.cancelled_at > lately),
        )
        .order_by(versions.c.launched_at.desc(), versions.c.alert_id)
    )
    async with ledger.reading() as connection:
        found = [PublicAlert(**row._mapping) for row in await connection.execute(wanted)]
        now = float((await connection.execute(select(db_now()))).scalar_one())
    return [one for one in found if one.in_force(now) or one.over_at > now - OVER_S]
