"""Sign-ins under way at a provider: kept ten minutes, each used once, by the browser that began it.

Strangers begin them, so that they are bounded: the oldest of a source goes first, then the oldest
of all; a pass that the server gave out is never pushed out by them.
"""

import hashlib
from collections.abc import Collection
from dataclasses import dataclass, field

from sqlalchemy import ColumnElement, RowMapping, and_, delete, select
from sqlalchemy.ext.asyncio import AsyncConnection

from dispatcher.store.clock import db_now
from dispatcher.store.identity_tables import oidc_flows
from dispatcher.store.ledger import Ledger

LASTS_S = 600.0
MOST_OF_A_SOURCE = 50
MOST = 5_000
PASS = "pass"  # noqa: S105 - a purpose: a link that the server's command gives out


@dataclass(frozen=True)
class Flow:
    """What was begun: for what, by whom, and what the provider's answer must match.

    `purpose` is sign_in, link, redeem (link by a pass), step_up, code (our own one-time code is
    asked for) or pass. `opener` is the session, or the hash of the pass, that it was begun with.
    `started_at` is in epoch seconds, by the ledger's clock.
    """

    purpose: str
    commune: str
    login: str | None = None
    opener: str | None = None
    nonce: str = ""
    verifier: str = field(default="", repr=False)
    vers: str = "/"
    started_at: float = 0.0


@dataclass(frozen=True)
class Bearer:
    """Who goes on with a flow: its secret, her browser's secret, where she comes from."""

    state: str = field(repr=False)
    browser: str = field(default="", repr=False)
    source: str = ""


def secret_hash(secret: str) -> str:
    """Return what the ledger keeps of a secret of 128 random bits or more."""
    return hashlib.sha256(secret.encode(errors="surrogatepass")).hexdigest()


async def keep_flow(ledger: Ledger, flow: Flow, bearer: Bearer) -> None:
    """Keep a flow for ten minutes, whoever must go for it."""
    source_hash = secret_hash(bearer.source)
    async with ledger.writing() as connection:
        await insert_flow(connection, flow, bearer, lasts_s=LASTS_S)
        mine = and_(oidc_flows.c.source_hash == source_hash, oidc_flows.c.purpose != PASS)
        await _keep_newest(connection, mine, MOST_OF_A_SOURCE)
        await _keep_newest(connection, oidc_flows.c.purpose != PASS, MOST)


async def insert_flow(
    connection: AsyncConnection, flow: Flow, bearer: Bearer, *, lasts_s: float
) -> None:
    """Write a flow in the caller's transaction, and take out those whose time is over."""
    await connection.execute(delete(oidc_flows).where(oidc_flows.c.expires_at < db_now()))
    now = (await connection.execute(select(db_now()))).scalar_one()
    values = {name: value for name, value in vars(flow).items() if name != "started_at"}
    await connection.execute(
        oidc_flows.insert().values(
            **values,
            state_hash=secret_hash(bearer.state),
            browser_hash=secret_hash(bearer.browser),
            source_hash=secret_hash(bearer.source),
            created_at=now,
            expires_at=now + lasts_s,
        )
    )


async def _keep_newest(
    connection: AsyncConnection, among: ColumnElement[bool], most: int
) -> None:  # fmt: skip
    older = (
        select(oidc_flows.c.state_hash)
        .where(among)
        .order_by(oidc_flows.c.created_at.desc(), oidc_flows.c.state_hash)
        .offset(most)
    )
    await connection.execute(delete(oidc_flows).where(oidc_flows.c.state_hash.in_(older)))


async def take_flow(ledger: Ledger, bearer: Bearer, *, purposes: Collection[str]) -> Flow | None:
    """Take a flow out, so that it serves once; None where it is not hers, over or used."""
    async with ledger.writing() as connection:
        taken = await connection.execute(
            delete(oidc_flows).where(_hers(bearer, purposes)).returning(*oidc_flows.c)
        )
        row = taken.first()
    return _flow(row._mapping) if row else None


async def look_at_flow(ledger: Ledger, bearer: Bearer, *, purpose: str) -> Flow | None:
    """Return a flow and leave it where it is."""
    wanted = select(oidc_flows).where(_hers(bearer, (purpose,)))
    async with ledger.reading() as connection:
        row = (await connection.execute(wanted)).first()
    return _flow(row._mapping) if row else None


def _hers(bearer: Bearer, purposes: Collection[str]) -> ColumnElement[bool]:
    return and_(
        oidc_flows.c.state_hash == secret_hash(bearer.state),
        oidc_flows.c.browser_hash == secret_hash(bearer.browser),
        oidc_flows.c.purpose.in_(purposes),
        oidc_flows.c.expires_at > db_now(),
    )


def _flow(row: RowMapping) -> Flow:
    names = ("purpose", "commune", "login", "opener", "nonce", "verifier", "vers")
    return Flow(**{name: row[name] for name in names}, started_at=row["created_at"])
