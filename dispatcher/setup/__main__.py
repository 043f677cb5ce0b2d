"""Set up this clone, then become the command: `python3 -m dispatcher` starts this when needed."""

import sys
from pathlib import Path

from dispatcher.setup.clone import Clone
from dispatcher.setup.door import become
from dispatcher.setup.steps import set_up


def main(arguments: list[str]) -> int:
    """Make what is missing; does not return where that worked."""
    clone = Clone(Path(__file__).resolve().parents[2])
    return set_up(clone, arguments) or become(str(clone.python), "dispatcher.cli", arguments)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
