"""What was asked about somebody's access, and what became of it: one transaction an act.

asked → granted | refused, each by another person; an invitation that was granted is used once.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, and_, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from dispatcher.store.access_tables import access_requests
from dispatcher.store.announcements import Announcement, announce
from dispatcher.store.clock import db_now
from dispatcher.store.factors import forget_factors
from dispatcher.store.ledger import Ledger
from dispatcher.store.letting_in import SERVER, AccessRequest, let_in
from dispatcher.store.logbook import append
from dispatcher.store.tables import users
from dispatcher.store.turns import take_turns
from dispatcher.store.users import ENTITLED, KEEPS_FACTOR, change_user
from dispatcher.store.versions import Chained

__all__ = ["SERVER", "AccessRequest"]

AGAIN_S = 7 * 86_400.0  # an invitation's link is sent again that long, and no longer
LINKED = ("invitation", "recovery")  # granted by a link, taken up by the person herself


@dataclass(frozen=True)
class Told:
    """The logbook's line of an act on an access, and what is announced of it."""

    line: Chained
    announcement: Announcement | None = None


@dataclass(frozen=True)
class Link:
    """What the ledger keeps of a link: its token's hash, how long it opens."""

    token_hash: str = field(repr=False)
    life_s: float


async def ask(ledger: Ledger, asked: AccessRequest, told: Told) -> bool:
    """Keep a request that waits for a second person; False where one waits about her already."""
    try:
        async with ledger.writing() as connection:
            await connection.execute(access_requests.insert().values(**_row(asked)))
            await _tell(connection, asked.commune, told)
    except IntegrityError:
        return False
    return True


async def grant_alone(
    ledger: Ledger, asked: AccessRequest, told: Told, *, link: Link | None = None
) -> bool:
    """Keep a request that needed no second person, done at once; False where she is not there."""
    async with ledger.writing() as connection:
        values = {**_row(asked), "state": "granted", "alone": True, **_linked(link)}
        await connection.execute(
            access_requests.insert().values(
                **values, decided_by=asked.asked_by, decided_at=db_now()
            )
        )
        if not await _take_effect(connection, asked):
            await connection.rollback()
            return False
        await _tell(connection, asked.commune, told)
    return True


@dataclass(frozen=True)
class Decision:
    """What a second person decided: to grant (with a link, where one goes out) or to refuse."""

    to: str  # granted | refused
    by: str
    link: Link | None = None
    managing: Collection[str] = ()  # functions of whom somebody has to be left afterwards


async def decide(ledger: Ledger, asked: AccessRequest, told: Told, *, decision: Decision) -> bool:
    """Grant or refuse what waits; False when somebody was faster, or she is not there any more.

    False too where nobody would be left who manages accesses: two who remove each other at once
    come one after the other, and the second is refused.
    """
    waiting = and_(_mine(asked), access_requests.c.state == "asked")
    async with ledger.writing() as connection:
        await take_turns(connection, "accesses", commune=asked.commune)
        moved = await connection.execute(
            update(access_requests)
            .where(waiting)
            .values(
                state=decision.to,
                decided_by=decision.by,
                decided_at=db_now(),
                **_linked(decision.link),
            )
        )
        if moved.rowcount == 0:
            return False
        if decision.to == "granted":
            done = await _take_effect(connection, asked)
            if not done or not await _someone_left(connection, asked, decision.managing):
                await connection.rollback()
                return False
        await _tell(connection, asked.commune, told)
    return True


async def _someone_left(
    connection: AsyncConnection, asked: AccessRequest, managing: Collection[str]
) -> bool:
    if not managing:
        return True
    usable = or_(KEEPS_FACTOR, users.c.waived)
    wanted = select(users.c.login).where(
        users.c.commune == asked.commune, users.c.function.in_(managing), ENTITLED, usable
    )
    return (await connection.execute(wanted.limit(1))).first() is not None


async def send_again(ledger: Ledger, asked: AccessRequest, told: Told, *, link: Link) -> bool:
    """Give an invitation of the last days a new link; the old one opens nothing.

    False when it was used, or granted too long ago.
    """
    granted = and_(
        _mine(asked),
        access_requests.c.state == "granted",
        access_requests.c.decided_at > db_now() - AGAIN_S,
    )
    async with ledger.writing() as connection:
        moved = await connection.execute(
            update(access_requests).where(granted).values(**_linked(link))
        )
        if moved.rowcount:
            await _tell(connection, asked.commune, told)
    return moved.rowcount > 0


