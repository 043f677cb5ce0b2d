"""How far each partner was told: who has its turn, until when, what failed, where to go on.

One turn at a time has a partner, for as long as it says and a margin; what it writes counts only
while it still has it.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, and_, case, or_, select, update

from dispatcher.store.announcements import announce
from dispatcher.store.clock import db_now
from dispatcher.store.field_filing import TURN
from dispatcher.store.ledger import Ledger
from dispatcher.store.logbook import append
from dispatcher.store.partner_messages import (
    Answer,
    Answered,
    Message,
    keep_answers,
    key_of,
    taken_before,
)
from dispatcher.store.partner_registry import Told
from dispatcher.store.partner_tables import partners
from dispatcher.store.turns import take_turns

HELD_S = 30.0  # longer than a whole try (10 s), a page of events read, and the ledger's answer


@dataclass(frozen=True)
class Turn:
    """A partner's turn, taken: through which line it was told, how often the next one failed.

    `refused` of its tries, the last ones, refused it; `passed` events were passed over before it.
    """

    commune: str
    partner: str
    holder: str
    through: int
    tries: int
    failing_at: float | None
    refused: int = 0
    passed: int = 0


_PUSHED = and_(
    partners.c.agreed_at.is_not(None),
    partners.c.ended_at.is_(None),
    partners.c.url != "",
    partners.c.push_stopped_at.is_(None),
)
_DUE = and_(_PUSHED, or_(partners.c.push_at.is_(None), partners.c.push_at <= db_now()))


async def due(ledger: Ledger) -> dict[tuple[str, str], int]:
    """Return the partners, by commune, that somebody may take in hand now: told through where."""
    wanted = select(partners.c.commune, partners.c.partner, partners.c.pushed_through).where(_DUE)

    def look(connection: Connection) -> dict[tuple[str, str], int]:
        rows = connection.execute(wanted)
        return {(row.commune, row.partner): row.pushed_through for row in rows}

    return await ledger.read(look)


async def take(ledger: Ledger, commune: str, partner: str, *, holder: str) -> Turn | None:
    """Take a partner's turn; None where another has it, or it is not due."""

    def act(connection: Connection) -> Turn | None:
        mine = _this(commune, partner)
        taken = connection.execute(
            update(partners).where(mine, _DUE).values(push_holder=holder, push_at=db_now() + HELD_S)
        )
        if taken.rowcount == 0:
            return None
        row = connection.execute(select(partners).where(mine)).one()
        through, tries, failing = row.pushed_through, row.push_tries, row.push_failing_at
        refused, passed = row.push_refused, row.push_passed
        return Turn(commune, partner, holder, through, tries, failing, refused, passed)

    return await ledger.write(act)


_NONE_FAILED: Mapping[str, object] = {
    "push_tries": 0,
    "push_refused": 0,
    "push_problem": "",
    "push_failing_at": None,
}


def _kept() -> dict[str, object]:
    return {"push_at": db_now() + HELD_S}


async def told(ledger: Ledger, turn: Turn, *, through: int) -> bool:
    """Note that it took what is told through this line, and keep the turn; False: it is lost."""
    return await _write(ledger, turn, pushed_through=through, **_NONE_FAILED, **_kept())


async def done(ledger: Ledger, turn: Turn, *, through: int) -> bool:
    """Give the turn back: there is nothing more to tell through this line."""
    return await _write(ledger, turn, push_holder=None, push_at=None, pushed_through=through)


async def failed(
    ledger: Ledger, turn: Turn, *, problem: str, again_in_s: float, refused: bool = False
) -> bool:
    """Note that it took nothing, and give the turn back until the next try."""
    since = turn.failing_at if turn.failing_at is not None else db_now()
    return await _write(
        ledger,
        turn,
        push_tries=partners.c.push_tries + 1,
        push_refused=partners.c.push_refused + 1 if refused else 0,
        push_problem=problem,
        push_failing_at=since,
        push_at=db_now() + again_in_s,
        push_holder=None,
    )


async def _write(ledger: Ledger, turn: Turn, **values: object) -> bool:
    held = _held(turn)

    def act(connection: Connection) -> bool:
        return connection.execute(update(partners).where(held).values(**values)).rowcount > 0

    return await ledger.write(act)


