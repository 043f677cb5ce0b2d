"""« Partenaires »: systems of police, gendarmerie and fire service; let in by two people."""

from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from pydantic import BaseModel, Field

from dispatcher.access.permissions import allowed
from dispatcher.alerts.office import Actor, Office
from dispatcher.alerts.plan_in_force import in_force
from dispatcher.alerts.refusals import AlertRefused, NotNow, NotThere
from dispatcher.api.callers import actor_of
from dispatcher.api.permissions import needs
from dispatcher.partners import naming, registry, replaying
from dispatcher.partners.kinds import KINDS, RATE_PER_S, VERBS
from dispatcher.partners.naming import Called
from dispatcher.partners.registry import Wanted
from dispatcher.partners.showing import masked
from dispatcher.partners.telling import MANAGE
from dispatcher.sentences import Sentence
from dispatcher.store.partner_log import last_messages
from dispatcher.store.users import User
from operator_ui.accesses import UNKNOWN_ACT
from operator_ui.doors import admit, own_form, signed_in
from operator_ui.installation import Installation, installation
from operator_ui.pages import page

router = APIRouter(dependencies=[Depends(admit)], default_response_class=HTMLResponse)

Held = Annotated[Installation, Depends(installation)]
SignedIn = Annotated[User, Depends(signed_in)]
MESSAGES = 30
ONE = "/partenaires/{partner}"
ASK = "/partenaires/demander"


class Asked(BaseModel):
    """The form that asks for a partner."""

    name: str = Field("", max_length=200)
    kind: str = Field("", max_length=40)
    teams: list[str] = Field([], max_length=200)
    verbs: list[str] = Field([], max_length=20)
    rate: float = Field(RATE_PER_S, ge=0, le=100_000)
    url: str = Field("", max_length=500)

    def wanted(self) -> Wanted:
        """Return it as the verb takes it."""
        return Wanted(
            self.name, self.kind, tuple(self.teams), tuple(self.verbs), self.rate, self.url
        )


class Act(BaseModel):
    """The form of an act on a partner."""

    act: str = Field("", max_length=20)
    reason: str = Field("", max_length=300)
    hours: float = Field(24, ge=0, le=100_000)


class NameForm(BaseModel):
    """The form of a name that a partner gives."""

    act: str = Field("", max_length=20)
    kind: str = Field("", max_length=20)
    external: str = Field("", max_length=200)
    ours: str = Field("", max_length=64)


@router.get("/partenaires")
@needs("team.read")
async def partners(request: Request, held: Held, guest: SignedIn) -> HTMLResponse:
    """List the partners, those that wait for a second person first."""
    shown = {
        "partners": await registry.every(held.office(guest.commune)),
        "manages": allowed(guest.function, MANAGE),
    }
    return await page(request, held, "partners.html", shown=shown)


@router.get(ASK)
@needs(MANAGE, confirmed=True)
async def ask_form(request: Request, held: Held, guest: SignedIn) -> HTMLResponse:
    """Ask which system is to be let in."""
    return await _form(request, held, guest, Asked(verbs=list(VERBS)))


@router.post(ASK, dependencies=[Depends(own_form)])
@needs(MANAGE, confirmed=True)
async def ask(
    request: Request, held: Held, guest: SignedIn, given: Annotated[Asked, Form()]
) -> Response:
    """Keep what is asked, or show the form again with a sentence."""
    try:
        partner = await registry.ask(held.office(guest.commune), given.wanted(), by=actor_of(guest))
    except AlertRefused as refused:
        return await _form(request, held, guest, given, problem=refused)
    return RedirectResponse(f"/partenaires/{partner}?fait=attend", 303)


@router.get(ONE)
@needs("team.read")
async def partner_page(
    partner: str, request: Request, held: Held, guest: SignedIn, fait: str = ""
) -> HTMLResponse:
    """Show one: what it may do, its keys, its messages, how its events reach it, its names."""
    return await _one(request, held, guest, partner, done=fait)


@router.post(ONE, dependencies=[Depends(own_form)])
@needs(MANAGE, confirmed=True)
async def act(
    partner: str, request: Request, held: Held, guest: SignedIn, given: Annotated[Act, Form()]
) -> Response:
    """Agree, end, give a new secret, try, post again."""
    try:
        done = await _acted(held.office(guest.commune), partner, given, by=actor_of(guest))
    except NotThere:
        return await page(request, held, "missing.html", status=404)
    except AlertRefused as refused:
        return await _one(request, held, guest, partner, problem=refused)
    return RedirectResponse(f"/partenaires/{partner}?fait={done}", 303)


