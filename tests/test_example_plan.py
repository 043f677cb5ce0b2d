"""The invented commune that ships: rich enough to show everything, and safe to copy."""

import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from datetime import date
from itertools import combinations
from typing import Any

import pytest
import yaml
from shapely import get_num_coordinates, get_num_interior_rings
from shapely.geometry import Point, shape
from shapely.ops import unary_union

from channels.segments import measure
from channels.senders import sender_fault
from dispatcher.residents.invented import invented_residents
from dispatcher.residents.invented_contacts import KEPT_FOR_DIRECTORY
from plans.faults import Findings
from plans.plan import Plan
from plans.reading import Reading, read_folder
from plans.yaml_lines import read_yaml
from tests.example_commune import (
    COMMUNE,
    EXAMPLE,
    FIRST_SCENARIO_SECTORS,
    SEED,
    address_points,
    features,
    shapes,
)
from zones.area import LAYER_LIMITS
from zones.geojson import read_features

FICTION = re.compile(r"\+33(63998|19900|26191|35301|46571|53649)(\d{4})")
YAML_FILES = sorted(path.relative_to(EXAMPLE).as_posix() for path in EXAMPLE.rglob("*.yaml"))
TEMPLATES = [name for name in YAML_FILES if name.startswith("alerte/modeles/")]

LAYERS = ("commune", "secteurs", "zones_alea", "enjeux", "rues", "riviere")
INVITES_A_REPLY = re.compile(r"(?i)répondez (par|à ce|au) |reply (to|by|with)|\bSTOP\b")

# The longest names that the blanks of a message may take.
BLANKS = {
    "secteur": "Bas-Bourg, Les Moulins, La Prairie",
    "point": "Chapelle Sainte-Anne",
    "centre": "Internat du lycée agricole",
    "tel": "03 53 01 00 01",
    "lien": "https://alertes.vaubrenne.example/a/" + "x" * 22,
    "consigne": "restez à l'étage, ne prenez pas la voiture",  # typed when it is needed
}


def document(name: str) -> dict[str, Any]:
    read: dict[str, Any] = yaml.safe_load((EXAMPLE / name).read_text(encoding="utf-8"))
    return read


