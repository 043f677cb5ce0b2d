"""Columns of a commune kept in memory while its homes and its addresses stay: read once, not often.

The ledger draws a new mark at each change of a home (a trigger, whoever writes) and of the address
base; under the same mark the columns and their indexes are those of the look before.
"""

from collections import OrderedDict
from collections.abc import Awaitable, Callable, Sized
from typing import Generic, TypeVar

from dispatcher.store.ledger import Ledger
from dispatcher.store.places import homes_mark

Columns = TypeVar("Columns", bound=Sized)
MOST_ROWS = 2_000_000  # kept in all: about 120 bytes each


class KeptColumns(Generic[Columns]):
    """The columns of the last communes asked for, the least used forgotten first."""

    def __init__(self, read: Callable[[Ledger, str], Awaitable[Columns]]) -> None:
        """Start with nothing; `read` gives a commune's columns as the ledger holds them."""
        self._read = read
        self._kept: OrderedDict[tuple[str, int], Columns] = OrderedDict()

    async def of(self, ledger: Ledger, commune: str) -> Columns:
        """Return the columns as the ledger holds them now."""
        mark = await homes_mark(ledger, commune)  # before: what is newer is read again next time
        if mark is not None and (kept := self._kept.get((commune, mark))) is not None:
            self._kept.move_to_end((commune, mark))
            return kept
        columns = await self._read(ledger, commune)
        if mark is not None:
            for old in [key for key in self._kept if key[0] == commune]:
                del self._kept[old]
            self._kept[commune, mark] = columns
            while sum(map(len, self._kept.values())) > MOST_ROWS:
                self._kept.popitem(last=False)
        return columns
