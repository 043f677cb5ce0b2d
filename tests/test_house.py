"""The rules of the house that no linter knows: sizes, names, floors, and what is told to whom."""

import ast
import importlib
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from pydantic_settings import BaseSettings

from channels.registry import CHANNELS
from dispatcher import settings
from dispatcher.delivery import bell
from tests.channel_accounts import EXPECTED
from tests.real_parts import ROOT

_TOP_LEVEL = {
    "channels", "dispatcher", "operator_ui", "plans", "tests", "zones",
    "README.md", "docker-compose.yml", "pyproject.toml",
}  # fmt: skip
_FLOORS = ("channels", "dispatcher", "operator_ui", "plans", "zones")
_ROLES = frozenset(
    {"base", "common", "core", "helper", "helpers", "manager", "managers", "misc", "models"}
    | {"util", "utils"}
)
_ROLE_ENDINGS = ("Manager", "Helper", "Helpers", "Utils", "Impl", "Base", "Mixin")
_LOG_METHODS = frozenset({"debug", "info", "warning", "error", "exception", "critical"})
_OF_PEOPLE = frozenset(
    {"address", "addresses", "body", "contact", "contacts", "email", "mail", "name", "names"}
    | {"msisdn", "numbers", "phone", "phones", "recipient", "recipients", "surname", "text", "to"}
)


def _tracked(*patterns: str) -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "-z", *patterns], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return [ROOT / name for name in listed.stdout.split("\0") if name and (ROOT / name).is_file()]


def _python() -> list[Path]:
    return _tracked("*.py")


def _shown(path: Path) -> str:
    return str(path.relative_to(ROOT))


def _parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def _of_floors() -> list[Path]:
    return [path for path in _python() if path.relative_to(ROOT).parts[0] in _FLOORS]


def test_the_top_level_holds_the_floors_and_nothing_else() -> None:
    tops = {path.relative_to(ROOT).parts[0] for path in _tracked()}
    assert {name for name in tops if not name.startswith(".")} == _TOP_LEVEL


def test_a_file_is_one_concept_of_300_lines_at_most() -> None:
    sizes = {_shown(path): len(path.read_text("utf-8").splitlines()) for path in _python()}
    assert {name: size for name, size in sizes.items() if size > 300} == {}


def test_the_first_line_of_a_file_is_its_caption() -> None:
    def captioned(path: Path) -> bool:
        said = ast.get_docstring(_parsed(path), clean=False)
        return bool(said and said.strip()) and path.read_text("utf-8").startswith(('"""', 'r"""'))

    assert [_shown(path) for path in _python() if not captioned(path)] == []


def test_a_function_fits_a_screen_of_60_lines() -> None:
    long = [
        f"{_shown(path)}:{node.name}"
        for path in _python()
        for node in ast.walk(_parsed(path))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (node.end_lineno or 0) - node.lineno + 1 > 60
    ]
    assert long == []


def test_things_are_named_for_what_they_are_and_not_for_their_part_in_a_pattern() -> None:
    modules = [
        _shown(path)
        for path in _python()
        if _ROLES & {*path.relative_to(ROOT).parts[:-1], path.stem}
    ]
    classes = [
        f"{_shown(path)}:{node.name}"
        for path in _python()
        for node in ast.walk(_parsed(path))
        if isinstance(node, ast.ClassDef) and node.name.endswith(_ROLE_ENDINGS)
    ]
    assert modules + classes == []


