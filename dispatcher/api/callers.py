"""Who calls the API: the holder of a session, by cookie or `Authorization: Bearer`."""

from collections.abc import Mapping
from typing import Annotated

from fastapi import Depends, Request

from dispatcher.access.permissions import allowed
from dispatcher.access.signing_in import session_user
from dispatcher.alerts.office import Actor, Office
from dispatcher.api.problems import NotPermitted, NotSignedIn
from dispatcher.api.services import Services, services
from dispatcher.store.users import User

COOKIES = ("__Host-tocsin", "tocsin")


async def caller(request: Request, held: Annotated[Services, Depends(services)]) -> User:
    """Return who calls, if the endpoint's declared permission is hers; deny by default."""
    token = _token(request.headers, request.cookies)
    user = await session_user(held.ledger, token) if token else None
    if user is None:
        raise NotSignedIn("Connectez-vous d'abord, ou joignez votre jeton de session.")
    permission = getattr(request.scope["endpoint"], "permission", "")
    if not allowed(user.function, permission):
        raise NotPermitted(f"La fonction « {user.function} » n'a pas le droit « {permission} ».")
    return user


def _token(headers: Mapping[str, str], cookies: Mapping[str, str]) -> str:
    kind, _, token = headers.get("authorization", "").partition(" ")
    if kind.lower() == "bearer":
        return token.strip()
    return next((cookies[name] for name in COOKIES if name in cookies), "")


def office_of(user: User, held: Services) -> Office:
    """Return the caller's own commune at work, never another."""
    return held.office(user.commune)


def actor_of(user: User) -> Actor:
    """Return the caller as the one who acts."""
    return Actor(user.login, user.function)
