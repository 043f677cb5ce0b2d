"""A plan before its judges: what the checks look at, and what they may ask of others."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from plans.faults import Findings
from plans.plan import Plan


class Measured(Protocol):
    """An SMS as it will be sent: "GSM-7" or "UCS-2", and the signs that forced UCS-2."""

    @property
    def encoding(self) -> str:
        """Which alphabet it takes."""

    @property
    def segments(self) -> int:
        """How many messages it is cut into."""

    @property
    def units(self) -> int:
        """How many septets or UTF-16 units it counts."""

    @property
    def offending(self) -> Sequence[object]:
        """The signs outside GSM-7."""


class Measure(Protocol):
    """Measures the text of an SMS; handed in by whoever knows the channel."""

    def __call__(self, text: str) -> Measured:
        """Measure one text."""


class SenderCheck(Protocol):
    """Says in a sentence why a name may not send an SMS in France; None where it may."""

    def __call__(self, name: str) -> str | None:
        """Judge one name."""


@dataclass(frozen=True)
class Written:
    """What the author gave, where the plan holds a default instead."""

    sender: str | None = None
    version: bool = False
    levels: bool = False
    policy: bool = False
    outline_codes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Case:
    """A plan, what its author wrote, and the judges. Checks note into `findings`."""

    plan: Plan
    written: Written
    findings: Findings
    today: date
    measure: Measure
    sender_fault: SenderCheck
    invented: bool = False

    def unread(self, *files: str) -> bool:
        """Tell whether one of these files, or of these folders, could not be read."""
        return any(unread.startswith(files) for unread in self.findings.unread)
