"""Whose account at a provider is whose here: linked by her own act, never by an e-mail address."""

import hashlib
from dataclasses import dataclass, field

from sqlalchemy import ColumnElement, and_, delete, exists, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from dispatcher.store.clock import db_now
from dispatcher.store.identity_tables import identities, oidc_flows
from dispatcher.store.ledger import Ledger
from dispatcher.store.logbook import Entry, append
from dispatcher.store.oidc_flows import PASS, Bearer, Flow, insert_flow
from dispatcher.store.statements import insert_missing
from dispatcher.store.tables import users
from dispatcher.store.users import User

PASS_LASTS_S = 3600.0
OF_USER = ("commune", "login", "name", "function", "contact_id", "until_event")


@dataclass(frozen=True)
class Identity:
    """Somebody at a provider: `iss` and `sub`, the pair that never changes (OpenID Connect §2)."""

    issuer: str
    subject: str = field(repr=False)

    @property
    def key(self) -> dict[str, str]:
        """Return what the ledger knows it by."""
        said = f"{self.issuer}\n{self.subject}".encode()
        return {"issuer": self.issuer, "subject_hash": hashlib.sha256(said).hexdigest()}


class NotLinked(Exception):
    """Nothing was linked; `why` is taken, already, spent or gone."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


@dataclass(frozen=True)
class Known:
    """Who an identity is here; `first` when she never signed in by it."""

    user: User
    first: bool


@dataclass(frozen=True)
class Ways:
    """How somebody can get in: by a linked account, by a password, by a one-time code with it."""

    linked_at: float | None
    used_at: float | None
    password: bool
    code: bool


async def link_identity(
    ledger: Ledger,
    identity: Identity,
    user: User,
    *,
    line: tuple[Entry, bytes],
    pass_hash: str | None = None,
) -> None:
    """Link an identity to a user, spending the pass it was begun with; raises NotLinked."""
    row = {"commune": user.commune, "login": user.login, **identity.key}
    async with ledger.writing() as connection:
        now = (await connection.execute(select(db_now()))).scalar_one()
        if pass_hash is not None and not await _spend(connection, pass_hash):
            raise NotLinked("spent")
        if (await connection.execute(select(users.c.login).where(_enabled(user)))).first() is None:
            raise NotLinked("gone")
        if not await insert_missing(connection, identities, [{**row, "linked_at": now}]):
            mine = and_(_of(user), identities.c.issuer == identity.issuer)
            has_one = (await connection.execute(select(exists().where(mine)))).scalar_one()
            raise NotLinked("already" if has_one else "taken")
        await append(connection, commune=user.commune, entry=line[0], key=line[1])


async def unlink_identity(
    ledger: Ledger, user: User, *, issuer: str, line: tuple[Entry, bytes]
) -> bool:
    """Undo a link; False when there was none."""
    mine = and_(_of(user), identities.c.issuer == issuer)
    async with ledger.writing() as connection:
        if (await connection.execute(delete(identities).where(mine))).rowcount == 0:
            return False
        await append(connection, commune=user.commune, entry=line[0], key=line[1])
    return True


async def who_is(ledger: Ledger, commune: str, identity: Identity) -> Known | None:
    """Return who an identity is in a commune, and note its use; None for nobody, or disabled."""
    key = identity.key
    linked = and_(
        identities.c.commune == commune,
        identities.c.issuer == key["issuer"],
        identities.c.subject_hash == key["subject_hash"],
    )
    wanted = (
        select(*(users.c[name] for name in OF_USER), identities.c.used_at)
        .join(
            identities,
            and_(identities.c.commune == users.c.commune, identities.c.login == users.c.login),
        )
        .where(linked, users.c.disabled_at.is_(None))
    )
    async with ledger.writing() as connection:
        row = (await connection.execute(wanted)).first()
        if row is None:
            return None
        await connection.execute(update(identities).where(linked).values(used_at=db_now()))
    user = User(*(row._mapping[name] for name in OF_USER))
    return Known(user, first=row.used_at is None)


async def ways_of(ledger: Ledger, user: User, *, issuer: str) -> Ways:
    """Return how a user can get in, passkeys aside."""
    linked = and_(_of(user), identities.c.issuer == issuer)
    wanted = select(users.c.password_hash, users.c.totp_secret).where(_enabled(user))
    async with ledger.reading() as connection:
        own = (await connection.execute(wanted)).first()
        row = (
            await connection.execute(
                select(identities.c.linked_at, identities.c.used_at).where(linked)
            )
        ).first()
    return Ways(
        row.linked_at if row else None,
        row.used_at if row else None,
        password=bool(own and own.password_hash),
        code=bool(own and own.totp_secret),
    )


async def offer_pass(
    ledger: Ledger, commune: str, login: str, *, secret: str, line: tuple[Entry, bytes]
) -> bool:
    """Keep a pass that links an account to a login within the hour; False where there is none.

    A newer pass of the same login takes the place of an older one.
    """
    hers = and_(
        oidc_flows.c.purpose == PASS,
        oidc_flows.c.commune == commune,
        oidc_flows.c.login == login,
    )
    async with ledger.writing() as connection:
        there = select(users.c.login).where(_enabled(User(commune, login, "", "")))
        if (await connection.execute(there)).first() is None:
            return False
        await connection.execute(delete(oidc_flows).where(hers))
        flow = Flow(PASS, commune, login)
        await insert_flow(connection, flow, Bearer(secret), lasts_s=PASS_LASTS_S)
        await append(connection, commune=commune, entry=line[0], key=line[1])
    return True


async def _spend(connection: AsyncConnection, pass_hash: str) -> bool:
    given_out = and_(
        oidc_flows.c.state_hash == pass_hash,
        oidc_flows.c.purpose == PASS,
        oidc_flows.c.expires_at > db_now(),
    )
    return (await connection.execute(delete(oidc_flows).where(given_out))).rowcount == 1


def _of(user: User) -> ColumnElement[bool]:
    return and_(identities.c.commune == user.commune, identities.c.login == user.login)


def _enabled(user: User) -> ColumnElement[bool]:
    return and_(
        users.c.commune == user.commune,
        users.c.login == user.login,
        users.c.disabled_at.is_(None),
    )
