"""« Prêt ? »: would an alert leave tonight; each line's remedy beside it; going into service."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from fastapi.routing import iter_route_contexts
from pydantic import BaseModel, Field

from dispatcher.access.permissions import GRANTED, allowed
from dispatcher.alerts.office import Actor
from dispatcher.alerts.refusals import AlertRefused, NotNow
from dispatcher.api.permissions import needs
from dispatcher.delivery.bell import QUEUES
from dispatcher.readiness import service
from dispatcher.readiness.lines import NOT_READY, READY, UNKNOWN, WARNING, Line
from dispatcher.readiness.showing import Readiness, readiness_of
from dispatcher.readiness.trials import may_be_tried, told_apart, try_phones
from dispatcher.staff.asking import plan_of
from dispatcher.store import readiness
from dispatcher.store.phone_trials import last_trial, sent_of
from dispatcher.store.users import User
from operator_ui.crisis import status_of
from operator_ui.doors import admit, own_form, signed_in
from operator_ui.installation import Installation, installation
from operator_ui.pages import page
from operator_ui.words import tongue_of, translations

router = APIRouter(dependencies=[Depends(admit)], default_response_class=HTMLResponse)

Held = Annotated[Installation, Depends(installation)]
SignedIn = Annotated[User, Depends(signed_in)]
UNKNOWN_ACT = "Rien n'a été fait : rechargez la page et choisissez un bouton."
GROUPS = (NOT_READY, UNKNOWN, WARNING, READY)
# Where a line is mended: the first of these pages that this console has, and she may open.
MENDED = {
    "approvers": ("/acces",),
    "plan": ("/plan",),
    "duty": ("/plan",),
    "sender": ("/plan",),
    "caller": ("/plan",),
    "templates": ("/plan",),
    "revision": ("/plan",),
    "evaluation": ("/plan",),
    "exercise": ("/evenements",),
    "trial": ("#essai",),
}


@dataclass(frozen=True)
class Shown:
    """A line in its reader's language: which family, of what, said and remedied."""

    family: str
    about: str
    state: str
    said: str
    remedy: str
    since: float
    link: str


class Chosen(BaseModel):
    """The form of a test: three people of the plan."""

    people: list[str] = Field(default=[], max_length=20)


class Wanted(BaseModel):
    """The form of the service: what to do, what was seen, why."""

    act: str = Field("", max_length=20)
    saw: str = Field("", max_length=64)
    reason: str = Field("", max_length=300)


@router.get("/pret")
@needs("alert.read")
async def ready(request: Request, held: Held, guest: SignedIn, fait: str = "") -> HTMLResponse:
    """Show what is known, the worst first; asks nobody."""
    return await _page(request, held, guest, done=fait)


@router.get("/pret/lignes")
@needs("alert.read")
async def lines(request: Request, held: Held, guest: SignedIn) -> HTMLResponse:
    """Give the lines again, for a page that waits for a round."""
    known = await readiness_of(held.ledger, guest.commune)
    shown = _known(request, known, guest)
    return await page(request, held, "_ready_lines.html", shown=shown)


@router.post("/pret/verifier", dependencies=[Depends(own_form)])
@needs("ready.check", page="/pret")
async def check(held: Held, guest: SignedIn) -> Response:
    """Ask a worker to look at everything now."""
    await readiness.ask(held.ledger, guest.commune, by=guest.login)
    return RedirectResponse("/pret?fait=demande", 303)


@router.post("/pret/essai", dependencies=[Depends(own_form)])
@needs("ready.trial", page="/pret")
async def trial(
    request: Request, held: Held, guest: SignedIn, given: Annotated[Chosen, Form()]
) -> Response:
    """Send an SMS and a call to three people."""
    actor = Actor(guest.login, guest.function, guest.contact_id)
    try:
        await try_phones(held.office(guest.commune), given.people, actor=actor)
    except AlertRefused as refused:
        return await _page(request, held, guest, refused=refused)
    await held.services.bell.ring(QUEUES)
    return RedirectResponse("/pret?fait=essai#essai", 303)


@router.post("/pret/service", dependencies=[Depends(own_form)])
@needs("service.open", confirmed=True, page="/pret")
async def open_service(
    request: Request, held: Held, guest: SignedIn, given: Annotated[Wanted, Form()]
) -> Response:
    """Ask for the commune to be put in service, confirm it, or take it out."""
    office = held.office(guest.commune)
    known = (await readiness_of(held.ledger, guest.commune)).lines
    try:
        if given.act == "ask":
            await service.ask(office, known, by=guest, saw=given.saw)
        elif given.act == "confirm":
            await service.confirm(office, known, by=guest, saw=given.saw)
        elif given.act == "close":
            await service.close(office, by=guest, reason=given.reason)
        else:
            raise NotNow(UNKNOWN_ACT)
    except AlertRefused as refused:
        return await _page(request, held, guest, refused=refused)
    return RedirectResponse(f"/pret?fait={given.act}", 303)


async def _page(
    request: Request,
    held: Installation,
    guest: User,
    *,
    done: str = "",
    refused: AlertRefused | None = None,
) -> HTMLResponse:
    known = await readiness_of(held.ledger, guest.commune)
    plan = await plan_of(held.office(guest.commune))
    tried = await last_trial(held.ledger, guest.commune)
    sent = await sent_of(held.ledger, guest.commune, tried.trial_id) if tried else []
    shown = {
        **_known(request, known, guest),
        "done": done,
        "problem": str(refused) if refused else "",
        "opening": known.opening,
        "waits_for_second": service.stands(known.opening, now=known.round.now),
        "saw": service.seeing(known.lines),
        "may": {
            right: allowed(guest.function, right)
            for right in ("ready.check", "ready.trial", "service.open")
        },
        "people": may_be_tried(plan) if plan else [],
        "tried": tried,
        "sent": sent,
        "names": told_apart(plan, tried.people) if plan and tried else {},
    }
    status = status_of(refused) if refused else 200
    return await page(request, held, "ready.html", shown=shown, status=status)


def _known(request: Request, known: Readiness, guest: User) -> dict[str, object]:
    """Return what both the page and its lines show."""
    paths = {str(getattr(one, "path", "")) for one in iter_route_contexts(request.app.routes)}
    may_access = "access.read" in GRANTED.get(guest.function, frozenset())
    code = tongue_of(request).code

    def shown(one: Line) -> Shown:
        words = translations(code)
        family, _, about = one.subject.partition(":")
        links = [
            path
            for path in MENDED.get(family, ())
            if path.startswith("#") or (path in paths and (path != "/acces" or may_access))
        ]
        return Shown(
            family,
            about,
            one.state,
            words.gettext(one.said) % one.blanks,
            words.gettext(one.remedy) % one.blanks if one.remedy else "",
            one.since,
            links[0] if links else "",
        )

    grouped: list[tuple[str, Sequence[Shown]]] = [
        (state, [shown(one) for one in known.of(state)]) for state in GROUPS
    ]
    return {"known": known, "groups": [(state, found) for state, found in grouped if found]}
