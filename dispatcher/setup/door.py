"""From `python3 -m dispatcher VERB` to the installed command: set up what is missing, hand over."""

import os
import sys
from pathlib import Path
from typing import NoReturn

from dispatcher.setup.clone import Clone, Wanted, wanted_for


def enter(arguments: list[str]) -> int:
    """Run the verb in an environment that has all it needs.

    Does not return: the process becomes the command, or first the set-up (`python -m
    dispatcher.setup`, whose imports a start with nothing to set up should not pay for).
    """
    clone = Clone(Path(__file__).resolve().parents[2])
    if not clone.pyproject.is_file() or _installed_here(clone):
        return become(sys.executable, "dispatcher.cli", arguments)
    if wanted_by(arguments, clone).missing_from(clone):
        return become(sys.executable, "dispatcher.setup", arguments)
    return become(str(clone.python), "dispatcher.cli", arguments)


def wanted_by(arguments: list[str], clone: Clone) -> Wanted:
    """Tell what the verb among these arguments needs, the pages too unless told otherwise."""
    verb = next((word for word in arguments if not word.startswith("-")), "")
    with_pages = os.environ.get("TOCSIN_SKIP_FRONTEND", "") in ("", "0")
    return wanted_for(verb, clone, with_pages=with_pages)


def become(python: str, module: str, arguments: list[str]) -> NoReturn:
    """Turn this process into `python -m module arguments`."""
    sys.stdout.flush()
    sys.stderr.flush()
    os.execv(python, [python, "-m", module, *arguments])


def _installed_here(clone: Clone) -> bool:
    """Whether the running interpreter is an environment of the user's own with Tocsin in it."""
    if sys.prefix == sys.base_prefix or Path(sys.prefix).resolve() == clone.environment:
        return False
    return any(Path(sys.prefix).glob("lib/python*/site-packages/tocsin-*.dist-info"))
