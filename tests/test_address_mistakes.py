"""Address files with mistakes of people and programs: nobody vanishes, nobody is put elsewhere."""

import os
from pathlib import Path

import numpy as np
import pytest

from zones.addresses import Addresses, read_addresses
from zones.area import AreaRefused


def written(folder: Path, text: str | bytes) -> Addresses:
    file = folder / "addresses.csv"
    file.write_bytes(text.encode() if isinstance(text, str) else text)
    return read_addresses(file)


def test_two_doors_with_one_id_are_two_addresses_with_an_id_each(tmp_path: Path) -> None:
    header = "cle_interop;numero;suffixe;voie_nom;long;lat\n"
    rows = "K;1;;Rue;-1.70;48\nK;1;bis;Rue;-1.71;48\nK;1;;RUE;-1.70;48\nK;2;;Rue;-1.72;48\n"
    found = written(tmp_path, header + rows)
    assert found.ids == ("K", "K (line 3)", "K (line 5)")
    assert found.lon.tolist() == [-1.70, -1.71, -1.72]


def test_a_plain_table_that_repeats_an_id_keeps_both_lines_apart(tmp_path: Path) -> None:
    found = written(tmp_path, "id;lon;lat\nA;-1.7;48\nA;-1.8;48\nA (line 3);-1.9;48\n")
    assert found.ids == ("A", "A (line 3)", "A (line 3) (line 4)")


def test_a_decimal_comma_between_commas_moves_nobody_to_another_place(tmp_path: Path) -> None:
    found = written(tmp_path, "id,lon,lat\nA,-1,7,47,9\nB,-1.7,47.9,,\n")
    assert np.isnan(found.lon).tolist() == [True, False]
    assert [fault.place for fault in found.rejected] == ["line 2"]
    assert "5 cells, the header 3" in found.rejected[0].message


@pytest.mark.parametrize("spot", ["47.9;-1.7", "-20.9;55.5", "14.6;-61.0", "4.9;-52.3"])
def test_longitude_and_latitude_in_the_place_of_each_other_are_told(
    tmp_path: Path, spot: str
) -> None:
    found = written(tmp_path, f"id;lon;lat\nA;{spot}\n")
    assert np.isnan(found.lon).tolist() == [True]
    assert "in no French territory" in found.rejected[0].message


def test_coordinates_in_two_columns_of_the_same_name_are_refused(tmp_path: Path) -> None:
    with pytest.raises(AreaRefused, match="Two columns are named 'lon'"):
        written(tmp_path, "id;lon;lat;LON\nA;-1.7;48;2.3\n")


def test_a_header_may_quote_the_other_delimiters(tmp_path: Path) -> None:
    found = written(tmp_path, 'id;lon;lat;"voie, lieu-dit, étage, porte, digicode"\nA;-1,7;48;x\n')
    assert found.lon.tolist() == [-1.7]


def test_a_header_too_long_to_be_one_is_refused_not_cut(tmp_path: Path) -> None:
    with pytest.raises(AreaRefused, match="header is too long"):
        written(tmp_path, f"id;lon;lat;{'z' * 200_000}\nA;-1.7;48;\n")


def test_a_byte_order_mark_before_windows_1252_hides_no_column(tmp_path: Path) -> None:
    found = written(tmp_path, b"\xef\xbb\xbflon;lat;voie\n-1.7;48;All\xe9e\n")
    assert (found.lon[0], found.street[0]) == (-1.7, "Allée")


@pytest.mark.parametrize(
    ("insee", "metres", "spot"),
    [("98818", "446000;215000", (166.45, -22.27)), ("98613", "590000;8530000", (-176.17, -13.3))],
)
def test_metres_of_the_pacific_are_those_of_the_legal_grid(
    tmp_path: Path, insee: str, metres: str, spot: tuple[float, float]
) -> None:
    found = written(tmp_path, f"id;commune_insee;x;y\nA;{insee};{metres}\n")
    assert (found.lon[0], found.lat[0]) == pytest.approx(spot, abs=0.02)


def test_a_pipe_is_refused_instead_of_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "addresses.csv")
    with pytest.raises(AreaRefused, match="not a file"):
        read_addresses(tmp_path / "addresses.csv")
