"""How far a ledger had come, remembered outside it: a copy put back behind this mark is known.

One small file for each process that sends, in `<data folder>/high-water/<ledger id>/`: processes
never wait for each other. It is written after the commit of a window's intent and before its first
byte, without a sync: it must outlive the process and the database, not a power cut.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_DIGITS = 20


class HighWater:
    """The mark of this process."""

    def __init__(self, descriptor: int) -> None:
        """Write to an open file of `marking`."""
        self._descriptor = descriptor

    def reach(self, windows: int) -> None:
        """Remember that the ledger counted so many windows."""
        os.pwrite(self._descriptor, b"%0*d" % (_DIGITS, windows), 0)


def highest(folder: Path) -> int:
    """Return the highest count that any process of this data folder has seen; 0 when none."""
    marks = [path.read_bytes()[:_DIGITS] for path in folder.glob("*.mark")]
    return max((int(mark) for mark in marks if mark.isdigit()), default=0)


def folder_of(data_dir: Path, ledger_id: str) -> Path:
    """Return where the marks of a ledger are kept."""
    return data_dir / "high-water" / ledger_id


@contextmanager
def marking(folder: Path) -> Iterator[HighWater]:
    """Give this process a mark of its own, free again when it ends, however it ends."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    descriptor = _free_mark(folder)
    try:
        yield HighWater(descriptor)
    finally:
        os.close(descriptor)


def _free_mark(folder: Path) -> int:
    number = 0
    while True:
        descriptor = os.open(folder / f"{number}.mark", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:  # another process's own
            os.close(descriptor)
            number += 1
        else:
            return descriptor
