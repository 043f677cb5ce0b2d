"""What is kept in memory of the last communes asked for, the least used forgotten first."""

from collections import OrderedDict
from collections.abc import Sized
from typing import Generic, TypeVar

Columns = TypeVar("Columns", bound=Sized)
MOST_ROWS = 2_000_000  # kept in all: about 120 bytes each


class KeptColumns(Generic[Columns]):
    """Columns by commune."""

    def __init__(self) -> None:
        """Start with nothing."""
        self._kept: OrderedDict[str, Columns] = OrderedDict()

    def get(self, commune: str) -> Columns | None:
        """Return what is kept of a commune, which is then the last to be forgotten."""
        if commune in self._kept:
            self._kept.move_to_end(commune)
        return self._kept.get(commune)

    def put(self, commune: str, columns: Columns) -> None:
        """Keep these in the place of what was kept of the commune."""
        self._kept[commune] = columns
        self._kept.move_to_end(commune)
        while sum(map(len, self._kept.values())) > MOST_ROWS:
            self._kept.popitem(last=False)
