"""Signing in as real people do: with a code; and what they see and send of forms."""

import re

import httpx
import pyotp

from dispatcher.access.signing_in import NewUser, create_user
from dispatcher.store.ledger import Ledger
from dispatcher.store.users import User
from tests.consoles import SAME
from tests.situations import COMMUNE, PASSWORD

SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
HIDDEN = re.compile(r'type="hidden" name="(\w+)" value="([^"]*)"')


async def enrol(
    ledger: Ledger, login: str, function: str, *, contact: str = "", secret: str | None = SECRET
) -> User:
    """Give somebody access to the example commune, with PASSWORD and one-time codes."""
    user = User(COMMUNE, login, login.title(), function, contact or None)
    await create_user(ledger, NewUser(user, PASSWORD, secret), by="test", key=b"k" * 32)
    return user


def code() -> str:
    """Return the code of now."""
    return pyotp.TOTP(SECRET).now()


async def enter(
    client: httpx.AsyncClient, login: str, *, password: str = PASSWORD, given: str | None = None
) -> httpx.Response:
    """Sign in on the console's form."""
    return await send(
        client,
        "/connexion",
        login=login,
        password=password,
        code=code() if given is None else given,
    )


async def send(
    client: httpx.AsyncClient, path: str, *, to: str = "", **fields: str
) -> httpx.Response:
    """Open a page, fill in its form and send it, to `to` where it acts on another path."""
    form = (await client.get(path)).text
    hidden = dict(HIDDEN.findall(form))
    return await client.post(to or path, data={**hidden, **fields}, headers=SAME)
