"""The register as a machine: what a town hall does to it, against a model that knows the law."""

import asyncio
import itertools
from collections.abc import Callable
from dataclasses import dataclass, replace

from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    MultipleResults,
    RuleBasedStateMachine,
    consumes,
    invariant,
    multiple,
    precondition,
    rule,
)

from dispatcher.alerts.refusals import NotNow, NotThere
from dispatcher.store.vulnerable import AsSeen, count_of
from dispatcher.vulnerable import looking
from dispatcher.vulnerable.declaration import Declared, Whom
from dispatcher.vulnerable.keeping import GONE, LEFT, correct, remove
from dispatcher.vulnerable.register import Register
from tests.crises import MAYOR
from tests.registers import LEA, TODAY, filed_by

SURNAMES, FIRST = ("Henry", "HENRY", "Roux"), ("Ida", "Yves")
BORN = ("", "1931-03-17", "1940-01-09")
HOMES = ("3 quai Bas", "12 rue de la Sérolle")
WHO = st.builds(
    lambda surname, first, born, home: replace(
        LEA, surname=surname, first_names=first, born=born, address=home
    ),
    *(st.sampled_from(one) for one in (SURNAMES, FIRST, BORN, HOMES)),
)  # fmt: skip


@dataclass(frozen=True)
class Town:
    """A loop, and registers of communes where nobody is enrolled yet."""

    runner: asyncio.Runner
    next_register: Callable[[], Register]


@dataclass(frozen=True)
class Known:
    """A person as the model tells her from another: by her birth, or where it is unknown, home."""

    name: str
    born: str
    home: str

    @classmethod
    def of(cls, one: Declared) -> "Known":
        return cls(f"{one.surname.casefold()} {one.first_names}", one.born, one.address)

    def is_also(self, other: "Known") -> bool:
        """Whether both are one person: births decide where both are known."""
        if self.name != other.name:
            return False
        if self.born and other.born:
            return self.born == other.born
        return self.home == other.home


class RegisterMachine(RuleBasedStateMachine):
    """Requests, corrections, departures: nobody is lost, twice there, or brought back."""

    entries: Bundle[str] = Bundle("entries")

    def __init__(self, town: Town) -> None:
        super().__init__()
        self.run = town.runner.run
        self.register = town.next_register()
        self.there: dict[str, Declared] = {}
        self.left: list[Known] = []
        self.clicks = itertools.count()

    def _others(self, one: Declared, but: str = "") -> bool:
        known = Known.of(one)
        return any(
            known.is_also(Known.of(other)) for ident, other in self.there.items() if ident != but
        )

    @rule(target=entries, one=WHO, third=st.booleans())
    def request(self, one: Declared, third: bool) -> MultipleResults[str]:
        """Somebody asks: for herself, or a neighbour for her."""
        by = "third_party" if third else "person"
        if not third and not one.born:
            return multiple()
        typed = replace(one, asked_by=by, requester=Whom("Zoé Martin", "neighbour"))
        known = Known.of(one)
        refused = self._others(one) or (third and any(known.is_also(gone) for gone in self.left))
        click = f"clic-{next(self.clicks)}"
        try:
            entry = self.run(filed_by(self.register, typed, MAYOR, TODAY, click))
            again = self.run(filed_by(self.register, typed, MAYOR, TODAY, click))
        except NotNow:
            assert refused
            return multiple()
        assert not refused
        assert again == entry
        self.left = [gone for gone in self.left if not known.is_also(gone)]
        self.there[entry] = typed
        return multiple(entry)

    @precondition(lambda self: self.there)
    @rule(entry=entries, one=WHO)
    def correct(self, entry: str, one: Declared) -> None:
        """Her card is put right, unless it would then be another's."""
        if entry not in self.there:
            return
        before = self.there[entry]
        after = replace(one, asked_by="third_party", requester=before.requester)
        seen = self.run(looking.card(self.register, entry, reason="yearly", actor=MAYOR))
        change = correct(self.register, AsSeen(entry, seen.kept.revision), after, actor=MAYOR)
        back = any(Known.of(one).is_also(gone) for gone in self.left)
        try:
            self.run(change)
        except NotNow:
            assert self._others(one, but=entry) or back
            return
        assert not self._others(one, but=entry)
        assert not back
        self.there[entry] = after

    @precondition(lambda self: self.there)
    @rule(entry=consumes(entries), why=st.sampled_from(sorted(GONE)))
    def remove(self, entry: str, why: str) -> None:
        """She is removed, once."""
        if entry not in self.there:
            return
        gone = self.there.pop(entry)
        self.run(remove(self.register, entry, why, actor=MAYOR))
        if why in LEFT:
            self.left.append(Known.of(gone))
        try:
            self.run(remove(self.register, entry, why, actor=MAYOR))
        except NotThere:
            return
        raise AssertionError("removed twice")

    @invariant()
    def as_many_as_there_are(self) -> None:
        """Nobody is lost, nobody is there twice."""
        counted, _ = self.run(count_of(self.register.office.ledger, self.register.commune))
        assert counted == len(self.there)

    @invariant()
    def each_is_found_by_her_name(self) -> None:
        """Find all of a name by an exact search, as they are now, and nobody else."""
        for name in ("henry", "roux"):
            found = self.run(looking.search(self.register, name, reason="person", actor=MAYOR))
            wanted = {
                ident: one for ident, one in self.there.items() if one.surname.casefold() == name
            }
            assert {one.kept.entry_id for one in found} == set(wanted)
            for one in found:
                assert one.told.born == wanted[one.kept.entry_id].born
