"""What answers to people are made from, kept in this process: alerts' words, towns, how often."""

import asyncio
import time
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, field

from dispatcher.alerts.known_blanks import national
from dispatcher.alerts.office import Office
from dispatcher.alerts.plan_in_force import in_force
from dispatcher.alerts.refusals import NotThere
from dispatcher.alerts.turnstile import Turnstile
from dispatcher.delivery.content import Content
from dispatcher.delivery.mission_words import filled
from dispatcher.store import plans
from dispatcher.store.ledger import Ledger
from dispatcher.store.versions import version_by_id
from plans.plan import Plan

TOWNS_FRESH_S = 30.0
NOWHERE = "00000"  # the commune of what comes to an installation that has none
MOST_CONTENTS = 64
MOST_TEXTS, TEXTS_WINDOW_S = 10, 3600.0  # SMS answered to one number
MOST_RINGS, RINGS_WINDOW_S = 20, 600.0  # calls in which it hears the message


@dataclass(frozen=True)
class Town:
    """A commune as a caller meets it; `phone` is its information number, where the plan says it.

    `numbers` are those that show in its SMS and calls; `shares`: it shows the account's own.
    """

    commune: str
    name: str
    issuer: str
    language: str
    phone: str
    numbers: frozenset[str]
    shares: bool

    @staticmethod
    def of(commune: str, plan: Plan) -> "Town":
        """Read a commune's plan."""
        policy = plan.policy
        shown = {policy.caller_number, policy.sender if policy.two_way else None}
        numbers = frozenset(one for one in shown if one)
        phone = plan.commune.information_phone or ""
        return Town(
            commune,
            plan.commune.name,
            issuer=f"Mairie de {plan.commune.name}",
            language=policy.language,
            phone=national(phone),
            numbers=numbers,
            shares=policy.caller_number is None,
        )


@dataclass
class Switchboard:
    """One of a process. A version's content never changes, so it is read once."""

    texts: Turnstile = field(default_factory=lambda: Turnstile(MOST_TEXTS, TEXTS_WINDOW_S))
    rings: Turnstile = field(default_factory=lambda: Turnstile(MOST_RINGS, RINGS_WINDOW_S))
    _contents: OrderedDict[tuple[str, str], Content] = field(default_factory=OrderedDict)
    _towns: Sequence[Town] = ()
    _read_at: float | None = None
    _reading: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def content(self, ledger: Ledger, commune: str, version_id: str) -> Content | None:
        """Return what a version says; None where there is none."""
        key = (commune, version_id)
        if key in self._contents:
            self._contents.move_to_end(key)
            return self._contents[key]
        version = await version_by_id(ledger, commune, version_id)
        if version is None:
            return None
        content = Content.of(version.content)
        found = await filled(ledger, commune, version.alert_id, content)
        self._contents[key] = found
        if len(self._contents) > MOST_CONTENTS:
            self._contents.popitem(last=False)
        return found

    async def towns(self, office: Office) -> Sequence[Town]:
        """Return every commune that has a plan in force, as it was at most 30 s ago."""
        async with self._reading:  # a flood reads the plans once
            now = time.monotonic()
            if self._read_at is None or now - self._read_at > TOWNS_FRESH_S:
                self._towns = [
                    town
                    for commune in await plans.communes(office.ledger)
                    if (town := await _town(office.of(commune))) is not None
                ]
                self._read_at = now
            return self._towns


async def _town(office: Office) -> Town | None:
    try:
        current = await in_force(office)
    except NotThere:
        return None
    return Town.of(office.commune, current.plan)


def towns_of_number(towns: Sequence[Town], number: str) -> Sequence[Town]:
    """Return the communes that a number may stand for, those that name it first; never none.

    One that shows its account's own number may be meant by any number that nobody names.
    """
    return (
        [one for one in towns if number in one.numbers]
        or [one for one in towns if one.shares]
        or towns
    )
