"""Who a link lets in: what a request holds, and what it writes once its person takes it up."""

from dataclasses import dataclass

from sqlalchemy import and_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from dispatcher.store.sessions import end_sessions
from dispatcher.store.tables import users
from dispatcher.store.users import ENTITLED, Credentials, User, values_of, write_user

SERVER = "serveur"  # who acts on the server itself


@dataclass(frozen=True)
class AccessRequest:
    """Who should get, change or lose which access, asked by whom and why.

    `kind` is invitation, function, removal or recovery; `mobile` and `email` are where a link goes.
    """

    commune: str
    ident: str
    kind: str
    login: str
    name: str
    function: str
    asked_by: str
    reason: str = ""
    contact_id: str | None = None
    mobile: str = ""
    email: str = ""
    until_event: str | None = None
    alone: bool = False
    state: str = "asked"
    asked_at: float = 0.0
    decided_by: str | None = None


async def let_in(connection: AsyncConnection, asked: AccessRequest, *, password_hash: str) -> bool:
    """Write who a link lets in; False where what it was given for does not hold any more.

    An invitation makes an access that nobody holds; a recovery changes what a living one is opened
    with, and nothing of what it may do. The server's own also brings a removed one back.
    """
    mine = and_(users.c.commune == asked.commune, users.c.login == asked.login)
    entitled = (await connection.execute(select(users.c.login).where(mine, ENTITLED))).first()
    if asked.kind == "recovery":
        if entitled is None and asked.asked_by != SERVER:
            return False
        values = {"password_hash": password_hash, "disabled_at": None}
        done = await connection.execute(update(users).where(mine).values(**values))
        await end_sessions(connection, asked.commune, asked.login)
        return done.rowcount > 0
    if entitled is not None:
        return False
    user = User(
        asked.commune, asked.login, asked.name, asked.function, asked.contact_id, asked.until_event
    )
    await write_user(connection, user, values_of(Credentials(user, password_hash)))
    return True
