"""Missions made from the pages where the need stands, and what follows: doors, line, tellings."""

import secrets
from dataclasses import dataclass
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from starlette.datastructures import FormData

from dispatcher.access.permissions import allowed
from dispatcher.alerts.refusals import AlertRefused, NotSo, NotThere
from dispatcher.api.permissions import needs
from dispatcher.distress.calls import End
from dispatcher.store.mission_tellings import tellings_of
from dispatcher.store.team_rows import team_rows
from dispatcher.store.users import User
from dispatcher.tasking import in_line
from dispatcher.tasking.from_help import from_help
from dispatcher.tasking.from_step import from_step
from dispatcher.tasking.from_street import Choice, from_street
from dispatcher.tasking.reading import read_doors
from dispatcher.tasking.showing import sums_of
from dispatcher.tasking.wishes import Wish
from dispatcher.teams.doors import Knock, note_door
from dispatcher.teams.ordering import MAY
from dispatcher.teams.reporting import Sender
from dispatcher.teams.roster import roster_of
from dispatcher.teams.sight import is_covered
from operator_ui.crisis import ACTS, asked_by, event_page, status_of, told
from operator_ui.distress import actor_of, call_page
from operator_ui.doors import admit, signed_in
from operator_ui.installation import Installation, installation
from operator_ui.pages import page
from operator_ui.unreached import Asked, Kept, Part, list_page
from plans.doors import DOOR_RESULTS

router = APIRouter(dependencies=[Depends(admit)], default_response_class=HTMLResponse)

Held = Annotated[Installation, Depends(installation)]
SignedIn = Annotated[User, Depends(signed_in)]
FOLLOW = "/console/missions/{mission}/suivi"


@router.post("/evenements/{event_id}/taches/{card}/{step}/mission", dependencies=ACTS)
@needs(MAY, page="/evenements/{event_id}/taches/{card}/{step}")
async def of_step(  # noqa: PLR0913 - one parameter a part of the path
    event_id: str, card: str, step: int, request: Request, held: Held, guest: SignedIn
) -> Response:
    """Give a task to a team."""
    wish, office = _wish(await request.form()), held.office(guest.commune)
    try:
        made = await from_step(office, event_id, (card, step), wish=wish, asked=asked_by(guest))
    except AlertRefused as refusal:
        return await event_page(request, held, event_id, refusal=refusal)
    return _to(made.mission)


@router.post("/console/aide/{call_id}/mission", dependencies=ACTS)
@needs("alert.replies", page="/console/aide/{call_id}")
async def of_help(call_id: str, request: Request, held: Held, guest: SignedIn) -> Response:
    """Send a team to who called; the call is ended by the same act."""
    form, office = await request.form(), held.office(guest.commune)
    how = End("team_sent", read_again=str(form.get("again", "")))
    try:
        made = await from_help(office, call_id, wish=_wish(form), how=how, actor=actor_of(guest))
    except AlertRefused as refusal:
        return await call_page(request, held, call_id, refusal=refusal)
    return _to(made.mission)


@router.post("/console/alertes/{alert_id}/non-joints/mission", dependencies=ACTS)
@needs("alert.unreached", page="/console/alertes/{alert_id}/non-joints")
async def of_street(  # noqa: PLR0913 - one parameter a dependency
    alert_id: str, request: Request, held: Held, guest: SignedIn, kept: Kept, part: Part
) -> Response:
    """Send a team door to door, to the chosen streets of the part of the list that is shown."""
    form, office = await request.form(), held.office(guest.commune)
    try:
        choice = _choice(form, part)
        wish = _wish(form)
        made = await from_street(office, alert_id, choice, wish=wish, actor=actor_of(guest))
    except AlertRefused as refusal:
        return await list_page(request, held, alert_id, kept=kept, part=part, refusal=refusal)
    return _to(made.mission)


def _choice(form: FormData, part: Asked) -> Choice:
    streets = tuple(str(one) for one in form.getlist("street"))
    if not streets:
        raise NotSo("Cochez une rue au moins.")
    sector = None if not part.sector else part.sector.removeprefix("-")
    return Choice(sector, streets, reason=part.reason)


