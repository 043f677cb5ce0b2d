"""One supervised process tree: started in order, restarted when they crash, ended together."""

import asyncio
import contextlib
import os
import signal
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from dispatcher.tether import tethered

Probe = Callable[[], Awaitable[bool]]
Say = Callable[[str], None]

_PROBE_EVERY_S = 0.1
_LONGEST_LINE = 65_536


@dataclass(frozen=True)
class ProcessSpec:
    """One process to keep alive, and how to tell that it is ready: a line it writes, or a probe.

    With neither, it is ready once started.
    """

    name: str
    argv: tuple[str, ...]
    cwd: Path | None = None
    ready_line: str | None = None
    ready_probe: Probe | None = None


@dataclass(frozen=True)
class Tempo:
    """How patient the supervisor is, in seconds."""

    backoff_s: tuple[float, ...] = (1, 2, 4, 8, 16, 30)
    sound_after_s: float = 60  # one that lived this long starts its back-off anew
    stop_within_s: float = 10


def answers_http(url: str) -> Probe:
    """Make a probe that is content with any 2xx answer from `url`."""

    async def probe() -> bool:
        try:
            async with httpx.AsyncClient(timeout=2, trust_env=False) as client:
                return (await client.get(url)).is_success
        except httpx.HTTPError:
            return False

    return probe


async def supervise(specs: Sequence[ProcessSpec], *, say: Say, tempo: Tempo | None = None) -> int:
    """Keep these processes alive until SIGTERM or SIGINT; returns 0 once all are gone.

    Each starts when the one before is ready. SIGHUP restarts them one by one. On the way out
    the last started goes first, all within `stop_within_s`. Even when this process is killed
    none stays behind. Call from the main thread.
    """
    children = [_Child(spec=spec, say=say, tempo=tempo or Tempo()) for spec in specs]
    stop, restart = asyncio.Event(), asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    loop.add_signal_handler(signal.SIGHUP, restart.set)
    keepers: list[asyncio.Task[None]] = []
    try:
        await _first_of(stop.wait(), _start_all(children, keepers, say=say))
        while not stop.is_set():
            await _first_of(stop.wait(), restart.wait())
            if not stop.is_set():
                restart.clear()
                await _first_of(stop.wait(), _restart_all(children, say=say))
    finally:
        await _end_all(children, keepers, say=say)
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            loop.remove_signal_handler(number)
    return 0


async def _start_all(
    children: list["_Child"], keepers: list[asyncio.Task[None]], *, say: Say
) -> None:
    for child in children:
        keepers.append(asyncio.create_task(child.keep()))
        await child.ready.wait()
    say("all processes are ready")


async def _restart_all(children: list["_Child"], *, say: Say) -> None:
    """Replace the processes one by one, so that most of the house stays up."""
    for child in children:
        await child.replace()
        await child.ready.wait()
    say("all processes were restarted")


async def _end_all(
    children: list["_Child"], keepers: list[asyncio.Task[None]], *, say: Say
) -> None:
    deadline = asyncio.get_running_loop().time()
    if children:
        deadline += children[0].tempo.stop_within_s
    for child in children:
        child.ending.set()
    for child in reversed(children):
        await child.end(deadline=deadline)
    await asyncio.gather(*keepers)
    say("all processes have ended")


async def _first_of(*waits: Awaitable[object]) -> None:
    """Wait for the first to be done, drop the others, and let errors through."""
    tasks = [asyncio.ensure_future(wait) for wait in waits]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        outcomes = await asyncio.gather(*tasks, return_exceptions=True)
    for outcome in outcomes:
        if isinstance(outcome, Exception):
            raise outcome


