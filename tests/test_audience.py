"""Who an alert goes to and in which order: sites, who asked to be first, then the nearest."""

import itertools
from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry import LineString, box

from dispatcher.alerts.audience import (
    ANY_MEDIUM,
    Audience,
    Chains,
    Inside,
    audience_of,
    blocks_of,
    site_person,
)
from dispatcher.alerts.homes import Homes
from dispatcher.alerts.ordering import Source, source_of
from plans.alerting import AlertPolicy, AlertTarget
from plans.commune import Commune
from plans.ground import Asset, HazardZone, Sector
from plans.plan import Plan
from plans.risks import Hazard, Scenario
from zones.area import Area, Place
from zones.danger import Danger

WEST, SOUTH, SIDE = -1.76, 48.00, 0.04
ALL = Area.of(box(WEST, SOUTH, WEST + SIDE, SOUTH + SIDE))
LEFT = Area.of(box(WEST, SOUTH, WEST + SIDE / 2, SOUTH + SIDE))
POINT = Danger.at(Place(WEST + 0.013, SOUTH + 0.01))
LINE = Danger.of(LineString([(WEST, SOUTH + 0.03), (WEST + 0.02, SOUTH + 0.025)]))
SITES, LEFTS, EVERYONE = (
    AlertTarget("sites", 1, ("voice", "sms"), assets=("ecole",)),
    AlertTarget("lefts", 2, ("email",), sectors=("left",)),
    AlertTarget("all", 3, ("sms", "voice"), sectors="all"),
)


@dataclass(frozen=True)
class Home:
    """Where somebody lives, and whether she asked to be first."""

    person: str
    lon: float
    lat: float
    asked: bool = False


def plan_of(*assets: Asset, targets: tuple[AlertTarget, ...] = (SITES, LEFTS, EVERYONE)) -> Plan:
    return Plan(
        Commune("35047", "Bruz", "35", "Europe/Paris"),
        "1",
        AlertPolicy("Bruz", targets=targets),
        assets=assets,
        sectors=(Sector("left", "Gauche", LEFT),),
        scenarios=(Scenario("crue", hazard="inondation"),),
        hazards=(Hazard("inondation", "Inondation"),),
        hazard_zones=(HazardZone("lit", "inondation", LEFT),),
    )


def homes_of(homes: list[Home]) -> Homes:
    return Homes.of(
        [one.person for one in homes],
        np.array([one.lon for one in homes]),
        np.array([one.lat for one in homes]),
    )


def school(ident: str, lon: float, lat: float) -> Asset:
    return Asset(ident, "ecole", ident, Place(lon, lat))


def found(plan: Plan, homes: list[Home], source: Source) -> Audience:
    asked = frozenset(one.person for one in homes if one.asked)
    inside = Inside(ALL, 0.0, ANY_MEDIUM, source)
    return audience_of(plan, homes_of(homes), inside, asked_first=asked)


across = st.floats(-0.2, 1.2).map(lambda share: round(share * SIDE, 6))
places = st.tuples(across.map(lambda x: WEST + x), across.map(lambda y: SOUTH + y))
people = st.lists(
    st.tuples(st.integers(0, 40), places, st.booleans()), max_size=60
).map(
    lambda drawn: [
        Home(f"p{number}", *place, asked=number % 5 == 0) for number, place, _ in sorted(drawn)
    ]
)  # fmt: skip
schools = st.lists(places, max_size=4).map(
    lambda drawn: [school(f"e{at}", *place) for at, place in enumerate(drawn)]
)
sources = st.sampled_from([Source(), Source(POINT), Source(LINE), Source(zone=LEFT)])