def _imports(path: Path) -> Iterator[str]:
    for node in ast.walk(_parsed(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module or ""


def test_the_set_up_needs_nothing_but_the_standard_library() -> None:
    dispatcher = ROOT / "dispatcher"
    files = [dispatcher / "__main__.py", dispatcher / "tether.py"]
    foreign = {
        f"{_shown(path)}: {name}"
        for path in [*files, *(dispatcher / "setup").glob("*.py")]
        for name in _imports(path)
        if name.split(".")[0] not in sys.stdlib_module_names
        and not name.startswith("dispatcher.setup")
    }
    assert foreign == set()
    assert list(_imports(dispatcher / "__init__.py")) == []


def test_the_lock_holds_all_that_is_wanted_and_names_no_host() -> None:
    lock = (ROOT / "dispatcher" / "constraints.txt").read_text()
    pins = {
        canonicalize_name(name): version
        for name, version in re.findall(r"^([\w.-]+)==([^\s;]+)", lock, re.M)
    }
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    extras = project["optional-dependencies"].values()
    wanted = [Requirement(line) for part in (project["dependencies"], *extras) for line in part]
    unfit = [
        str(want)
        for want in wanted
        if not want.specifier.contains(pins.get(canonicalize_name(want.name), "0"))
    ]
    assert unfit == []
    assert "//" not in lock
    for npm in _tracked("*package-lock.json"):
        assert '"resolved"' not in npm.read_text(), _shown(npm)


def test_the_queues_are_those_that_a_worker_empties() -> None:
    """A worker opens a door for each medium that has a channel, and one for planning.

    The rehearsal takes the medium of the account it stands in for.
    """
    media = {getattr(channel, "medium", bell.MATERIALISE) for channel in CHANNELS.values()}
    assert set(bell.QUEUES) == media | {bell.MATERIALISE}
    assert len(bell.QUEUES) == len(set(bell.QUEUES))


@pytest.mark.parametrize("kind", CHANNELS)
def test_every_channel_answers_the_questions_of_the_contract_test(kind: str) -> None:
    assert kind in EXPECTED, f"give {kind} an entry in tests/channel_accounts.py"


@pytest.mark.parametrize("kind", CHANNELS)
def test_every_channel_has_its_row_in_the_readme(kind: str) -> None:
    rows = [line for line in _readme().splitlines() if line.startswith("|")]
    assert any(f"`{kind}`" in row for row in rows), f"give {kind} a row in README.md"


def _environment_names() -> list[str]:
    classes = [
        thing
        for thing in vars(settings).values()
        if isinstance(thing, type) and issubclass(thing, BaseSettings) and thing is not BaseSettings
    ]
    return sorted(
        f"{kind.model_config.get('env_prefix', '')}{field}".upper()
        for kind in classes
        for field in kind.model_fields
    )


def test_there_are_settings_and_all_are_ours() -> None:
    assert "TOCSIN_DATA_DIR" in _environment_names()
    assert [name for name in _environment_names() if not name.startswith("TOCSIN_")] == []


def test_settings_are_read_in_one_place() -> None:
    elsewhere = [
        _shown(path)
        for path in _of_floors()
        if path.name != "settings.py" and "pydantic_settings" in _imports(path)
    ]
    assert elsewhere == []


@pytest.mark.parametrize("name", _environment_names())
def test_every_setting_is_documented(name: str) -> None:
    assert f"`{name}`" in _readme(), f"tell of {name} in README.md"


def _readme() -> str:
    return (ROOT / "README.md").read_text(encoding="utf-8")


def test_every_route_declares_the_permission_it_needs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TOCSIN_DATA_DIR", str(tmp_path))
    app = importlib.import_module("operator_ui.app").create_app()
    routes = list(_routes(app.routes))
    undeclared = [route.path for route in routes if not isinstance(_permission(route), str)]
    assert len(routes) > 3
    assert undeclared == []


def _routes(nodes: Iterable[object]) -> Iterator[Any]:
    """Find all that answers, also within included routers and mounts."""
    for node in nodes:
        if hasattr(node, "endpoint"):
            yield node
        else:
            inner = getattr(node, "original_router", node)
            yield from _routes(getattr(inner, "routes", None) or ())


def _permission(route: object) -> object:
    extra = getattr(route, "openapi_extra", None) or {}
    return extra.get("x-permission") or getattr(
        getattr(route, "endpoint", None), "permission", None
    )


def _log_calls(path: Path) -> Iterator[ast.Call]:
    for node in ast.walk(_parsed(path)):
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and node.func.attr in _LOG_METHODS
            and isinstance(node.func.value, ast.Name)
            and node.func.value.id in {"log", "logger"}
        ):
            yield node


def _words_of(call: ast.Call) -> set[str]:
    """Gather the words of all names that a log call gives away, those of its keywords too."""
    names = {keyword.arg or "**" for keyword in call.keywords}
    for part in [*call.args[1:], *(keyword.value for keyword in call.keywords)]:
        for node in ast.walk(part):
            if isinstance(node, ast.Name):
                names.add(node.id)
            elif isinstance(node, ast.Attribute) and not node.attr.startswith("__"):
                names.add(node.attr)
    return {word for name in names for word in name.lower().split("_")}


def test_a_log_line_is_an_event_with_ids_and_tells_of_nobody() -> None:
    calls = [(path, call) for path in _of_floors() for call in _log_calls(path)]
    telling = [
        f"{_shown(path)}:{call.lineno} {sorted(_words_of(call) & _OF_PEOPLE)}"
        for path, call in calls
        if _words_of(call) & _OF_PEOPLE
    ]
    events = [
        f"{_shown(path)}:{call.lineno}"
        for path, call in calls
        if not (call.args and isinstance(call.args[0], ast.Constant))
        or not re.fullmatch(r"[a-z_]+\.[a-z_]+", str(call.args[0].value))
    ]
    assert calls
    assert telling + events == []
