"""The forms of a resident's page, as they were filled in."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import Form

from dispatcher.alerts.refusals import NotSo
from dispatcher.signup.own_page import Needs
from dispatcher.store.information import TOPICS, Hours, Wanted

Word = Annotated[str, Form(max_length=80)]
Line = Annotated[str, Form(max_length=400)]


@dataclass(frozen=True)
class NeedsForm:
    """What she asks of the commune, as the form has it."""

    warn_first: Word = ""
    help_to_leave: Word = ""
    household: Word = ""

    def read(self) -> Needs:
        """Return it; a household that is no number is none."""
        many = self.household
        counted = int(many) if many.isascii() and many.isdigit() else None
        return Needs(bool(self.warn_first), bool(self.help_to_leave), counted)


@dataclass(frozen=True)
class InformationForm:
    """Which messages that tell of no danger she wants, and at which hours of the day."""

    topics: Annotated[tuple[str, ...], Form()] = ()
    start: Word = ""
    until: Word = ""

    def read(self, zone: str) -> Wanted:
        """Return it, the hours on the clocks of a zone. Raises NotSo."""
        off = tuple(one for one in TOPICS if one not in self.topics)
        return Wanted(off, _hours(self.start, self.until, zone))


@dataclass(frozen=True)
class Chosen:
    """Who is to be told how she is, as the form says it."""

    name: Line = ""
    to: Line = ""
    once: Word = ""


def _hours(start: str, until: str, zone: str) -> Hours | None:
    """Read two hours of the day; none where she is told at any hour. Raises NotSo."""
    if not start and not until:
        return None
    try:
        first, last = int(start), int(until)
    except ValueError as fault:
        raise NotSo("Choisissez les deux heures, ou aucune.") from fault
    if not (0 <= first < 24 and 0 <= last < 24):
        raise NotSo("Choisissez les deux heures, ou aucune.")
    return Hours(first * 60, last * 60, zone)