@dataclass
class _Child:
    """One kept process, its lines, its restarts."""

    spec: ProcessSpec
    say: Say
    tempo: Tempo
    ready: asyncio.Event = field(default_factory=asyncio.Event)
    ending: asyncio.Event = field(default_factory=asyncio.Event)
    process: asyncio.subprocess.Process | None = None
    replacing: bool = False
    crashes: int = 0

    async def keep(self) -> None:
        """Start the process again each time it ends, until `ending` is set."""
        clock = asyncio.get_running_loop().time
        while not self.ending.is_set():
            began = clock()
            code = await self._live_once()
            self.ready.clear()
            if self.ending.is_set():
                return
            if self.replacing:
                self.replacing, self.crashes = False, 0
                continue
            self.crashes = 1 if clock() - began >= self.tempo.sound_after_s else self.crashes + 1
            wait_s = self.tempo.backoff_s[min(self.crashes, len(self.tempo.backoff_s)) - 1]
            self._tell(f"ended unasked ({_how(code)}); starts again in {wait_s:g} s")
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(wait_s):
                    await self.ending.wait()

    async def _live_once(self) -> int:
        self.process = await asyncio.create_subprocess_exec(
            *tethered(self.spec.argv),
            cwd=self.spec.cwd,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            start_new_session=True,  # so that Ctrl-C and the end reach it in our order
        )
        watch = asyncio.create_task(self._become_ready())
        listen = asyncio.create_task(self._listen(self.process))
        try:
            code = await _exit_code(self.process)
            self._signal(self.process, signal.SIGKILL)  # whatever it left of its group
            await listen
        finally:
            watch.cancel()
            await asyncio.gather(watch, return_exceptions=True)
        return code

    async def _listen(self, process: asyncio.subprocess.Process) -> None:
        async for line in _lines(process):
            self._tell(line)
            if self.spec.ready_line is not None and self.spec.ready_line in line:
                self.ready.set()

    async def _become_ready(self) -> None:
        if self.spec.ready_probe is not None:
            while not self.ready.is_set():
                if await self.spec.ready_probe():
                    self.ready.set()
                await asyncio.sleep(_PROBE_EVERY_S)
        elif self.spec.ready_line is None:
            self.ready.set()

    async def replace(self) -> None:
        """End the process gently; `keep` starts the next one at once."""
        self.replacing = True
        self.ready.clear()
        await self.end(deadline=asyncio.get_running_loop().time() + self.tempo.stop_within_s)

    async def end(self, *, deadline: float) -> None:
        """Ask the process to stop; after `deadline` (loop time) end its whole group."""
        process = self.process
        if process is None or process.returncode is not None:
            return
        self._signal(process, signal.SIGTERM)
        try:
            async with asyncio.timeout_at(deadline):
                await _exit_code(process)
        except TimeoutError:
            self._tell("does not stop: killed")
            self._signal(process, signal.SIGKILL)
            await _exit_code(process)

    def _signal(self, process: asyncio.subprocess.Process, number: signal.Signals) -> None:
        with contextlib.suppress(ProcessLookupError):
            if number is signal.SIGKILL:
                os.killpg(process.pid, number)
            else:
                process.send_signal(number)

    def _tell(self, line: str) -> None:
        self.say(f"{self.spec.name} | {line}")


async def _exit_code(process: asyncio.subprocess.Process) -> int:
    """Wait for the process alone: `wait` may also wait for pipes that its children hold open."""
    while process.returncode is None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_PROBE_EVERY_S):
                await process.wait()
    return process.returncode


async def _lines(process: asyncio.subprocess.Process) -> AsyncIterator[str]:
    """Read what the process says, line by line; one without an end is cut, not waited for."""
    if process.stdout is None:
        return
    rest = b""
    while chunk := await process.stdout.read(_LONGEST_LINE):
        *whole, rest = (rest + chunk).split(b"\n")
        if len(rest) > _LONGEST_LINE:
            whole, rest = [*whole, rest], b""
        for line in whole:
            yield line.decode(errors="replace").rstrip("\r")
    if rest:
        yield rest.decode(errors="replace")


def _how(code: int) -> str:
    return f"exit {code}" if code >= 0 else f"killed by {signal.Signals(-code).name}"