def one_by_one(plan: Plan, homes: list[Home], source: Source) -> dict[str, Chains]:
    """Give the audience in its order, decided person by person: the oracle."""

    def far(lon: float, lat: float) -> float:
        return float(source.distance_m(np.array([lon]), np.array([lat]))[0])

    def key(one: Home) -> tuple[int, float, int]:
        mine = [home for home in homes if home.person == one.person]
        inside = [home for home in mine if ALL.covers_place(Place(home.lon, home.lat))]
        left = any(LEFT.covers_place(Place(home.lon, home.lat)) for home in mine)
        asked = any(home.asked for home in mine)
        return (1 if asked else 2, min(far(h.lon, h.lat) for h in inside), 0 if left else 1)

    sites = [site for site in plan.assets if ALL.covers_place(site.place)]
    sites.sort(key=lambda site: far(site.place.lon, site.place.lat))
    told: dict[str, Chains] = {site_person(site.id): (SITES.media,) for site in sites}
    inside = {h.person: h for h in reversed(homes) if ALL.covers_place(Place(h.lon, h.lat))}
    rows = {home.person: at for at, home in reversed(list(enumerate(homes)))}
    for one in sorted(inside.values(), key=lambda home: (*key(home), rows[home.person])):
        chains = (LEFTS.media, EVERYONE.media) if key(one)[2] == 0 else (EVERYONE.media,)
        told[one.person] = chains
    return told


@settings(deadline=None, max_examples=150)
@given(homes=people, sites=schools, source=sources)
def test_sites_go_first_then_who_asked_then_the_nearest_then_the_plan_s_order(
    homes: list[Home], sites: list[Asset], source: Source
) -> None:
    plan = plan_of(*sites)
    told = found(plan, homes, source)
    expected = one_by_one(plan, homes, source)
    assert list(told.ids) == list(expected)
    assert dict(told.chains) == expected


def test_who_matches_no_target_is_reached_by_every_medium_in_use() -> None:
    told = found(plan_of(targets=(SITES,)), [Home("p", WEST + 0.01, SOUTH + 0.01)], Source())
    assert told.chains == {"p": (ANY_MEDIUM,)}


def test_a_site_that_no_target_names_is_not_reached_and_an_unlocated_person_is_listed() -> None:
    plan = plan_of(school("e", WEST + 0.01, SOUTH + 0.01), targets=(EVERYONE,))
    told = found(plan, [Home("p", np.nan, np.nan), Home("q", WEST, SOUTH)], Source())
    assert (list(told.ids), told.unlocated) == (["q"], ("p",))


def test_somebody_with_a_home_that_is_found_is_not_listed_as_unlocated() -> None:
    told = found(plan_of(), [Home("p", np.nan, np.nan), Home("p", WEST, SOUTH)], Source())
    assert (list(told.ids), told.unlocated) == (["p"], ())


def test_the_author_s_mark_goes_before_the_hazard_s_zone_and_nothing_is_no_order() -> None:
    plan = plan_of()
    assert source_of(plan, danger=POINT, scenario="crue") == Source(POINT)
    assert source_of(plan, danger=None, scenario="crue") == Source(zone=LEFT)
    assert source_of(plan, danger=None, scenario=None) == Source()
    assert source_of(plan, danger=None, scenario="gone") == Source()


def test_a_hazard_zone_that_no_grid_holds_stops_no_launch() -> None:
    abroad = Source(zone=Area.of(box(-74.0, 40.7, -73.9, 40.8)))
    told = found(plan_of(), [Home("p", WEST, SOUTH)], abroad)
    assert list(told.ids) == ["p"]


@pytest.mark.parametrize("people", [1, 499, 500, 501, 1_730])
def test_blocks_keep_the_order_and_the_chains_of_each(people: int) -> None:
    kinds = ((("sms",),), (("email",), ("sms",)), (("voice",),))
    ids = [f"p{number}" for number in range(people)]
    which = np.arange(people) % 3
    which[1_000:] = 1
    audience = Audience(np.array(ids, dtype=object), kinds, which)
    blocks = blocks_of(audience)
    assert list(itertools.chain(*(block.people for block in blocks))) == ids
    told = {
        person: (block.chains, *block.others)[choice]
        for block in blocks
        for person, choice in zip(
            block.people, block.choice or (0,) * len(block.people), strict=True
        )
    }
    assert told == dict(audience.chains)
    assert all(len(block.people) == 500 for block in blocks[:-1])
