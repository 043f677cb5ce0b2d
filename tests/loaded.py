"""Real processes that start at once: forks of one that has loaded their programs beforehand."""

import asyncio
import multiprocessing
import os
import threading
from collections.abc import Callable, Mapping
from multiprocessing.connection import wait
from multiprocessing.process import BaseProcess
from pathlib import Path

from tests.real_parts import ROOT

# Loading a program takes seconds of a core, and the suite starts hundreds of them.
_LOADED = multiprocessing.get_context("forkserver")
_LOADED.set_forkserver_preload(["tests.consoles", "tests.driven_worker"])


async def started(
    program: Callable[..., None],
    *words: str,
    log: Path,
    environ: Mapping[str, str] | None = None,
) -> BaseProcess:
    """Start a program that can be imported; all it says is added to `log`."""
    log.touch()  # who reads it at once reads nothing yet
    told = {**os.environ, **(environ or {})}  # noqa: TID251 - a real process in this environment
    process = _LOADED.Process(target=_be, args=(program, words, told, log), daemon=True)
    await asyncio.to_thread(process.start)
    return process


async def ended(process: BaseProcess, *, within_s: float) -> int:
    """Wait for its end; return its exit status, as of `subprocess`. Raises TimeoutError."""
    await asyncio.to_thread(process.join, within_s)
    if process.exitcode is None:
        raise TimeoutError
    return process.exitcode


def _be(
    program: Callable[..., None], words: tuple[str, ...], environ: Mapping[str, str], log: Path
) -> None:
    with log.open("ab") as kept:
        for said in (1, 2):
            os.dup2(kept.fileno(), said)
    threading.Thread(target=_leave_with_the_suite, daemon=True).start()
    os.chdir(ROOT)
    os.environ.clear()  # noqa: TID251 - the environment of its test, and nothing else
    os.environ.update(environ)  # noqa: TID251
    program(*words)


def _leave_with_the_suite() -> None:
    """End where the process that asked for us was killed: nobody else would end us."""
    suite = multiprocessing.parent_process()
    if suite is not None:
        wait([suite.sentinel])
        os._exit(1)
