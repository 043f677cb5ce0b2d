"""A team's page: what it does, its alarms, its timeline, what it says by radio; teams added."""

import secrets
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from starlette.datastructures import FormData

from dispatcher.alerts.refusals import AlertRefused, NotSo, NotThere
from dispatcher.api.permissions import needs
from dispatcher.store.partners import let_in
from dispatcher.store.team_rows import timeline
from dispatcher.store.users import User
from dispatcher.teams import adding, by_voice
from dispatcher.teams.adding import TEAM_KINDS, NewTeam
from dispatcher.teams.board import STALE_S, board_of
from dispatcher.teams.by_voice import Spoken
from dispatcher.teams.ordering import find_team
from dispatcher.teams.showing import LATE_S
from dispatcher.teams.sight import reports_seen
from operator_ui.board import HERE, MAY, actor_of
from operator_ui.crisis import ACTS, status_of, told
from operator_ui.distress import at_hour
from operator_ui.doors import admit, signed_in
from operator_ui.installation import Installation, installation
from operator_ui.pages import page
from operator_ui.plan_shown import commune_shown, plan_of
from plans.teams import EVENTS, STATUSES, may_become

router = APIRouter(dependencies=[Depends(admit)], default_response_class=HTMLResponse)

Held = Annotated[Installation, Depends(installation)]
SignedIn = Annotated[User, Depends(signed_in)]
ADD = f"{HERE}/ajouter"


@router.get(ADD)
@needs(MAY)
async def add_form(request: Request, held: Held, guest: SignedIn) -> HTMLResponse:
    """Ask what a team beside the plan is called, and whose it is."""
    return await _add_page(request, held, guest)


async def _add_page(
    request: Request, held: Installation, guest: User, *, refusal: AlertRefused | None = None
) -> HTMLResponse:
    given = await request.form() if request.method == "POST" else FormData()
    partners = [one for one in await let_in(held.ledger) if one.commune == guest.commune]
    shown = {
        "kinds": TEAM_KINDS,
        "partners": partners,
        "given": {"call_sign": "", "kind": "volunteers", "partner": "", "minimum": "2", **given},
        "problem": told(request, refusal) if refusal else None,
    }
    status = status_of(refusal) if refusal else 200
    return await page(request, held, "team_add.html", shown=shown, status=status)


@router.post(ADD, dependencies=ACTS)
@needs(MAY)
async def add(request: Request, held: Held, guest: SignedIn) -> Response:
    """Add it, and show it."""
    form = await request.form()
    office = held.office(guest.commune)
    try:
        new = NewTeam(
            str(form.get("call_sign", "")),
            str(form.get("kind", "")),
            str(form.get("partner", "")),
            whole(form, "minimum") or 0,
        )
        made = await adding.add(office, new, actor=actor_of(guest))
    except AlertRefused as refusal:
        return await _add_page(request, held, guest, refusal=refusal)
    held.services.rosters.forget(guest.commune)
    return RedirectResponse(f"{HERE}/{quote(made.team, safe='')}", 303)


@router.get(f"{HERE}/{{team}}")
@needs("team.read")
async def team_page(team: str, request: Request, held: Held, guest: SignedIn) -> HTMLResponse:
    """Show a team: what it does, since when, its alarms, all that was reported and ordered."""
    return await _team_page(request, held, team)


async def _team_page(
    request: Request, held: Installation, team: str, *, refusal: AlertRefused | None = None
) -> HTMLResponse:
    guest = signed_in(request)
    office = held.office(guest.commune)
    try:
        known = await find_team(office, team)
    except NotThere:
        return await page(request, held, "missing.html", status=404)
    seen = (await board_of(office)).team(known.team)
    given = await request.form() if request.method == "POST" else FormData()
    current = await plan_of(held, guest.commune)
    state = seen.row.state if seen and seen.row else None
    shown = {
        "seen": seen,
        "rows": reports_seen(
            await timeline(held.ledger, guest.commune, team=known.team), guest.function
        ),
        "late_s": LATE_S,
        "stale_s": STALE_S,
        "next": [one for one in STATUSES if state is None or may_become(one.code, old=state)],
        "others": [
            one for one in STATUSES if state is not None and not may_become(one.code, old=state)
        ],
        "events": EVENTS,
        "sectors": {one.id: one.name for one in current.plan.sectors} if current else {},
        "given": {"word": "", "hour": "", "strength": "", "note": "", **given},
        "key": secrets.token_urlsafe(12),
        "problem": told(request, refusal) if refusal else None,
    }
    status = status_of(refusal) if refusal else 200
    return await page(request, held, "team.html", shown=shown, status=status)


@router.post(f"{HERE}/{{team}}/dire", dependencies=ACTS)
@needs(MAY, page=f"{HERE}/{{team}}")
async def say(team: str, request: Request, held: Held, guest: SignedIn) -> Response:
    """Note what it says by radio or telephone; a refusal keeps what was written."""
    form = await request.form()
    zone = (await commune_shown(held, guest.commune)).zone
    office, key = held.office(guest.commune), str(form.get("key", ""))[:64]
    try:
        spoken = Spoken(
            str(form.get("word", "")),
            at_hour(str(form.get("hour", "")), zone),
            whole(form, "strength"),
            str(form.get("note", "")),
            forced=form.get("forced") == "1",
        )
        await by_voice.note(office, team, spoken, actor=actor_of(guest), key=key)
    except AlertRefused as refusal:
        return await _team_page(request, held, team, refusal=refusal)
    return RedirectResponse(f"{HERE}/{quote(team, safe='')}", 303)


def whole(form: FormData, name: str) -> int | None:
    """Return a number that was typed; None where none was. Raises NotSo for what is none."""
    given = str(form.get(name, "")).strip()
    if not given:
        return None
    if not (given.isascii() and given.isdigit() and len(given) <= 6):
        raise NotSo("« {given} » n'est pas un nombre.", given=given[:40])
    return int(given)