async def take_up(
    ledger: Ledger, asked: AccessRequest, told: Told, *, token_hash: str, password_hash: str
) -> bool:
    """Use a link once: she has access with this password, and no second factor yet.

    False when the link was used, replaced or ended meanwhile.
    """
    living = and_(
        _mine(asked),
        access_requests.c.state == "granted",
        access_requests.c.token_hash == token_hash,
        access_requests.c.token_ends_at > db_now(),
    )
    async with ledger.writing() as connection:
        used = await connection.execute(
            update(access_requests).where(living).values(state="used", token_hash=None)
        )
        if used.rowcount == 0 or not await let_in(connection, asked, password_hash=password_hash):
            await connection.rollback()
            return False
        await forget_factors(connection, asked.commune, asked.login)
        await _tell(connection, asked.commune, told)
    return True


async def withdraw(ledger: Ledger, asked: AccessRequest, told: Told) -> bool:
    """End a link that was sent and not used; False when it was used meanwhile."""
    unused = and_(
        _mine(asked),
        access_requests.c.state == "granted",
        access_requests.c.token_hash.is_not(None),
    )
    async with ledger.writing() as connection:
        done = await connection.execute(
            update(access_requests).where(unused).values(state="refused", token_hash=None)
        )
        if done.rowcount:
            await _tell(connection, asked.commune, told)
    return done.rowcount > 0


async def _take_effect(connection: AsyncConnection, asked: AccessRequest) -> bool:
    if asked.kind in LINKED:
        return True
    changed: Mapping[str, object] = (
        {"function": asked.function, "until_event": None}
        if asked.kind == "function"
        else {"disabled_at": db_now()}
    )
    await connection.execute(  # a link sent before would give her back what is changed now
        update(access_requests)
        .where(access_requests.c.commune == asked.commune, access_requests.c.login == asked.login)
        .values(token_hash=None)
    )
    return await change_user(connection, asked.commune, asked.login, changed)


async def _tell(connection: AsyncConnection, commune: str, told: Told) -> None:
    if told.announcement:
        await announce(connection, commune, told.announcement)
    await append(connection, commune=commune, entry=told.line.entry, key=told.line.key)


async def request_of(ledger: Ledger, commune: str, ident: str) -> AccessRequest | None:
    """Return one request of a commune."""
    wanted = _WANTED.where(
        access_requests.c.commune == commune, access_requests.c.request_id == ident
    )
    async with ledger.reading() as connection:
        row = (await connection.execute(wanted)).first()
    return _request(row) if row else None


async def request_by_link(ledger: Ledger, token_hash: str) -> AccessRequest | None:
    """Return the invitation that a link opens; None when it was used, replaced or ended."""
    wanted = _WANTED.where(
        access_requests.c.token_hash == token_hash,
        access_requests.c.state == "granted",
        access_requests.c.token_ends_at > db_now(),
    )
    async with ledger.reading() as connection:
        row = (await connection.execute(wanted)).first()
    return _request(row) if row else None


async def open_requests(ledger: Ledger, commune: str) -> list[AccessRequest]:
    """List what waits for a second person, and the links that were not used, oldest first."""
    wanted = _WANTED.where(
        access_requests.c.commune == commune,
        (access_requests.c.state == "asked")
        | ((access_requests.c.state == "granted") & access_requests.c.token_hash.is_not(None)),
    ).order_by(access_requests.c.asked_at)
    async with ledger.reading() as connection:
        return [_request(row) for row in await connection.execute(wanted)]


_WANTED: Select[Any] = select(access_requests)


def _mine(asked: AccessRequest) -> ColumnElement[bool]:
    return and_(
        access_requests.c.commune == asked.commune, access_requests.c.request_id == asked.ident
    )


def _linked(link: Link | None) -> dict[str, object]:
    if link is None:
        return {}
    return {"token_hash": link.token_hash, "token_ends_at": db_now() + link.life_s}


def _row(asked: AccessRequest) -> dict[str, object]:
    values = {
        name: value
        for name, value in vars(asked).items()
        if name not in ("ident", "asked_at", "decided_by")
    }
    return {**values, "request_id": asked.ident, "asked_at": db_now()}


def _request(row: Row[Any]) -> AccessRequest:
    return AccessRequest(
        **{
            name: getattr(row, "request_id" if name == "ident" else name)
            for name in AccessRequest.__dataclass_fields__
        }
    )
