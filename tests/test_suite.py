"""The developer's verbs, and the rule that CI skips nothing."""

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from dispatcher.suite.parts import DEBIAN_PARTS
from dispatcher.suite.testing import Run, all_well, runs_of
from dispatcher.suite.tools import exit_code_of, outcome_of
from tests.real_parts import ROOT, PartMissing, SuiteSettings, prism_program

PYTEST = (sys.executable, "-m", "pytest")
APART = ("-p", "xdist", "-n", "1")


def run_suite(
    folder: Path, *settings: str, words: Sequence[str] = ()
) -> "subprocess.CompletedProcess[str]":
    words = [*PYTEST, "-p", "tests.conftest", "-c", "/dev/null", "-q", *words]
    told = ["env", "-u", "TOCSIN_CI", "PYTEST_DISABLE_PLUGIN_AUTOLOAD=1", *settings]
    return subprocess.run(
        [*told, *words, "--rootdir", folder, folder],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip


_SKIPS = {
    "within": "import pytest\ndef test_later():\n    pytest.skip('later')\n",
    "marked": "import pytest\n@pytest.mark.skip\ndef test_later(): pass\n",
    "module": "import pytest\npytest.skip('no module', allow_module_level=True)\n",
}


@pytest.mark.parametrize("words", [(), APART], ids=["here", "in a process apart"])
def test_each_way_to_skip_a_test_fails_the_run_in_ci_and_is_named(
    tmp_path: Path, words: Sequence[str]
) -> None:
    for way, code in _SKIPS.items():
        (tmp_path / f"test_{way}.py").write_text(code)
    in_ci = run_suite(tmp_path, "TOCSIN_CI=1", words=words)
    assert in_ci.returncode == 1, in_ci.stdout
    named = in_ci.stdout.split("skipped, which CI does not allow")[1]
    assert all(f"test_{way}.py" in named for way in _SKIPS)
    assert "3 skipped" in in_ci.stdout


def test_skips_pass_elsewhere_and_a_run_without_them_passes_in_ci(tmp_path: Path) -> None:
    (tmp_path / "test_one.py").write_text("def test_fine(): pass\n")
    assert run_suite(tmp_path, "TOCSIN_CI=1").returncode == 0
    (tmp_path / "test_two.py").write_text(_SKIPS["marked"])
    assert run_suite(tmp_path).returncode == 0


def test_the_whole_suite_is_what_the_clock_judges_and_then_the_rest_on_all_cores() -> None:
    alone, rest = runs_of(["--durations=40", "-k", "night"], cores=2)
    assert alone.words == ("--durations=40", "-k", "night", "-m", "alone")
    assert rest.words[:5] == ("--durations=40", "-k", "night", "-m", "not alone")
    assert rest.words[5:7] == ("-n", "2")


@pytest.mark.parametrize(
    "named", ["tests", "tests/test_suite.py::test_x[-]", "-m=alone", "-malone"]
)
def test_what_is_named_runs_in_one_process_as_it_was_asked(named: str) -> None:
    (one,) = runs_of(["-q", named], cores=2)
    assert one.words == ("-q", named)


@pytest.mark.parametrize(
    ("codes", "well"),
    [((0, 0), True), ((0, 5), True), ((5, 0), True), ((5, 5), False), ((1, 0), False)],
)
async def test_all_is_well_where_tests_ran_and_none_failed(
    codes: tuple[int, int], *, well: bool
) -> None:
    said: list[str] = []
    ends = [Run(f"Run {code}", (f"raise SystemExit({code})",)) for code in codes]
    assert await all_well([sys.executable, "-c"], ends, say=said.append) == well
    assert [line.partition(":")[0] for line in said[-1].splitlines()] == [r.name for r in ends]


def test_a_missing_part_is_told_with_the_command_that_installs_it() -> None:
    nowhere = SuiteSettings(test_prism="/nowhere/prism")
    with pytest.raises(PartMissing, match="python3 -m dispatcher test"):
        prism_program(nowhere)


def test_what_apt_installs_is_told_to_the_tests_by_name() -> None:
    known = {f"TOCSIN_{field}".upper() for field in SuiteSettings.model_fields}
    assert {part.setting for part in DEBIAN_PARTS} | {
        "TOCSIN_TEST_PRISM",
        "TOCSIN_TEST_OIDC_PROVIDER",
    } <= known


async def test_a_tool_that_fails_shows_what_it_said_and_one_that_works_does_not() -> None:
    said: list[str] = []
    words = [sys.executable, "-c", "print('the reason'); raise SystemExit(3)"]
    failed = await outcome_of("lint", words, say=said.append)
    assert failed.code == 3
    assert said[0] == "the reason"
    assert said[1].startswith("lint: failed (")
    said.clear()
    fine = await outcome_of("lint", [sys.executable, "-c", "print('chatter')"], say=said.append)
    assert fine.code == 0
    assert len(said) == 1
    assert said[0].startswith("lint: ok (")


async def test_a_missing_tool_is_a_failure_with_the_way_on() -> None:
    said: list[str] = []
    gone = await outcome_of("types", ["/nowhere/mypy"], say=said.append)
    assert gone.code == 127
    assert "python3 -m dispatcher check" in said[0]


async def test_a_tool_that_talks_for_itself_gives_its_exit_code() -> None:
    assert await exit_code_of([sys.executable, "-c", "raise SystemExit(5)"]) == 5
