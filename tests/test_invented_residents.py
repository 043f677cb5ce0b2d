"""Invented residents: by seed, fiction numbers only, and one each where it is asked."""

import csv
import math
import re
import tracemalloc
from collections import Counter, defaultdict
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry import LineString, Point

from dispatcher.residents.invented import (
    RESIDENT_COLUMNS,
    AddressPoint,
    invented_residents,
    one_resident_per_address,
    write_addresses,
    write_residents,
)
from dispatcher.residents.invented_contacts import (
    fiction_landlines,
    fiction_mobiles,
    one_contact_each,
)
from tests.example_commune import (
    COMMUNE,
    FIRST_SCENARIO_SECTORS,
    SEED,
    address_points,
    address_rows,
    features,
    shapes,
)

FICTION_MOBILE = re.compile(r"\+3363998\d{4}")
FICTION_LANDLINE = re.compile(r"\+33(19900|26191|35301|46571|53649)\d{4}")
CONTACT_COLUMNS = ("tel_mobile", "tel_fixe", "email", "webhook")


def long_street(houses: int) -> Iterator[AddressPoint]:
    for number in range(1, houses + 1):
        yield AddressPoint(f"a{number}", f"{number} Rue Longue", 5.0 + number * 1e-6, 47.8)


def example_residents(*, seed: int = SEED) -> list[dict[str, str]]:
    return list(invented_residents(address_points(), commune=COMMUNE, seed=seed))


def contacts(row: dict[str, str]) -> list[str]:
    return [row[column] for column in CONTACT_COLUMNS if row[column]]


def test_the_example_has_about_fourteen_hundred_addresses_and_three_thousand_people() -> None:
    rows = address_rows()
    people = {row["id"] for row in example_residents()}
    assert 1_300 <= len(rows) <= 1_500
    assert 2_900 <= len(people) <= 3_200


def test_every_address_stands_beside_its_street_and_inside_one_sector() -> None:
    streets = {f["properties"]["nom"]: f["geometry"]["coordinates"] for f in features("rues")}
    sectors = shapes("secteurs")
    metre_lat, metre_lon = 111_195.0, 111_195.0 * math.cos(math.radians(47.78))
    for row in address_rows():
        lon, lat = float(row["long"]), float(row["lat"])
        line = LineString(
            [((x - lon) * metre_lon, (y - lat) * metre_lat) for x, y in streets[row["voie_nom"]]]
        )
        assert 2.0 < line.distance(Point(0, 0)) < 10.2, row
        assert sum(sector.contains(Point(lon, lat)) for sector in sectors.values()) == 1, row


def test_house_numbers_are_odd_on_one_side_and_even_on_the_other_without_twins() -> None:
    (row_street,) = [f for f in features("rues") if f["properties"]["nom"] == "Rue Basse"]
    (ax, ay), (bx, by) = row_street["geometry"]["coordinates"][:2]
    rows = [row for row in address_rows() if row["voie_nom"] == "Rue Basse"]
    for row in rows[:2]:
        left = (bx - ax) * (float(row["lat"]) - ay) - (by - ay) * (float(row["long"]) - ax)
        assert (left > 0) == (int(row["numero"]) % 2 == 1)
    keys = [row["cle_interop"] for row in address_rows()]
    assert len(set(keys)) == len(keys)


def test_nobody_lives_on_the_bridge() -> None:
    assert "Pont de la Sérolle" in {f["properties"]["nom"] for f in features("rues")}
    assert "Pont de la Sérolle" not in {row["voie_nom"] for row in address_rows()}


def test_the_address_file_is_a_local_address_base(tmp_path: Path) -> None:
    path = tmp_path / "bal.csv"
    assert write_addresses(path, address_rows()) == len(address_rows())
    raw = path.read_bytes()
    assert raw.startswith(b"\xef\xbb\xbfid_ban_commune;id_ban_toponyme;id_ban_adresse;cle_interop;")
    read = list(csv.DictReader(raw.decode("utf-8-sig").splitlines(), delimiter=";"))
    assert read == address_rows()


def test_the_same_seed_gives_the_same_people_and_another_seed_gives_others() -> None:
    assert example_residents(seed=7) == example_residents(seed=7)
    assert example_residents(seed=7) != example_residents(seed=8)
    assert address_rows(seed=7) == address_rows(seed=7)
    assert address_rows(seed=7) != address_rows(seed=8)


def test_every_number_is_fiction_and_every_mail_and_machine_is_example() -> None:
    for row in example_residents():
        assert not row["tel_mobile"] or FICTION_MOBILE.fullmatch(row["tel_mobile"])
        assert not row["tel_fixe"] or FICTION_LANDLINE.fullmatch(row["tel_fixe"])
        assert not row["email"] or re.fullmatch(r"[a-z0-9.]+@courriel\.example", row["email"])
        assert not row["webhook"] or re.fullmatch(
            r"https://panneau-\d+\.vaubrenne\.example/alertes", row["webhook"]
        )


def test_the_example_shows_every_kind_of_resident() -> None:
    rows = example_residents()
    people = {row["id"]: row for row in rows}
    share = len(people)
    assert {row["langue"] for row in rows} == {"fr", "en", "es", "pt", "de"}
    assert 0.85 < sum(row["langue"] == "fr" for row in people.values()) / share < 0.95
    assert 0.03 < sum(not row["lon"] for row in rows) / len(rows) < 0.055
    assert 0.02 < sum(not contacts(row) for row in people.values()) / share < 0.045
    assert sum(row["canaux"] == "voix" for row in people.values()) > 100
    assert sum(row["canaux"] == "email" for row in people.values()) > 50
    assert sum(bool(row["webhook"]) for row in people.values()) >= 4
    needs = {row["besoins_aide"] for row in people.values() if row["vulnerable"] == "1"}
    assert needs == {"transport", "visite", "transport|visite"}


