"""Missions on the console: one with its timeline, given to a team, moved; a new one made."""

import secrets
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from starlette.datastructures import FormData

from dispatcher.alerts.refusals import AlertRefused, NotSo, NotThere
from dispatcher.api.permissions import needs
from dispatcher.store.mission_rows import Mission
from dispatcher.store.team_rows import timeline
from dispatcher.store.users import User
from dispatcher.teams import ordering
from dispatcher.teams.board import Board, board_of
from dispatcher.teams.nearest import Near, nearest
from dispatcher.teams.ordering import NewMission, find_mission
from dispatcher.teams.showing import LATE_S
from dispatcher.teams.sight import is_covered, mission_seen, reports_seen
from operator_ui.board import MAY, actor_of
from operator_ui.crisis import ACTS, status_of, told
from operator_ui.doors import admit, signed_in
from operator_ui.installation import Installation, installation
from operator_ui.pages import page
from operator_ui.plan_shown import plan_of
from plans.missions import MISSION_KINDS, MISSION_STATES, mission_may_become
from zones.area import AreaFault, Place

router = APIRouter(dependencies=[Depends(admit)], default_response_class=HTMLResponse)

Held = Annotated[Installation, Depends(installation)]
SignedIn = Annotated[User, Depends(signed_in)]
NEW = "/missions/nouvelle"
ONE = "/missions/{mission}"
_EMPTY = {"kind": "evaluate", "title": "", "text": "", "sector": "", "urgency": "3", "team": "",
          "lon": "", "lat": ""}  # fmt: skip


@router.get(NEW)
@needs(MAY)
async def new_form(request: Request, held: Held, guest: SignedIn) -> HTMLResponse:
    """Ask what is to be done, where, how urgent it is, and who does it."""
    return await _new_page(request, held, guest)


async def _new_page(
    request: Request, held: Installation, guest: User, *, refusal: AlertRefused | None = None
) -> HTMLResponse:
    given = await request.form() if request.method == "POST" else FormData()
    current = await plan_of(held, guest.commune)
    shown = {
        "kinds": tuple(MISSION_KINDS),
        "sectors": {one.id: one.name for one in current.plan.sectors} if current else {},
        "teams": (await board_of(held.office(guest.commune))).teams,
        "given": {**_EMPTY, "key": secrets.token_urlsafe(12), **given},
        "problem": told(request, refusal) if refusal else None,
    }
    status = status_of(refusal) if refusal else 200
    return await page(request, held, "mission_new.html", shown=shown, status=status)


@router.post(NEW, dependencies=ACTS)
@needs(MAY)
async def make(request: Request, held: Held, guest: SignedIn) -> Response:
    """Make it, and show it; one click is one mission."""
    form = await request.form()
    team, key = str(form.get("team", "")), str(form.get("key", ""))[:64]
    office = held.office(guest.commune)
    try:
        new = _new(form)
        made = await ordering.propose(
            office, new, actor=actor_of(guest), team=team or None, key=key
        )
    except AlertRefused as refusal:
        return await _new_page(request, held, guest, refusal=refusal)
    return _to(made.mission)


def _new(form: FormData) -> NewMission:
    urgency = str(form.get("urgency", ""))
    lon, lat = _degrees(form, "lon"), _degrees(form, "lat")
    if (lon is None) != (lat is None):
        raise NotSo("Donnez la longitude et la latitude, ou aucune des deux.")
    if lon is not None and lat is not None:
        try:
            Place(lon, lat)
        except AreaFault as fault:
            raise NotSo("Ce point n'est pas sur la Terre.") from fault
    return NewMission(
        str(form.get("kind", "")), str(form.get("title", "")), str(form.get("text", "")),
        sector=str(form.get("sector", ""))[:64] or None, lon=lon, lat=lat,
        urgency=int(urgency) if urgency in ("1", "2", "3", "4") else 0,
    )  # fmt: skip


def _degrees(form: FormData, name: str) -> float | None:
    given = str(form.get(name, "")).strip().replace(",", ".")
    if not given:
        return None
    try:
        return float(given)
    except ValueError as no_number:
        raise NotSo("« {given} » n'est pas un nombre.", given=given[:40]) from no_number


@router.get(ONE)
@needs("team.read")
async def mission_page(mission: str, request: Request, held: Held, guest: SignedIn) -> HTMLResponse:
    """Show a mission: what is to be done, who does it, all that was reported and ordered."""
    return await _mission_page(request, held, mission)


async def _mission_page(
    request: Request, held: Installation, mission: str, *, refusal: AlertRefused | None = None
) -> HTMLResponse:
    guest = signed_in(request)
    office = held.office(guest.commune)
    try:
        whole = await find_mission(office, mission)
    except NotThere:
        return await page(request, held, "missing.html", status=404)
    found = mission_seen(whole, guest.function)
    current = await plan_of(held, guest.commune)
    board = await board_of(office)
    given = await request.form() if request.method == "POST" else FormData()
    moves = [
        one
        for one in MISSION_STATES
        if one.code != "ordered" and mission_may_become(one.code, old=found.state)
    ]
    shown = {
        "mission": found,
        "doer": board.team(found.team) if found.team else None,
        "teams": board.teams,
        "near": _near(found, board, speed_kmh=held.services.speed_kmh),
        "speed_kmh": held.services.speed_kmh,
        "moves": moves,
        "givable": not found.is_over and found.state not in ("in_progress", "suspended"),
        "covered": is_covered(whole, guest.function),
        "rows": reports_seen(
            await timeline(held.ledger, guest.commune, mission=mission), guest.function
        ),
        "late_s": LATE_S,
        "sectors": {one.id: one.name for one in current.plan.sectors} if current else {},
        "given": {"to": "", "note": "", "team": "", **given},
        "problem": told(request, refusal) if refusal else None,
    }
    status = status_of(refusal) if refusal else 200
    return await page(request, held, "mission.html", shown=shown, status=status)


def _near(mission: Mission, board: Board, *, speed_kmh: float) -> list[Near]:
    if mission.lon is None or mission.lat is None or mission.is_over:
        return []
    try:
        return nearest(board.teams, Place(mission.lon, mission.lat), speed_kmh=speed_kmh, most=3)
    except AreaFault:  # outside of France nothing is measured
        return []


@router.post(f"{ONE}/confier", dependencies=ACTS)
@needs(MAY, page=ONE)
async def order(mission: str, request: Request, held: Held, guest: SignedIn) -> Response:
    """Give it to a team."""
    team = str((await request.form()).get("team", ""))
    try:
        if not team:
            raise NotSo("Choisissez une équipe.")
        await ordering.order(held.office(guest.commune), mission, team, actor=actor_of(guest))
    except AlertRefused as refusal:
        return await _mission_page(request, held, mission, refusal=refusal)
    return _to(mission)


@router.post(f"{ONE}/deplacer", dependencies=ACTS)
@needs(MAY, page=ONE)
async def move(mission: str, request: Request, held: Held, guest: SignedIn) -> Response:
    """Say where it stands; why, where it ends unfinished."""
    form = await request.form()
    to, note = str(form.get("to", "")), str(form.get("note", ""))[:2000]
    office = held.office(guest.commune)
    try:
        await ordering.move(office, mission, to, actor=actor_of(guest), note=note)
    except AlertRefused as refusal:
        return await _mission_page(request, held, mission, refusal=refusal)
    return _to(mission)


def _to(mission: str) -> RedirectResponse:
    return RedirectResponse(f"/missions/{quote(mission, safe='')}", 303)
