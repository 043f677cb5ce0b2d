"""Keys are made once, whole, readable by their owner alone, whoever asks first."""

import multiprocessing
import stat
from pathlib import Path

import pytest

from dispatcher.keys import NAMES, KeyRefused, add_to_ring, key, ring


def test_a_key_stays_the_same_and_differs_from_the_others(tmp_path: Path) -> None:
    first = {name: key(tmp_path, name) for name in NAMES}
    assert {name: key(tmp_path, name) for name in NAMES} == first
    assert len(set(first.values())) == len(NAMES)
    assert all(len(one) == 32 for one in first.values())


def test_a_key_file_is_readable_by_its_owner_alone(tmp_path: Path) -> None:
    key(tmp_path / "new", "logbook")
    folder = tmp_path / "new" / "keys"
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert [stat.S_IMODE(one.stat().st_mode) for one in folder.iterdir()] == [0o400]


def _ask(data_dir: Path, gate: str) -> bytes:
    while not Path(gate).exists():
        continue
    return key(data_dir, "sessions")


def test_processes_that_race_get_one_key(tmp_path: Path) -> None:
    gate = tmp_path / "gate"
    with multiprocessing.get_context("spawn").Pool(4) as pool:
        asked = [pool.apply_async(_ask, (tmp_path, str(gate))) for _ in range(4)]
        gate.touch()
        assert len({one.get(timeout=60) for one in asked}) == 1
    assert [one.name for one in (tmp_path / "keys").iterdir()] == ["sessions"]


def test_a_damaged_key_is_told_and_never_replaced(tmp_path: Path) -> None:
    path = tmp_path / "keys" / "logbook"
    path.parent.mkdir()
    path.write_bytes(b"short")
    with pytest.raises(KeyRefused, match="holds 5 bytes"):
        key(tmp_path, "logbook")
    assert path.read_bytes() == b"short"


def test_an_unknown_name_is_no_path(tmp_path: Path) -> None:
    with pytest.raises(KeyRefused):
        key(tmp_path, "../ledger")


def test_a_ring_grows_by_a_key_and_keeps_the_others(tmp_path: Path) -> None:
    first = ring(tmp_path, "vulnerable")
    assert list(first) == [1]
    assert add_to_ring(tmp_path, "vulnerable") == 2
    grown = ring(tmp_path, "vulnerable")
    assert list(grown) == [1, 2]
    assert grown[1] == first[1] != grown[2]
    with pytest.raises(KeyRefused, match="no ring"):
        ring(tmp_path, "logbook")
