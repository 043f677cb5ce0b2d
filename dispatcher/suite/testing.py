"""Run the whole suite against real servers: `tocsin test`."""

import asyncio
import importlib.util
import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass

from dispatcher.suite.parts import real_parts
from dispatcher.suite.tools import ROOT, Say, exit_code_of

_NOTHING_CHOSEN = 5  # pytest's code where the arguments leave no test to run


@dataclass(frozen=True)
class Run:
    """One run of pytest: how its line begins, and the arguments that choose its tests."""

    name: str
    words: tuple[str, ...]


def runs_of(arguments: Sequence[str], *, cores: int) -> tuple[Run, ...]:
    """Split the whole suite: what judges by the clock alone on the machine, then all the rest.

    The rest takes every core, each file in one process. Where the arguments name files or marks,
    they are one run in one process, as pytest itself would do.
    """
    named = [ROOT / one.partition("::")[0] for one in arguments if not one.startswith("-")]
    if any(path.exists() for path in named) or any(one.startswith("-m") for one in arguments):
        return (Run("Tests", tuple(arguments)),)
    beside = ("-n", str(cores), "--dist", "loadfile", "--no-loadscope-reorder")
    return (
        Run("Alone", (*arguments, "-m", "alone")),
        Run("Side by side", (*arguments, "-m", "not alone", *beside)),
    )


async def run_tests(arguments: Sequence[str], *, say: Say) -> int:
    """Install what the suite needs, run pytest with `arguments`, return the exit code.

    1 also where a part could not be installed: the rest runs, and what could not is named.
    """
    if importlib.util.find_spec("pytest") is None:
        say("The tools for tests are not installed: run `python3 -m dispatcher test` in a clone.")
        return 1
    parts = await real_parts(say=say)
    settings = [f"{name}={value}" for name, value in parts.settings.items()]
    pytest = ("env", *settings, sys.executable, "-m", "pytest")
    well = await all_well(pytest, runs_of(arguments, cores=os.cpu_count() or 1), say=say)
    for sentence in parts.missing:
        say(f"Could not run what needs {sentence}.")
    return 1 if not well or parts.missing else 0


async def all_well(pytest: Sequence[str], runs: Sequence[Run], *, say: Say) -> bool:
    """Run each to its end, then say how all went; whether tests ran, and none failed."""
    clock = asyncio.get_running_loop().time
    codes, lines = [], []
    for run in runs:
        began = clock()
        if len(runs) > 1:
            say(f"{run.name}:")
        codes.append(await exit_code_of([*pytest, *run.words]))
        how = {0: "passed", _NOTHING_CHOSEN: "no test"}.get(codes[-1], "FAILED")
        lines.append(f"{run.name}: {how} ({clock() - began:.0f} s)")
    if len(runs) > 1:
        say("\n".join(lines))
    return 0 in codes and set(codes) <= {0, _NOTHING_CHOSEN}
