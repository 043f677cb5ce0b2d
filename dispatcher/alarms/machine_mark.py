"""A file that says: somebody on this machine tells of it already; for when no ledger can say so."""

import contextlib
import time
from dataclasses import dataclass
from pathlib import Path

STALE_S = 900.0  # left by a process that died: told again, as a reminder


@dataclass(frozen=True)
class MachineMark:
    """Marks of one data folder, a file a subject."""

    folder: Path

    def take(self, subject: str) -> bool:
        """Take the mark; False where another process has it. Where no file can be made, True."""
        path = self._path(subject)
        with contextlib.suppress(OSError):
            if time.time() - path.stat().st_mtime > STALE_S:
                path.unlink()
        try:
            self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            path.open("x").close()
        except FileExistsError:
            return False
        except OSError:  # the disk is full or gone: told twice is better than not at all
            return True
        return True

    def taken(self, subject: str) -> bool:
        """Tell whether a process of this machine told already."""
        return self._path(subject).exists()

    def release(self, subject: str) -> None:
        """Give the mark back: the alarm is over."""
        with contextlib.suppress(OSError):
            self._path(subject).unlink()

    def _path(self, subject: str) -> Path:
        return self.folder / f"{subject.replace('/', '_').replace(':', '_')}.told"
