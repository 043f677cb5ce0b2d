"""Who of the plan's teams is behind a number: read from the directory, kept for half a minute.

A team that no plan names has no directory, so nobody of it texts or rings as a team.
"""

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

from dispatcher.alerts.office import Office
from dispatcher.alerts.plan_in_force import plan_of
from dispatcher.alerts.refusals import NotThere
from dispatcher.alerts.switchboard import TOWNS_FRESH_S, Town
from dispatcher.alerts.turnstile import Turnstile
from dispatcher.store import plans
from plans.plan import Plan

MOST_TEXTS, TEXTS_WINDOW_S = 60, 3600.0  # of one number, answered: a team says a lot


@dataclass(frozen=True)
class Member:
    """Somebody of a team, by her number: the commune, her contact, her teams in the plan's order.

    `shown` are the numbers that her commune shows.
    """

    commune: str
    contact: str
    language: str
    zone: ZoneInfo
    teams: tuple[str, ...]
    shown: frozenset[str] = frozenset()


@dataclass
class Members:
    """One of a process: a flood of residents' answers reads no plan."""

    texts: Turnstile = field(default_factory=lambda: Turnstile(MOST_TEXTS, TEXTS_WINDOW_S))
    monotonic: Callable[[], float] = time.monotonic
    _by_number: dict[str, list[Member]] = field(default_factory=dict, repr=False)
    _read_at: float | None = None
    _reading: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def behind(self, office: Office, number: str, *, to: str) -> Member | None:
        """Return who of a team has a number; of two communes, who is of the one that shows `to`."""
        if not number:
            return None
        async with self._reading:
            now = self.monotonic()
            if self._read_at is None or now - self._read_at > TOWNS_FRESH_S:
                self._by_number = await _read(office)
                self._read_at = now
        found = self._by_number.get(number, [])
        return next((one for one in found if to in one.shown), found[0] if found else None)


async def _read(office: Office) -> dict[str, list[Member]]:
    found: dict[str, list[Member]] = {}
    for commune in await plans.communes(office.ledger):
        try:
            plan = (await plan_of(office.ledger, commune)).plan
        except NotThere:
            continue
        for number, member in _members(commune, plan):
            found.setdefault(number, []).append(member)
    return found


def _members(commune: str, plan: Plan) -> Sequence[tuple[str, Member]]:
    shown = Town.of(commune, plan).numbers
    teams: dict[str, list[str]] = {}
    for team in plan.teams:
        for contact in team.people:
            teams.setdefault(contact, []).append(team.id)
    zone = ZoneInfo(plan.commune.timezone)
    return [
        (
            number,
            Member(
                commune,
                contact.id,
                contact.language or plan.policy.language,
                zone,
                tuple(teams[contact.id]),
                shown,
            ),
        )
        for contact in plan.contacts
        if contact.id in teams
        for number in contact.phones
    ]