def test_the_media_agreed_to_are_those_that_the_contacts_allow() -> None:
    for row in example_residents():
        expected = []
        if row["tel_mobile"]:
            expected.append("sms")
        if row["tel_mobile"] or row["tel_fixe"]:
            expected.append("voix")
        expected += [column for column in ("email", "webhook") if row[column]]
        assert row["canaux"].split("|") == (expected or [""])


def test_a_landline_is_shared_by_one_household_only_and_mobiles_by_nobody() -> None:
    homes: dict[str, set[str]] = defaultdict(set)
    mobiles: dict[str, set[str]] = defaultdict(set)
    for row in example_residents():
        homes[row["tel_fixe"]].add(row["nom"])
        mobiles[row["tel_mobile"]].add(row["id"])
    del homes[""], mobiles[""]
    lines = Counter(row["tel_fixe"] for row in example_residents())
    assert all(len(names) == 1 for names in homes.values())
    assert all(len(people) == 1 for people in mobiles.values())
    assert sum(lines[line] > 1 for line in homes) > 100


def test_a_second_home_repeats_the_person_at_another_address() -> None:
    by_id: dict[str, list[dict[str, str]]] = defaultdict(list)
    for row in example_residents():
        by_id[row["id"]].append(row)
    twice = [rows for rows in by_id.values() if len(rows) > 1]
    assert 30 <= len(twice) <= 120
    for first, second in twice:
        place = ("numero", "voie", "lon", "lat")
        assert [first[key] for key in place] != [second[key] for key in place]
        assert {k: v for k, v in first.items() if k not in place} == {
            k: v for k, v in second.items() if k not in place
        }


def test_the_first_scenario_reaches_between_seven_hundred_and_a_thousand_people() -> None:
    sectors = [shapes("secteurs")[ident] for ident in FIRST_SCENARIO_SECTORS]
    inside = {
        row["id"]
        for row in example_residents()
        if row["lon"]
        and any(sector.covers(Point(float(row["lon"]), float(row["lat"]))) for sector in sectors)
    }
    assert 700 <= len(inside) <= 1_000


def test_people_per_address_sets_the_size_of_the_homes() -> None:
    def people(mean: float) -> int:
        rows = invented_residents(
            long_street(4_000), commune=COMMUNE, seed=3, people_per_address=mean
        )
        return len({row["id"] for row in rows if not row["webhook"]})

    for mean in (0.5, 1.0, 3.0):
        assert 0.93 * mean < people(mean) / 4_000 < 1.07 * mean


@settings(max_examples=20, deadline=None)
@given(houses=st.integers(0, 400), seed=st.integers(0, 2**32))
def test_one_each_gives_every_address_one_person_one_place_and_one_contact_of_its_own(
    houses: int, seed: int
) -> None:
    rows = list(one_resident_per_address(long_street(houses), commune=COMMUNE, seed=seed))
    places = [(row["lon"], row["lat"]) for row in rows]
    assert places == [(f"{a.lon:.7f}", f"{a.lat:.7f}") for a in long_street(houses)]
    assert len({row["id"] for row in rows}) == houses
    found = [contact for row in rows for contact in contacts(row)]
    assert len(found) == len(set(found)) == houses
    assert all(row["canaux"] for row in rows)


def test_contacts_never_repeat_when_the_fiction_numbers_are_all_given() -> None:
    given_out = list(islice(one_contact_each(), 100_000))
    assert len({contact for _, contact in given_out}) == 100_000
    kinds = Counter(column for column, _ in given_out)
    assert kinds == {"tel_mobile": 9_900, "tel_fixe": 49_500, "email": 40_600}
    for column, contact in given_out:
        if column != "email":
            block = FICTION_MOBILE if column == "tel_mobile" else FICTION_LANDLINE
            assert block.fullmatch(contact)


def test_the_directory_of_the_plan_keeps_the_first_hundred_numbers_of_each_block() -> None:
    given_out = [*fiction_mobiles(), *fiction_landlines()]
    assert min(int(number[-4:]) for number in given_out) == 100


def test_memory_stays_flat_however_many_addresses_there_are(tmp_path: Path) -> None:
    path = tmp_path / "habitants.csv"

    def peak_bytes(houses: int) -> int:
        tracemalloc.start()
        try:
            rows = one_resident_per_address(long_street(houses), commune=COMMUNE, seed=1)
            assert write_residents(path, rows) == houses
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    peak_bytes(10)  # imports and caches are warm
    assert peak_bytes(10_000) < peak_bytes(500) + 50_000
    with path.open(encoding="utf-8", newline="") as file:
        read = csv.DictReader(file)
        assert tuple(read.fieldnames or ()) == RESIDENT_COLUMNS


def test_a_label_without_number_is_a_street_alone() -> None:
    hamlet = AddressPoint("h1", "Hameau du Petit-Essart", 5.0, 47.8)
    (row,) = one_resident_per_address([hamlet], commune=COMMUNE, seed=1)
    assert (row["numero"], row["voie"]) == ("", "Hameau du Petit-Essart")
