"""The second person's decision on an access, and a link taken up by whom it was sent to."""

from dataclasses import replace

from dispatcher.access.passwords import (
    SHORTEST_OF_ADMINISTRATORS,
    SHORTEST_PASSWORD,
    check_password,
    hashed,
)
from dispatcher.access.permissions import allowed
from dispatcher.alerts.office import Office
from dispatcher.alerts.refusals import NotNow, NotSo, NotThere
from dispatcher.staff import rules
from dispatcher.staff.asking import plan_of
from dispatcher.staff.links import Sent, link_for, token_hash
from dispatcher.staff.telling import announced
from dispatcher.store import access_requests, hands
from dispatcher.store.access_requests import LINKED, AccessRequest, Decision
from dispatcher.store.users import User, accounts_of

FASTER = "Quelqu'un vient d'en décider : regardez la liste."
NO_LINK = "Ce lien a servi, est trop ancien, ou attend encore un accord."
OVER = "Ce lien a servi ou n'est plus valable : demandez-en un autre à la mairie."


async def find(office: Office, ident: str) -> AccessRequest:
    """Return a request of the commune; raises NotThere."""
    asked = await access_requests.request_of(office.ledger, office.commune, ident)
    if asked is None:
        raise NotThere("Cette demande n'existe pas.")
    return asked


async def _further(office: Office, by: User) -> tuple[str, ...]:
    return await hands.further_accounts(office.ledger, office.commune, by.login)


async def grant(office: Office, ident: str, *, by: User) -> Sent:
    """Agree to what was asked: it is done. Raises NotYou, NotSo, NotNow, NotThere."""
    asked = await find(office, ident)
    rules.check_second(asked, by, also=await _further(office, by))
    if asked.kind in ("invitation", "function"):  # the plan may have changed since it was asked
        rules.check_function(await plan_of(office), asked.contact_id, asked.function)
    await _check_left(office, asked)
    token, link = link_for(asked)
    granted = replace(asked, state="granted", decided_by=by.login)
    takes_away = asked.kind in ("function", "removal")
    decision = Decision("granted", by.login, link, rules.MANAGING if takes_away else ())
    told = announced(office, granted, "granted")
    if not await access_requests.decide(office.ledger, asked, told, decision=decision):
        await _check_left(office, asked)  # somebody else went in the same moment
        raise NotNow(FASTER)
    return Sent(granted, token)


async def _check_left(office: Office, asked: AccessRequest) -> None:
    if asked.kind in ("function", "removal"):
        to = asked.function if asked.kind == "function" else ""
        accounts = await accounts_of(office.ledger, office.commune)
        rules.check_left(accounts, asked.login, to=to)


async def refuse(office: Office, ident: str, *, by: User, reason: str) -> None:
    """Refuse what was asked, with a reason; who asked may take it back so. Raises as `grant`."""
    asked = await find(office, ident)
    if by.login != asked.asked_by:
        rules.check_second(asked, by, also=await _further(office, by))
        if not reason.strip():
            raise NotSo("Dites pourquoi : la raison est écrite dans la main courante.")
    refused = replace(asked, state="refused", decided_by=by.login, reason=reason.strip())
    told = announced(office, refused, "refused")
    decision = Decision("refused", by.login)
    if not await access_requests.decide(office.ledger, asked, told, decision=decision):
        raise NotNow(FASTER)


async def send_again(office: Office, ident: str, *, by: User) -> Sent:
    """Make a new link for an invitation that was agreed on; the old one opens nothing.

    For a week after the agreement. Raises NotNow, NotThere.
    """
    asked = replace(await find(office, ident), decided_by=by.login)
    if asked.kind != "invitation":
        raise NotNow(NO_LINK)
    token, link = link_for(asked)
    told = announced(office, asked, "again")
    if link is None or not await access_requests.send_again(office.ledger, asked, told, link=link):
        raise NotNow(NO_LINK)
    return Sent(asked, token)


async def withdraw(office: Office, ident: str, *, by: User) -> None:
    """End a link that was sent and not used: to a wrong number, say. Raises NotNow, NotThere."""
    asked = replace(await find(office, ident), decided_by=by.login)
    if asked.kind not in LINKED:
        raise NotNow(NO_LINK)
    told = announced(office, asked, "withdrawn")
    if not await access_requests.withdraw(office.ledger, asked, told):
        raise NotNow(FASTER)


async def invited_by(office: Office, token: str) -> AccessRequest:
    """Return the invitation that a link opens, of whichever commune; raises NotThere."""
    asked = await access_requests.request_by_link(office.ledger, token_hash(token))
    if asked is None:
        raise NotThere(OVER)
    return asked


async def take_up(office: Office, token: str, *, password: str) -> User:
    """Use a link: the person chooses her password. Raises WeakPassword, NotThere.

    Her second factor is asked for at her first sign-in; until then her access opens nothing else.
    """
    asked = await invited_by(office, token)
    manages = allowed(asked.function, rules.MANAGE)
    shortest = SHORTEST_OF_ADMINISTRATORS if manages else SHORTEST_PASSWORD
    check_password(password, asked.login, shortest=shortest)
    told = announced(office.of(asked.commune), asked, "used")
    done = await access_requests.take_up(
        office.ledger,
        asked,
        told,
        token_hash=token_hash(token),
        password_hash=await hashed(password),
    )
    if not done:
        raise NotThere(OVER)
    return User(asked.commune, asked.login, asked.name, asked.function, asked.contact_id)
