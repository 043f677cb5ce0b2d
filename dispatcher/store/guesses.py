"""Tries to sign in, counted before they are judged, whether or not the name is known."""

import hashlib
from dataclasses import dataclass

from sqlalchemy import and_, delete, or_, select, update

from dispatcher.store.clock import db_now
from dispatcher.store.ledger import Ledger
from dispatcher.store.statements import insert_missing
from dispatcher.store.tables import guesses

FORGOTTEN_S = 24 * 3600.0
FREE_FAILURES = 3
LOCKING_FAILURES = 10
LOCK_S = 900.0


@dataclass(frozen=True)
class Guess:
    """Whose name is tried in which commune, and from where (an address; empty when unknown).

    Tries from one place never lock the person out of another: nobody can be kept from a crisis by
    somebody else's guesses.
    """

    commune: str
    login: str
    source: str = ""

    @property
    def key(self) -> dict[str, str]:
        """Return the key of its row: neither names tried nor addresses are kept in clear."""
        return {
            "commune": self.commune,
            "login_hash": hashlib.sha256(self.login.encode()).hexdigest(),
            "source_hash": hashlib.sha256(self.source.encode()).hexdigest(),
        }


def wait_s(failures: int) -> float:
    """Return the wait after so many failures: none for three, doubling, then a lock at ten."""
    if failures <= FREE_FAILURES:
        return 0.0
    return LOCK_S if failures >= LOCKING_FAILURES else 2.0 ** (failures - FREE_FAILURES)


async def count_guess(ledger: Ledger, guess: Guess) -> float:
    """Count a try as failed, before it is judged; return 0, or the seconds to wait instead.

    Tries that race are counted one after the other, so that none slips past a wait. One that comes
    too early is not counted: the wait ends when it was said to.
    """
    mine = and_(*(guesses.c[name] == value for name, value in guess.key.items()))
    async with ledger.writing() as connection:
        await connection.execute(delete(guesses).where(guesses.c.tried_at < db_now() - FORGOTTEN_S))
        now = (await connection.execute(select(db_now()))).scalar_one()
        await insert_missing(connection, guesses, [{**guess.key, "tried_at": now}])
        free = or_(guesses.c.locked_until.is_(None), guesses.c.locked_until <= db_now())
        counted = await connection.execute(
            update(guesses)
            .where(mine, free)
            .values(failures=guesses.c.failures + 1, tried_at=db_now())
            .returning(guesses.c.failures)
        )
        failures = counted.scalar()
        if failures is None:
            until = (await connection.execute(select(guesses.c.locked_until).where(mine))).scalar()
            return max(1.0, (until or now) - now)
        await connection.execute(
            update(guesses).where(mine).values(locked_until=db_now() + wait_s(failures))
        )
    return 0.0


async def forget_guesses(ledger: Ledger, guess: Guess) -> None:
    """Forget the failures that came before a success."""
    mine = and_(*(guesses.c[name] == value for name, value in guess.key.items()))
    async with ledger.writing() as connection:
        await connection.execute(delete(guesses).where(mine))
