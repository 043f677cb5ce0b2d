"""Calls for help: each kept with the request itself, taken by somebody, ended in words.

Who asks twice has one call until somebody has ended it (`help_cries.py`); then she has another.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, case, func, select, update
from sqlalchemy.exc import IntegrityError

from dispatcher.store.clock import db_now
from dispatcher.store.following_tables import help_calls
from dispatcher.store.help_owners import ALONE, ANEW, OWNED
from dispatcher.store.ledger import Ledger
from dispatcher.store.logbook import append_all
from dispatcher.store.versions import Chained

OUTCOMES = ("team_sent", "called_back", "passed_on", "no_action")
HELP = "help"  # the kind of an answer, or of a reply
REGISTER = "register"  # how it came: noted in the opened register of vulnerable people
A_PAGE = 200
SHOWN_DAYS_S = 3 * 86_400.0  # an ended call is listed that long


@dataclass(frozen=True)
class HelpCall:
    """A call for help as the ledger holds it; instants are epoch seconds.

    `owned`: its owner still may have it. `anew_at` is when it was first asked again of an owner who
    has done nothing with it since.
    """

    commune: str
    call_id: str
    alert_id: str
    mode: str
    via: str
    delivery_id: str | None
    sid: str | None
    came_at: float
    again_at: float | None
    anew_at: float | None
    owner: str | None
    owned_at: float | None
    rung_at: float | None
    tried_at: float | None
    outcome: str | None
    note: str
    passed_at: float | None
    passed_ref: str
    closed_by: str | None
    closed_at: float | None
    mission: str | None  # that was made of it
    report_id: str | None  # of the door where somebody needs help
    owned: bool

    @property
    def left(self) -> bool:
        """Whether somebody had it whose access has ended since."""
        return self.owner is not None and not self.owned

    @property
    def waits_since(self) -> float | None:
        """Since when it waits for somebody to do something; None where its owner is at it."""
        return self.anew_at if self.owned else self.came_at

    @property
    def is_open(self) -> bool:
        """Whether nobody has ended it."""
        return self.closed_at is None

    @property
    def again(self) -> str:
        """When it was asked for again, ISO 8601 in UTC; empty where it was not."""
        if self.again_at is None:
            return ""
        return datetime.fromtimestamp(self.again_at, UTC).isoformat(timespec="seconds")

    @property
    def nobody_at(self) -> float | None:
        """When it was to be rung for last and nobody could be called; None where she was called."""
        tried = self.tried_at
        return tried if tried is not None and tried > (self.rung_at or 0.0) else None


_KEPT = [name for name in HelpCall.__dataclass_fields__ if name in help_calls.c]
_COLUMNS = [*(help_calls.c[name] for name in _KEPT), OWNED.label("owned")]
_URGENCY = case((ANEW, 0), (ALONE, 1), else_=2)


async def open_calls(
    ledger: Ledger, commune: str, *, limit: int = A_PAGE, after: int = 0
) -> list[HelpCall]:
    """Return the calls that nobody has ended: asked again, then without an owner, the oldest first.

    A page of them: at most `limit`, without the first `after`.
    """
    wanted = (
        select(*_COLUMNS)
        .where(help_calls.c.commune == commune, help_calls.c.closed_at.is_(None))
        .order_by(_URGENCY, help_calls.c.came_at, help_calls.c.call_id)
        .limit(limit)
        .offset(after)
    )
    # In one hop: every live screen's reader asks again and again.
    rows = await ledger.read(lambda connection: connection.execute(wanted).all())
    return [_call(row) for row in rows]


async def ended_calls(ledger: Ledger, commune: str, *, limit: int = 200) -> list[HelpCall]:
    """Return the calls of the last days that were ended, the latest end first."""
    wanted = (
        select(*_COLUMNS)
        .where(
            help_calls.c.commune == commune,
            help_calls.c.closed_at.is_not(None),
            help_calls.c.came_at > db_now() - SHOWN_DAYS_S,
        )
        .order_by(help_calls.c.closed_at.desc(), help_calls.c.call_id)
        .limit(limit)
    )
    async with ledger.reading() as connection:
        return [_call(row) for row in await connection.execute(wanted)]


async def call_of(ledger: Ledger, commune: str, call_id: str) -> HelpCall | None:
    """Return one call; None where there is none."""
    async with ledger.reading() as connection:
        row = (await connection.execute(select(*_COLUMNS).where(_this(commune, call_id)))).first()
    return _call(row) if row else None


async def change_call(
    ledger: Ledger, call: HelpCall, *, values: Mapping[str, object], line: Chained
) -> bool:
    """Change a call as it was read; False: somebody was faster, nothing is written.

    Whoever asked again is answered by it. A value `NOW` is the database's own instant.
    """
    try:
        return await ledger.write(lambda one: change_in(one, call, values=values, line=line))
    except IntegrityError:  # the same telephone asked again, at this very instant
        return False


def change_in(
    connection: Connection, call: HelpCall, *, values: Mapping[str, object], line: Chained
) -> bool:
    """Change a call inside the caller's transaction, as `change_call` does."""
    as_read = and_(
        _this(call.commune, call.call_id),
        help_calls.c.owner.is_not_distinct_from(call.owner),
        help_calls.c.closed_at.is_not_distinct_from(call.closed_at),
    )
    # A cry that came since is not ended unread, nor answered by who has the call and keeps it.
    if values.get("closed_at") is NOW or "owner" not in values:
        as_read = and_(as_read, help_calls.c.again_at.is_not_distinct_from(call.again_at))
    written = {name: db_now() if value is NOW else value for name, value in values.items()}
    written["anew_at"] = None
    if written.get("closed_at", "") is None and _asks_again(connection, call):
        return False
    done = connection.execute(update(help_calls).where(as_read).values(**written))
    if done.rowcount == 0:
        return False
    append_all(connection, commune=call.commune, entries=(line.entry,), key=line.key)
    return True


def _asks_again(connection: Connection, call: HelpCall) -> bool:
    """Tell whether the same one has an open call: an older one is not opened beside it."""
    this = select(help_calls.c.subject).where(_this(call.commune, call.call_id))
    wanted = select(func.count()).where(
        help_calls.c.commune == call.commune,
        help_calls.c.mode == call.mode,
        help_calls.c.subject == this.scalar_subquery(),
        help_calls.c.closed_at.is_(None),
    )
    return bool(connection.execute(wanted).scalar_one())


class _Now:
    """The instant at which a change is written."""


NOW = _Now()


def _this(commune: str, call_id: str) -> ColumnElement[bool]:
    return and_(help_calls.c.commune == commune, help_calls.c.call_id == call_id)


def _call(row: Row[Any]) -> HelpCall:
    return HelpCall(**row._mapping)
