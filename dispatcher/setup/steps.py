"""The steps of a set-up: environment, installer, locked packages, the project, its pages."""

import contextlib
import fcntl
import importlib.util
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import FrameType
from typing import NoReturn

from dispatcher.setup.clone import Clone
from dispatcher.setup.door import wanted_by
from dispatcher.setup.failures import NO_INSTALLER, SetupFailure, explain_os
from dispatcher.setup.running import Progress, Tools, environ_for_tools

_OLDEST = (3, 11)
# Loads each process once, so that Python keeps its compiled form and later starts are quick.
_FIRST_START = """
from contextlib import suppress
from importlib import import_module
for part in ("dispatcher.cli.__main__", "dispatcher.worker", "operator_ui.app"):
    with suppress(ImportError):
        import_module(part)
"""
_SYSTEM_CERTIFICATES = (
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/cert.pem",
)


class _Stopped(BaseException):
    """Someone asked us to stop; carries the signal's number."""


def set_up(clone: Clone, arguments: list[str]) -> int:
    """Make what the verb among `arguments` misses.

    0 when all is there; otherwise an exit code, with one sentence on stderr.
    """
    with _stoppable():
        try:
            with _alone(clone):
                _make_missing(clone, arguments)
        except _Stopped as stop:
            sys.stderr.write("\nSet-up stopped: run the same command to go on from here.\n")
            return 128 + int(stop.args[0])
        except SetupFailure as failure:
            sys.stderr.write(f"{failure}\n")
            return 1
        except OSError as error:
            sys.stderr.write(f"{explain_os(error, root=clone.root)}\n")
            return 1
    return 0


def _make_missing(clone: Clone, arguments: list[str]) -> None:
    wanted = wanted_by(arguments, clone)
    missing = wanted.missing_from(clone)  # again: another set-up may just have made it
    if not missing:
        return
    packages = missing != ["pages"]
    progress = Progress(total=5 * packages + (wanted.pages is not None))
    progress.note(f"Setting up in {clone.environment} (once; details in {clone.log.name}).")
    clone.log.write_bytes(b"")
    tools = Tools(root=clone.root, log=clone.log, environ=_environ(clone))
    if packages:
        _make_environment(clone, tools, progress)
        wanted = wanted_by(arguments, clone)  # now that pyvenv.cfg exists
        _install_packages(clone, tools, progress, developer=bool(wanted.developer))
    if "pages" in wanted.missing_from(clone):
        _make_pages(clone, tools, progress)
    wanted.write_stamp(clone)


def _make_environment(clone: Clone, tools: Tools, progress: Progress) -> None:
    """Make the virtual environment, or keep the one that still works."""
    step = progress.begin("Python environment")
    if _usable(clone):
        step.end("kept")
        return
    for entry in clone.environment.iterdir():
        if entry not in (clone.lock, clone.log) and entry.name != "home":
            shutil.rmtree(entry) if entry.is_dir() and not entry.is_symlink() else entry.unlink()
    # The real path: a link to this interpreter may be gone tomorrow.
    python = Path(getattr(sys, "_base_executable", sys.executable)).resolve()
    tools.run(step, [python, "-m", "venv", "--without-pip", clone.environment])
    step.end()


def _usable(clone: Clone) -> bool:
    """Whether an interpreter new enough answers in the environment."""
    question = (
        f"import sys; sys.exit(sys.version_info < {_OLDEST} or sys.prefix == sys.base_prefix)"
    )
    try:
        return subprocess.run([clone.python, "-Ic", question], check=False).returncode == 0
    except OSError:
        return False


def _install_packages(clone: Clone, tools: Tools, progress: Progress, *, developer: bool) -> None:
    """Bring in exactly the locked packages, then the project itself, editable."""
    uv = _make_uv(clone, tools, progress)
    install = [*uv, "pip", "install", "--python", clone.python]
    step = progress.begin("packages for running" + (" and developing" if developer else ""))
    extras = ["--extra", "setup", *(["--extra", "dev"] if developer else [])]
    died = ["--reinstall"] if clone.unfinished.exists() else []
    clone.unfinished.touch()
    locked = ["--require-hashes", "-r", clone.pyproject, "-c", clone.constraints]
    try:
        tools.run(step, [*install, *locked, *extras, *died])
    except SetupFailure:
        clone.unfinished.unlink()  # the installer ended by itself: nothing is half written
        raise
    step.end()
    step = progress.begin("Tocsin")
    tools.run(step, [*install, "--no-deps", "--no-build-isolation", "--editable", clone.root])
    clone.unfinished.unlink()
    step.end()
    step = progress.begin("first start")
    tools.attempt(step, [clone.python, "-c", _FIRST_START])  # a broken part must not stop `check`
    step.end()


