"""Centres as tools and commands read them: codes, figures, instants in UTC; names apart."""

from collections.abc import Mapping, Sequence

from dispatcher.crisis.showing import iso
from dispatcher.shelter.sight import Centres, CentreSeen
from dispatcher.store.centre_counting import Named

Shown = dict[str, object]


def shown_all(found: Centres) -> Shown:
    """Return the centres of an event, those that are open first."""
    return {
        "event": found.event.event_id,
        "people": found.people,
        "centres": [shown(one) for one in found.seen],
    }


def shown(one: CentreSeen) -> Shown:
    """Return a centre without anybody's name."""
    state = "open" if one.is_open else "never_opened" if one.now is None else "closed"
    beyond = one.fallback if one.elsewhere else None
    return {
        "centre": one.centre_id,
        "label": one.label,
        "kind": one.kind or None,
        "state": state,
        "opened_at": iso(one.now.opened_at) if one.now else None,
        "opened_by": one.now.opened_by if one.now else None,
        "closed_at": iso(one.now.closed_at) if one.now else None,
        "people": one.people,
        "children": one.now.children if one.now else 0,
        "people_named": one.named,
        "places": {
            name: {
                "places": each.places,
                "units": each.units,
                "free": each.free(one.people),
                "adjusted": each.adjusted,
            }
            for name, each in one.places.items()
        },
        "free": one.free,
        "over_capacity": one.over,
        "located": one.place is not None,
        "dangers": [str(each) for each in one.dangers],
        "fallback": None if beyond is None else _fallback(vars(beyond)),
    }


def _fallback(beyond: Mapping[str, object]) -> Shown:
    return {
        "centre": beyond["centre_id"],
        "label": beyond["label"],
        "open": beyond["is_open"],
        "free": beyond["free"],
        "distance_m": beyond["distance_m"],
    }


def shown_names(one: CentreSeen, found: Sequence[Named]) -> Shown:
    """Return a centre with who gave her name there."""
    people = [
        {
            "person": each.person_id,
            "name": each.name,
            "household": each.household,
            "comes_from": each.comes_from or None,
            "phone": each.phone or None,
            "arrived_at": iso(each.arrived_at),
            "left_at": iso(each.left_at),
            "went_to": each.went_to or None,
        }
        for each in found
    ]
    return {**shown(one), "named": people}
