"""Passkeys as the ledger keeps them; a challenge is spent in the transaction that it allows."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

from sqlalchemy import Row, Select, and_, delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from dispatcher.store.clock import db_now
from dispatcher.store.ledger import Ledger
from dispatcher.store.logbook import append
from dispatcher.store.passkey_tables import passkeys, spent_challenges
from dispatcher.store.statements import insert_missing
from dispatcher.store.tables import users
from dispatcher.store.turns import take_turns
from dispatcher.store.users import User
from dispatcher.store.versions import Chained

MOST_KEYS = 10
# Web processes read their own clocks: a spent challenge is remembered long after all call it old.
REMEMBERED_S = 3600.0
_OF_USERS = ("name", "function", "contact_id", "until_event")


@dataclass(frozen=True)
class Passkey:
    """One key of a user; instants are epoch seconds, bytes are base64url."""

    commune: str
    login: str
    credential_hash: str
    credential_id: str
    public_key: str
    sign_count: int
    transports: tuple[str, ...] = ()
    label: str = ""
    backed_up: bool = False
    created_at: float = 0.0
    used_at: float | None = None
    suspect_at: float | None = None

    @property
    def kind(self) -> str:
        """Return what sort of thing holds it: `device`, `synced` or `security_key`."""
        if self.backed_up:
            return "synced"
        on_its_own = {"usb", "nfc", "ble"} & set(self.transports)
        return "security_key" if on_its_own and "internal" not in self.transports else "device"


@dataclass(frozen=True)
class Spent:
    """A challenge that serves now, and never again."""

    challenge_hash: str
    expires_at: float


@dataclass(frozen=True)
class Signed:
    """What a checked signature says of its key."""

    sign_count: int
    backed_up: bool


class Use(Enum):
    """How using a key ended: it opened, its challenge had served, or it may have been copied."""

    OPENED = "opened"
    REPLAYED = "replayed"
    SUSPECT = "suspect"


class Addition(Enum):
    """How adding a key ended."""

    ADDED = "added"
    REPLAYED = "replayed"
    KNOWN = "known"
    TOO_MANY = "too_many"


async def passkeys_of(ledger: Ledger, commune: str, login: str) -> list[Passkey]:
    """Return someone's keys, oldest first, suspect ones included."""
    wanted = select(passkeys).where(_mine(commune, login)).order_by(passkeys.c.created_at)
    async with ledger.reading() as connection:
        return [_passkey(row._mapping) for row in await connection.execute(wanted)]


async def opening_keys(ledger: Ledger, commune: str, login: str) -> int:
    """Count the keys of someone that open her account: suspect ones do not."""
    return sum(one.suspect_at is None for one in await passkeys_of(ledger, commune, login))


async def owner_of(ledger: Ledger, credential_hash: str) -> tuple[Passkey, User] | None:
    """Return a key and whose it is; None for an unknown or suspect one, or somebody disabled."""
    whose = and_(users.c.commune == passkeys.c.commune, users.c.login == passkeys.c.login)
    wanted: Select[Any] = (
        select(passkeys, *(users.c[one] for one in _OF_USERS))
        .join(users, whose)
        .where(
            passkeys.c.credential_hash == credential_hash,
            passkeys.c.suspect_at.is_(None),
            users.c.disabled_at.is_(None),
        )
    )
    async with ledger.reading() as connection:
        row: Row[Any] | None = (await connection.execute(wanted)).first()
    if row is None:
        return None
    held = dict(row._mapping)
    more = {one: held.pop(one) for one in _OF_USERS}
    return _passkey(held), User(held["commune"], held["login"], **more)


