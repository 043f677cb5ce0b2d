"""Who calls the API: the holder of a session, by cookie or `Authorization: Bearer`."""

from collections.abc import Mapping
from typing import Annotated

from fastapi import Depends, Request

from dispatcher.access.permissions import allowed
from dispatcher.access.sessions import confirmed, session_of
from dispatcher.alerts.office import Actor, Office
from dispatcher.api.problems import ConfirmFirst, NotPermitted, NotSignedIn
from dispatcher.api.services import Services, services
from dispatcher.store.users import User

COOKIES = ("__Host-tocsin", "tocsin")


async def caller(request: Request, held: Annotated[Services, Depends(services)]) -> User:
    """Return who calls, if the endpoint's declared permission is hers; deny by default."""
    session = await session_of(held.ledger, _token(request.headers, request.cookies))
    if session is None:
        raise NotSignedIn("Connectez-vous d'abord, ou joignez votre jeton de session.")
    if held.lacks_factor(session):
        raise NotPermitted("Ajoutez d'abord un second facteur à votre compte, sur la console.")
    user, endpoint = session.user, request.scope["endpoint"]
    permission = getattr(endpoint, "permission", "")
    if not allowed(user.function, permission):
        raise NotPermitted(f"La fonction « {user.function} » n'a pas le droit « {permission} ».")
    if endpoint.confirmed and not confirmed(session):
        raise ConfirmFirst("Confirmez d'abord que c'est vous : reconnectez-vous avec votre code.")
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
    return Actor(user.login, user.function, user.contact_id)
