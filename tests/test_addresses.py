"""Address files: real BAL and BAN, other CSV, encodings, faulty coordinates, nobody dropped."""

import csv
import gzip
import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zones.addresses import Addresses, read_addresses
from zones.area import AreaRefused

DATA = Path(__file__).parents[1].parent / "shared" / "data"
BAL_13 = DATA / "bruz" / "bal_35047_v1.3.csv"
HEADER = "cle_interop;commune_insee;voie_nom;numero;suffixe;position;x;y;long;lat"


def written(folder: Path, text: str, *, encoding: str = "utf-8") -> Addresses:
    file = folder / "addresses.csv"
    file.write_bytes(text.encode(encoding))
    return read_addresses(file)


def missing(addresses: Addresses) -> list[int]:
    return np.flatnonzero(np.isnan(addresses.lon) | np.isnan(addresses.lat)).tolist()


def test_a_bal_1_3_is_read_with_its_byte_order_mark() -> None:
    found = read_addresses(BAL_13)
    assert (len(found), found.encoding, found.rejected) == (5_843, "utf-8", ())
    assert (found.ids[0], found.label[0]) == (
        "35047_0001_00001",
        "1 Rue des Acacias",
    )
    assert (found.lon[0], found.lat[0]) == (-1.7454643349932766, 48.02828204392352)
    assert missing(found) == []


@pytest.mark.parametrize("version", ["1.4", "1.5"])
def test_the_lines_of_one_address_are_one_address(version: str) -> None:
    found = read_addresses(DATA / "bruz" / f"bal_simple_v{version}.csv")
    assert len(found) == 24
    assert found.ids.count("09bcecd7-7f4f-4653-84d6-d2552c089b90") == 1
    assert found.street[0] == "Rue de Chanteloup"


def test_a_hamlet_without_number_is_named_without_one() -> None:
    found = read_addresses(DATA / "bruz" / "bal_simple_v1.5.csv")
    assert "Rond-point de la Lande du Feu" in found.label
    assert not any("99999" in label for label in found.label)


def test_the_answer_of_the_national_geocoder_is_read_with_its_failures_unlocated() -> None:
    found = read_addresses(DATA / "geocoding" / "ban_geocode_csv_rodez_12202.csv")
    assert len(found) == 6
    assert missing(found) == [1, 3]
    assert found.rejected == ()
    assert found.ids[0] == "sitadel:DAU:01220222A0041"


def test_a_gzipped_ban_file_is_read(tmp_path: Path) -> None:
    text = (
        "id;id_fantoir;numero;rep;nom_voie;code_insee;x;y;lon;lat\n"
        "35047_0001_00001_bis;;1;bis;Rue des Acacias;35047;;;-1.7454;48.0282\n"
    )
    file = tmp_path / "adresses-35.csv.gz"
    file.write_bytes(gzip.compress(text.encode()))
    found = read_addresses(file)
    assert (found.ids, found.label) == (("35047_0001_00001_bis",), ("1 bis Rue des Acacias",))


def test_metres_stand_in_for_missing_degrees_as_the_real_file_shows(tmp_path: Path) -> None:
    with BAL_13.open(encoding="utf-8-sig", newline="") as file:
        lines = list(csv.DictReader(file, delimiter=";"))[:200]
    rows = [f"{n};35047;Rue;1;;;{line['x']};{line['y']};;" for n, line in enumerate(lines)]
    found = written(tmp_path, "\n".join([HEADER, *rows]))
    assert found.lon == pytest.approx(
        [float(line["long"]) for line in lines], abs=5e-6
    )  # x, y to 0.5 m
    assert found.lat == pytest.approx(
        [float(line["lat"]) for line in lines], abs=5e-6
    )  # x, y to 0.5 m


@pytest.mark.parametrize(
    ("insee", "x", "y", "lon", "lat"),
    [
        ("97411", "338000", "7690000", 55.44, -20.88),
        ("97209", "708500", "1615000", -61.06, 14.60),
        ("97302", "352000", "546000", -52.33, 4.94),
        ("97611", "524000", "8587000", 45.22, -12.78),
    ],
)
def test_metres_overseas_are_those_of_the_legal_grid(
    tmp_path: Path, insee: str, x: str, y: str, lon: float, lat: float
) -> None:
    found = written(tmp_path, f"{HEADER}\nA;{insee};Rue;1;;;{x};{y};;")
    assert (found.lon[0], found.lat[0]) == pytest.approx((lon, lat), abs=0.02)


@pytest.mark.parametrize(
    ("lon", "lat", "words"),
    [
        ("est", "48.0", "'est' is not a number"),
        ("-1.7", "", "latitude '' is not a number"),
        ("nan", "48.0", "not a number"),
        ("inf", "48.0", "not a number"),
        ("1_7", "48.0", "not a number"),
        ("-1.7", "95", "not on Earth"),
        ("346486.97", "6780392.5", "not on Earth"),
        ("0", "0.0", "never filled in"),
        ("\u0661.7", "48", "not a number"),
    ],
)
def test_a_wrong_coordinate_is_told_with_its_line_and_the_address_kept(
    tmp_path: Path, lon: str, lat: str, words: str
) -> None:
    rows = f"A;35047;Rue;1;;;;;-1.7;48.0\nB;35047;Rue;2;;;;;{lon};{lat}\n"
    found = written(tmp_path, f"{HEADER}\n{rows}")
    assert found.ids == ("A", "B")
    assert missing(found) == [1]
    assert [fault.place for fault in found.rejected] == ["line 3"]
    assert words in found.rejected[0].message


