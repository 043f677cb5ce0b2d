"""Run the tools of a set-up one by one, with a line for each step and all they say in a log."""

import os
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from dispatcher.setup.failures import explain

_BEAT_S = 0.1


@dataclass
class Progress:
    """Steps on stderr: one line each when done, a living line where someone watches."""

    total: int
    done: int = 0

    def begin(self, step: str) -> "Step":
        """Announce the next step."""
        self.done += 1
        return Step(label=f"[{self.done}/{self.total}] {step}", began_at=time.monotonic())

    def note(self, sentence: str) -> None:
        """Say something that is no step."""
        sys.stderr.write(f"{sentence}\n")
        sys.stderr.flush()


@dataclass(frozen=True)
class Step:
    """One announced step; `began_at` in seconds of the monotonic clock."""

    label: str
    began_at: float

    def beat(self) -> None:
        """Show that time passes, where a person is watching."""
        if sys.stderr.isatty():
            sys.stderr.write(f"\r{self.label} … {self._spent()}\x1b[K")
            sys.stderr.flush()

    def end(self, outcome: str = "") -> None:
        """Write the line that stays."""
        start = "\r" if sys.stderr.isatty() else ""
        stop = "\x1b[K\n" if start else "\n"
        sys.stderr.write(f"{start}{self.label}: {outcome or self._spent()}{stop}")
        sys.stderr.flush()

    def _spent(self) -> str:
        return f"{time.monotonic() - self.began_at:.1f} s"


@dataclass(frozen=True)
class Tools:
    """Where the tools run, what they see, where they talk to."""

    root: Path
    log: Path
    environ: Mapping[str, str]

    def run(self, step: Step, argv: Sequence[object]) -> None:
        """Run one tool to its end. Raises SetupFailure with the sentence that helps."""
        code, said = self.attempt(step, argv)
        if code:
            step.end("failed")
            raise explain(step.label, said, root=self.root, log=self.log)

    def attempt(self, step: Step, argv: Sequence[object]) -> tuple[int, str]:
        """Run one tool to its end: its exit code, and all it said (kept in the log too)."""
        with self.log.open("ab") as log:
            began = log.tell()
            log.write(f"\n$ {' '.join(str(word) for word in argv)}\n".encode())
            log.flush()
            process = subprocess.Popen(
                [str(word) for word in argv],
                cwd=self.root,
                env=dict(self.environ),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
            )
            _wait(process, step)
        return process.returncode, self.log.read_bytes()[began:].decode(errors="replace")


def _wait(process: "subprocess.Popen[bytes]", step: Step) -> None:
    """Wait for the end with a beat; interrupted, take the tool along."""
    try:
        while process.returncode is None:
            step.beat()
            try:
                process.wait(timeout=_BEAT_S)
            except subprocess.TimeoutExpired:
                continue
    except BaseException:
        process.terminate()
        killer = threading.Timer(5, process.kill)
        killer.start()
        process.wait()
        killer.cancel()
        raise


_HIJACKERS = (
    "PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV", "CONDA_PREFIX", "PIP_TARGET", "PIP_PREFIX",
    "PIP_USER", "PIP_REQUIRE_VIRTUALENV", "UV_SYSTEM_PYTHON", "UV_TARGET", "UV_PREFIX",
    "NODE_OPTIONS", "NODE_ENV", "PYTHONDONTWRITEBYTECODE",
)  # fmt: skip


def environ_for_tools(environment: Path) -> dict[str, str]:
    """Copy the caller's environment less what would lead the tools elsewhere.

    A home that is unset or closed gets a stand-in inside the virtual environment, for caches.
    """
    kept = {name: value for name, value in os.environ.items() if name not in _HIJACKERS}
    home = kept.get("HOME", "")
    if not home or not os.access(home, os.W_OK):
        stand_in = environment / "home"
        stand_in.mkdir(exist_ok=True)
        kept["HOME"] = str(stand_in)
        kept.pop("XDG_CACHE_HOME", None)
    return kept
