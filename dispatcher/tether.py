"""Start a program that dies with its parent: `python tether.py PARENT_PID PROGRAM ARG…`.

Standard library only and quick (30 ms): it becomes the program, so the process id stays. The
kernel ties the program to the *thread* that started it, so start from the main thread.
"""

import ctypes
import os
import signal
import sys

_PR_SET_PDEATHSIG = 1  # linux/prctl.h


def tethered(argv: tuple[str, ...]) -> tuple[str, ...]:
    """Put the words before a command that make it die with the process that calls this."""
    return (sys.executable, "-I", __file__, str(os.getpid()), *argv)


def main(words: list[str]) -> None:
    """Tie this process to its parent, then become the program."""
    parent = int(words[0])
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:  # it died before the tie was made: nobody would end us
        sys.exit(f"{words[1]}: not started, for the process that wanted it is gone")
    try:
        os.execvp(words[1], words[1:])
    except OSError as error:
        sys.exit(f"{words[1]}: cannot be started: {error.strerror}")


if __name__ == "__main__":
    main(sys.argv[1:])