async def pass_over(ledger: Ledger, turn: Turn, told: Told, *, number: int) -> bool:
    """Go on behind an event that it refuses each time; it is told by a replay from before it."""
    first = case((partners.c.push_passed == 0, number - 1), else_=partners.c.push_passed_after)
    passed = {"push_passed": partners.c.push_passed + 1, "push_passed_after": first}
    return await _tell(
        ledger, turn, told, {"pushed_through": number, **passed, **_NONE_FAILED, **_kept()}
    )


async def stop(ledger: Ledger, turn: Turn, told: Told, *, problem: str) -> bool:
    """Tell it nothing more: it said so itself. Its line and its announcement with it."""
    values = {
        "push_stopped_at": db_now(),
        "push_problem": problem,
        "push_holder": None,
        "push_at": None,
    }
    return await _tell(ledger, turn, told, values)


async def _tell(ledger: Ledger, turn: Turn, told: Told, values: Mapping[str, object]) -> bool:
    held = _held(turn)
    async with ledger.writing() as connection:
        moved = await connection.execute(update(partners).where(held).values(values))
        if moved.rowcount == 0:
            return False
        if told.announcement:
            await announce(connection, turn.commune, told.announcement)
        line = told.line
        await append(connection, commune=turn.commune, entry=line.entry, key=line.key)
    return True


@dataclass(frozen=True)
class Restart:
    """A new start: from a cursor, or None, from where it stopped; asked by a message of its own."""

    through: int | None = None
    message: Message | None = None
    answer: Answer | None = None


async def restart(
    ledger: Ledger, commune: str, partner: str, told: Told, *, asked: Restart
) -> Answered | None:
    """Try it again now; a message that asked so before changes nothing, and is answered as then.

    None where it is not let in. Whoever has its turn loses it: it goes on from the cursor.
    """
    async with ledger.writing() as connection:
        await take_turns(connection, "accesses", commune=commune)
        # A partner's messages are dated one after the other, as the intake does: its log, that
        # is read on from the last, never has one before it that shows later.
        await take_turns(connection, TURN, commune=commune)
        before = await connection.run_sync(_asked_before, asked)
        if before is not None:
            return before
        if not await connection.run_sync(_restarted, commune, partner, asked):
            return None
        line = told.line
        await append(connection, commune=commune, entry=line.entry, key=line.key)
    return Answered(asked.message.digest if asked.message else "", asked.answer or Answer(200, {}))


def _asked_before(connection: Connection, asked: Restart) -> Answered | None:
    if asked.message is None:
        return None
    return taken_before(connection, [asked.message]).get(key_of(asked.message))


def _restarted(connection: Connection, commune: str, partner: str, asked: Restart) -> bool:
    values: dict[str, object] = {
        **_NONE_FAILED,
        "push_stopped_at": None,
        "push_holder": None,
        "push_at": None,
    }
    if asked.through is not None:
        # Back only: what was never told is told first, however little is asked for again.
        held = partners.c.pushed_through
        values["pushed_through"] = case((held < asked.through, held), else_=asked.through)
        later = partners.c.push_passed_after < asked.through  # those before are still to be told
        values["push_passed"] = case((later, partners.c.push_passed), else_=0)
    live = and_(partners.c.agreed_at.is_not(None), partners.c.ended_at.is_(None))
    moved = connection.execute(update(partners).where(_this(commune, partner), live).values(values))
    if moved.rowcount and asked.message is not None and asked.answer is not None:
        now = connection.execute(select(db_now())).scalar_one()
        keep_answers(connection, [(asked.message, asked.answer)], now=now)
    return moved.rowcount > 0


def _held(turn: Turn) -> ColumnElement[bool]:
    """Return that the turn is not another's, and the partner was not ended meanwhile."""
    mine = _this(turn.commune, turn.partner)
    return and_(mine, partners.c.push_holder == turn.holder, partners.c.ended_at.is_(None))


def _this(commune: str, partner: str) -> ColumnElement[bool]:
    return and_(partners.c.commune == commune, partners.c.partner == partner)
