"""Users of the console and their sessions; passwords and session tokens only as hashes."""

from dataclasses import dataclass

from sqlalchemy import and_, select, true, update
from sqlalchemy.ext.asyncio import AsyncConnection

from dispatcher.store.clock import db_now
from dispatcher.store.ledger import Ledger
from dispatcher.store.logbook import Entry, append
from dispatcher.store.statements import insert_for
from dispatcher.store.tables import sessions, users

IDLE_S = 12 * 3600.0  # a live-crisis screen is never thrown out while it is used


@dataclass(frozen=True)
class User:
    """Someone who may sign in, in one commune, with the function she holds there."""

    commune: str
    login: str
    name: str
    function: str


@dataclass(frozen=True)
class Credentials:
    """What a sign-in is judged by."""

    user: User
    password_hash: str
    totp_secret: str | None
    totp_used: int | None


async def put_user(
    ledger: Ledger,
    user: User,
    *,
    password_hash: str,
    totp_secret: str | None,
    line: tuple[Entry, bytes],
) -> None:
    """Create a user or change one (password, function, name), with its line in the logbook.

    Sessions that were open end: what they were opened with counts no more.
    """
    values = {
        "name": user.name,
        "function": user.function,
        "password_hash": password_hash,
        "totp_secret": totp_secret,
        "disabled_at": None,
    }
    async with ledger.writing() as connection:
        statement = insert_for(connection, users).values(
            commune=user.commune, login=user.login, **values
        )
        await connection.execute(
            statement.on_conflict_do_update(index_elements=["commune", "login"], set_=values)
        )
        await _end_sessions(connection, user.commune, user.login)
        await append(connection, commune=user.commune, entry=line[0], key=line[1])


async def disable_user(
    ledger: Ledger, commune: str, login: str, *, line: tuple[Entry, bytes]
) -> bool:
    """Take someone's access away at once, sessions included; False when there was none."""
    mine = and_(users.c.commune == commune, users.c.login == login, users.c.disabled_at.is_(None))
    async with ledger.writing() as connection:
        done = await connection.execute(update(users).where(mine).values(disabled_at=db_now()))
        if done.rowcount == 0:
            return False
        await _end_sessions(connection, commune, login)
        await append(connection, commune=commune, entry=line[0], key=line[1])
    return True


async def _end_sessions(connection: AsyncConnection, commune: str, login: str) -> None:
    open_ones = and_(
        sessions.c.commune == commune,
        sessions.c.login == login,
        sessions.c.revoked_at.is_(None),
    )
    await connection.execute(update(sessions).where(open_ones).values(revoked_at=db_now()))


async def credentials(ledger: Ledger, commune: str, login: str) -> Credentials | None:
    """Return what to judge a sign-in by; None for nobody, or somebody disabled."""
    wanted = select(users).where(
        users.c.commune == commune, users.c.login == login, users.c.disabled_at.is_(None)
    )
    async with ledger.reading() as connection:
        row = (await connection.execute(wanted)).first()
    if row is None:
        return None
    return Credentials(
        User(row.commune, row.login, row.name, row.function),
        row.password_hash,
        row.totp_secret,
        row.totp_used,
    )


async def open_session(
    ledger: Ledger, user: User, *, session_hash: str, totp_step: int | None
) -> bool:
    """Keep a new session; False when this one-time code opened another one meanwhile."""
    async with ledger.writing() as connection:
        unused = users.c.totp_used.is_(None) | (users.c.totp_used < (totp_step or 0))
        mine = and_(users.c.commune == user.commune, users.c.login == user.login)
        moved = await connection.execute(
            update(users)
            .where(mine, users.c.disabled_at.is_(None), unused if totp_step else true())
            .values(totp_used=totp_step or users.c.totp_used)
        )
        if moved.rowcount == 0:
            return False
        await connection.execute(
            sessions.insert().values(
                commune=user.commune,
                session_hash=session_hash,
                login=user.login,
                created_at=db_now(),
                seen_at=db_now(),
            )
        )
    return True


async def user_of_session(ledger: Ledger, session_hash: str) -> User | None:
    """Return who holds a live session; None when it ended, idled out or was revoked."""
    wanted = (
        select(users.c.commune, users.c.login, users.c.name, users.c.function)
        .join(
            sessions,
            and_(sessions.c.commune == users.c.commune, sessions.c.login == users.c.login),
        )
        .where(
            sessions.c.session_hash == session_hash,
            sessions.c.revoked_at.is_(None),
            sessions.c.seen_at > db_now() - IDLE_S,
            users.c.disabled_at.is_(None),
        )
    )
    async with ledger.reading() as connection:
        row = (await connection.execute(wanted)).first()
    return User(*row) if row else None


async def anyone_signed_in(ledger: Ledger, commune: str) -> bool:
    """Tell whether anybody of the commune has ever opened a session."""
    first = select(sessions.c.login).where(sessions.c.commune == commune).limit(1)
    async with ledger.reading() as connection:
        return (await connection.execute(first)).first() is not None


async def touch_session(ledger: Ledger, session_hash: str, *, at_most_every_s: float) -> None:
    """Note that a session is in use, not more often than told: a page is no write."""
    stale = and_(
        sessions.c.session_hash == session_hash, sessions.c.seen_at < db_now() - at_most_every_s
    )
    async with ledger.reading() as look:
        if (await look.execute(select(sessions.c.login).where(stale))).first() is None:
            return
    async with ledger.writing() as connection:
        await connection.execute(update(sessions).where(stale).values(seen_at=db_now()))


async def revoke_session(ledger: Ledger, session_hash: str) -> None:
    """End a session at once."""
    async with ledger.writing() as connection:
        await connection.execute(
            update(sessions)
            .where(sessions.c.session_hash == session_hash, sessions.c.revoked_at.is_(None))
            .values(revoked_at=db_now())
        )
