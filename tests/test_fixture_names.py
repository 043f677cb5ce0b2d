"""Sets of fixtures are loaded for the whole suite: each name is one fixture's alone."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from tests.real_parts import ROOT


def _fixtures(path: Path) -> Iterator[str]:
    for node in ast.parse(path.read_text("utf-8")).body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and any(
            "pytest.fixture" in ast.unparse(one) for one in node.decorator_list
        ):
            yield node.name


def test_no_two_sets_of_fixtures_have_one_by_the_same_name() -> None:
    """In the whole suite every set is loaded: the later one would serve the files of the other."""
    asked = re.compile(r"^pytest_plugins = \(([^)]*)\)", re.MULTILINE)
    sets = {
        name
        for path in (ROOT / "tests").glob("*.py")
        for found in asked.findall(path.read_text("utf-8"))
        for name in re.findall(r'"tests\.(\w+)"', found)
    }
    met: dict[str, str] = {}
    twice = []
    for one in sorted({*sets, "conftest"}):
        for fixture in _fixtures(ROOT / "tests" / f"{one}.py"):
            if fixture in met:
                twice.append(f"{fixture}: {met[fixture]}, {one}")
            met[fixture] = one
    assert sets
    assert twice == []
