"""« Accès »: who may sign in, what waits for a second person, what changed, who may do what."""

from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from pydantic import BaseModel, Field

from dispatcher.access.permissions import FUNCTIONS, GRANTED, PERMISSIONS, allowed
from dispatcher.alerts.office import Office
from dispatcher.alerts.refusals import AlertRefused, NotNow, NotThere
from dispatcher.api.permissions import needs
from dispatcher.sentences import Sentence
from dispatcher.staff import asking, deciding, rules
from dispatcher.staff.asking import Invitation, plan_of
from dispatcher.staff.links import Sent
from dispatcher.staff.messenger import people_at, send_link
from dispatcher.store.access_requests import AccessRequest, open_requests
from dispatcher.store.crises import led_event_of
from dispatcher.store.logbook import read_kinds
from dispatcher.store.sessions import end_all, sessions_of
from dispatcher.store.users import Account, User, accounts_of
from operator_ui.doors import admit, own_form, signed_in
from operator_ui.installation import Installation, installation
from operator_ui.pages import page

router = APIRouter(dependencies=[Depends(admit)], default_response_class=HTMLResponse)

Held = Annotated[Installation, Depends(installation)]
SignedIn = Annotated[User, Depends(signed_in)]
CHANGES = 20
UNKNOWN_ACT = "Rien n'a été fait : rechargez la page et choisissez un bouton."
RELIEF = "/acces/renfort"


class Wanted(BaseModel):
    """The form of an invitation."""

    login: str = Field("", max_length=64)
    function: str = Field("", max_length=40)
    contact: str = Field("", max_length=64)
    name: str = Field("", max_length=120)
    mobile: str = Field("", max_length=30)
    email: str = Field("", max_length=200)
    reason: str = Field("", max_length=300)


class Change(BaseModel):
    """The form of a change: what to do, to which function, why."""

    act: str = Field("", max_length=20)
    function: str = Field("", max_length=40)
    reason: str = Field("", max_length=300)


@router.get("/acces")
@needs("access.read")
async def accesses(request: Request, held: Held, guest: SignedIn, fait: str = "") -> HTMLResponse:
    """List everybody who has access, what waits, and what changed lately."""
    accounts = await accounts_of(held.ledger, guest.commune)
    led = await led_event_of(held.ledger, guest.commune)
    shown = {
        "accounts": accounts,
        "requests": await open_requests(held.ledger, guest.commune),
        "changes": await read_kinds(held.ledger, guest.commune, "access.", limit=CHANGES),
        "few": rules.ever_managed(accounts) < rules.ENOUGH,
        "led": led is not None and led.mode == "real",
        "manages": allowed(guest.function, rules.MANAGE),
        "done": fait,
    }
    return await page(request, held, "accesses.html", shown=shown)


@router.get("/acces/droits")
@needs("access.read")
async def rights(request: Request, held: Held) -> HTMLResponse:
    """Show the table of functions and acts."""
    shown = {"functions": FUNCTIONS, "permissions": sorted(PERMISSIONS), "granted": GRANTED}
    return await page(request, held, "rights.html", shown=shown)


@router.get("/acces/inviter")
@needs("access.manage", confirmed=True)
async def invitation(
    request: Request, held: Held, guest: SignedIn, contact: str = ""
) -> HTMLResponse:
    """Ask whom to invite."""
    return await _invitation(request, held, guest, Wanted(contact=contact))


@router.post("/acces/inviter", dependencies=[Depends(own_form)])
@needs("access.manage", confirmed=True)
async def invite(
    request: Request, held: Held, guest: SignedIn, given: Annotated[Wanted, Form()]
) -> Response:
    """Keep the invitation, or show the form again with a sentence."""
    return await _invited(request, held, guest, given)


@router.get(RELIEF)
@needs("access.grant_crisis", confirmed=True)
async def relief(request: Request, held: Held, guest: SignedIn) -> HTMLResponse:
    """Ask who comes to help in the crisis that is led."""
    return await _invitation(request, held, guest, Wanted())


@router.post(RELIEF, dependencies=[Depends(own_form)])
@needs("access.grant_crisis", confirmed=True)
async def grant_relief(
    request: Request, held: Held, guest: SignedIn, given: Annotated[Wanted, Form()]
) -> Response:
    """Send a link to who comes to help; her access ends with the crisis."""
    return await _invited(request, held, guest, given)


@router.get("/acces/demandes/{ident}")
@needs("access.manage", confirmed=True)
async def request_page(ident: str, request: Request, held: Held, guest: SignedIn) -> HTMLResponse:
    """Show what is asked, to be agreed to or refused."""
    return await _request(request, held, guest, ident)


@router.post("/acces/demandes/{ident}", dependencies=[Depends(own_form)])
@needs("access.manage", confirmed=True)
async def decide(
    ident: str, request: Request, held: Held, guest: SignedIn, given: Annotated[Change, Form()]
) -> Response:
    """Agree, refuse, or send the link again."""
    office = held.office(guest.commune)
    try:
        if given.act == "refuse":
            await deciding.refuse(office, ident, by=guest, reason=given.reason)
            return RedirectResponse("/acces?fait=refus", 303)
        if given.act == "cancel":
            await deciding.withdraw(office, ident, by=guest)
            return RedirectResponse("/acces?fait=fait", 303)
        if given.act == "again":
            sent = await deciding.send_again(office, ident, by=guest)
        elif given.act == "grant":
            sent = await deciding.grant(office, ident, by=guest)
        else:
            raise NotNow(UNKNOWN_ACT)
    except NotThere:
        return await page(request, held, "missing.html", status=404)
    except AlertRefused as refused:
        return await _request(request, held, guest, ident, problem=refused)
    return await _after(held, office, sent)


