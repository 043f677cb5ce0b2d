"""Who is in the fault bench: an audience and, beside it, people that nothing or little may reach.

Their numbers follow each other, so that who got what is told from a phone alone. The numbers
cannot exist: none in France begins with +33 00.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import overload

from typing_extensions import override

from dispatcher.store.ledger import Ledger
from dispatcher.store.people import Contact
from tests.outgoing import Inhabitant, settle_in

BATCH = 5000
PREFIX = "+3300"


def phone_of(number: int) -> str:
    """Return the impossible phone of a person."""
    return f"{PREFIX}{number:07d}"


def number_of(phone: str) -> int | None:
    """Return whose phone it is, None for one that we never made."""
    digits = phone.removeprefix(PREFIX)
    return int(digits) if len(digits) == 7 and digits.isdigit() else None


class Crowd(Sequence[Inhabitant]):
    """People made as they are looked at: a million of them take no room."""

    def __init__(self, numbers: range) -> None:
        self.numbers = numbers

    @override
    def __len__(self) -> int:
        return len(self.numbers)

    @overload
    def __getitem__(self, at: int) -> Inhabitant: ...
    @overload
    def __getitem__(self, at: slice) -> "Crowd": ...
    @override
    def __getitem__(self, at: int | slice) -> "Inhabitant | Crowd":
        if isinstance(at, slice):
            return Crowd(self.numbers[at])
        number = self.numbers[at]
        return Inhabitant(f"p{number:07d}", (Contact("mobile", phone_of(number)),))


@dataclass(frozen=True)
class Crowds:
    """`audience` is warned; `stopped` and `expired` in part; `rehearsed` and `strangers` never."""

    rows: int

    @property
    def audience(self) -> range:
        """Give those whom the alert goes to."""
        return range(self.rows)

    @property
    def stopped(self) -> range:
        """Give those of an alert that is cancelled while it leaves."""
        return self._after(self.audience, max(200, self.rows // 50))

    @property
    def expired(self) -> range:
        """Give those of an alert that expires while it leaves."""
        return self._after(self.stopped, len(self.stopped))

    @property
    def rehearsed(self) -> range:
        """Give those of a rehearsal."""
        return self._after(self.expired, 50)

    @property
    def strangers(self) -> range:
        """Give those whom nobody chose."""
        return self._after(self.rehearsed, max(50, self.rows // 100))

    @staticmethod
    def _after(before: range, size: int) -> range:
        return range(before.stop, before.stop + size)


async def settle_all(ledger: Ledger, crowds: Crowds) -> None:
    """Write everybody, some thousands at a time."""
    for part in _parts(Crowd(range(crowds.strangers.stop))):
        await settle_in(ledger, part)


def _parts(people: Crowd) -> Iterator[Crowd]:
    for start in range(0, len(people), BATCH):
        yield people[start : start + BATCH]
