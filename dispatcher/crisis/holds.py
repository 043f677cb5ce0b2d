"""What was held for its minute and nobody stopped leaves: a worker launches it, to those of now.

Runbook: `override.failed` tells of a hold that a worker could not launch, for a reason of the
programme or its machine: the others leave, and this one is tried again at each turn.
`override.launched` and `override.lost` tell what became of a hold. One that stands still
after its minute means that no worker runs: it leaves when one does, within ten minutes; later it is
lost, and says so.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import structlog
from sqlalchemy.ext.asyncio import AsyncConnection

from dispatcher.alerts import plan_in_force
from dispatcher.alerts.addressees import Addressees, addressees, frozen
from dispatcher.alerts.audience import blocks_of
from dispatcher.alerts.in_service import check_in_service
from dispatcher.alerts.office import Office
from dispatcher.alerts.refusals import NotNow, NotSo, NotThere
from dispatcher.delivery.content import Content
from dispatcher.store import overrides, versions
from dispatcher.store.edition import OtherEdition
from dispatcher.store.ledger import Ledger
from dispatcher.store.overrides import LATEST_S, Override
from dispatcher.store.versions import Chained, Launch, Version

WORKER = "worker"
log = structlog.get_logger(__name__)


class Holds:
    """Launches, in a worker, what was held for its minute and nobody stopped."""

    def __init__(self, ledger: Ledger, *, office_of: Callable[[str], Office]) -> None:
        """Work on `ledger`; `office_of` gives a commune at work."""
        self._ledger = ledger
        self._office_of = office_of

    async def turn(self) -> bool:
        """Look once at each that is due; return whether something was launched.

        One that fails keeps no other: it is tried again at the next turn.
        """
        due = await overrides.due(self._ledger)
        outcomes = await asyncio.gather(*map(self._leave, due), return_exceptions=True)
        for one, outcome in zip(due, outcomes, strict=True):
            if isinstance(outcome, (asyncio.CancelledError, OtherEdition)):
                raise outcome
            if isinstance(outcome, BaseException):
                failed = type(outcome).__name__
                log.error("override.failed", commune=one.commune, alert=one.alert_id, error=failed)
        return any(outcome is True for outcome in outcomes)

    async def _leave(self, one: Override) -> bool:
        office = self._office_of(one.commune)
        version = await versions.version_of(self._ledger, one.commune, one.alert_id)
        try:
            leaving = await _leaving(office, version, one)
        except (NotNow, NotSo, NotThere) as refusal:
            return await self._lost(office, one, str(refusal))
        version, act, line = leaving.version, leaving.launch, leaving.line
        try:
            done = await overrides.launch_held(self._ledger, one, version, act=act, line=line)
        except NotSo as refusal:  # whoever lived in the zone has just left it
            return await self._lost(office, one, str(refusal))
        log.info("override.launched", commune=one.commune, alert=one.alert_id, done=done)
        return done

    async def _lost(self, office: Office, one: Override, why: str) -> bool:
        text = f"Envoi d'urgence non parti : {why}"
        line = office.line(WORKER, "alert.override_lost", text, alert=one.alert_id)
        if await overrides.lose_hold(self._ledger, one, line=line):
            log.error("override.lost", commune=one.commune, alert=one.alert_id)
        return False


@dataclass(frozen=True)
class _Leaving:
    """What leaves, to the audience of now, and the line that tells it."""

    version: Version
    launch: Launch
    line: Chained


async def _leaving(office: Office, version: Version | None, one: Override) -> _Leaving:
    """Freeze the audience of now; raises NotNow, NotSo or NotThere where nothing can leave."""
    if version is None or one.left_s < -LATEST_S:
        raise NotNow("trop de temps a passé")
    if version.expires_at <= datetime.now(UTC).timestamp():
        raise NotNow("le message a expiré")
    plan = (await plan_in_force.in_force(office)).plan
    content = Content.of(version.content)
    await check_in_service(office, content)
    found = await addressees(office, plan, content, alert_id=version.alert_id)
    held = version

    async def anew(connection: AsyncConnection) -> tuple[Launch, Chained] | None:
        now = await frozen(connection, office, found, plan=plan, content=content)
        return None if now is found else _to(office, held, one, found=now)

    launch, line = _to(office, version, one, found=found)
    return _Leaving(version, replace(launch, anew=anew), line)


def _to(
    office: Office, version: Version, one: Override, *, found: Addressees
) -> tuple[Launch, Chained]:
    if not found.people:
        raise NotSo("personne n'habite plus dans la zone")
    act = Launch(one.asked_by, f"override-{one.version_id}", blocks_of(found.here), found.people)
    title = Content.of(version.content).title
    line = office.line(
        one.asked_by, "alert.launched",
        f"Alerte lancée en urgence, sans deuxième personne : {title}",
        alert=one.alert_id, version=one.version_id, digest=version.digest, people=act.people,
        approved_by=one.asked_by, override=True, reason=one.reason, number=version.number,
        is_a=version.kind,
    )  # fmt: skip
    return act, line
