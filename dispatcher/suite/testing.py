"""Run the whole suite against real servers: `tocsin test`."""

import importlib.util
import sys
from collections.abc import Sequence

from dispatcher.suite.parts import real_parts
from dispatcher.suite.tools import Say, exit_code_of


async def run_tests(arguments: Sequence[str], *, say: Say) -> int:
    """Install what the suite needs, run pytest with `arguments`, return the exit code.

    1 also where a part could not be installed: the rest runs, and what could not is named.
    """
    if importlib.util.find_spec("pytest") is None:
        say("The tools for tests are not installed: run `python3 -m dispatcher test` in a clone.")
        return 1
    parts = await real_parts(say=say)
    settings = [f"{name}={value}" for name, value in parts.settings.items()]
    code = await exit_code_of(["env", *settings, sys.executable, "-m", "pytest", *arguments])
    for sentence in parts.missing:
        say(f"Could not run what needs {sentence}.")
    return 1 if code or parts.missing else 0
