"""What lets tests run side by side: each process reads the same names, and shares no door."""

import ast
from collections.abc import Iterator

import pytest

from tests.real_parts import ROOT, free_port

_CHANGES = {"time", "time_ns", "now", "utcnow", "today", "monotonic", "perf_counter"} | {
    *("token_hex", "token_bytes", "token_urlsafe", "randbelow", "random", "uuid4", "urandom"),
}
_FILES = sorted((ROOT / "tests").glob("test_*.py"))


def _called(node: ast.AST) -> Iterator[str]:
    for one in ast.walk(node):
        if isinstance(one, ast.Call):
            yield ast.unparse(one.func).rpartition(".")[2]


def _marks(tree: ast.Module) -> Iterator[ast.expr]:
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield from node.decorator_list
        elif isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "pytestmark":
            yield node.value


def test_no_name_of_a_test_holds_the_clock_or_the_dice() -> None:
    """Processes side by side read the names apart, and must read the same ones."""
    found = [
        f"{path.name}: {ast.unparse(mark)}"
        for path in _FILES
        for mark in _marks(ast.parse(path.read_text("utf-8")))
        if _CHANGES & set(_called(mark))
    ]
    assert found == []


def test_what_must_run_alone_says_why() -> None:
    marks = [
        ast.unparse(mark)
        for path in _FILES
        for mark in _marks(ast.parse(path.read_text("utf-8")))
        if "mark.alone" in ast.unparse(mark)
    ]
    assert marks
    assert [
        mark for mark in marks if not mark.removeprefix("pytest.mark.alone").strip("()'\"")
    ] == []


def test_two_processes_are_never_given_the_same_port(monkeypatch: pytest.MonkeyPatch) -> None:
    given = []
    for worker in ("gw0", "gw1"):
        monkeypatch.setenv("PYTEST_XDIST_WORKER", worker)
        monkeypatch.setenv("PYTEST_XDIST_WORKER_COUNT", "2")
        given.append({free_port() for _ in range(200)})
    assert not given[0] & given[1]
    assert max(given[0]) < min(given[1])
