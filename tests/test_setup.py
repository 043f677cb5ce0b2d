"""From a bare Python to a running command: in clean copies, with nothing else on the PATH."""

import asyncio
import json
import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from dispatcher.setup.clone import Clone, wanted_for
from dispatcher.setup.failures import explain, explain_os
from tests.real_parts import ROOT

_FOREIGN = ("node", "nodejs", "npm", "npx", "redis-server", "valkey-server", "psql", "uv")
_ECHO = '''"""Says which interpreter was given which words."""

import json
import sys


def main() -> None:
    """Answer in JSON."""
    print(json.dumps({"words": sys.argv[1:], "prefix": sys.prefix}))


if __name__ == "__main__":
    main()
'''


@pytest.fixture
def bare(tmp_path: Path) -> dict[str, str]:
    """Make the environment of a fresh machine: an empty home, a PATH of system tools alone."""
    programs = tmp_path / "bin"
    programs.mkdir()
    for program in Path("/usr/bin").iterdir():
        if program.name not in _FOREIGN and not program.name.startswith("python"):
            (programs / program.name).symlink_to(program)
    (programs / "python3").symlink_to(Path(sys.executable).resolve())
    (tmp_path / "home").mkdir()
    kept = {name: value for name, value in os.environ.items() if not name.startswith("TOCSIN_")}
    return kept | {"HOME": str(tmp_path / "home"), "PATH": str(programs)}


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """Make a copy of the sources, in a folder with spaces, whose command only echoes."""
    root = tmp_path / "la mairie de Valombre" / "tocsin"
    root.mkdir(parents=True)
    shutil.copyfile(ROOT / "pyproject.toml", root / "pyproject.toml")
    (root / "README.md").write_text("Tocsin")
    ignored = shutil.ignore_patterns("__pycache__", "node_modules", "static", "prive")
    for floor in ("channels", "dispatcher", "operator_ui", "plans", "zones"):
        shutil.copytree(ROOT / floor, root / floor, ignore=ignored)
    (root / "dispatcher" / "cli" / "__main__.py").write_text(_ECHO)
    return root


def start(
    clone: Path, environ: Mapping[str, str], *words: str, python: str = "python3"
) -> "subprocess.CompletedProcess[str]":
    program = shutil.which(python, path=environ["PATH"]) or python
    return subprocess.run(
        [program, "-m", "dispatcher", *words],
        cwd=clone, env=dict(environ), capture_output=True, text=True, check=False, timeout=300,
    )  # fmt: skip


def sentence_of(done: "subprocess.CompletedProcess[str]") -> str:
    assert done.returncode == 1, done.stderr
    assert done.stdout == ""
    assert "Traceback" not in done.stderr
    return done.stderr.strip().splitlines()[-1]


async def test_a_clean_copy_sets_itself_up_goes_on_after_a_kill_and_then_starts_at_once(
    clone: Path, bare: dict[str, str]
) -> None:
    killed = await asyncio.create_subprocess_exec(
        str(Path(bare["PATH"], "python3")), "-m", "dispatcher", "demo",
        cwd=clone, env=bare, stderr=asyncio.subprocess.PIPE, start_new_session=True,
    )  # fmt: skip
    assert killed.stderr is not None
    unfinished = clone / ".venv" / "setup.unfinished"
    async with asyncio.timeout(120):
        while not unfinished.exists():
            await asyncio.sleep(0.05)
    os.killpg(killed.pid, signal.SIGKILL)
    await killed.wait()

    first = await asyncio.to_thread(start, clone, bare, "sms", "measure", "hello", "--json")
    assert first.returncode == 0, first.stderr
    said = json.loads(first.stdout)
    assert said["words"] == ["sms", "measure", "hello", "--json"]
    assert Path(said["prefix"]) == (clone / ".venv")
    assert re.search(r"^\[1/\d\] .*: (\d+\.\d s|kept)$", first.stderr, re.M)
    assert not unfinished.exists()

    clock = asyncio.get_running_loop().time
    began = clock()
    second = await asyncio.to_thread(start, clone, bare, "demo")
    assert clock() - began < 2
    assert second.stderr == ""

    del bare["HOME"]
    script = clone / ".venv" / "bin" / "tocsin"
    alone = await asyncio.create_subprocess_exec(
        str(script), "run", env=bare, stdout=asyncio.subprocess.PIPE
    )
    assert json.loads((await alone.communicate())[0])["words"] == ["run"]

    lock = clone / "dispatcher" / "constraints.txt"
    lock.write_text(_with_wrong_hashes(lock.read_text(), "orjson"))
    wrong = await asyncio.to_thread(start, clone, bare, "check")
    assert "is not the one that the lock promises" in sentence_of(wrong)
    assert "orjson" in (clone / ".venv" / "setup.log").read_text()
    assert "kept" in wrong.stderr


def _with_wrong_hashes(lock: str, package: str) -> str:
    """Change what the lock says of one package: another version, hashes that are nobody's."""
    found = re.search(rf"^{package}==\S+ \\\n(?:    --hash=\S+(?: \\)?\n)+", lock, re.M)
    assert found
    return lock.replace(found[0], f"{package}==3.11.0 \\\n    --hash=sha256:{'0' * 64}\n")


def test_a_machine_without_network_is_told_to_connect(clone: Path, bare: dict[str, str]) -> None:
    nowhere = {"HTTPS_PROXY": "http://127.0.0.1:9", "HTTP_PROXY": "http://127.0.0.1:9"}
    nowhere |= {"PIP_RETRIES": "0", "UV_HTTP_RETRIES": "0", "PIP_FIND_LINKS": ""}
    nowhere |= {"PIP_CONFIG_FILE": os.devnull, "PIP_TIMEOUT": "2", "NO_PROXY": ""}
    done = start(clone, bare | nowhere, "demo")
    assert "connect this machine to the network" in sentence_of(done)