async def add_passkey(ledger: Ledger, key: Passkey, *, spent: Spent, line: Chained) -> Addition:
    """Keep a new key of a user who has fewer than MOST_KEYS; nothing is kept otherwise."""
    async with ledger.writing() as connection:
        await take_turns(connection, "passkeys", commune=key.commune)
        held = select(func.count()).where(_mine(key.commune, key.login))
        if (await connection.execute(held)).scalar_one() >= MOST_KEYS:
            return Addition.TOO_MANY
        if not await _spend(connection, spent, commune=key.commune):
            return Addition.REPLAYED
        now = (await connection.execute(select(db_now()))).scalar_one()
        row = {**vars(key), "transports": list(key.transports), "created_at": now}
        if not await insert_missing(connection, passkeys, [row]):
            return Addition.KNOWN
        await append(connection, commune=key.commune, entry=line.entry, key=line.key)
    return Addition.ADDED


async def use_passkey(
    ledger: Ledger, key: Passkey, *, signed: Signed, spent: Spent, suspect: Chained
) -> Use:
    """Spend the challenge and move the key's count; a count that went back makes it suspect.

    The challenge first: an answer that arrives twice is a bad network, not a copied key.
    """
    mine = and_(
        passkeys.c.commune == key.commune, passkeys.c.credential_hash == key.credential_hash
    )
    async with ledger.writing() as connection:
        if not await _spend(connection, spent, commune=key.commune):
            return Use.REPLAYED
        kept = (await connection.execute(select(passkeys).where(mine).with_for_update())).first()
        if kept is None or kept.suspect_at is not None:
            return Use.REPLAYED
        if not _goes_on(kept.sign_count, signed.sign_count):
            await connection.execute(update(passkeys).where(mine).values(suspect_at=db_now()))
            await append(connection, commune=key.commune, entry=suspect.entry, key=suspect.key)
            return Use.SUSPECT
        await connection.execute(
            update(passkeys)
            .where(mine)
            .values(sign_count=signed.sign_count, backed_up=signed.backed_up, used_at=db_now())
        )
    return Use.OPENED


async def rename_passkey(ledger: Ledger, key: Passkey, label: str) -> None:
    """Give a key another label."""
    mine = and_(_mine(key.commune, key.login), passkeys.c.credential_hash == key.credential_hash)
    async with ledger.writing() as connection:
        await connection.execute(update(passkeys).where(mine).values(label=label))


async def remove_passkey(ledger: Ledger, key: Passkey, *, others: int, line: Chained) -> bool:
    """Forget a key; False, and nothing done, where it is the account's last second factor.

    `others` is how many second factors there are besides passkeys. A suspect key is none: it may
    always go.
    """
    mine = _mine(key.commune, key.login)
    this = passkeys.c.credential_hash == key.credential_hash
    async with ledger.writing() as connection:
        await take_turns(connection, "passkeys", commune=key.commune)
        sound = select(func.count()).where(mine, ~this, passkeys.c.suspect_at.is_(None))
        left = (await connection.execute(sound)).scalar_one() + others
        free = this if left else and_(this, passkeys.c.suspect_at.is_not(None))
        gone = await connection.execute(delete(passkeys).where(mine, free))
        if gone.rowcount == 0:
            return False
        await append(connection, commune=key.commune, entry=line.entry, key=line.key)
    return True


def _goes_on(before: int, now: int) -> bool:
    """Tell whether a count went on; keys that do not count stay at nought (WebAuthn §6.1.1)."""
    return now > before or (now == 0 and before == 0)


async def _spend(connection: AsyncConnection, spent: Spent, *, commune: str) -> bool:
    """Spend a challenge; False where it was spent before. Old ones are swept on the way."""
    old = spent_challenges.c.expires_at < db_now() - REMEMBERED_S
    await connection.execute(delete(spent_challenges).where(old))
    row = {**vars(spent), "commune": commune}
    return await insert_missing(connection, spent_challenges, [row]) == 1


def _mine(commune: str, login: str) -> Any:  # noqa: ANN401 - a condition
    return and_(passkeys.c.commune == commune, passkeys.c.login == login)


def _passkey(row: Mapping[Any, Any]) -> Passkey:
    return Passkey(**{**row, "transports": tuple(row["transports"])})
