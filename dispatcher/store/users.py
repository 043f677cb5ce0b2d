"""Users of the console: who may sign in, with which function. Passwords only as hashes."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, and_, delete, exists, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from dispatcher.store.access_tables import recovery_codes
from dispatcher.store.clock import db_now
from dispatcher.store.crisis_tables import OPEN_STATES, events
from dispatcher.store.decision_tables import approval_pins
from dispatcher.store.identity_tables import identities
from dispatcher.store.ledger import Ledger
from dispatcher.store.logbook import Entry, append
from dispatcher.store.passkey_tables import passkeys
from dispatcher.store.statements import insert_for
from dispatcher.store.tables import sessions, users
from dispatcher.store.turns import take_turns
from dispatcher.store.vulnerable_tables import vulnerable_agents


@dataclass(frozen=True)
class User:
    """Someone who may sign in, in one commune, with the function she holds there.

    `contact_id` is who she is in the plan's directory; an access granted for one crisis ends with
    `until_event`.
    """

    commune: str
    login: str
    name: str
    function: str
    contact_id: str | None = None
    until_event: str | None = None


_HER_KEYS = and_(passkeys.c.commune == users.c.commune, passkeys.c.login == users.c.login)
# A second factor of her own: codes, or a passkey. One that may have been copied opens nothing, but
# it does not leave the account to its password alone either: a printed code or a recovery does.
KEEPS_FACTOR = or_(users.c.totp_secret.is_not(None), exists(passkeys.c.login).where(_HER_KEYS))


_HER_CRISIS = exists().where(
    events.c.commune == users.c.commune,
    events.c.event_id == users.c.until_event,
    events.c.state.in_(OPEN_STATES),
)
# Who may sign in: an access was not taken away, nor did the crisis that it was given for end.
ENTITLED = and_(users.c.disabled_at.is_(None), or_(users.c.until_event.is_(None), _HER_CRISIS))


@dataclass(frozen=True)
class Credentials:
    """What a sign-in is judged by: a password (none where it is empty), a second factor."""

    user: User
    password_hash: str
    totp_secret: str | None = None
    totp_used: int | None = None
    waived: bool = False
    keeps_factor: bool = False


@dataclass(frozen=True)
class Account:
    """A user as the list of accesses shows her: `entitled` while she may sign in.

    `codes_left` are unused recovery codes.
    """

    user: User
    factor: bool
    waived: bool
    disabled_at: float | None
    seen_at: float | None
    codes_left: int
    entitled: bool = True

    @property
    def usable(self) -> bool:
        """Whether she can act tonight: not disabled, with a second factor."""
        return self.entitled and (self.factor or self.waived)


async def put_user(ledger: Ledger, hers: Credentials, *, line: tuple[Entry, bytes]) -> None:
    """Create a user or change one (password, function, name), with its line in the logbook.

    Sessions that were open end: what they were opened with counts no more.
    """
    async with ledger.writing() as connection:
        await write_user(connection, hers.user, values_of(hers))
        await append(connection, commune=hers.user.commune, entry=line[0], key=line[1])


async def put_first_user(ledger: Ledger, hers: Credentials, *, line: tuple[Entry, bytes]) -> bool:
    """Create the first user of this installation; False where there is one already."""
    async with ledger.writing() as connection:
        await take_turns(connection, "first user", commune="")
        if (await connection.execute(select(users.c.login).limit(1))).first() is not None:
            return False
        await write_user(connection, hers.user, values_of(hers))
        await append(connection, commune=hers.user.commune, entry=line[0], key=line[1])
    return True


def values_of(hers: Credentials) -> dict[str, object]:
    """Return the columns of a user who may sign in by these credentials."""
    user = hers.user
    return {
        "name": user.name,
        "function": user.function,
        "contact_id": user.contact_id,
        "until_event": user.until_event,
        "password_hash": hers.password_hash,
        "totp_secret": hers.totp_secret,
        "waived": hers.waived,
        "disabled_at": None,
    }


async def write_user(connection: AsyncConnection, user: User, values: Mapping[str, object]) -> None:
    """Write a user's row inside the caller's transaction, and end her sessions.

    Where nobody had access by this login just before, it may be somebody else who gets it now.
    """
    hers = and_(users.c.commune == user.commune, users.c.login == user.login, ENTITLED)
    if (await connection.execute(select(users.c.login).where(hers))).first() is None:
        await _end_designation(connection, user.commune, user.login)
    statement = insert_for(connection, users).values(
        commune=user.commune, login=user.login, **values
    )
    await connection.execute(
        statement.on_conflict_do_update(index_elements=["commune", "login"], set_=dict(values))
    )
    await _end_sessions(connection, user.commune, user.login)


async def disable_user(
    ledger: Ledger, commune: str, login: str, *, line: tuple[Entry, bytes]
) -> bool:
    """Take someone's access away at once, sessions included; False when there was none."""
    async with ledger.writing() as connection:
        if not await change_user(connection, commune, login, {"disabled_at": db_now()}):
            return False
        await append(connection, commune=commune, entry=line[0], key=line[1])
    return True


