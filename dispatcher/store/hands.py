"""Who had a hand in a version of an alert: the accounts, and the persons that they stand for.

Two accounts linked to one person of the plan's directory are one person: whatever either of them
wrote or submitted, neither approves.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import and_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from dispatcher.store.ledger import Ledger
from dispatcher.store.outgoing import versions
from dispatcher.store.sketch_tables import sketches
from dispatcher.store.tables import users
from dispatcher.store.versions import FIRST, Version


@dataclass(frozen=True)
class Hands:
    """The logins that wrote or submitted a version, and `others`: further logins of these persons.

    An access that was taken away counts too: who wrote with it wrote.
    """

    logins: tuple[str, ...]
    others: tuple[str, ...] = ()


async def hands_of(ledger: Ledger, version: Version) -> Hands:
    """Return who had a hand in a version: who drafted it, who changed it, who submitted it."""
    async with ledger.reading() as connection:
        return await hands_in(connection, version)


async def hands_in(connection: AsyncConnection, version: Version) -> Hands:
    """Return the same inside the caller's transaction, as the ledger says it then."""
    wanted = select(versions.c.drafted_by, versions.c.submitted_by).where(
        versions.c.commune == version.commune, versions.c.version_id == version.version_id
    )
    row = (await connection.execute(wanted)).first()
    found = () if row is None else (row.drafted_by, row.submitted_by)
    wrote = (*found, *await _editors(connection, version))
    logins = tuple(dict.fromkeys(one for one in wrote if one))
    return Hands(logins, await _other_accounts(connection, version.commune, logins))


async def further_accounts(ledger: Ledger, commune: str, login: str) -> tuple[str, ...]:
    """Return the further logins of the person that an account is of."""
    async with ledger.reading() as connection:
        return await _other_accounts(connection, commune, (login,))


async def _other_accounts(
    connection: AsyncConnection, commune: str, logins: Collection[str]
) -> tuple[str, ...]:
    """Return the further logins of the persons of these ones; those without a contact have none."""
    theirs = select(users.c.contact_id).where(
        users.c.commune == commune, users.c.login.in_(logins), users.c.contact_id.is_not(None)
    )
    wanted = select(users.c.login).where(
        and_(users.c.commune == commune, users.c.login.not_in(logins)),
        users.c.contact_id.in_(theirs),
    )
    found = await connection.execute(wanted.order_by(users.c.login))
    return tuple(found.scalars())


async def _editors(connection: AsyncConnection, version: Version) -> Sequence[str]:
    """Return who wrote in the sketch of a version, where it was made of one."""
    wanted = select(sketches.c.editors).where(
        sketches.c.commune == version.commune, sketches.c.alert_id == version.alert_id
    )
    if version.kind != FIRST:
        return ()
    return (await connection.execute(wanted)).scalar_one_or_none() or ()
