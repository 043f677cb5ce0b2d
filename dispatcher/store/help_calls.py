"""Calls for help: each kept with the request itself, taken by somebody, ended in words.

A telephone that asks twice has one call until somebody has ended it; then it has another.
"""

import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, case, func, select, text, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from dispatcher.store.clock import db_now
from dispatcher.store.following_tables import OPEN, help_calls
from dispatcher.store.help_owners import ALONE, ANEW, OWNED
from dispatcher.store.ledger import Ledger
from dispatcher.store.logbook import append_all
from dispatcher.store.outgoing import alerts, versions
from dispatcher.store.statements import insert_for, insert_in
from dispatcher.store.versions import Chained

OUTCOMES = ("team_sent", "called_back", "passed_on", "no_action")
HELP = "help"  # the kind of an answer, or of a reply
ONE_CRY_S = 10.0
A_PAGE = 200
SHOWN_DAYS_S = 3 * 86_400.0  # an ended call is listed that long


@dataclass(frozen=True)
class Cry:
    """A request for help as it comes in; `contact_mark` is empty where the number is hidden."""

    commune: str
    via: str
    contact_mark: str
    version_id: str | None = None
    delivery_id: str | None = None
    sid: str | None = None


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


# One SMS answers each message of its number, within the same instant.
_LONG_AGO = help_calls.c.came_at < db_now() - ONE_CRY_S
_OF_HER = and_(_LONG_AGO, help_calls.c.owner.is_not(None))
_SINCE = func.coalesce(help_calls.c.anew_at, db_now())  # crying on puts the clock back for nobody


async def keep_cry(connection: AsyncConnection, cry: Cry) -> None:
    """Keep a request for help inside the transaction that keeps what was answered.

    Asked again while a call is open, it is the same call, asked again.
    """
    alert, mode = await _alert_of(connection, cry)
    asked = insert_for(connection, help_calls).values(
        commune=cry.commune,
        call_id=secrets.token_hex(8),
        alert_id=alert,
        mode=mode,
        subject=_subject(cry),
        delivery_id=cry.delivery_id,
        sid=cry.sid,
        via=cry.via,
        came_at=db_now(),
    )
    await connection.execute(asked.on_conflict_do_update(**_asked_again()))


@dataclass(frozen=True)
class DoorCry:
    """Somebody behind a door needs help, says who knocked; `report_id` is what was found there."""

    alert_id: str
    mode: str
    mission: str
    door: str
    report_id: str


def keep_door_cry(connection: Connection, commune: str, cry: DoorCry) -> None:
    """Keep a call for help of a door inside the transaction of its report, as `keep_cry` does."""
    asked = insert_in(connection.dialect.name, help_calls).values(
        commune=commune,
        call_id=secrets.token_hex(8),
        alert_id=cry.alert_id,
        mode=cry.mode,
        subject=_hashed(f"{commune}\n{cry.mission}\n{cry.door}"),
        report_id=cry.report_id,
        via="door",
        came_at=db_now(),
    )
    connection.execute(asked.on_conflict_do_update(**_asked_again()))


def _asked_again() -> dict[str, Any]:
    return {
        "index_elements": ["commune", "alert_id", "subject"],
        "index_where": text(OPEN),
        "set_": {
            "again_at": case((_LONG_AGO, db_now()), else_=help_calls.c.again_at),
            "anew_at": case((_OF_HER, _SINCE), else_=help_calls.c.anew_at),
        },
    }


async def _alert_of(connection: AsyncConnection, cry: Cry) -> tuple[str, str]:
    if cry.version_id is None:
        return "", "real"
    same = and_(alerts.c.commune == versions.c.commune, alerts.c.alert_id == versions.c.alert_id)
    wanted = (
        select(alerts.c.alert_id, alerts.c.mode)
        .join(versions, same)
        .where(versions.c.commune == cry.commune, versions.c.version_id == cry.version_id)
    )
    row = (await connection.execute(wanted)).first()
    return (row.alert_id, row.mode) if row else ("", "real")


def _subject(cry: Cry) -> str:
    """Return what tells one telephone from another without holding its number."""
    said = cry.contact_mark or cry.sid or cry.delivery_id or ""
    return _hashed(f"{cry.commune}\n{said}")


def _hashed(said: str) -> str:
    return hashlib.sha256(said.encode()).hexdigest()[:32]


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
    """Tell whether the same telephone has an open call: an older one is not opened beside it."""
    this = select(help_calls.c.subject).where(_this(call.commune, call.call_id))
    wanted = select(func.count()).where(
        help_calls.c.commune == call.commune,
        help_calls.c.alert_id == call.alert_id,
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
