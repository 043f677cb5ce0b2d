"""`residents cover` and `residents round`: figures that betray nobody, doors without a name."""

import csv
from pathlib import Path

import pytest

from tests.offices import ADDRESSES, bruz_plan, write_plan
from tests.test_cli import tocsin


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Return the folder of a commune with its plan, before its addresses."""
    plan = write_plan(tmp_path / "plan", bruz_plan("circle_150m"))
    assert tocsin("plan", "load", str(plan), "--json", data_dir=tmp_path / "data")[0] == 0
    return tmp_path / "data"


def test_without_addresses_nobody_knows_who_is_not_covered(data: Path) -> None:
    code, answer, _ = tocsin("residents", "cover", "--json", data_dir=data)
    assert (code, "La base d'adresses n'est pas chargée" in answer["refused"]) == (1, True)


def test_cover_is_told_by_sector_and_street_and_a_round_is_written_for_its_owner_alone(
    data: Path, tmp_path: Path
) -> None:
    tocsin("residents", "addresses", str(ADDRESSES), "--json", data_dir=data)
    code, answer, err = tocsin("residents", "cover", "--json", data_dir=data)
    assert code == 0, err
    whole = answer["commune"]
    assert (whole["addresses"], whole["covered"], whole["share"]) == (5760, 0, 0)
    assert sum(one["addresses"] for one in answer["sectors"]) == 5760
    assert sum(one["addresses"] for one in answer["streets"]) == 5760
    assert all(one["share"] is None for one in answer["streets"] if one["addresses"] < 5)
    code, said, _ = tocsin("residents", "cover", data_dir=data)
    assert said.startswith("Commune : 0 % des adresses (0 sur 5760)")
    sheet = tmp_path / "tournee.csv"
    sector = next(one for one in answer["sectors"] if one["sector"])
    code, made, err = tocsin(
        "residents", "round", str(sheet), "--sector", sector["sector"], "--json", data_dir=data
    )
    assert (code, made["addresses"]) == (0, sector["addresses"]), err
    assert sheet.stat().st_mode & 0o077 == 0
    rows = list(csv.reader(sheet.read_text("utf-8-sig").splitlines(), delimiter=";"))
    assert len(rows) == 1 + sector["addresses"]
    code, answer, _ = tocsin(
        "residents", "round", str(sheet), "--street", "Rue qui n'y est pas", "--json",
        data_dir=data,
    )  # fmt: skip
    assert (code, answer["refused"]) == (1, "Cette rue n'est pas dans la base d'adresses.")
