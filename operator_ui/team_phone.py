"""The page of a team without an application: its link opens it, no account; a button is a fact."""

import uuid
from collections.abc import Mapping
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.datastructures import FormData

from dispatcher.alerts.office import Office, utc_now
from dispatcher.alerts.refusals import AlertRefused, NotSo
from dispatcher.api.permissions import PUBLIC, needs
from dispatcher.store.field_reports import Filed
from dispatcher.store.phone_views import PhoneRow, phone_row
from dispatcher.store.team_links import TeamLink, mark_seen
from dispatcher.teams.phone import MOST_PHOTO_BYTES, press, scene_of
from dispatcher.teams.phone_doors import DoorsOnPhone, doors_on_phone, note_from_phone
from dispatcher.teams.phone_late import calls_for_help, still_takes
from dispatcher.teams.phone_links import link_named
from operator_ui.crisis import told
from operator_ui.doors import admit
from operator_ui.installation import Installation, installation
from operator_ui.pages import A_YEAR_S
from operator_ui.phone_forms import door_in, instant_in, press_in, text_in
from operator_ui.phone_words import GIVE_UP, KINDS_WITH_DOORS, MISSION_MOVES, STATUS_MOVES
from operator_ui.plan_shown import METROPOLIS, cell_phone, plan_of
from operator_ui.rendering import STATIC, asset, render
from operator_ui.words import COOKIE, tongue_of

router = APIRouter(dependencies=[Depends(admit)], default_response_class=HTMLResponse)
Held = Annotated[Installation, Depends(installation)]
GROUND = {"permissions-policy": "camera=(self), microphone=(), geolocation=(self)"}
WORKER = {"cache-control": "no-cache", "service-worker-allowed": "/t/"}
MOST_BYTES = MOST_PHOTO_BYTES + 100_000  # of a whole form


class LinkOver(Exception):
    """The link opens nothing: `status` 404 where there never was one, 410 where it has ended."""

    def __init__(self, link: TeamLink | None) -> None:
        """Keep the link that is over."""
        self.link = link
        self.status = 410 if link else 404
        super().__init__(link.over if link else "unknown")


@router.get("/t/sw.js")
@needs(PUBLIC)
async def worker() -> Response:
    """Serve what keeps a team's page on its phone, for the pages under /t/ alone."""
    file = STATIC / asset("phone-worker.js").rpartition("/")[2]
    if not file.is_file():
        return Response("", 404)
    return Response(file.read_bytes(), media_type="text/javascript", headers=WORKER)


@router.get("/t/{token}")
@needs(PUBLIC)
async def phone(token: str, request: Request, held: Held) -> Response:
    """Show what the team is doing, its mission and its buttons; nothing is written."""
    try:
        return await _page(request, held, await _link(held, token))
    except LinkOver as over:
        return await _over(request, held, over)


@router.post("/t/{token}")
@needs(PUBLIC)
async def act(token: str, request: Request, held: Held) -> Response:
    """Take what was pressed; the page's own script is answered with the state now."""

    async def pressed(office: Office, link: TeamLink, form: FormData) -> Filed:
        return await press(office, link, await press_in(form))

    return await _taken(token, request, held, pressed)


@router.post("/t/{token}/doors")
@needs(PUBLIC)
async def door(token: str, request: Request, held: Held) -> Response:
    """Take what was found at a door of the mission."""

    async def noted(office: Office, link: TeamLink, form: FormData) -> Filed:
        return await note_from_phone(office, link, door_in(form))

    return await _taken(token, request, held, noted)


@router.post("/t/{token}/etat")
@needs(PUBLIC)
async def state(token: str, request: Request, held: Held) -> Response:
    """Tell an open page what the team is doing now; that a phone has it open is noted."""
    try:
        link = await _link(held, token)
    except LinkOver as over:
        return _over_told(over)
    await mark_seen(held.ledger, link)
    return JSONResponse(await _now(request, held, link))


async def _link(held: Installation, token: str) -> TeamLink:
    link = await link_named(held.office(""), token)
    if link is None or link.over:
        raise LinkOver(link)
    return link


async def _taken(token: str, request: Request, held: Installation, verb: Any) -> Response:  # noqa: ANN401 - either of two above
    """Do what a form says; a script gets the state now, a browser its page again."""
    script = "application/json" in request.headers.get("accept", "")
    link = await link_named(held.office(""), token)
    if link is None or link.over == "revoked":
        return await _over(request, held, LinkOver(link))
    if int(request.headers.get("content-length") or MOST_BYTES + 1) > MOST_BYTES:
        refusal: AlertRefused = NotSo("La photo est trop lourde (1,5 Mo au plus).")
        return await _refused(request, held, link, refusal, status=413)
    async with request.form(max_files=1, max_fields=30) as form:
        if not still_takes(link, text_in(form, "act"), instant_in(form), now=utc_now()):
            return await _over(request, held, LinkOver(link))
        wait_s = held.phones.wait_s((link.commune, link.link)) if _may_wait(form) else 0.0
        if wait_s:
            refusal = NotSo("Trop d'envois à la fois : attendez un instant.")
            return await _refused(request, held, link, refusal, status=429)
        try:
            filed = await verb(held.office(link.commune), link, form)
        except AlertRefused as refused:
            return await _refused(request, held, link, refused, status=422)
    await mark_seen(held.ledger, link)
    if not script:
        return RedirectResponse(f"/t/{token}", 303)
    return JSONResponse({**_filed(filed), "now": utc_now().timestamp()})


