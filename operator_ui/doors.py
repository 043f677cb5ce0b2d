"""Who may open which page: each route says what it needs, and none opens without saying."""

from typing import Annotated

from fastapi import Depends, Request

from dispatcher.access.permissions import allowed
from dispatcher.access.signing_in import session_user
from dispatcher.api.permissions import PUBLIC
from dispatcher.store.users import User
from operator_ui.installation import Installation, installation
from operator_ui.same_origin import token_fits


class SignInFirst(Exception):
    """Nobody is signed in, and the page is not public."""


class NotAllowed(Exception):
    """Who is signed in may not do this."""


class FormRefused(Exception):
    """A form came without the token of the page that it was on."""


async def guest_of(held: Installation, secret: str) -> User | None:
    """Return who holds this session cookie; None where it is empty, ended or unknown."""
    return await session_user(held.ledger, secret) if secret else None


async def admit(request: Request, held: Annotated[Installation, Depends(installation)]) -> None:
    """Let a request in, or raise SignInFirst or NotAllowed; an endpoint that says nothing is shut.

    Who is signed in is found at `request.state.guest`, None where nobody is.
    """
    permission = getattr(request.scope["endpoint"], "permission", None)
    guest = await guest_of(held, request.cookies.get(held.cookie, ""))
    request.state.guest = guest
    if permission == PUBLIC:
        return
    if guest is None:
        raise SignInFirst
    if permission is None or not allowed(guest.function, permission):
        raise NotAllowed


def signed_in(request: Request) -> User:
    """Return who is signed in, on a page that is not public (a FastAPI dependency)."""
    guest: User | None = request.state.guest
    if guest is None:
        raise SignInFirst
    return guest


async def own_form(request: Request, held: Annotated[Installation, Depends(installation)]) -> None:
    """Refuse a form of a signed-in person that lacks its token (a FastAPI dependency)."""
    secret = request.cookies.get(held.cookie, "")
    given = request.headers.get("x-tocsin-token") or (await request.form()).get("token", "")
    if not token_fits(held.session_key, secret, given):
        raise FormRefused
