"""Who may open which page: each route says what it needs, and none opens without saying."""

from typing import Annotated

from fastapi import Depends, Request

from dispatcher.access.permissions import allowed
from dispatcher.access.sessions import CONFIRMED_S, FILLED_IN_S, confirmed, session_of
from dispatcher.api.permissions import OWN, PUBLIC
from dispatcher.store.sessions import Session
from dispatcher.store.users import User
from operator_ui.installation import Installation, installation
from operator_ui.same_origin import token_fits


class SignInFirst(Exception):
    """Nobody is signed in, and the page is not public."""


class FactorFirst(Exception):
    """Who is signed in keeps no second factor yet: she may only add one."""


class ConfirmFirst(Exception):
    """The act is grave, and no second factor was shown lately."""


class NotAllowed(Exception):
    """Who is signed in may not do this."""


class FormRefused(Exception):
    """A form came without the token of the page that it was on."""


async def admit(request: Request, held: Annotated[Installation, Depends(installation)]) -> None:
    """Let a request in, or raise what stands in its way; an endpoint that says nothing is shut.

    The session is found at `request.state.session`, who is signed in at `request.state.guest`;
    both are None where nobody is.
    """
    endpoint = request.scope["endpoint"]
    permission = getattr(endpoint, "permission", None)
    session = await note_session(request, held)
    if permission == PUBLIC:
        return
    if session is None:
        raise SignInFirst
    if permission != OWN and held.services.lacks_factor(session):
        raise FactorFirst
    if permission is None or not allowed(session.user.function, permission):
        raise NotAllowed
    within_s = CONFIRMED_S if request.method == "GET" else FILLED_IN_S
    if endpoint.confirmed and not _shown_lately(session, within_s):
        raise ConfirmFirst


def _shown_lately(session: Session, within_s: float) -> bool:
    """Tell whether she may do what is grave; who has no factor yet has nothing to show again.

    All that she may do then is about her own access, from the password that she has just given.
    """
    return session.factor == "none" or confirmed(session, within_s=within_s)


async def note_session(request: Request, held: Installation) -> Session | None:
    """Find whose request this is, for the page and what surrounds it."""
    follows = "hx-request" in request.headers  # a part that asks again by itself
    secret = request.cookies.get(held.cookie, "")
    session = await session_of(held.ledger, secret, follows=follows)
    request.state.session = session
    request.state.guest = session.user if session else None
    return session


def signed_in(request: Request) -> User:
    """Return who is signed in, on a page that is not public (a FastAPI dependency)."""
    return held_session(request).user


def held_session(request: Request) -> Session:
    """Return the session of who is signed in (a FastAPI dependency)."""
    session: Session | None = request.state.session
    if session is None:
        raise SignInFirst
    return session


async def own_form(request: Request, held: Annotated[Installation, Depends(installation)]) -> None:
    """Refuse a form of a signed-in person that lacks its token (a FastAPI dependency).

    The token goes with the session, not with its cookie: a step-up in one tab leaves the forms of
    the others as they are.
    """
    session: Session | None = request.state.session
    given = request.headers.get("x-tocsin-token") or (await request.form()).get("token", "")
    if not token_fits(held.session_key, session.ident if session else "", given):
        raise FormRefused