@router.post(f"{ONE}/secret", dependencies=[Depends(own_form)])
@needs(MANAGE, confirmed=True, page=ONE)
async def secret(partner: str, request: Request, held: Held, guest: SignedIn) -> Response:
    """Show the secrets that serve now; who looked is in the logbook."""
    office, master = held.office(guest.commune), held.services.partner_key
    try:
        found = await registry.secrets(office, partner, by=actor_of(guest), master=master)
        one = await registry.find(office, partner)
    except NotThere:
        return await page(request, held, "missing.html", status=404)
    except AlertRefused as refused:
        return await _one(request, held, guest, partner, problem=refused)
    shown = {"one": one, "secrets": found, "address": held.address}
    answer = await page(request, held, "partner_secret.html", shown=shown)
    answer.headers["cache-control"] = "no-store"
    return answer


@router.post(f"{ONE}/noms", dependencies=[Depends(own_form)])
@needs("team.order", page=ONE)
async def name(
    partner: str, request: Request, held: Held, guest: SignedIn, given: Annotated[NameForm, Form()]
) -> Response:
    """Add or remove what the partner calls a team or a mission of ours."""
    office, by = held.office(guest.commune), actor_of(guest)
    called = Called(given.kind, given.external, given.ours)
    try:
        if given.act == "add":
            await naming.add_name(office, partner, called, by=by)
        elif given.act == "remove":
            await naming.remove_name(office, partner, called, by=by)
        else:
            raise NotNow(UNKNOWN_ACT)
    except AlertRefused as refused:
        return await _one(request, held, guest, partner, problem=refused)
    return RedirectResponse(f"/partenaires/{partner}?fait=nom#noms", 303)


async def _acted(office: Office, partner: str, given: Act, *, by: Actor) -> str:
    """Do what a button says; return what is told of it."""
    if given.act == "agree":
        await registry.agree(office, partner, by=by)
        return "admis"
    if given.act == "end":
        await registry.end(office, partner, by=by, reason=given.reason)
        return "retire"
    if given.act == "rotate":
        await registry.rotate(office, partner, by=by, old_ends_in_h=given.hours)
        return "secret"
    if given.act == "end_old":
        await registry.end_old_key(office, partner, by=by)
        return "ancien"
    return await _sent(office, partner, given, by=by)


async def _sent(office: Office, partner: str, given: Act, *, by: Actor) -> str:
    if given.act == "ping":
        await replaying.ping(office, partner, by=by)
        return "essai"
    if given.act == "replay":
        await replaying.replay_since(office, partner, hours=given.hours, by=by)
        return "renvoi"
    if given.act == "replay_passed":
        await replaying.replay_passed(office, partner, by=by)
        return "renvoi"
    if given.act == "resume":
        await replaying.resume(office, partner, by=by)
        return "renvoi"
    raise NotNow(UNKNOWN_ACT)


async def _form(
    request: Request,
    held: Installation,
    guest: User,
    given: Asked,
    *,
    problem: str | Sentence = "",
) -> HTMLResponse:
    try:
        teams = (await in_force(held.office(guest.commune))).plan.teams
    except NotThere:
        teams = ()
    shown = {"given": given, "problem": problem, "teams": teams, "kinds": KINDS, "verbs": VERBS}
    return await page(
        request, held, "partner_ask.html", shown=shown, status=422 if problem else 200
    )


async def _one(  # noqa: PLR0913 - what surrounds a page
    request: Request,
    held: Installation,
    guest: User,
    partner: str,
    *,
    done: str = "",
    problem: str | Sentence = "",
) -> HTMLResponse:
    office = held.office(guest.commune)
    try:
        one = await registry.find(office, partner)
    except NotThere:
        return await page(request, held, "missing.html", status=404)
    shown = {
        "one": one,
        "address": masked(one.asked.url),
        "done": done,
        "problem": problem,
        "manages": allowed(guest.function, MANAGE),
        "names_it": allowed(guest.function, "team.order"),
        "mine": one.asked.asked_by == guest.login,
        "messages": await last_messages(held.ledger, guest.commune, partner, limit=MESSAGES),
        "names": await naming.names(office, partner),
        "teams": sorted(await naming.teams_of(office, one)),
    }
    return await page(request, held, "partner.html", shown=shown, status=409 if problem else 200)