def _make_uv(clone: Clone, tools: Tools, progress: Progress) -> list[object]:
    """Install the locked installer; returns the words that call it."""
    step = progress.begin("installer")
    own = clone.environment / "bin" / "uv"
    locked = _locked(clone.constraints, "uv")
    if own.is_file() and locked.split()[0].partition("==")[2] in _version_of(own):
        step.end("kept")
        return [own]
    wanted = clone.environment / "installer.txt"
    wanted.write_text(locked, encoding="utf-8")
    rest = ["install", "--require-hashes", "--no-deps", "-r", wanted]
    if importlib.util.find_spec("pip"):
        tools.run(step, [sys.executable, "-m", "pip", "--python", clone.python, *rest])
    elif importlib.util.find_spec("ensurepip"):
        tools.run(step, [clone.python, "-m", "ensurepip", "--default-pip"])
        tools.run(step, [clone.python, "-m", "pip", *rest])
    elif found := shutil.which("uv"):
        tools.run(step, [found, "pip", "install", "--python", clone.python, *rest[1:]])
    else:
        step.end("failed")
        raise SetupFailure(NO_INSTALLER)
    step.end()
    return [own]


def _version_of(program: Path) -> str:
    try:
        done = subprocess.run([program, "--version"], check=False, capture_output=True, text=True)
    except OSError:
        return ""
    return done.stdout


def _locked(constraints: Path, name: str) -> str:
    """Find the lines of one package in the lock: its version and its hashes."""
    found = re.search(rf"^{name}==.*?(?=^\S)", constraints.read_text("utf-8") + "\n#", re.M | re.S)
    if not found:
        raise SetupFailure(
            f"{constraints} does not list {name}: write the lock again as pyproject.toml says."
        )
    return found.group(0)


def _make_pages(clone: Clone, tools: Tools, progress: Progress) -> None:
    """Bundle the front end with the Node of a wheel."""
    step = progress.begin("pages")
    tools.run(step, [clone.python, clone.frontend / "bundle.py"])
    step.end()


def _environ(clone: Clone) -> dict[str, str]:
    """Gather what the tools see; pip's settings (a mirror, a certificate) hold for uv too."""
    environ = environ_for_tools(clone.environment)
    pip = _pip_settings()
    if "index-url" in pip:
        environ.setdefault("UV_DEFAULT_INDEX", pip["index-url"])
    if "proxy" in pip:
        environ.setdefault("HTTPS_PROXY", pip["proxy"])
    if "cert" in pip:
        environ.setdefault("SSL_CERT_FILE", pip["cert"])
    if any(Path(bundle).exists() for bundle in _SYSTEM_CERTIFICATES):
        environ.setdefault("UV_SYSTEM_CERTS", "1")  # a town hall's proxy is known to its machines
        environ.setdefault("NODE_USE_SYSTEM_CA", "1")
    return environ


def _pip_settings() -> dict[str, str]:
    """Read the `global` and environment settings of pip; empty where there is no pip."""
    if not importlib.util.find_spec("pip"):
        return {}
    asked = [sys.executable, "-m", "pip", "config", "list"]
    said = subprocess.run(asked, check=False, capture_output=True, text=True).stdout
    lines = re.findall(r"^(global|install|:env:)\.([\w-]+)='(.*)'$", said, re.M)
    return {name: value for _, name, value in sorted(lines, reverse=True)}


@contextlib.contextmanager
def _alone(clone: Clone) -> Iterator[None]:
    """Hold the clone's lock: two set-ups at once would write over each other."""
    clone.environment.mkdir(exist_ok=True)
    with clone.lock.open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            sys.stderr.write("Another set-up is at work in this folder: waiting for it.\n")
            fcntl.flock(file, fcntl.LOCK_EX)
        yield


@contextlib.contextmanager
def _stoppable() -> Iterator[None]:
    """Turn Ctrl-C and a polite end into one exception that cleans up on its way."""

    def stop(number: int, _frame: FrameType | None) -> NoReturn:
        raise _Stopped(number)

    before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
