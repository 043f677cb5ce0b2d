"""How far the ledger has come, and whether anything may leave: one row for all communes."""

from dataclasses import dataclass

from sqlalchemy import Connection, select, update

from dispatcher.store import edition
from dispatcher.store.ledger import Ledger
from dispatcher.store.outgoing import progress

# A ledger that goes on after a restoration counts from far above what any folder remembers.
ERA = 10**12


class LedgerHeld(Exception):
    """Nothing may leave: a backup was put back and nobody let it go on, or another edition has it.

    Which of the two is asked afterwards, by `progress_of`.
    """


@dataclass(frozen=True)
class Progress:
    """The ledger's own name, its count of windows, since when it is held, when it was let go."""

    ledger_id: str
    windows: int
    restored_at: float | None
    let_go_at: float | None = None

    @property
    def held(self) -> bool:
        """Tell whether nothing may leave."""
        return self.restored_at is not None


def count_window(connection: Connection) -> int:
    """Count one window more inside the caller's transaction. Raises LedgerHeld."""
    counted = connection.execute(_COUNT, edition.ours()).scalar_one_or_none()
    if counted is None:
        raise LedgerHeld
    return int(counted)


_COUNT = (
    update(progress)
    .where(progress.c.restored_at.is_(None), edition.IS_OURS)
    .values(windows=progress.c.windows + 1)
    .returning(progress.c.windows)
)


async def progress_of(ledger: Ledger) -> Progress:
    """Return how far the ledger has come. Raises OtherEdition where another edition has it."""

    def look(connection: Connection) -> Progress:
        if not edition.is_ours(connection):
            raise edition.OtherEdition
        return Progress(**connection.execute(select(progress)).one()._mapping)

    return await ledger.read(look)
