"""Sessions of the console: opened, in use, confirmed, listed, ended. Tokens are kept as hashes.

Alone for half an hour a session ends, and twelve hours after it began in any case (SECURITY T17).
While a crisis is led or an alert is in force neither throws anybody out: a screen that follows it
stays.
"""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, and_, delete, exists, or_, select, true, update
from sqlalchemy.ext.asyncio import AsyncConnection

from dispatcher.store.access_tables import recovery_codes
from dispatcher.store.clock import db_now
from dispatcher.store.crisis_tables import LED_STATES, events
from dispatcher.store.ledger import Ledger
from dispatcher.store.logbook import append
from dispatcher.store.outgoing import versions
from dispatcher.store.tables import sessions, users
from dispatcher.store.users import ENTITLED, KEEPS_FACTOR, User
from dispatcher.store.versions import SUMMONS, Chained

IDLE_S = 30 * 60.0
ABSOLUTE_S = 12 * 3600.0
CRISIS_IDLE_S = 12 * 3600.0
KEPT_S = 30 * 86_400.0  # an ended session is listed that long, then forgotten

_HERS = and_(users.c.commune == sessions.c.commune, users.c.login == sessions.c.login)
_LED = exists().where(
    events.c.commune == sessions.c.commune,
    events.c.state.in_(LED_STATES),
    sessions.c.seen_at > events.c.opened_at - IDLE_S,  # what had ended does not come back to life
)
_ALERTED = exists().where(
    versions.c.commune == sessions.c.commune,
    versions.c.state == "launched",
    versions.c.kind != SUMMONS,
    sessions.c.seen_at > versions.c.launched_at - IDLE_S,
    versions.c.cancelled_at.is_(None),
    versions.c.expires_at > db_now(),
)


FOLLOWABLE = or_(_ALERTED, _LED)  # there is a crisis, or an alert, to follow


def _alive() -> ColumnElement[bool]:
    usual = and_(
        sessions.c.seen_at > db_now() - IDLE_S, sessions.c.created_at > db_now() - ABSOLUTE_S
    )
    in_crisis = and_(sessions.c.seen_at > db_now() - CRISIS_IDLE_S, FOLLOWABLE)
    return and_(sessions.c.revoked_at.is_(None), ENTITLED, or_(usual, in_crisis))


@dataclass(frozen=True)
class Codes:
    """Codes that somebody showed; each serves once, with what it opens."""

    totp_step: int | None = None
    recovery_hash: str | None = None


NO_CODES = Codes()


@dataclass(frozen=True)
class NewSession:
    """What a session is opened with; `method` says how its holder showed who she is.

    `second` tells whether a second factor was shown; she will know the session again by its
    `source` (an address) and its `agent` (a browser).
    """

    ident: str
    digest: str
    method: str
    second: bool = False
    source: str = ""
    agent: str = ""
    codes: Codes = NO_CODES


@dataclass(frozen=True)
class Session:
    """A session that lives. `factor` is kept, waived (a demonstration), or none."""

    ident: str
    user: User
    method: str
    factor: str
    opened_at: float
    seen_at: float
    confirmed_at: float | None
    source: str
    agent: str


async def open_session(
    ledger: Ledger, user: User, new: NewSession, *, line: Chained | None = None
) -> bool:
    """Keep a new session; False when its one-time or recovery code opened another one meanwhile."""
    async with ledger.writing() as connection:
        if not await _use_up(connection, user, new.codes):
            return False
        now = db_now()
        await connection.execute(
            delete(sessions).where(
                sessions.c.commune == user.commune,
                sessions.c.login == user.login,
                sessions.c.seen_at < now - KEPT_S,
            )
        )
        await connection.execute(
            sessions.insert().values(
                commune=user.commune,
                session_id=new.ident,
                session_hash=new.digest,
                login=user.login,
                method=new.method,
                source=new.source,
                agent=new.agent,
                created_at=now,
                seen_at=now,
                confirmed_at=now if new.second else None,
            )
        )
        if line:
            await append(connection, commune=user.commune, entry=line.entry, key=line.key)
    return True


async def _use_up(connection: AsyncConnection, user: User, codes: Codes) -> bool:
    """Use codes up; False, and nothing kept, where she lost her access or one served already."""
    unused = users.c.totp_used.is_(None) | (users.c.totp_used < (codes.totp_step or 0))
    mine = and_(users.c.commune == user.commune, users.c.login == user.login)
    moved = await connection.execute(
        update(users)
        .where(mine, users.c.disabled_at.is_(None), unused if codes.totp_step else true())
        .values(totp_used=codes.totp_step or users.c.totp_used)
    )
    if moved.rowcount == 0 or codes.recovery_hash is None:
        return moved.rowcount > 0
    taken = await connection.execute(
        update(recovery_codes)
        .where(
            recovery_codes.c.commune == user.commune,
            recovery_codes.c.login == user.login,
            recovery_codes.c.code_hash == codes.recovery_hash,
            recovery_codes.c.used_at.is_(None),
        )
        .values(used_at=db_now())
    )
    if taken.rowcount == 0:
        await connection.rollback()
    return taken.rowcount > 0


