"""A window of sends: the intent before the first byte, the settlement after the answers."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import Connection

from dispatcher.store import lines
from dispatcher.store.claims import Claimed
from dispatcher.store.crash_points import CrashPoint
from dispatcher.store.ledger import Ledger
from dispatcher.store.listed import rows_of
from dispatcher.store.progress import LedgerHeld, count_window
from dispatcher.store.unsent import PutOff, put_off_in
from dispatcher.store.window_words import BEGIN, CLOSE, END, HISTORY, SETTLE, TAKE


class Intended(NamedTuple):  # a million are made: a tuple is made in a fifth of the time
    """A delivery that may leave now: `number` counts its attempts from 1."""

    claimed: Claimed
    number: int


class Outcome(NamedTuple):
    """What became of one attempt, as the ledger will say it; instants are epoch seconds."""

    intended: Intended
    state: str
    outcome: str
    delay_s: float = 0.0
    reference: str | None = None
    status: str | None = None
    rank: int = 0
    reason: str | None = None
    doubt: bool = False
    tried: str = ""

    @property
    def taken(self) -> bool:
        """Whether the provider took it, and nothing more is to be said of it."""
        more = self.delay_s or self.reason or self.doubt or self.tried
        return self.state == "accepted" and not more


async def intend(
    ledger: Ledger,
    window: Sequence[Claimed],
    *,
    owner: str,
    provider: str,
    in_progress: int | None = None,
) -> list[Intended]:
    """Commit that these will be sent; leave out, and close, what may not leave any more.

    A row whose version was cancelled or expired, or whose every reader unsubscribed, is settled
    here; a row whose lease was lost is simply not returned. With `in_progress`, no more are taken
    than the account has free lines: the others are given back, with no attempt counted. Of a
    ledger that was put back from a backup nothing leaves before someone said so
    (`dispatcher.delivery.restoration`); nor of one that another edition works with.
    """
    named = {(row.commune, row.version_id) for row in window}
    lease_s = ledger.timing.send_lease_s

    def act(connection: Connection) -> tuple[list[Intended], int]:
        ends = {one: _end(connection, one) for one in sorted(named)}
        live = [row for row in window if not ends[row.commune, row.version_id]]
        taken = live
        if in_progress is not None:
            taken = live[: lines.free_in(connection, provider=provider, in_progress=in_progress)]
            back = [PutOff(row, lines.AGAIN_S) for row in live[len(taken) :]]
            put_off_in(connection, back, owner=owner)
        given = {"held_by": owner, "by": provider, "lease_s": lease_s, **_listed(taken, ends)}
        begun: Sequence[Any] = connection.execute(BEGIN[ledger.dialect], given).all()
        numbers: dict[int, int] = {row[0]: row[1] for row in begun}
        if len(numbers) < len(window):
            left = [row for row in window if row.serial not in numbers]
            closing = {"held_by": owner, **_listed(left, ends)}
            connection.execute(CLOSE[ledger.dialect], closing)
        intended = [Intended(row, numbers[row.serial]) for row in window if row.serial in numbers]
        return intended, count_window(connection)  # last: other workers wait for it

    try:
        intended, windows = await ledger.write(act)
    except LedgerHeld:
        return []
    if ledger.high_water is not None:
        ledger.high_water.reach(windows)
    ledger.passing(CrashPoint.CP4)
    return intended


def _end(connection: Connection, named: tuple[str, str]) -> str:
    """Say how a version ended; an empty text for one that is live."""
    end = connection.execute(END, {"of_commune": named[0], "of_version": named[1]}).scalar_one()
    return str(end)


def _listed(rows: Sequence[Claimed], ends: Mapping[tuple[str, str], str]) -> dict[str, str]:
    return rows_of([(*row.held, ends[row.commune, row.version_id]) for row in rows])


async def settle(ledger: Ledger, outcomes: Sequence[Outcome], *, owner: str) -> None:
    """Write what became of a window, in one transaction.

    A row that moved on meanwhile (an early receipt, a lease lost) keeps its newer state.
    """
    if not outcomes:
        return
    ledger.passing(CrashPoint.CP6)
    taken = [_taking(one) for one in outcomes if one.taken]
    others = [_row(one) for one in outcomes if not one.taken]
    failed = [_row(one) for one in outcomes if one.outcome != "accepted"]
    held, words = {"held_by": owner}, ledger.dialect

    def act(connection: Connection) -> None:
        if taken:
            connection.execute(TAKE[words], held | rows_of(taken))
        if others:
            connection.execute(SETTLE[words], held | rows_of(others))
        if failed:
            connection.execute(HISTORY[words], rows_of(failed))

    await ledger.write(act)


def _taking(outcome: Outcome) -> tuple[object, ...]:
    claimed = outcome.intended.claimed
    return (*claimed.held, outcome.reference, outcome.status, outcome.rank)


def _row(outcome: Outcome) -> tuple[object, ...]:
    claimed = outcome.intended.claimed
    return (
        *claimed.held, outcome.intended.number, outcome.state, outcome.outcome, outcome.delay_s,
        outcome.reference, outcome.status, outcome.rank, outcome.reason, int(outcome.doubt),
        outcome.tried,
    )  # fmt: skip