def wordings(template: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    yield template
    yield from template["traductions"].values()


@pytest.fixture(scope="module")
def reading() -> Reading:
    return read_folder(
        EXAMPLE,
        today=date(2026, 11, 24),
        measure=measure,
        sender_fault=sender_fault,
        invented=True,
        language="en",
    )


@pytest.fixture(scope="module")
def plan(reading: Reading) -> Plan:
    assert reading.plan is not None, reading.faults
    return reading.plan


def test_the_plan_is_valid_and_nothing_in_it_calls_for_a_warning(reading: Reading) -> None:
    assert reading.faults == ()
    # The layers of the map's background are no part of the plan itself.
    scenery = ("geo/rues.geojson", "geo/riviere.geojson")
    assert [note for note in reading.warnings if note.file not in scenery] == []


def test_the_plan_is_rich_enough_to_show_everything(plan: Plan) -> None:
    assert len(plan.hazards) >= 3
    assert {hazard.speed for hazard in plan.hazards} == {"slow", "fast"}
    assert len(plan.sectors) >= 6
    assert len(plan.scenarios) >= 4
    assert len(plan.teams) >= 8
    assert len(plan.cards) >= 10
    assert len(plan.resources) >= 20
    assert len(plan.assets) >= 8
    assert len(plan.contacts) >= 25
    assert len(plan.templates) >= 8
    assert {team.kind for team in plan.teams} == {
        "intervention",
        "relais_quartier",
        "accueil",
        "evaluation",
    }
    assert {card.kind for card in plan.cards} == {"action", "reflex", "support"}
    assert {tuple(template.texts) for template in plan.templates} == {("fr", "en")}


def test_the_scenarios_show_every_source_of_a_trigger(plan: Plan) -> None:
    sources = {trigger.source for scenario in plan.scenarios for trigger in scenario.triggers}
    assert sources == {
        "vigilance_meteo",
        "vigicrues_troncon",
        "station_hydro",
        "atmo",
        "manuel",
    }


def test_the_first_scenario_is_the_flood_of_the_low_sectors(plan: Plan) -> None:
    first = plan.scenarios[0]
    assert (first.hazard, first.sectors) == ("inondation", FIRST_SCENARIO_SECTORS)
    assert plan.hazard("inondation").speed == "slow"


def test_sensitive_sites_are_called_first_then_residents_by_sms(plan: Plan) -> None:
    first, second, *others = sorted(plan.policy.targets, key=lambda target: target.priority)
    assert (first.assets, first.media) == (
        ("ecole", "creche", "ehpad", "camping"),
        ("voice", "sms"),
    )
    assert (second.sectors, second.media) == ("scenario", ("sms", "voice"))
    assert any({"email", "webhook"} <= set(target.media) for target in others)


def test_each_sector_has_its_own_place_to_gather(plan: Plan) -> None:
    for sector in plan.sectors:
        assert sector.assembly_point is not None
        assert sector.id in plan.assembly_point(sector.assembly_point).sectors


def test_two_elected_officials_at_least_may_approve_beside_the_mayor(plan: Plan) -> None:
    assert [contact.id for contact in plan.approver_contacts()] == ["maire", "adj1", "adj2"]


@pytest.mark.parametrize("name", YAML_FILES)
def test_every_yaml_file_is_plain_small_and_commented_for_who_copies_it(name: str) -> None:
    raw = (EXAMPLE / name).read_bytes()
    findings = Findings()
    assert read_yaml(name, raw, findings) is not None
    assert findings.faults == []
    assert len(raw) < 64_000
    if "/" not in name:
        assert raw.startswith(b"# ")


def test_every_number_is_fiction_and_kept_apart_from_those_of_the_residents() -> None:
    text = "".join((EXAMPLE / name).read_text(encoding="utf-8") for name in YAML_FILES)
    numbers = re.findall(r"\+\d{6,}", text)
    assert len(numbers) > 50
    for number in numbers:
        found = FICTION.fullmatch(number)
        assert found, number
        assert int(found[2]) < KEPT_FOR_DIRECTORY, number
    assert not re.findall(r"\b0[67](?: ?\d\d){4}\b", text)


def test_every_mail_and_every_machine_is_an_example() -> None:
    text = "".join((EXAMPLE / name).read_text(encoding="utf-8") for name in YAML_FILES)
    hosts = re.findall(r"@([\w.-]+)", text) + re.findall(r"https?://([^/\"\s]+)", text)
    assert len(hosts) > 30
    assert [host for host in hosts if not host.endswith(".example")] == []
    assert "http://" not in text


@pytest.mark.parametrize("name", TEMPLATES)
def test_every_message_fits_two_gsm_segments_in_french_and_english(name: str) -> None:
    template = document(name)
    assert set(template["traductions"]) == {"en"}
    for wording in wordings(template):
        measured = measure(wording["sms"].format(**BLANKS))
        assert (measured.encoding, measured.offending) == ("GSM-7", ())
        assert measured.segments <= 2


@pytest.mark.parametrize("name", TEMPLATES)
def test_every_message_declares_its_blanks_and_gives_a_link_and_a_number(name: str) -> None:
    template = document(name)
    for wording in wordings(template):
        words = json.dumps([wording[medium] for medium in ("sms", "voix", "email")])
        blanks = set(re.findall(r"\{(\w+)\}", words))
        assert blanks == set(template["variables"])
        assert {"lien", "tel"} <= set(re.findall(r"\{(\w+)\}", wording["sms"]))
        assert not re.search(
            r"(?i)répondez (par|à ce|au) |reply (to|by|with)|\bSTOP\b", wording["sms"]
        )
        assert wording["voix"].rstrip().endswith(".")
        assert wording["email"]["objet"]
        assert wording["email"]["corps"]


def test_sectors_tile_the_commune_without_overlap() -> None:
    (outline,) = [shape(feature["geometry"]) for feature in features("commune")]
    sectors = shapes("secteurs")
    assert get_num_coordinates(outline) > 60
    assert len(sectors) >= 6
    for sector in sectors.values():
        assert 8 < get_num_coordinates(sector) <= 46
        assert outline.covers(sector)
    for one, other in combinations(sectors.values(), 2):
        assert one.intersection(other).area == 0
    assert unary_union(list(sectors.values())).equals(outline)


@pytest.mark.parametrize(
    "layer", ["commune", "secteurs", "zones_alea", "enjeux", "rues", "riviere"]
)
def test_every_layer_is_sound_ground(layer: str) -> None:
    raw = (EXAMPLE / "geo" / f"{layer}.geojson").read_bytes()
    assert len(read_features(raw, limits=LAYER_LIMITS)) == len(features(layer))
    (outline,) = [shape(feature["geometry"]) for feature in features("commune")]
    for feature in features(layer):
        assert outline.buffer(1e-6).covers(shape(feature["geometry"]))


def test_the_flood_zone_has_holes_and_follows_the_river_through_the_low_sectors() -> None:
    flood = shapes("zones_alea")["ppri_rouge"]
    river = shapes("riviere")["serolle"]
    assert get_num_interior_rings(flood) >= 1
    assert flood.intersection(river).length > 0.95 * river.length
    for ident in FIRST_SCENARIO_SECTORS:
        assert shapes("secteurs")[ident].intersects(river)
    assert not flood.intersects(shapes("secteurs")["centre_bourg"])


def test_those_who_receive_and_command_stand_on_dry_ground() -> None:
    centres = document("centres.yaml")["centres"]
    kinds = Counter(centre["type"] for centre in centres)
    assert kinds == {"PCC": 1, "PCC_REPLI": 1, "CARE": 2, "CAI": 1, "CEHU": 1}
    zones = features("zones_alea")
    for place in [*centres, *document("centres.yaml")["points_rassemblement"]]:
        dangers = [
            zone["properties"]["id"]
            for zone in zones
            if shape(zone["geometry"]).covers(Point(place["point"]))
        ]
        assert dangers == [], place["id"]


def test_the_sectors_say_how_many_invented_people_live_there() -> None:
    sectors = shapes("secteurs")
    living: dict[str, set[str]] = defaultdict(set)
    for row in invented_residents(address_points(), commune=COMMUNE, seed=SEED):
        for ident, sector in sectors.items():
            if row["lon"] and sector.covers(Point(float(row["lon"]), float(row["lat"]))):
                living[ident].add(row["id"])
    for feature in features("secteurs"):
        said = feature["properties"]["population"]
        assert abs(said - len(living[feature["properties"]["id"]])) <= 0.1 * said
