"""The fault bench, short: random faults against a real fan-out, on both databases."""

import json
import random

import pytest
from typer.testing import CliRunner

from dispatcher.cli.chaos import app
from tests.chaos.faults import FAULTS, drawn
from tests.ledgers import DATABASES

KEYS = {
    "rows", "faults", "lost", "duplicates", "max_copies", "duplicate_bound", "outside_audience",
    "seconds",
}  # fmt: skip


@pytest.mark.parametrize("database", DATABASES)
def test_random_faults_lose_nobody_copy_nothing_and_reach_no_stranger(database: str) -> None:
    said = CliRunner().invoke(
        app, ["--rows", "1200", "--faults", "4", "--database", database, "--json"]
    )
    assert said.exit_code == 0, said.output
    verdict = json.loads(said.stdout)
    assert verdict.keys() >= KEYS
    assert (verdict["rows"], verdict["faults"], verdict["lost"]) == (1200, 4, 0), verdict
    assert (verdict["duplicates"], verdict["max_copies"]) == (0, 1), verdict
    assert set(verdict["invariants"].values()) == {True}, verdict


@pytest.mark.parametrize("database", DATABASES)
def test_every_kind_of_fault_comes_before_any_comes_again(database: str) -> None:
    kinds = [one for one in FAULTS if one.database in ("", database)]
    faults = drawn(len(kinds), database=database, dice=random.Random(3))  # noqa: S311 - which fault comes when
    assert sorted(one.name for one in faults) == sorted(one.name for one in kinds)