def _wish(form: FormData) -> Wish:
    return Wish(
        str(form.get("team", "")),
        queue=bool(form.get("queue")),
        place=str(form.get("place", "")),
    )


@dataclass(frozen=True)
class _Sign:
    call_sign: str
    state: str | None


@router.get(FOLLOW)
@needs("team.read")
async def follow(mission: str, request: Request, held: Held, guest: SignedIn) -> HTMLResponse:
    """Show how a mission was told and chased, its place in line, and its doors."""
    return await _page(request, held, mission, template="mission_follow.html")


@router.get("/console/missions/{mission}/feuille")
@needs("team.read")
async def sheet(mission: str, request: Request, held: Held, guest: SignedIn) -> HTMLResponse:
    """Show the doors as a sheet to print: a team may have no phone."""
    return await _page(request, held, mission, template="mission_sheet.html")


async def _page(
    request: Request,
    held: Installation,
    mission: str,
    *,
    template: str,
    refusal: AlertRefused | None = None,
) -> HTMLResponse:
    guest = signed_in(request)
    office = held.office(guest.commune)
    try:
        read = await read_doors(office, mission, actor=actor_of(guest), form="page")
    except NotThere:
        return await page(request, held, "missing.html", status=404)
    found = read.mission
    known = (await roster_of(office)).teams
    states = await team_rows(office.ledger, office.commune)
    row = states.get(found.team or "")
    team = known.get(found.team or found.queued_for or "")
    shown = {
        "mission": found,
        "covered": is_covered(found, guest.function),
        "doors": read.doors,
        "named": read.named,
        "words": read.words,
        "sums": sums_of(read.doors),
        "tellings": await tellings_of(office.ledger, office.commune, mission),
        "team": _Sign(team.call_sign, row.state if row else None) if team else None,
        "offered": mission in (await in_line.offers(office)).values(),
        "results": tuple(DOOR_RESULTS),
        "may_order": allowed(guest.function, MAY),
        "key": secrets.token_urlsafe(12),
        "mode_shown": found.mode,
        "problem": told(request, refusal) if refusal else None,
    }
    status = status_of(refusal) if refusal else 200
    answer = await page(request, held, template, shown=shown, status=status)
    answer.headers["cache-control"] = "no-store"
    return answer


@router.post("/console/missions/{mission}/portes", dependencies=ACTS)
@needs(MAY, page=FOLLOW)
async def door(mission: str, request: Request, held: Held, guest: SignedIn) -> Response:
    """Note what a team found at a door, as it tells by radio or on paper."""
    form, office = await request.form(), held.office(guest.commune)
    ident = str(form.get("door", ""))
    sender = Sender("console", guest.login, str(form.get("key", ""))[:64])
    try:
        knock = Knock(
            ident, str(form.get("result", "")), office.clock(), _counted(form),
            str(form.get("note", "")),
        )  # fmt: skip
        await note_door(office, mission, knock, sender=sender)
    except AlertRefused as refusal:
        template = "mission_follow.html"
        return await _page(request, held, mission, template=template, refusal=refusal)
    return _to(mission, f"#p-{quote(ident)}")


def _counted(form: FormData) -> int | None:
    said = str(form.get("counted", "")).strip()
    if not said:
        return None
    if not said.isascii() or not said.isdigit():
        raise NotSo("Écrivez le nombre de personnes en chiffres.")
    return int(said[:6])


@router.post("/console/missions/{mission}/ordre", dependencies=ACTS)
@needs(MAY, page=FOLLOW)
async def place(mission: str, request: Request, held: Held, guest: SignedIn) -> Response:
    """Move a mission in its line."""
    form, office = await request.form(), held.office(guest.commune)
    said = str(form.get("urgency", ""))
    urgency = int(said) if said in ("1", "2", "3", "4") else None
    to = str(form.get("to", "")) or "last"
    try:
        await in_line.put_in_line(office, mission, to, actor=actor_of(guest), urgency=urgency)
    except AlertRefused as refusal:
        template = "mission_follow.html"
        return await _page(request, held, mission, template=template, refusal=refusal)
    return _to(mission)


def _to(mission: str, where: str = "") -> RedirectResponse:
    return RedirectResponse(f"/console/missions/{quote(mission, safe='')}/suivi{where}", 303)
