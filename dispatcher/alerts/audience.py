"""Who an alert goes to: the people inside its area, in the order of the plan's targets.

Fail closed: there is no default area, and no step adds anyone who is not inside it. Nobody inside
is left out either: who matches no target comes last, by every medium in use.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from dispatcher.store.blocks import BLOCK_SIZE
from dispatcher.store.versions import AudienceBlock
from plans.alerting import AlertTarget
from plans.plan import Plan
from zones.area import LAYER_LIMITS, Area, Place
from zones.geojson import read_area
from zones.population import Population

Chains = tuple[tuple[str, ...], ...]
ANY_MEDIUM = ("sms", "voice", "email", "webhook")


@dataclass(frozen=True)
class Homes:
    """Where people live: one row a home; a person may have several, NaN where unlocated."""

    person_ids: Sequence[str]
    population: Population


@dataclass(frozen=True)
class Inside:
    """Where an alert applies, and which media it uses."""

    area: Area
    margin_m: float
    media: tuple[str, ...]
    scenario_sectors: tuple[str, ...] = ()


@dataclass(frozen=True)
class Audience:
    """The people of an alert: `chains` per person in order of priority; `unlocated` are listed."""

    chains: Mapping[str, Chains] = field(default_factory=dict)
    unlocated: tuple[str, ...] = ()

    @property
    def people(self) -> int:
        """How many people."""
        return len(self.chains)


def area_of(geometry: Mapping[str, object]) -> Area:
    """Return the area that a drafted alert keeps as a GeoJSON geometry."""
    return read_area(json.dumps(geometry).encode(), limits=LAYER_LIMITS)


def site_person(asset_id: str) -> str:
    """Return the id under which a sensitive site's contact is a person."""
    return f"site:{asset_id}"


def audience_of(plan: Plan, homes: Homes, inside: Inside) -> Audience:
    """Find everyone inside, once each, in order of the targets' priority."""
    rows = homes.population.inside(inside.area, margin_m=inside.margin_m)
    residents = dict.fromkeys(homes.person_ids[row] for row in rows)
    chosen: dict[str, list[tuple[str, ...]]] = {}
    for target in sorted(plan.policy.targets, key=lambda target: target.priority):
        chain = tuple(m for m in target.media if m in inside.media and plan.policy.uses(m))
        if chain:
            for person in _chosen(plan, target, inside, residents=residents, homes=homes):
                chosen.setdefault(person, []).append(chain)
    rest = tuple(m for m in ANY_MEDIUM if m in inside.media and plan.policy.uses(m))
    for person in residents:
        chosen.setdefault(person, [rest])
    unlocated = dict.fromkeys(homes.person_ids[row] for row in homes.population.unlocated)
    return Audience(
        {person: tuple(chains) for person, chains in chosen.items()},
        tuple(person for person in unlocated if person not in chosen),
    )


def _chosen(
    plan: Plan, target: AlertTarget, inside: Inside, *, residents: Iterable[str], homes: Homes
) -> list[str]:
    found = []
    if target.assets:
        found += [
            site_person(asset.id)
            for asset in plan.assets
            if asset.kind in target.assets and _inside(asset.place, inside)
        ]
    if target.sectors in ("scenario", "all"):
        found += residents
    elif target.sectors:
        named = [plan.sector(ident).area for ident in target.sectors]
        rows = homes.population.inside(named[0].union(*named[1:]))
        there = {homes.person_ids[row] for row in rows}
        found += [person for person in residents if person in there]
    return found


def _inside(place: Place, inside: Inside) -> bool:
    one = Population.of(["site"], np.array([place.lon]), np.array([place.lat]))
    return len(one.inside(inside.area, margin_m=inside.margin_m)) == 1


def blocks_of(audience: Audience) -> tuple[AudienceBlock, ...]:
    """Cut an audience into blocks of people with the same media, keeping the order."""
    by_chains: dict[Chains, list[str]] = {}
    for person, chains in audience.chains.items():
        by_chains.setdefault(chains, []).append(person)
    return tuple(
        AudienceBlock(chains, tuple(people[start : start + BLOCK_SIZE]))
        for chains, people in by_chains.items()
        for start in range(0, len(people), BLOCK_SIZE)
    )