async def change_user(
    connection: AsyncConnection, commune: str, login: str, values: Mapping[str, object]
) -> bool:
    """Change someone who has access, and end her sessions; False when there is no such person."""
    mine = and_(users.c.commune == commune, users.c.login == login, users.c.disabled_at.is_(None))
    done = await connection.execute(update(users).where(mine).values(**values))
    if done.rowcount:
        await _end_sessions(connection, commune, login)
    if done.rowcount and "disabled_at" in values:
        await forget_keys(connection, commune, login)
        await _end_designation(connection, commune, login)
        # Who is given this login next is perhaps somebody else: no old account opens it.
        linked = and_(identities.c.commune == commune, identities.c.login == login)
        await connection.execute(delete(identities).where(linked))
    return done.rowcount > 0


async def forget_keys(connection: AsyncConnection, commune: str, login: str) -> None:
    """Forget someone's passkeys and code for the telephone: her login may be another's later."""
    theirs = and_(passkeys.c.commune == commune, passkeys.c.login == login)
    await connection.execute(delete(passkeys).where(theirs))
    codes = and_(approval_pins.c.commune == commune, approval_pins.c.login == login)
    await connection.execute(delete(approval_pins).where(codes))


async def _end_designation(connection: AsyncConnection, commune: str, login: str) -> None:
    """End that she keeps the register of vulnerable people: it was she who was named."""
    named = and_(
        vulnerable_agents.c.commune == commune,
        vulnerable_agents.c.login == login,
        vulnerable_agents.c.ended_at.is_(None),
    )
    ended = {"ended_at": db_now(), "ended_by": login}
    await connection.execute(update(vulnerable_agents).where(named).values(**ended))


async def _end_sessions(connection: AsyncConnection, commune: str, login: str) -> None:
    open_ones = and_(
        sessions.c.commune == commune,
        sessions.c.login == login,
        sessions.c.revoked_at.is_(None),
    )
    await connection.execute(update(sessions).where(open_ones).values(revoked_at=db_now()))


async def credentials(ledger: Ledger, commune: str, login: str) -> Credentials | None:
    """Return what to judge a sign-in by; None for nobody, or somebody disabled."""
    wanted = select(users, KEEPS_FACTOR.label("factor")).where(
        users.c.commune == commune, users.c.login == login, ENTITLED
    )
    async with ledger.reading() as connection:
        row = (await connection.execute(wanted)).first()
    if row is None:
        return None
    return Credentials(
        _user(row),
        row.password_hash,
        row.totp_secret,
        row.totp_used,
        waived=row.waived,
        keeps_factor=row.factor,
    )


async def accounts_of(ledger: Ledger, commune: str) -> list[Account]:
    """List everybody who has or had access to a commune's console, by name."""
    seen = (
        select(func.max(sessions.c.seen_at))
        .where(sessions.c.commune == users.c.commune, sessions.c.login == users.c.login)
        .scalar_subquery()
    )
    left = (
        select(func.count())
        .where(
            recovery_codes.c.commune == users.c.commune,
            recovery_codes.c.login == users.c.login,
            recovery_codes.c.used_at.is_(None),
        )
        .scalar_subquery()
    )
    wanted = select(
        users,
        KEEPS_FACTOR.label("factor"),
        ENTITLED.label("entitled"),
        seen.label("seen_at"),
        left.label("codes_left"),
    ).where(users.c.commune == commune)
    async with ledger.reading() as connection:
        rows = (await connection.execute(wanted.order_by(users.c.name, users.c.login))).all()
    return [
        Account(
            _user(row),
            factor=row.factor,
            waived=row.waived,
            disabled_at=row.disabled_at,
            seen_at=row.seen_at,
            codes_left=row.codes_left,
            entitled=row.entitled,
        )
        for row in rows
    ]


async def communes_of_users(ledger: Ledger) -> list[str]:
    """List the communes that have a user, before their plan is loaded too."""
    async with ledger.reading() as connection:
        return list((await connection.execute(select(users.c.commune).distinct())).scalars())


async def anyone_signed_in(ledger: Ledger, commune: str) -> bool:
    """Tell whether anybody of the commune has ever opened a session."""
    first = select(sessions.c.login).where(sessions.c.commune == commune).limit(1)
    async with ledger.reading() as connection:
        return (await connection.execute(first)).first() is not None


async def anybody(ledger: Ledger) -> bool:
    """Tell whether this installation has a user of any commune: before that it is set up."""
    async with ledger.reading() as connection:
        return (await connection.execute(select(users.c.login).limit(1))).first() is not None


def _user(row: Row[Any]) -> User:
    return User(row.commune, row.login, row.name, row.function, row.contact_id, row.until_event)