def _may_wait(form: FormData) -> bool:
    return form.get("act") != "distress"


def _filed(filed: Filed) -> dict[str, Any]:
    return {
        "state": filed.state,
        "mission_state": filed.mission_state,
        "applied": filed.applied,
        "missing": list(filed.missing),
        "repeated": filed.repeated,
    }


async def _page(
    request: Request,
    held: Installation,
    link: TeamLink,
    *,
    problem: AlertRefused | None = None,
    status: int = 200,
) -> HTMLResponse:
    tongue = tongue_of(request)
    shown = await _shown(held, link)
    more = {
        "sandboxed": held.sandboxed,
        "path": f"/t/{request.path_params['token']}",
        "status_moves": STATUS_MOVES,
        "mission_moves": MISSION_MOVES,
        "give_up": GIVE_UP,
        "ident": lambda: str(uuid.uuid4()),
        "problem": told(request, problem) if problem else None,
    }
    html = render("phone.html", tongue.code, {**shown, **more})
    answer = HTMLResponse(html, status, headers={**GROUND, "content-language": tongue.code})
    if tongue.chosen:
        answer.set_cookie(COOKIE, tongue.code, max_age=A_YEAR_S, samesite="lax", secure=held.https)
    return answer


async def _shown(held: Installation, link: TeamLink) -> Mapping[str, Any]:
    office = held.office(link.commune)
    now: PhoneRow = await phone_row(held.ledger, link.commune, link.team)
    mission = now.mission
    scene = await scene_of(office, link, mission.mission if mission else None)
    current = await plan_of(held, link.commune)
    plan = current.plan if current else None
    sectors = {one.id: one.name for one in plan.sectors} if plan else {}
    doors = await doors_on_phone(office, mission) if mission else DoorsOnPhone()
    return {
        "zone": ZoneInfo(plan.commune.timezone) if plan else METROPOLIS,
        "team": scene.team,
        "row": now.row,
        "state": now.row.state if now.row else None,
        "phone": now,
        "mission": mission,
        "sector": sectors.get(mission.sector or "", mission.sector) if mission else None,
        "doors": doors.doors,
        "words": doors.words,
        "cell": cell_phone(plan) if plan else "",
        "counts": bool(mission and (doors.doors or mission.kind in KINDS_WITH_DOORS)),
        "follows": bool(mission and link.follows == mission.mission),
    }


async def _now(request: Request, held: Installation, link: TeamLink) -> dict[str, Any]:
    shown = await _shown(held, link)
    mission = shown["mission"]
    return {
        "now": utc_now().timestamp(),
        "html": render("_phone_now.html", tongue_of(request).code, shown),
        "state": shown["state"] or "",
        "mission": mission.mission if mission else "",
        "mission_state": mission.state if mission else "",
        "counts": shown["counts"],
        "follows": shown["follows"],
    }


async def _refused(
    request: Request, held: Installation, link: TeamLink, refusal: AlertRefused, *, status: int
) -> Response:
    if "application/json" in request.headers.get("accept", ""):
        said = {**told(request, refusal), "refused": True, "now": utc_now().timestamp()}
        return JSONResponse(said, status)
    return await _page(request, held, link, problem=refusal, status=status)


async def _over(request: Request, held: Installation, over: LinkOver) -> Response:
    """Say that the link opens nothing: a script which why, a browser on a page of its own.

    Of one that has ended the page sends what the phone still holds, and calls for help.
    """
    if "application/json" in request.headers.get("accept", ""):
        return _over_told(over)
    link = over.link
    current = await plan_of(held, link.commune) if link and link.over != "revoked" else None
    calls = link is not None and calls_for_help(link, now=utc_now())
    shown = {
        "zone": ZoneInfo(current.plan.commune.timezone) if current else METROPOLIS,
        "sandboxed": (),
        "over": link,
        "cell": cell_phone(current.plan) if current else "",
        "calls": calls,
        "phone": await phone_row(held.ledger, link.commune, link.team) if link and calls else None,
        "ident": str(uuid.uuid4()),
        "path": f"/t/{request.path_params['token']}",
    }
    html = render("phone_over.html", tongue_of(request).code, shown)
    why = {"link-over": link.over} if link else {}
    return HTMLResponse(html, over.status, headers=why)


def _over_told(over: LinkOver) -> JSONResponse:
    return JSONResponse({"over": str(over)}, over.status)
