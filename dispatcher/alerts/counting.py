"""Before anything leaves: who, by which medium, how many segments, what cost, how long, who not.

One way to count for all who ask: the preview of a version that waits, and the panel of an alert
that is still being written. Nothing is rounded and nothing estimated but the price and the time.
"""

import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from channels.segments import Measured, measure
from dispatcher.alerts.addressees import RESIDENCES, Addressees, addressees
from dispatcher.alerts.audience import Audience, area_of
from dispatcher.alerts.homes import Homes
from dispatcher.alerts.office import Office
from dispatcher.alerts.sensitive import SITE_PERSON, SiteInside, sites_inside
from dispatcher.alerts.streets import Streets, edge_m, streets_of
from dispatcher.delivery.content import LINK_BLANK, LINK_CHARS, Content, page_of, sms_units
from dispatcher.delivery.reach import choose
from dispatcher.store import people
from dispatcher.store.earlier import told_ways
from dispatcher.store.information import DECLINED, topics_of
from dispatcher.store.people import Person
from dispatcher.store.personal import contact_mark
from dispatcher.store.versions import FIRST
from plans.plan import Plan
from zones.area import AreaFault


@dataclass(frozen=True)
class Reach:
    """What the deliveries of an audience will be, made as the launch makes them.

    `units` are what accounts count: segments of SMS, else messages. `asked_first` and `help` count
    residents who asked to be warned first, and who need help to leave; one may be both.
    """

    by_channel: Counter[str] = field(default_factory=Counter)
    units: Counter[str] = field(default_factory=Counter)
    by_language: Counter[str] = field(default_factory=Counter)
    unreachable: Counter[str] = field(default_factory=Counter)
    declined: Counter[str] = field(default_factory=Counter)  # who did not want this information
    asks: Counter[str] = field(default_factory=Counter)

    def add(self, units: int, *, medium: str, language: str) -> None:
        """Count one delivery more."""
        self.by_channel[medium] += 1
        self.by_language[language] += 1
        self.units[medium] += units

    def ask(self, person: Person | None) -> None:
        """Count what a resident of the audience asked for when she enrolled."""
        if person is None or person.id.startswith(SITE_PERSON):
            return
        self.asks["warn_first"] += person.warn_first
        self.asks["help_to_leave"] += person.help_to_leave


@dataclass(frozen=True)
class Figures:
    """All that is known of an alert before it leaves.

    `beside` counts the people who live at most EDGE_M outside the area and nowhere inside it.
    """

    found: Addressees
    reach: Reach
    streets: Streets
    beside: int
    sites: tuple[SiteInside, ...]
    segments: Mapping[str, Measured]  # of an SMS, by language, the reader's own link included
    cost_eur: float
    seconds: Mapping[str, float]  # until each medium has tried everyone once

    @property
    def people(self) -> int:
        """How many people it goes to now."""
        return self.found.people

    @property
    def reached(self) -> int:
        """How many people of the area have a way to be reached."""
        refused = self.reach.unreachable.total() + self.reach.declined.total()
        return self.found.here.people - refused

    @property
    def seconds_in_all(self) -> float:
        """Seconds until the slowest medium has tried everyone; all of them work at once."""
        return max(self.seconds.values(), default=0.0)


async def count(office: Office, plan: Plan, content: Content, *, alert_id: str) -> Figures:
    """Count what an alert of this content would be if it left now; writes nothing."""
    found = await addressees(office, plan, content, alert_id=alert_id)
    key = (office.commune, alert_id)
    before = () if content.kind == FIRST else await told_ways(office.ledger, *key)
    reach = await _reach(office, found.here, content, before=before)
    streets, beside = await around(office, content)
    granted = office.granted
    return Figures(
        found,
        reach,
        streets,
        beside,
        sites_inside(plan, content, audience=frozenset(found.here.ids.tolist())),
        _segments(content, office.public_url),
        sum(granted[medium].cost_eur * units for medium, units in reach.units.items()),
        {medium: units / granted[medium].per_second for medium, units in reach.units.items()},
    )


async def around(office: Office, content: Content) -> tuple[Streets, int]:
    """Count the addresses of an area by street, and the people just outside it."""
    ledger, commune = office.ledger, office.commune
    addresses = await RESIDENCES.addresses(ledger, commune)
    homes = await RESIDENCES.homes(ledger, commune)
    covered = await people.covered_places(ledger, commune)
    area, margin_m = area_of(content.area), content.margin_m
    streets = await asyncio.to_thread(
        streets_of, addresses, area, margin_m=margin_m, covered=covered
    )
    return streets, await asyncio.to_thread(_beside, homes, content)


def _beside(homes: Homes, content: Content) -> int:
    area = area_of(content.area)
    try:
        near = homes.inside(area, margin_m=edge_m(content.margin_m))
    except AreaFault:  # a zone abroad is counted all the same, without its edge
        return 0
    here = homes.persons_of(homes.inside(area, margin_m=content.margin_m))
    return int((homes.persons_of(near) & ~here).sum())


async def _reach(
    office: Office, audience: Audience, content: Content, *, before: Sequence[tuple[str, str, str]]
) -> Reach:
    """Count the ways of an audience, after those by which it was told `before`."""
    reach, units = Reach(), _Units(content, office.public_url)
    seen: set[tuple[str, str]] = set()
    for medium, mark, spoken in before:
        seen.add((medium, mark))
        units.count(reach, medium, spoken)
    ids, topics = list(audience.chains), topics_of(content.as_json())
    for part in people.in_parts(ids):
        known = await people.people(office.ledger, office.commune, part)
        for ident in part:
            person = known.get(ident)
            reach.ask(person)
            choice = choose(person, audience.chains[ident], topics=topics)
            if choice.reason:
                counted = reach.declined if choice.reason in DECLINED else reach.unreachable
                counted[choice.reason] += 1
            ways = [(medium, contact_mark(office.ledger.ring, to)) for medium, to in choice.ways]
            fresh = [one for one in ways if one not in seen]
            seen.update(fresh)
            for medium, _mark in fresh:
                units.count(reach, medium, choice.language)
    return reach


class _Units:
    """The units of one message in each language, measured once."""

    def __init__(self, content: Content, public_url: str) -> None:
        self._content, self._public_url = content, public_url
        self._sms: dict[str, int] = {}

    def count(self, reach: Reach, medium: str, spoken: str) -> None:
        """Count a delivery to whoever speaks this language."""
        language = self._content.words(spoken)[0]
        if language not in self._sms:
            self._sms[language] = sms_units(self._content, language, self._public_url)
        units = self._sms[language] if medium == "sms" else 1
        reach.add(units, medium=medium, language=language)


def _segments(content: Content, public_url: str) -> dict[str, Measured]:
    page = page_of(public_url, "x" * LINK_CHARS)
    return {
        language: measure(texts.sms.replace(LINK_BLANK, page))
        for language, texts in content.texts.items()
    }


@dataclass(frozen=True)
class Outline:
    """What is counted again at each corner of an area: whom, how many doors, who is beside it."""

    people: int
    unlocated: int
    streets: Streets
    beside: int


async def outline(office: Office, plan: Plan, content: Content, *, alert_id: str) -> Outline:
    """Count what costs no look at each person: a tenth of `count`, with the same numbers."""
    found = await addressees(office, plan, content, alert_id=alert_id)
    streets, beside = await around(office, content)
    return Outline(found.people, len(found.here.unlocated), streets, beside)
