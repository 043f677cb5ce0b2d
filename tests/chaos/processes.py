"""Processes of ours that take orders on stdin, and the words that start and end them."""

import asyncio
import contextlib
import json
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from dispatcher.tether import tethered

ROOT = Path(__file__).parents[2]
ANSWER_S = 30.0


class Ordered:
    """A process that says one JSON line when it is ready, and one to each order."""

    def __init__(self, process: Process, ready: Mapping[str, Any]) -> None:
        self._process = process
        self._turn = asyncio.Lock()
        self.ready = ready

    async def order(self, **words: object) -> dict[str, Any]:
        """Give an order, and return what it answers."""
        assert self._process.stdin is not None
        async with self._turn:
            self._process.stdin.write(json.dumps(words).encode() + b"\n")
            return await _line(self._process)


@asynccontextmanager
async def ordered(module: str, *words: str) -> AsyncIterator[Ordered]:
    """Run one of our modules, which takes orders, until the end of the block."""
    argv = tethered((sys.executable, "-m", module, *words))
    process = await asyncio.create_subprocess_exec(*argv, cwd=ROOT, stdin=PIPE, stdout=PIPE)
    try:
        yield Ordered(process, await _line(process))
    finally:
        await ended(process)


async def ended(process: Process) -> int:
    """Kill a process that still runs, and return its exit status."""
    with contextlib.suppress(ProcessLookupError):
        process.kill()
    return await process.wait()


async def quietly(argv: tuple[str, ...], *, said: Path, cwd: Path = ROOT) -> Process:
    """Start a process that dies with this one, its words appended to a file."""
    with said.open("ab") as out:
        return await asyncio.create_subprocess_exec(
            *tethered(argv), cwd=cwd, stdin=DEVNULL, stdout=out, stderr=out
        )


async def _line(process: Process) -> dict[str, Any]:
    assert process.stdout is not None
    said: dict[str, Any] = json.loads(
        await asyncio.wait_for(process.stdout.readline(), ANSWER_S) or b"{}"
    )
    return said
