"""Whom a version goes to now: the people of its area, and for a correction those told before.

Everyone to whom something of an earlier version may have left is corrected, wherever she lives;
new instructions also go to those newly in the area. Nobody else hears of it.
"""

import asyncio
from dataclasses import dataclass

from dispatcher.alerts.audience import Audience, Inside, area_of, audience_of
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
    the people of a correction can grow by these and no others, so approval binds `most`.
    """

    here: Audience
    told: frozenset[str] = frozenset()
    before: frozenset[str] = frozenset()

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
    here = await _here(office, plan, content)
    if content.kind == "alert":
        return Addressees(here)
    told = await earlier.told(office.ledger, office.commune, alert_id)
    before = await succession.earlier_people(office.ledger, office.commune, alert_id)
    return Addressees(here, told, frozenset(before) | told)


async def _here(office: Office, plan: Plan, content: Content) -> Audience:
    if content.kind not in TO_ITS_AREA:
        return Audience.alike((), (content.media,))
    return await audience_for(office, plan, content)


async def audience_for(office: Office, plan: Plan, content: Content) -> Audience:
    """Find who is in an alert's area now; an exercise goes to its players and nobody else."""
    if content.mode == "exercise":
        return Audience.alike(content.players, (content.media,))
    homes = await RESIDENCES.homes(office.ledger, office.commune)
    first = await people.asked_first(office.ledger, office.commune)
    danger = danger_of(content.danger) if content.danger else None
    source = source_of(plan, danger=danger, scenario=content.scenario)
    inside = Inside(area_of(content.area), content.margin_m, content.media, source)
    return await asyncio.to_thread(audience_of, plan, homes, inside, asked_first=first)
