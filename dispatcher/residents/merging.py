"""Several lines, one person: what they say together."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from dispatcher.store.information import ALL
from dispatcher.store.people import Contact
from dispatcher.store.registers import NOWHERE, Home, Resident


def merged(said: Sequence[Resident]) -> Resident:
    """Return the person that these lines describe, each value once, in the order of the lines.

    Flags hold when one line sets them, the latest consent counts, the first name stays. Media are
    a restriction: they hold only if every line makes one, and then together.
    """
    first = said[0]
    if len(said) == 1:
        return first
    chosen = [one.chosen_media for one in said]
    return Resident(
        external_id=next((one.external_id for one in said if one.external_id), None),
        name=next((one.name for one in said if one.name), ""),
        languages=_once(language for one in said for language in one.languages),
        chosen_media=_once(medium for media in chosen for medium in media) if all(chosen) else (),
        warn_first=any(one.warn_first for one in said),
        help_to_leave=any(one.help_to_leave for one in said),
        consented_at=max(
            (one.consented_at for one in said if one.consented_at is not None), default=None
        ),
        contacts=_contacts(said),
        homes=_homes(said),
        information=next((one.information for one in said if one.information != ALL), ALL),
        household=next((one.household for one in said if one.household is not None), None),
    )


def _once(words: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(words))


def _contacts(said: Sequence[Resident]) -> tuple[Contact, ...]:
    ways = dict.fromkeys((way.kind, way.value) for one in said for way in one.contacts)
    return tuple(Contact(kind, value, rank) for rank, (kind, value) in enumerate(ways))


def _homes(said: Sequence[Resident]) -> tuple[Home, ...]:
    """Each home once; one that a line locates is located."""
    found: dict[object, Home] = {}
    for one in said:
        for home in one.homes:
            which = home.place_key or (home.label, home.lon, home.lat)
            known = found.get(which)
            if known is None:
                found[which] = home
            elif known.lon is None:
                found[which] = replace(known, lon=home.lon, lat=home.lat)
    return tuple(home for home in found.values() if home != NOWHERE) or (NOWHERE,)
