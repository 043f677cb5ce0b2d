"""The developer's verbs, and the rule that CI skips nothing."""

import subprocess
import sys
from pathlib import Path

import pytest

from dispatcher.suite.parts import DEBIAN_PARTS
from dispatcher.suite.tools import exit_code_of, outcome_of
from tests.real_parts import ROOT, PartMissing, SuiteSettings, prism_program


def run_suite(folder: Path, *settings: str) -> "subprocess.CompletedProcess[str]":
    words = [sys.executable, "-m", "pytest", "-p", "tests.conftest", "-c", "/dev/null", "-q"]
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


def test_each_way_to_skip_a_test_fails_the_run_in_ci_and_is_named(tmp_path: Path) -> None:
    for way, code in _SKIPS.items():
        (tmp_path / f"test_{way}.py").write_text(code)
    in_ci = run_suite(tmp_path, "TOCSIN_CI=1")
    assert in_ci.returncode == 1, in_ci.stdout
    named = in_ci.stdout.split("skipped, which CI does not allow")[1]
    assert all(f"test_{way}.py" in named for way in _SKIPS)
    assert "3 skipped" in in_ci.stdout


def test_skips_pass_elsewhere_and_a_run_without_them_passes_in_ci(tmp_path: Path) -> None:
    (tmp_path / "test_one.py").write_text("def test_fine(): pass\n")
    assert run_suite(tmp_path, "TOCSIN_CI=1").returncode == 0
    (tmp_path / "test_two.py").write_text(_SKIPS["marked"])
    assert run_suite(tmp_path).returncode == 0


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