def test_a_folder_that_cannot_hold_an_environment_is_told_in_a_sentence(
    clone: Path, bare: dict[str, str]
) -> None:
    (clone / ".venv").write_text("in the way")
    assert "Set-up cannot write" in sentence_of(start(clone, bare, "demo"))


def test_a_python_with_no_way_to_install_is_told_what_to_install(
    clone: Path, bare: dict[str, str]
) -> None:
    (clone / "sitecustomize.py").write_text(
        "import importlib.util\n"
        "seen = importlib.util.find_spec\n"
        "importlib.util.find_spec = lambda name, *rest: "
        "None if name in ('pip', 'ensurepip') else seen(name, *rest)\n"
    )
    done = start(clone, bare | {"PYTHONPATH": str(clone)}, "demo")
    assert "apt install python3-venv" in sentence_of(done)


def test_two_set_ups_at_once_wait_for_each_other(clone: Path, bare: dict[str, str]) -> None:
    (clone / ".venv").mkdir()
    holder = (
        "import fcntl, sys; f = open(sys.argv[1], 'w'); fcntl.flock(f, fcntl.LOCK_EX);"
        "print('held', flush=True); sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", holder, clone / ".venv" / "setup.lock"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    ) as first:  # fmt: skip
        assert first.stdout is not None
        assert first.stdout.readline() == "held\n"
        with subprocess.Popen(
            [Path(bare["PATH"], "python3"), "-m", "dispatcher", "demo"],
            cwd=clone, env=bare, stderr=subprocess.PIPE, text=True,
        ) as second:  # fmt: skip
            assert second.stderr is not None
            assert "waiting for it" in second.stderr.readline()
            second.send_signal(signal.SIGINT)
            assert "run the same command to go on" in second.stderr.read()
            assert second.wait(timeout=20) == 130
        first.kill()


def test_an_old_python_answers_with_a_sentence(clone: Path, bare: dict[str, str]) -> None:
    """With its version hidden behind an older one: the code that reads it is the same."""
    trick = "import sys, runpy; sys.hexversion = 0x030A00F0; runpy.run_module('dispatcher')"
    done = subprocess.run(
        [Path(bare["PATH"], "python3"), "-c", trick],
        cwd=clone, env=bare, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 1
    assert done.stderr.startswith("Tocsin needs Python 3.11 or later")
    assert not (clone / ".venv").exists()


def test_an_installation_outside_a_clone_hands_over_without_a_set_up(
    clone: Path, bare: dict[str, str]
) -> None:
    (clone / "pyproject.toml").unlink()
    done = start(clone, bare, "demo")
    assert json.loads(done.stdout)["words"] == ["demo"]
    assert not (clone / ".venv").exists()


@pytest.mark.parametrize(
    ("said", "helps"),
    [
        ("error: failed to write: No space left on device (os error 28)", "free about"),
        ("npm error code ENOTFOUND", "connect this machine"),
        ("error: Failed to fetch … dns error", "connect this machine"),
        ("cause: invalid peer certificate: UnknownIssuer error sending request", "SSL_CERT_FILE"),
        ("npm error code EINTEGRITY", "the lock promises"),
        ("Read-only file system", "read-only"),
        ("error: No solution found when resolving", "write it again"),
        ("something new", "once it is mended, run the same command again"),
    ],
)
def test_what_a_tool_says_becomes_the_sentence_that_helps(said: str, helps: str) -> None:
    sentence = str(explain("packages", said, root=Path("/c"), log=Path("/c/.venv/setup.log")))
    assert helps in sentence
    assert "\n" not in sentence


def test_an_error_of_the_disk_becomes_a_sentence() -> None:
    full = OSError(28, "No space left on device", "/c/.venv/setup.json")
    assert "free about" in str(explain_os(full, root=Path("/c")))


@pytest.mark.parametrize("changed", ["pyproject.toml", "dispatcher/constraints.txt"])
def test_a_changed_lock_or_wish_is_set_up_again(clone: Path, changed: str) -> None:
    here = Clone(clone)
    here.python.parent.mkdir(parents=True)
    here.python.symlink_to(sys.executable)
    wanted_for("demo", here, with_pages=False).write_stamp(here)
    assert wanted_for("demo", here, with_pages=False).missing_from(here) == []
    assert wanted_for("test", here, with_pages=False).missing_from(here) == ["developer"]
    with (clone / changed).open("a") as file:
        file.write("\n# changed\n")
    assert wanted_for("demo", here, with_pages=False).missing_from(here) == ["packages"]


def test_changed_sources_of_the_pages_are_bundled_again_and_nothing_else(clone: Path) -> None:
    here = Clone(clone)
    here.python.parent.mkdir(parents=True)
    here.python.symlink_to(sys.executable)
    (here.frontend / "package.json").write_text("{}")
    (clone / "operator_ui" / "static").mkdir()
    wanted_for("demo", here, with_pages=True).write_stamp(here)
    assert wanted_for("demo", here, with_pages=True).missing_from(here) == []
    (here.frontend / "node_modules").mkdir()
    (here.frontend / "node_modules" / "x.js").write_text("generated")
    assert wanted_for("demo", here, with_pages=True).missing_from(here) == []
    (here.frontend / "new.ts").write_text("export {}")
    assert wanted_for("demo", here, with_pages=True).missing_from(here) == ["pages"]
