"""The preview of a version that was drafted: the figures of INTERFACES.md, and what else counts."""

from collections.abc import Mapping

from dispatcher.alerts import plan_in_force
from dispatcher.alerts.counting import Figures, count
from dispatcher.alerts.life import find
from dispatcher.alerts.office import Office
from dispatcher.alerts.streets import EDGE_M, Street
from dispatcher.delivery.content import Content


async def preview(office: Office, alert_id: str) -> dict[str, object]:
    """Return the figures of an alert, as it would go out now."""
    version = await find(office, alert_id)
    current = await plan_in_force.in_force(office)
    content = Content.of(version.content)
    figures = await count(office, current.plan, content, alert_id=alert_id)
    return {
        "alert": alert_id,
        "state": version.state,
        "digest": version.digest,
        **as_json(figures),
    }


def as_json(figures: Figures) -> dict[str, object]:
    """Return figures for tools: keys are added and none renamed; euros to the cent, tenths of s."""
    reach, streets = figures.reach, figures.streets
    return {
        "people": figures.people,
        "addresses": streets.addresses,
        "addresses_without_subscriber": streets.uncovered,
        "by_channel": dict(reach.by_channel),
        "by_language": dict(reach.by_language),
        "unreachable": dict(reach.unreachable),
        "declined": dict(reach.declined),
        "segments": {
            language: {"encoding": one.encoding, "segments": one.segments}
            for language, one in figures.segments.items()
        },
        "cost_eur": round(figures.cost_eur, 2),
        "eta_s": round(figures.seconds_in_all, 1),
        "eta_s_by_channel": {medium: round(s, 1) for medium, s in figures.seconds.items()},
        "unlocated": len(figures.found.here.unlocated),
        "asked_first": reach.asks["warn_first"],
        "help_to_leave": reach.asks["help_to_leave"],
        "sensitive_sites": [vars(site) for site in figures.sites],
        "streets": [_street(one) for one in streets.inside],
        "just_outside": {
            "within_m": EDGE_M,
            "people": figures.beside,
            "addresses": streets.edge_addresses,
            "streets": [_street(one) for one in streets.edge or ()],
        },
    }


def _street(one: Street) -> Mapping[str, object]:
    return {
        "street": one.street,
        "addresses": one.addresses,
        "addresses_without_subscriber": one.uncovered,
    }
