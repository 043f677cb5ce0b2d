"""A tap on every Python process of a house: whom each of them connects to, in a file of its own.

Python loads this at its start where this folder is on its path; `TAP` names the folder of files.
"""

import os
import sys
from pathlib import Path

LEAVING = frozenset(("socket.connect", "socket.sendto", "socket.sendmsg"))
_folder = Path(os.environ["TAP"])  # noqa: TID251 - the tap is no part of the house
_tap = os.open(_folder / str(os.getpid()), os.O_WRONLY | os.O_CREAT | os.O_APPEND)


def _note(event: str, told: tuple[object, ...]) -> None:
    if event in LEAVING:
        os.write(_tap, f"{told[1]!r}\n".encode())


sys.addaudithook(_note)
