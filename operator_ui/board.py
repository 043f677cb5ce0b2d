"""The board: teams in lanes by what they do, missions that nobody has, alarms above all; live."""

from collections.abc import AsyncIterator, Mapping
from typing import Annotated
from urllib.parse import parse_qsl, urlencode

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from dispatcher.access.permissions import allowed
from dispatcher.alerts.office import Actor
from dispatcher.alerts.refusals import AlertRefused, NotSo
from dispatcher.api.permissions import needs
from dispatcher.store.sessions import Session
from dispatcher.store.users import User
from dispatcher.teams import ordering
from dispatcher.teams.board import STALE_S, Filter
from dispatcher.teams.sight import pointed
from operator_ui.board_picture import BoardPicture, board_picture, shown_of
from operator_ui.crisis import ACTS, status_of, told
from operator_ui.doors import admit, held_session, signed_in
from operator_ui.event_stream import PULSE, SIGNED_OUT, EventStream, event_of
from operator_ui.installation import Installation, installation
from operator_ui.pages import page
from operator_ui.plan_shown import bounds_of, commune_shown, people_of, plan_of
from operator_ui.rendering import render
from operator_ui.words import tongue_of

router = APIRouter(dependencies=[Depends(admit)], default_response_class=HTMLResponse)

Held = Annotated[Installation, Depends(installation)]
SignedIn = Annotated[User, Depends(signed_in)]
HERE = "/equipes"
MAY = "team.order"
LAYERS = ("secteurs", "secteurs-noms", "zones", "centres", "commune", "fond")
NAMES = {  # of the filter, in the address
    "partenaire": "partner",
    "type": "kind",
    "secteur": "sector",
    "mission": "mission",
}


def filter_of(query: Mapping[str, str]) -> Filter:
    """Return the filter that an address asks for."""
    asked = {ours: query.get(name, "")[:64] for name, ours in NAMES.items()}
    return Filter(**asked, alarms=query.get("alarmes", "") == "1")


def query_of(asked: Filter) -> str:
    """Return a filter as an address has it; empty where it holds everything."""
    told = {name: getattr(asked, ours) for name, ours in NAMES.items()}
    told["alarmes"] = "1" if asked.alarms else ""
    return urlencode({name: value for name, value in told.items() if value})


def actor_of(guest: User) -> Actor:
    """Return who is signed in as the one who acts."""
    return Actor(guest.login, guest.function, guest.contact_id)


@router.get(HERE)
@needs("team.read")
async def board(request: Request, held: Held, guest: SignedIn) -> HTMLResponse:
    """Show the board."""
    return await _page(request, held, guest, filter_of(request.query_params))


async def _page(
    request: Request,
    held: Installation,
    guest: User,
    asked: Filter,
    *,
    refusal: AlertRefused | None = None,
) -> HTMLResponse:
    picture = await board_picture(held.office(guest.commune))
    current = await plan_of(held, guest.commune)
    plan = current.plan if current else None
    sources = {name: f"/carte/{name}.geojson" for name in LAYERS}
    sources |= {name: f"/carte/{name}.geojson" for name in ("equipes", "missions")}
    query = query_of(asked)
    shown = {
        **_shown(picture, asked, may=allowed(guest.function, MAY)),
        "plan": plan,
        "bounds": bounds_of(plan) if plan else None,
        "sources": sources,
        "sectors": {one.id: one.name for one in plan.sectors} if plan else {},
        "query": query,
        "stream": f"{HERE}/flux?{query}" if query else f"{HERE}/flux",
        "problem": told(request, refusal) if refusal else None,
    }
    status = status_of(refusal) if refusal else 200
    return await page(request, held, "board.html", shown=shown, status=status)


def _shown(picture: BoardPicture, asked: Filter, *, may: bool) -> dict[str, object]:
    board = picture.board
    return {
        "picture": picture,
        "seen": shown_of(picture, asked),
        "asked": asked,
        "may_order": may,
        "pointed": pointed(board.missions, whole=may),
        "stale_s": STALE_S,
        "partners": sorted({one.known.partner for one in board.teams if one.known.partner}),
        "kinds": sorted({one.known.kind for one in board.teams}),
        "sectors": {},
    }


@router.post(f"{HERE}/confier", dependencies=ACTS)
@needs(MAY, page=HERE)
async def give(request: Request, held: Held, guest: SignedIn) -> Response:
    """Give a mission to the team that was chosen beside it, or that it was dragged onto."""
    form = await request.form()
    asked = filter_of(dict(parse_qsl(str(form.get("filtre", "")))))
    mission = str(form.get("mission", ""))
    team = str(form.get(f"team.{mission}", ""))
    try:
        if not team:
            raise NotSo("Choisissez une équipe.")
        await ordering.order(held.office(guest.commune), mission, team, actor=actor_of(guest))
    except AlertRefused as refusal:
        return await _page(request, held, guest, asked, refusal=refusal)
    query = query_of(asked)
    return RedirectResponse(f"{HERE}?{query}" if query else HERE, 303)


@router.get(f"{HERE}/flux")
@needs("team.read")
async def stream(request: Request, held: Held, guest: SignedIn) -> EventStream:
    """Stream the board: whole at once, then each time that something on it moves."""
    asked = filter_of(request.query_params)
    language = tongue_of(request).code
    return EventStream(_events(held, held_session(request), asked, language=language))


async def _events(
    held: Installation, session: Session, asked: Filter, *, language: str
) -> AsyncIterator[bytes]:
    user = session.user
    may = allowed(user.function, MAY)
    commune = await commune_shown(held, user.commune)
    plan = await plan_of(held, user.commune)
    sectors = {one.id: one.name for one in plan.plan.sectors} if plan else {}
    named = {
        "zone": commune.zone,
        "function_names": commune.function_names,
        "people": await people_of(held, user.commune),
        "query": query_of(asked),
    }

    def make(picture: BoardPicture | None, number: int) -> bytes:
        if picture is None:
            return PULSE
        shown = {**_shown(picture, asked, may=may), **named, "sectors": sectors}
        return event_of(render("_board_stream.html", language, shown), ident=number)

    with held.watch.attendance.lit(user.commune, session.ident) as screen:
        async for serial, picture in held.boards.follow(user.commune, screen):
            if picture is None:
                yield PULSE
                continue

            def made(seen: BoardPicture | None, number: int = serial) -> bytes:
                return make(seen, number)

            yield held.boards.made(user.commune, (language, may, asked), made)
        if screen.out:
            yield SIGNED_OUT
