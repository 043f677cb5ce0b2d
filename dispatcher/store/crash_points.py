"""The numbered moments at which a process may be killed and nobody is lost (DELIVERY §3).

The ledger is told of each as it is passed. In life nothing happens there; the tests kill the
process at every one of them, on both databases (`tests/test_every_crash_point.py`).
"""

from collections.abc import Callable
from enum import StrEnum


class CrashPoint(StrEnum):
    """One moment; a new one here fails the suite until it has a test that kills at it."""

    CP0 = "launch written, not committed"
    CP1 = "launch committed, bell not rung"
    CP2 = "a block materialised, others wait"
    CP3 = "claimed"
    CP4 = "intent of a window committed, no byte sent"
    CP5 = "sent, answers not seen"
    CP6 = "answers seen, results not committed"
    CP7 = "receipt arrived, not read"
    CP8 = "receipt written, not committed"
    CP9 = "cancel committed, windows in flight"


Passing = Callable[[CrashPoint], None]


def pass_by(_point: CrashPoint) -> None:
    """Do nothing, as in life."""