async def session_of(ledger: Ledger, digest: str) -> Session | None:
    """Return the live session of a token's hash; None when it ended, idled out or was revoked."""
    async with ledger.reading() as connection:
        row = (await connection.execute(LIVING.where(sessions.c.session_hash == digest))).first()
    return _session(row) if row else None


async def sessions_of(ledger: Ledger, commune: str, login: str) -> list[Session]:
    """List someone's live sessions, the latest in use first."""
    wanted = LIVING.where(sessions.c.commune == commune, sessions.c.login == login)
    async with ledger.reading() as connection:
        rows = await connection.execute(wanted.order_by(sessions.c.seen_at.desc()))
        return [_session(row) for row in rows]


async def touch(
    ledger: Ledger, commune: str, ident: str, *, at_most_every_s: float, follows: bool = False
) -> None:
    """Note that a session is in use, not more often than told: a page is no write.

    A screen that only `follows` is in use while there is a crisis or an alert to follow.
    """
    stale = and_(
        sessions.c.commune == commune,
        sessions.c.session_id == ident,
        sessions.c.seen_at < db_now() - at_most_every_s,
        FOLLOWABLE if follows else true(),
    )
    async with ledger.reading() as look:
        if (await look.execute(select(sessions.c.login).where(stale))).first() is None:
            return
    async with ledger.writing() as connection:
        await connection.execute(update(sessions).where(stale).values(seen_at=db_now()))


async def confirm(
    ledger: Ledger, session: Session, *, digest: str, codes: Codes = NO_CODES
) -> bool:
    """Note that a second factor was shown again, under a new token; False for a used code."""
    async with ledger.writing() as connection:
        if not await _use_up(connection, session.user, codes):
            return False
        moved = await connection.execute(
            update(sessions)
            .where(
                sessions.c.commune == session.user.commune,
                sessions.c.session_id == session.ident,
                sessions.c.revoked_at.is_(None),
            )
            .values(session_hash=digest, confirmed_at=db_now(), seen_at=db_now())
        )
    return moved.rowcount > 0


async def end_session(
    ledger: Ledger, commune: str, login: str, ident: str, *, line: Chained | None = None
) -> bool:
    """End one session of someone at once; False when it is not hers, or over."""
    open_one = and_(
        sessions.c.commune == commune,
        sessions.c.login == login,
        sessions.c.session_id == ident,
        sessions.c.revoked_at.is_(None),
    )
    async with ledger.writing() as connection:
        done = await connection.execute(
            update(sessions).where(open_one).values(revoked_at=db_now())
        )
        if done.rowcount and line:
            await append(connection, commune=commune, entry=line.entry, key=line.key)
    return done.rowcount > 0


async def end_all(ledger: Ledger, commune: str, login: str, *, line: Chained) -> None:
    """End every session of someone at once."""
    async with ledger.writing() as connection:
        await end_sessions(connection, commune, login)
        await append(connection, commune=commune, entry=line.entry, key=line.key)


async def end_others(ledger: Ledger, session: Session, *, line: Chained) -> None:
    """End all of someone's sessions but this one."""
    user = session.user
    async with ledger.writing() as connection:
        await end_sessions(connection, user.commune, user.login, but=session.ident)
        await append(connection, commune=user.commune, entry=line.entry, key=line.key)


async def end_sessions(
    connection: AsyncConnection, commune: str, login: str, *, but: str = ""
) -> None:
    """End someone's sessions, inside the caller's transaction; `but` one that goes on."""
    open_ones = and_(
        sessions.c.commune == commune,
        sessions.c.login == login,
        sessions.c.revoked_at.is_(None),
        sessions.c.session_id != but,
    )
    await connection.execute(update(sessions).where(open_ones).values(revoked_at=db_now()))


LIVING: Select[Any] = (
    select(
        sessions.c.session_id,
        sessions.c.method,
        sessions.c.created_at,
        sessions.c.seen_at,
        sessions.c.confirmed_at,
        sessions.c.source,
        sessions.c.agent,
        users.c.commune,
        users.c.login,
        users.c.name,
        users.c.function,
        users.c.contact_id,
        users.c.until_event,
        users.c.waived,
        KEEPS_FACTOR.label("kept"),
    )
    .join(users, _HERS)
    .where(_alive())
)


def _session(row: Row[Any]) -> Session:
    return Session(
        ident=row.session_id,
        user=User(row.commune, row.login, row.name, row.function, row.contact_id, row.until_event),
        method=row.method,
        factor="kept" if row.kept else "waived" if row.waived else "none",
        opened_at=row.created_at,
        seen_at=row.seen_at,
        confirmed_at=row.confirmed_at,
        source=row.source,
        agent=row.agent,
    )
