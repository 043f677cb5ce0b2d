"""The sandbox as one process: opens its doors, says where they are, ends without a trace."""

import asyncio
import contextlib
import json
import os
import signal
import socket
import ssl
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import uvicorn
from typing_extensions import override

from dispatcher.sandbox.answers import CuttableProtocol
from dispatcher.sandbox.app import sandbox_app
from dispatcher.sandbox.callbacks import Caller
from dispatcher.sandbox.callees import Behaviour
from dispatcher.sandbox.certificates import mail_tls
from dispatcher.sandbox.credentials import MAIL_USER, keep_credentials, write_private
from dispatcher.sandbox.desk import Desk
from dispatcher.sandbox.faults import Faults
from dispatcher.sandbox.ledger import Ledger
from dispatcher.sandbox.mail import mail_connections
from dispatcher.sandbox.sms import live_sms
from dispatcher.sandbox.voice import live_call

LOOPBACK = "127.0.0.1"
PARENT_CHECK_S = 0.5
BACKLOG = 2048


@dataclass(frozen=True)
class Options:
    """How a sandbox is started; a port of 0 is the one of last time, or any free one."""

    data_dir: Path
    http_port: int
    smtp_port: int
    callback_base: str | None
    behaviour: Behaviour
    parent: int


class _Server(uvicorn.Server):
    """uvicorn, leaving the signals to us: it would end the process by the signal itself."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.listening = asyncio.Event()

    @override
    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield

    @override
    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.listening.set()


async def serve(options: Options) -> None:
    """Run until SIGTERM, SIGINT or the death of the parent."""
    options.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    over = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, over.set)
    async with AsyncExitStack() as doors:
        desk = await doors.enter_async_context(_opened_desk(options))
        http_listener = _listener(options.http_port or _port_before(options.data_dir, "http"))
        smtp_listener = _listener(options.smtp_port or _port_before(options.data_dir, "smtp"))
        tls = mail_tls(options.data_dir)
        smtp_port = await doors.enter_async_context(_mail_door(desk, tls, smtp_listener))
        http_port = await doors.enter_async_context(_http_door(desk, http_listener))
        await _take_up_again(desk)
        _announce(desk, options.data_dir, http_port=http_port, smtp_port=smtp_port)
        watch = asyncio.create_task(_watch_parent(options.parent, over))
        await over.wait()
        watch.cancel()


@asynccontextmanager
async def _opened_desk(options: Options) -> AsyncIterator[Desk]:
    credentials = keep_credentials(options.data_dir)
    async with (
        Ledger(options.data_dir / "ledger.sqlite3") as ledger,
        Caller(credentials.auth_token, options.callback_base) as caller,
    ):
        faults = Faults(options.behaviour.seed)
        desk = Desk(credentials, ledger, faults, caller, options.behaviour)
        try:
            yield desk
        finally:
            await desk.stop()


@asynccontextmanager
async def _http_door(desk: Desk, listener: socket.socket) -> AsyncIterator[int]:
    config = uvicorn.Config(
        sandbox_app(desk),
        http=CuttableProtocol,
        lifespan="off",
        log_config=None,
        log_level="critical",
        access_log=False,
        server_header=False,
        proxy_headers=False,
        ws="none",
        timeout_graceful_shutdown=1,
    )
    server = _Server(config)
    serving = asyncio.create_task(server.serve(sockets=[listener]))
    try:
        await server.listening.wait()
        yield listener.getsockname()[1]
    finally:
        server.should_exit = True
        await serving


def _port_before(folder: Path, door: str) -> int:
    """Give the port a killed sandbox of this folder had, so that its clients find it again.

    0 when there was none, or when another process took it meanwhile.
    """
    try:
        before = json.loads((folder / "sandbox.json").read_text())
        port = urlsplit(before["http"]).port if door == "http" else before["smtp"]["port"]
        _listener(port).close()
    except (OSError, ValueError, LookupError, TypeError):
        return 0
    return int(port)


def _listener(port: int) -> socket.socket:
    """Bind, with the protocol named: asyncio turns Nagle off only where it reads TCP (40 ms)."""
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind((LOOPBACK, port))
    listener.listen(BACKLOG)
    return listener


@asynccontextmanager
async def _mail_door(
    desk: Desk, tls: ssl.SSLContext, listener: socket.socket
) -> AsyncIterator[int]:
    loop = asyncio.get_running_loop()
    server = await loop.create_server(mail_connections(desk, tls), sock=listener)
    try:
        yield listener.getsockname()[1]
    finally:
        server.close()


async def _take_up_again(desk: Desk) -> None:
    """Let what an earlier process left on its way go on."""
    for entry in await desk.ledger.unfinished():
        live = live_sms if entry.medium == "sms" else live_call
        desk.start(live(desk, entry))


def _announce(desk: Desk, folder: Path, *, http_port: int, smtp_port: int) -> None:
    """Say where the doors are: one JSON line on stdout, the same in sandbox.json."""
    known = desk.credentials
    line = json.dumps(
        {
            "http": f"http://{LOOPBACK}:{http_port}",
            "smtp": {
                "host": LOOPBACK,
                "port": smtp_port,
                "ca_file": str((folder / "ca.pem").resolve()),
                "user": MAIL_USER,
                "password": known.smtp_password,
            },
            "account_sid": known.account_sid,
            "api_key": known.api_key,
            "api_secret": known.api_secret,
            "auth_token": known.auth_token,
            "webhook_secret": known.webhook_secret,
            "texto_key": known.texto_key,
            "texto_secret": known.texto_secret,
            "pid": os.getpid(),
        }
    )
    write_private(folder / "sandbox.json", line)
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


async def _watch_parent(parent: int, over: asyncio.Event) -> None:
    """End with the process that started this one; a killed parent leaves no orphan."""
    while not over.is_set():
        await asyncio.sleep(PARENT_CHECK_S)
        if os.getppid() != parent:
            over.set()
