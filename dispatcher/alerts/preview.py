"""Before anything leaves: who, by which medium, how many segments, what cost, how long, who not."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from channels.segments import measure
from dispatcher.alerts import plan_in_force
from dispatcher.alerts.addressees import addressees
from dispatcher.alerts.audience import Audience, area_of
from dispatcher.alerts.life import find
from dispatcher.alerts.office import Office
from dispatcher.delivery.content import LINK_BLANK, LINK_CHARS, Content, page_of, sms_units
from dispatcher.delivery.reach import choose
from dispatcher.store import addresses, people
from dispatcher.store.earlier import told_ways
from dispatcher.store.versions import FIRST
from zones.population import Population


@dataclass(frozen=True)
class Reach:
    """What the deliveries of an audience will be, made as the launch makes them."""

    by_channel: Counter[str] = field(default_factory=Counter)
    units: Counter[str] = field(default_factory=Counter)
    by_language: Counter[str] = field(default_factory=Counter)
    unreachable: Counter[str] = field(default_factory=Counter)

    def add(self, office: Office, content: Content, *, medium: str, language: str) -> None:
        """Count one delivery more."""
        self.by_channel[medium] += 1
        self.by_language[language] += 1
        units = sms_units(content, language, office.public_url)
        self.units[medium] += units if medium == "sms" else 1


async def preview(office: Office, alert_id: str) -> dict[str, object]:
    """Return the figures of INTERFACES.md for an alert, as it would go out now."""
    key = (office.commune, alert_id)
    version = await find(office, alert_id)
    content = Content.of(version.content)
    current = await plan_in_force.in_force(office)
    found = await addressees(office, current.plan, content, alert_id=alert_id)
    before = () if content.kind == FIRST else await told_ways(office.ledger, *key)
    reach = await _reach(office, found.here, content, before=before)
    inside, uncovered = await _addresses(office, content)
    return {
        "alert": alert_id,
        "state": version.state,
        "digest": version.digest,
        "people": found.people,
        "addresses": inside,
        "addresses_without_subscriber": uncovered,
        "by_channel": dict(reach.by_channel),
        "by_language": dict(reach.by_language),
        "unreachable": dict(reach.unreachable),
        "segments": _segments(content, office.public_url),
        "cost_eur": round(_cost(office, reach), 2),
        "eta_s": _eta(office, reach),
        "unlocated": len(found.here.unlocated),
    }


async def _reach(
    office: Office, audience: Audience, content: Content, *, before: Sequence[tuple[str, str, str]]
) -> Reach:
    """Count the ways of an audience, after those by which it was told `before`."""
    reach = Reach()
    seen: set[tuple[str, str]] = set()
    for medium, contact, spoken in before:
        seen.add((medium, contact))
        reach.add(office, content, medium=medium, language=content.words(spoken)[0])
    ids = list(audience.chains)
    for start in range(0, len(ids), 500):
        part = ids[start : start + 500]
        known = await people.people(office.ledger, office.commune, part)
        for ident in part:
            choice = choose(known.get(ident), audience.chains[ident])
            if choice.reason:
                reach.unreachable[choice.reason] += 1
            fresh = [one for one in choice.ways if one not in seen]
            seen.update(fresh)
            language = content.words(choice.language)[0]
            for medium, _contact in fresh:
                reach.add(office, content, medium=medium, language=language)
    return reach


async def _addresses(office: Office, content: Content) -> tuple[int, int]:
    columns = await addresses.addresses_columns(office.ledger, office.commune)
    where = Population.of(columns.place_keys, columns.lon, columns.lat)
    rows = where.inside(area_of(content.area), margin_m=content.margin_m)
    covered = await people.covered_places(office.ledger, office.commune)
    return len(rows), sum(columns.place_keys[row] not in covered for row in rows)


def _segments(content: Content, public_url: str) -> dict[str, object]:
    page = page_of(public_url, "x" * LINK_CHARS)
    measured = {
        language: measure(texts.sms.replace(LINK_BLANK, page))
        for language, texts in content.texts.items()
    }
    return {
        language: {"encoding": one.encoding, "segments": one.segments}
        for language, one in measured.items()
    }


def _cost(office: Office, reach: Reach) -> float:
    return sum(office.granted[medium].cost_eur * units for medium, units in reach.units.items())


def _eta(office: Office, reach: Reach) -> float:
    """Return when the slowest account has tried everyone, in seconds."""
    waits = [units / office.granted[medium].per_second for medium, units in reach.units.items()]
    return round(max(waits, default=0.0), 1)