def test_metres_out_of_their_grid_are_told(tmp_path: Path) -> None:
    found = written(tmp_path, f"{HEADER}\nA;35047;Rue;1;;;12;34;;\nB;;Rue;1;;;346486;6780392;;")
    assert missing(found) == [0, 1]
    assert "EPSG:2154" in found.rejected[0].message
    assert "INSEE" in found.rejected[1].message


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_the_position_closest_to_the_people_is_kept(tmp_path: Path, order: tuple[int, int]) -> None:
    rows = ["A;35047;Rue;1;;entrée;;;-1.70;48.0", "A;35047;Rue;1;;segment;;;-1.71;48.0"]
    found = written(tmp_path, "\n".join([HEADER, *(rows[at] for at in order)]))
    assert (len(found), found.lon[0]) == (1, -1.70)


def test_a_located_line_stands_before_an_unlocated_one_of_the_same_address(tmp_path: Path) -> None:
    rows = "A;35047;Rue;1;;entrée;;;;\nA;35047;Rue;1;;segment;;;-1.71;48.0"
    found = written(tmp_path, f"{HEADER}\n{rows}")
    assert (len(found), found.lon[0]) == (1, -1.71)


@pytest.mark.parametrize("delimiter", [";", ",", "\t", "|"])
@pytest.mark.parametrize("names", [("longitude", "latitude"), ("LNG", "Lat"), ("long", "lat")])
def test_any_table_with_named_coordinates_is_read(
    tmp_path: Path, delimiter: str, names: tuple[str, str]
) -> None:
    lines = [("id", "rue", *names), ("7", "Rue du Puits", "-1.5", "48.5")]
    found = written(tmp_path, "\r\n".join(delimiter.join(line) for line in lines))
    assert (found.ids, found.street) == (("7",), ("Rue du Puits",))
    assert (found.lon[0], found.lat[0]) == (-1.5, 48.5)


def test_decimal_commas_of_a_french_spreadsheet_are_understood(tmp_path: Path) -> None:
    found = written(tmp_path, "id;longitude;latitude\nA;-1,7454;48,0282")
    assert (found.lon[0], found.lat[0]) == (-1.7454, 48.0282)


def test_windows_1252_is_read_and_told(tmp_path: Path) -> None:
    text = "id;voie;lon;lat\nA;Allée du Bœuf;-1.7;48.0"
    found = written(tmp_path, text, encoding="windows-1252")
    assert (found.encoding, found.street[0]) == ("windows-1252", "Allée du Bœuf")


def test_a_quoted_cell_may_hold_a_line_break_and_the_line_told_is_where_it_ends(
    tmp_path: Path,
) -> None:
    found = written(tmp_path, 'id,voie,lon,lat\nA,"Rue\ndu Puits",-1.7,48\nB,Rue,x,48')
    assert found.street[0] == "Rue\ndu Puits"
    assert [fault.place for fault in found.rejected] == ["line 4"]


def test_short_and_blank_lines_drop_nobody(tmp_path: Path) -> None:
    found = written(tmp_path, "id;lon;lat\nA;-1.7;48\n\n ; ;\nB\n")
    assert found.ids == ("A", "B")
    assert missing(found) == [1]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "No column holds coordinates"),
        (b"id;nom;adresse\nA;B;C", "longitude"),
        (b"id;lon\nA;1", "No column"),
        (b"PK\x03\x04\x00\x00", "not text"),
        ("id;lon;lat\nA;1;2".encode("utf-16"), "not text"),
        (b"id;lon;lat\nA\x81;1;2\n\xff", "neither UTF-8 nor"),
        (b'id;lon;lat\n"A;1;2', "quote left open"),
        (b"id;lon;lat\n" + b"x" * 200_000, "cannot be read further"),
        (b"\x1f\x8b\x08\x00broken", "gzip file is damaged"),
        (gzip.compress(b"id;lon;lat\nA;1;2" * 999, mtime=0)[:-9], "gzip file is damaged"),
    ],
)
def test_a_file_that_is_no_such_table_is_refused(
    tmp_path: Path, content: bytes, words: str
) -> None:
    file = tmp_path / "file.csv"
    file.write_bytes(content)
    with pytest.raises(AreaRefused, match=words):
        read_addresses(file)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.text(max_size=8), st.text(max_size=8)), max_size=20))
def test_whatever_the_cells_hold_every_line_is_an_address(
    tmp_path_factory: pytest.TempPathFactory, cells: list[tuple[str, str]]
) -> None:
    file = tmp_path_factory.mktemp("any") / "a.csv"
    clean = [[text.replace("\0", "").encode(errors="ignore").decode() for text in p] for p in cells]
    with file.open("w", encoding="utf-8", newline="") as out:
        table = csv.writer(out, delimiter=";", quoting=csv.QUOTE_ALL)
        table.writerow(["id", "lon", "lat"])
        table.writerows([f"p{row}", *pair] for row, pair in enumerate(clean))
    found = read_addresses(file)
    assert found.ids == tuple(f"p{row}" for row in range(len(cells)))
    assert all(
        math.isnan(found.lon[row]) or abs(found.lon[row]) <= 180 for row in range(len(cells))
    )
