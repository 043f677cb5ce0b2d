"""Whom a version goes to now: the people of its area, and for a correction those told before.

Everyone to whom something of an earlier version may have left is corrected, wherever she lives;
new instructions also go to those newly in the area. Nobody else hears of it.
"""

import asyncio
from dataclasses import dataclass, replace

from sqlalchemy.ext.asyncio import AsyncConnection

from dispatcher.alerts.audience import Audience, Inside, area_of, audience_of
from dispatcher.alerts.homes import Homes
from dispatcher.alerts.office import Office
from dispatcher.alerts.ordering import source_of
from dispatcher.alerts.residences import Residences
from dispatcher.delivery.content import Content
from dispatcher.store import earlier, people, succession
from plans.plan import Plan
from zones.danger import danger_of

RESIDENCES = Residences()  # of this process; marks are drawn at random, so no ledgers mix
TO_ITS_AREA = ("alert", "update")  # a false alarm and an end are told to who was told


@dataclass(frozen=True)
class Addressees:
    """`here` are the people of the area, in order; `told` may have got an earlier version.

    `before` are all whom the earlier versions were for, told yet or not: while they still leave,
    the people of a correction can grow by these and no others, so approval binds `most`. `homes`
    are those that were asked, None where none was.
    """

    here: Audience
    told: frozenset[str] = frozenset()
    before: frozenset[str] = frozenset()
    homes: Homes | None = None

    @property
    def people(self) -> int:
        """How many people it goes to now."""
        return self._with(self.told)

    @property
    def most(self) -> int:
        """How many people it may go to."""
        return self._with(self.before)

    def _with(self, others: frozenset[str]) -> int:
        return len(others.union(self.here.ids.tolist())) if others else self.here.people


async def addressees(office: Office, plan: Plan, content: Content, *, alert_id: str) -> Addressees:
    """Find whom a version of this content goes to."""
    if content.kind == "alert":
        return await _here(office, plan, content)
    here = await _here(office, plan, content)
    told = await earlier.told(office.ledger, office.commune, alert_id)
    before = await succession.earlier_people(office.ledger, office.commune, alert_id)
    return replace(here, told=told, before=frozenset(before) | told)


async def frozen(
    connection: AsyncConnection, office: Office, found: Addressees, *, plan: Plan, content: Content
) -> Addressees:
    """Return whom it goes to as the homes stand until the caller's transaction ends.

    It is `found` where nobody moved since. Somebody who moves meanwhile is in or out, never half:
    her homes are all read before it, or all after, with the launch.
    """
    if found.homes is None:
        return found
    homes = await RESIDENCES.held(connection, office.commune, found.homes)
    if homes is found.homes:
        return found
    here = await _among(office, plan, content, homes=homes)
    return replace(found, here=here, homes=homes)


async def _here(office: Office, plan: Plan, content: Content) -> Addressees:
    """Find who is in an alert's area now; an exercise goes to its players and nobody else."""
    if content.kind not in TO_ITS_AREA:
        return Addressees(Audience.alike((), (content.media,)))
    if content.mode == "exercise":
        return Addressees(Audience.alike(content.players, (content.media,)))
    homes = await RESIDENCES.homes(office.ledger, office.commune)
    return Addressees(await _among(office, plan, content, homes=homes), homes=homes)


async def _among(office: Office, plan: Plan, content: Content, *, homes: Homes) -> Audience:
    first = await people.asked_first(office.ledger, office.commune)
    danger = danger_of(content.danger) if content.danger else None
    source = source_of(plan, danger=danger, scenario=content.scenario)
    inside = Inside(area_of(content.area), content.margin_m, content.media, source)
    return await asyncio.to_thread(audience_of, plan, homes, inside, asked_first=first)
