"""Second factors and what stands in for them: a secret of one-time codes, recovery codes."""

from collections.abc import Sequence

from sqlalchemy import and_, delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from dispatcher.store.access_tables import recovery_codes
from dispatcher.store.clock import db_now
from dispatcher.store.identity_tables import identities
from dispatcher.store.ledger import Ledger
from dispatcher.store.logbook import append
from dispatcher.store.sessions import Session, end_sessions
from dispatcher.store.statements import insert_rows
from dispatcher.store.tables import sessions, users
from dispatcher.store.users import forget_keys
from dispatcher.store.versions import Chained


async def keep_totp(
    ledger: Ledger, session: Session, *, secret: str, step: int, line: Chained
) -> bool:
    """Keep someone's secret, shown right by the code of `step`; her other sessions end.

    Her own is confirmed by it. False when she lost her access meanwhile.
    """
    user = session.user
    mine = and_(
        users.c.commune == user.commune, users.c.login == user.login, users.c.disabled_at.is_(None)
    )
    async with ledger.writing() as connection:
        kept = await connection.execute(
            update(users).where(mine).values(totp_secret=secret, totp_used=step)
        )
        if kept.rowcount == 0:
            return False
        await end_sessions(connection, user.commune, user.login, but=session.ident)
        await connection.execute(
            update(sessions)
            .where(sessions.c.commune == user.commune, sessions.c.session_id == session.ident)
            .values(confirmed_at=db_now())
        )
        await append(connection, commune=user.commune, entry=line.entry, key=line.key)
    return True


async def keep_password(
    ledger: Ledger, session: Session, *, password_hash: str, line: Chained
) -> None:
    """Keep someone's new password; her other sessions end."""
    user = session.user
    async with ledger.writing() as connection:
        await connection.execute(
            update(users)
            .where(users.c.commune == user.commune, users.c.login == user.login)
            .values(password_hash=password_hash)
        )
        await end_sessions(connection, user.commune, user.login, but=session.ident)
        await append(connection, commune=user.commune, entry=line.entry, key=line.key)


async def put_codes(
    ledger: Ledger, session: Session, hashes: Sequence[str], *, line: Chained
) -> None:
    """Keep a fresh set of recovery codes; those she had serve no more."""
    user = session.user
    async with ledger.writing() as connection:
        await _forget_codes(connection, user.commune, user.login)
        now = (await connection.execute(select(db_now()))).scalar_one()
        mine = {"commune": user.commune, "login": user.login, "made_at": now}
        rows = [{**mine, "code_hash": one} for one in hashes]
        await insert_rows(connection, recovery_codes, rows)
        await append(connection, commune=user.commune, entry=line.entry, key=line.key)


async def _forget_codes(connection: AsyncConnection, commune: str, login: str) -> None:
    await connection.execute(
        delete(recovery_codes).where(
            recovery_codes.c.commune == commune, recovery_codes.c.login == login
        )
    )


async def codes_left(ledger: Ledger, commune: str, login: str) -> int:
    """Count the recovery codes that someone has not used."""
    wanted = select(func.count()).where(
        recovery_codes.c.commune == commune,
        recovery_codes.c.login == login,
        recovery_codes.c.used_at.is_(None),
    )
    async with ledger.reading() as connection:
        return int((await connection.execute(wanted)).scalar_one())


async def code_is_hers(ledger: Ledger, commune: str, login: str, *, code_hash: str) -> bool:
    """Tell whether this is an unused recovery code of someone."""
    wanted = select(recovery_codes.c.code_hash).where(
        recovery_codes.c.commune == commune,
        recovery_codes.c.login == login,
        recovery_codes.c.code_hash == code_hash,
        recovery_codes.c.used_at.is_(None),
    )
    async with ledger.reading() as connection:
        return (await connection.execute(wanted)).first() is not None


async def forget_factors(connection: AsyncConnection, commune: str, login: str) -> None:
    """Forget what else opens someone's account: factors, codes, keys, accounts of a provider.

    Inside the caller's transaction.
    """
    await forget_keys(connection, commune, login)
    mine = and_(users.c.commune == commune, users.c.login == login)
    await connection.execute(
        update(users).where(mine).values(totp_secret=None, totp_used=None, waived=False)
    )
    await _forget_codes(connection, commune, login)
    linked = and_(identities.c.commune == commune, identities.c.login == login)
    await connection.execute(delete(identities).where(linked))
