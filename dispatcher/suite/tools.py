"""Run a developer's tool as a child, with a line that says how it went."""

import asyncio
import sys
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

ROOT = Path(__file__).resolve().parents[2]
ENVIRONMENT = Path(sys.prefix)
Say = Callable[[str], None]
_T = TypeVar("_T")


@dataclass(frozen=True)
class Outcome:
    """How one tool ended: its exit code, what it said, how long it took."""

    name: str
    code: int
    seconds: float
    said: str


async def outcome_of(
    name: str, argv: Sequence[str | Path], *, say: Say, cwd: Path = ROOT
) -> Outcome:
    """Run a tool to its end, keep what it says, and show that only where it fails."""
    clock = asyncio.get_running_loop().time
    began = clock()
    try:
        process = await asyncio.create_subprocess_exec(
            *argv,
            cwd=cwd,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        said = (await _ended(process, process.communicate()))[0].decode(errors="replace")
        code = process.returncode or 0
    except FileNotFoundError:
        code, said = 127, f"{argv[0]} is missing: run `python3 -m dispatcher check` in the clone"
    done = Outcome(name=name, code=code, seconds=clock() - began, said=said)
    if code:
        say(said.rstrip())
    say(f"{name}: {'failed' if code else 'ok'} ({done.seconds:.1f} s)")
    return done


async def exit_code_of(argv: Sequence[str | Path], *, cwd: Path = ROOT) -> int:
    """Run a tool that talks to the person itself; returns its exit code."""
    process = await asyncio.create_subprocess_exec(*argv, cwd=cwd)
    return await _ended(process, process.wait())


async def _ended(process: asyncio.subprocess.Process, wait: Awaitable[_T]) -> _T:
    """Wait for a child; interrupted, take it along."""
    try:
        return await wait
    except asyncio.CancelledError:
        if process.returncode is None:
            process.terminate()
            await process.wait()
        raise
