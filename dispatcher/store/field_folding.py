"""Reports folded into the states of the teams, or the missions, of one transaction."""

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import Connection

from dispatcher.store.field_states import MISSION, Subject, facts_of, folded_of, keep_states
from plans.folding import Fact, Folded, fold_with, follow, stands


@dataclass(frozen=True)
class Place:
    """A fact's place among the others: whether it counts now, the steps missing before it."""

    applied: bool
    missing: tuple[str, ...]


class Folding:
    """The states of some teams, or of some missions, while reports are taken in."""

    def __init__(
        self, connection: Connection, commune: str, subject: Subject, names: Collection[str]
    ) -> None:
        """Read what they are; the facts themselves only where a report comes late."""
        self._connection, self._commune, self._subject = connection, commune, subject
        self._folded = folded_of(connection, commune, subject, names) if names else {}
        self._taken: dict[str, list[Fact]] = {}
        self._facts: dict[str, list[Fact]] = {}

    def of(self, name: str | None) -> Folded:
        """Return what a team or mission comes to so far."""
        return self._folded.get(name or "", Folded())

    def take(self, name: str | None, fact: Fact | None) -> Place | None:
        """Take a fact in at its own place in time; None where it says nothing of the subject."""
        if name is None or fact is None:
            return None
        before = self.of(name)
        taken = self._taken.setdefault(name, [])
        mission = self._subject is MISSION
        if before.heard is None or fact.mark > before.heard:
            after = own = follow(before, fact, mission=mission)
        else:  # it comes late: those after it are folded anew
            own, after = fold_with(fact, [*self._known(name), *taken], mission=mission)
        taken.append(fact)
        self._folded[name] = after
        counts = stands(fact, mission=mission)
        return Place(not counts or after.last == fact.mark, own.missing if counts else ())

    def _known(self, name: str) -> list[Fact]:
        """Return what the ledger holds of one of them, read once however many come late."""
        if name not in self._facts:
            self._facts[name] = facts_of(self._connection, self._commune, self._subject, name)
        return self._facts[name]

    def keep(self, *, now: float) -> None:
        """Keep what they come to."""
        changed = {name: self._folded[name] for name in self._taken}
        keep_states(self._connection, self._commune, self._subject, changed, now=now)
