"""Whole pages: what surrounds each of them, in its reader's language."""

from collections.abc import Mapping

from fastapi import Request
from fastapi.responses import HTMLResponse

from dispatcher.access.permissions import GRANTED, allowed
from dispatcher.store import crises, overrides
from dispatcher.store.crises import Event
from dispatcher.store.sessions import Session
from dispatcher.store.users import User
from operator_ui.installation import Installation
from operator_ui.live import Subject
from operator_ui.noting import noting_of
from operator_ui.plan_shown import METROPOLIS, CommuneShown, commune_shown, people_of
from operator_ui.rendering import render
from operator_ui.same_origin import form_token
from operator_ui.words import COOKIE, tongue_of

A_YEAR_S = 365 * 24 * 3600


async def page(
    request: Request,
    held: Installation,
    template: str,
    *,
    shown: Mapping[str, object] | None = None,
    status: int = 200,
) -> HTMLResponse:
    """Return a page of the console; `shown` are the template's own values."""
    tongue = tongue_of(request)
    session: Session | None = getattr(request.state, "session", None)
    guest = session.user if session else None
    code = guest.commune if guest else held.place.commune
    commune = await commune_shown(held, code) if code else CommuneShown("", METROPOLIS)
    values = {
        "zone": commune.zone,
        "guest": guest,
        "rights_held": GRANTED.get(guest.function, frozenset()) if guest else frozenset(),
        "function_names": commune.function_names,
        "commune_name": commune.name,
        "people": await people_of(held, code) if guest else {},
        "current": await held.watch.running(Subject(code)) if guest else None,
        "sandboxed": held.sandboxed,
        "tiles": held.tiles.shown,
        "alarms": held.sentinel.alarms_of(code) if guest else (),
        "token": form_token(held.session_key, session.ident) if session else "",
        "path": request.url.path,
        "noting": await noting_of(held, guest, request),
        "open_event": await _open_event(held, guest),
        "holds": await overrides.holding(held.ledger, guest.commune) if guest else (),
    }
    html = render(template, tongue.code, {**values, **(shown or {})})
    answer = HTMLResponse(html, status, headers={"content-language": tongue.code})
    if tongue.chosen:
        answer.set_cookie(COOKIE, tongue.code, max_age=A_YEAR_S, samesite="lax", secure=held.https)
    return answer


async def _open_event(held: Installation, guest: User | None) -> Event | None:
    if guest is None or not allowed(guest.function, "event.read"):
        return None
    return await crises.open_event_of(held.ledger, guest.commune)
