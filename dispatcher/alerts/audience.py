"""Who an alert goes to: the people inside its area, the most urgent first.

Fail closed: there is no default area, and no step adds anyone who is not inside it. Nobody inside
is left out either: who matches no target is reached by every medium in use.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Self

import numpy as np

from dispatcher.alerts.homes import Floats, Homes, Mask, Names, Whole, names_of
from dispatcher.alerts.ordering import ASKED, NOWHERE, OTHER, SITE, Source, in_order
from dispatcher.store.blocks import BLOCK_SIZE
from dispatcher.store.versions import AudienceBlock
from plans.alerting import AlertTarget
from plans.ground import Asset
from plans.plan import Plan
from zones.area import LAYER_LIMITS, Area
from zones.geojson import read_area
from zones.population import Population

Chains = tuple[tuple[str, ...], ...]
ANY_MEDIUM = ("sms", "voice", "email", "webhook")


@dataclass(frozen=True)
class Inside:
    """Where an alert applies, which media it uses, and where the danger is."""

    area: Area
    margin_m: float
    media: tuple[str, ...]
    source: Source = NOWHERE


@dataclass(frozen=True, eq=False)
class Audience:
    """The people of an alert, the most urgent first; `unlocated` are listed.

    `kinds[which[row]]` are the chains of media of `ids[row]`, in order of priority.
    """

    ids: Names
    kinds: Sequence[Chains]
    which: Whole
    unlocated: tuple[str, ...] = ()

    @classmethod
    def alike(cls, ids: Sequence[str], chains: Chains) -> Self:
        """Give these people, each once and in this order, the same chains."""
        once = list(dict.fromkeys(ids))
        return cls(names_of(once), (chains,), np.zeros(len(once), dtype=np.int64))

    @property
    def people(self) -> int:
        """How many people."""
        return len(self.ids)

    @cached_property
    def chains(self) -> Mapping[str, Chains]:
        """The chains of each person, in the audience's order."""
        return dict(
            zip(self.ids.tolist(), map(self.kinds.__getitem__, self.which.tolist()), strict=True)
        )


def area_of(geometry: Mapping[str, object]) -> Area:
    """Return the area that a drafted alert keeps as a GeoJSON geometry."""
    return read_area(json.dumps(geometry).encode(), limits=LAYER_LIMITS)


def site_person(asset_id: str) -> str:
    """Return the id under which a sensitive site's contact is a person."""
    return f"site:{asset_id}"


def audience_of(
    plan: Plan, homes: Homes, inside: Inside, *, asked_first: frozenset[str] = frozenset()
) -> Audience:
    """Find everyone inside, once each, the most urgent first.

    `asked_first` are those who asked to be warned first, or need help to leave.
    """
    rows = homes.inside(inside.area, margin_m=inside.margin_m)
    here = homes.persons_of(rows)
    sites = _sites(plan, inside)
    bare = _used(ANY_MEDIUM, plan, inside)
    told = _told(plan, inside, sites=sites, homes=homes, here=here)
    kinds, which, rank = _chosen(told, len(sites) + len(here))
    chosen = np.flatnonzero(np.concatenate([rank[: len(sites)] < len(told), here]))
    asked = np.where(homes.among(asked_first), ASKED, OTHER)
    group = np.concatenate([np.full(len(sites), SITE), asked])
    far = np.concatenate([_far(sites, inside.source), homes.nearest_m(rows, inside.source)])
    order = chosen[in_order(group[chosen], far[chosen], rank[chosen])]
    names = np.concatenate([names_of([site_person(site.id) for site in sites]), homes.names])
    lost = homes.persons_of(homes.unlocated) & ~here
    return Audience(
        names[order],
        [chains or (bare,) for chains in kinds],
        which[order],
        tuple(homes.named(lost)),
    )


def _used(media: Sequence[str], plan: Plan, inside: Inside) -> tuple[str, ...]:
    return tuple(m for m in media if m in inside.media and plan.policy.uses(m))


def _sites(plan: Plan, inside: Inside) -> list[Asset]:
    """Give the assets inside of the kinds that some target names."""
    kinds = {kind for target in plan.policy.targets for kind in target.assets}
    sites = [asset for asset in plan.assets if asset.kind in kinds]
    places = Population.of([site.id for site in sites], *_places(sites))
    return [sites[row] for row in places.inside(inside.area, margin_m=inside.margin_m)]


def _places(sites: Sequence[Asset]) -> tuple[Floats, Floats]:
    places = np.array([(site.place.lon, site.place.lat) for site in sites]).reshape(-1, 2)
    return places[:, 0], places[:, 1]


def _far(sites: Sequence[Asset], source: Source) -> Floats:
    return source.distance_m(*_places(sites)) if sites else np.empty(0)


def _told(
    plan: Plan, inside: Inside, *, sites: Sequence[Asset], homes: Homes, here: Mask
) -> list[tuple[tuple[str, ...], Mask]]:
    """Give the chain of each target that uses a medium, and whom it chooses: sites, then people."""
    return [
        (chain, np.concatenate([[site.kind in target.assets for site in sites], people]) > 0)
        for target in sorted(plan.policy.targets, key=lambda target: target.priority)
        if (chain := _used(target.media, plan, inside))
        for people in (_residents(plan, target, homes=homes, here=here),)
    ]


def _residents(plan: Plan, target: AlertTarget, *, homes: Homes, here: Mask) -> Mask:
    if target.sectors in ("scenario", "all"):
        return here
    if not target.sectors:
        return np.zeros_like(here)
    named = [plan.sector(ident).area for ident in target.sectors]
    return here & homes.persons_of(homes.inside(named[0].union(*named[1:])))


def _chosen(
    told: Sequence[tuple[tuple[str, ...], Mask]], people: int
) -> tuple[list[Chains], Whole, Whole]:
    """Return the distinct chains, which of them each person has, and the first target of each."""
    kinds: list[Chains] = [()]
    which = np.zeros(people, dtype=np.int64)
    rank = np.full(people, len(told), dtype=np.int64)
    for at, (chain, mask) in enumerate(told):
        rank[mask & (rank == len(told))] = at
        doubled = 2 * which + mask
        met = np.bincount(doubled, minlength=2 * len(kinds)) > 0
        which = (np.cumsum(met) - 1)[doubled]
        kinds = [
            kinds[code // 2] + ((chain,) if code % 2 else ())
            for code in np.flatnonzero(met).tolist()
        ]
    return kinds, which, rank


def blocks_of(audience: Audience) -> tuple[AudienceBlock, ...]:
    """Cut an audience into blocks of BLOCK_SIZE people, in its order."""
    return tuple(
        _block(audience, slice(start, start + BLOCK_SIZE))
        for start in range(0, audience.people, BLOCK_SIZE)
    )


def _block(audience: Audience, part: slice) -> AudienceBlock:
    ids = tuple(audience.ids[part].tolist())
    met, choice = np.unique(audience.which[part], return_inverse=True)
    first, *others = (audience.kinds[kind] for kind in met.tolist())
    return AudienceBlock(first, ids, tuple(others), tuple(choice.tolist()) if others else ())