@router.get("/acces/personnes/{login}")
@needs("access.manage", confirmed=True)
async def person(login: str, request: Request, held: Held, guest: SignedIn) -> HTMLResponse:
    """Show one person's access, and what may be changed of it."""
    return await _person(request, held, guest, login)


@router.post("/acces/personnes/{login}", dependencies=[Depends(own_form)])
@needs("access.manage", confirmed=True)
async def change(
    login: str, request: Request, held: Held, guest: SignedIn, given: Annotated[Change, Form()]
) -> Response:
    """Ask for a change, or end her sessions at once."""
    office = held.office(guest.commune)
    try:
        if given.act == "sessions":
            line = office.line(guest.login, "access.session_ended", "Sessions fermées", login=login)
            await end_all(held.ledger, guest.commune, login, line=line)
            return RedirectResponse("/acces?fait=session", 303)
        sent = await _asked(office, login, given, by=guest)
    except NotThere:
        return await page(request, held, "missing.html", status=404)
    except AlertRefused as refused:
        return await _person(request, held, guest, login, problem=refused)
    return await _after(held, office, sent)


async def _invited(request: Request, held: Installation, guest: User, given: Wanted) -> Response:
    """Invite as the path says: by two people, or alone while a crisis is led."""
    office = held.office(guest.commune)
    ask = asking.grant_for_crisis if request.url.path == RELIEF else asking.invite
    try:
        sent = await ask(office, _wanted(given), by=guest)
    except AlertRefused as refused:
        return await _invitation(request, held, guest, given, problem=refused)
    return await _after(held, office, sent)


def _wanted(given: Wanted) -> Invitation:
    return Invitation(
        login=given.login.strip(),
        function=given.function,
        contact_id=given.contact or None,
        name=given.name,
        mobile=given.mobile,
        email=given.email,
        reason=given.reason,
    )


async def _asked(office: Office, login: str, given: Change, *, by: User) -> Sent:
    if given.act == "function":
        return await asking.ask_function(office, login, given.function, by=by, reason=given.reason)
    if given.act == "recovery":
        return await asking.ask_recovery(office, login, by=by, reason=given.reason)
    if given.act == "removal":
        return await asking.ask_removal(office, login, by=by, reason=given.reason)
    raise NotNow(UNKNOWN_ACT)


async def _after(held: Installation, office: Office, sent: Sent) -> Response:
    """Send the link where there is one now; say what became of the act."""
    if not sent.token:
        return RedirectResponse(f"/acces?fait={'fait' if sent.granted else 'attend'}", 303)
    way_out = people_at(held.place, held.address)
    went = await send_link(office, way_out, sent)
    return RedirectResponse(f"/acces?fait={'lien' if went else 'non-parti'}", 303)


async def _invitation(
    request: Request,
    held: Installation,
    guest: User,
    given: Wanted,
    *,
    problem: str | Sentence = "",
) -> HTMLResponse:
    crisis = request.url.path == RELIEF
    plan = await plan_of(held.office(guest.commune))
    accounts = await accounts_of(held.ledger, guest.commune)
    known = {one.user.contact_id for one in accounts if one.entitled}
    contacts = [one for one in plan.contacts if one.id not in known] if plan else []
    shown = {
        "given": given,
        "problem": problem,
        "functions": rules.IN_CRISIS if crisis else FUNCTIONS,
        "contacts": contacts,
        "few": rules.ever_managed(accounts) < rules.ENOUGH,
        "crisis": crisis,
    }
    return await page(request, held, "invite.html", shown=shown, status=422 if problem else 200)


async def _request(
    request: Request, held: Installation, guest: User, ident: str, *, problem: str | Sentence = ""
) -> HTMLResponse:
    try:
        asked: AccessRequest = await deciding.find(held.office(guest.commune), ident)
    except NotThere:
        return await page(request, held, "missing.html", status=404)
    shown = {"asked": asked, "problem": problem, "mine": asked.asked_by == guest.login}
    return await page(
        request, held, "access_request.html", shown=shown, status=409 if problem else 200
    )


async def _person(
    request: Request, held: Installation, guest: User, login: str, *, problem: str | Sentence = ""
) -> HTMLResponse:
    accounts = await accounts_of(held.ledger, guest.commune)
    found: Account | None = next((one for one in accounts if one.user.login == login), None)
    if found is None or not found.entitled:
        return await page(request, held, "missing.html", status=404)
    shown = {
        "one": found,
        "sessions": await sessions_of(held.ledger, guest.commune, login),
        "functions": FUNCTIONS,
        "takes_two": rules.takes_two(found.user.function),
        "problem": problem,
    }
    return await page(
        request, held, "access_person.html", shown=shown, status=409 if problem else 200
    )
