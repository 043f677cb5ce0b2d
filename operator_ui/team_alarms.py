"""Alarms of teams on the console: those to be taken, those in hand, how each ended."""

from collections.abc import Awaitable
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from dispatcher.alerts.refusals import AlertRefused
from dispatcher.api.permissions import needs
from dispatcher.store import team_alarms
from dispatcher.store.team_alarms import TeamAlarm
from dispatcher.store.users import User
from dispatcher.teams import alarming
from dispatcher.teams.roster import roster_of
from operator_ui.crisis import ACTS, status_of, told
from operator_ui.distress import actor_of
from operator_ui.doors import admit, signed_in
from operator_ui.installation import Installation, installation
from operator_ui.pages import page

router = APIRouter(dependencies=[Depends(admit)], default_response_class=HTMLResponse)

Held = Annotated[Installation, Depends(installation)]
SignedIn = Annotated[User, Depends(signed_in)]
HERE = "/equipes/alarmes"
MAY = "team.order"
A_PAGE = 100


@router.get(HERE)
@needs("team.read")
async def team_alarms_page(request: Request, held: Held, guest: SignedIn) -> HTMLResponse:
    """List the alarms of teams, the gravest first, and those that were ended last."""
    return await _list(request, held, guest)


@router.post(f"{HERE}/{{alarm}}/prendre", dependencies=ACTS)
@needs(MAY, page=HERE)
async def take_alarm(alarm: str, request: Request, held: Held, guest: SignedIn) -> Response:
    """Take an alarm."""
    act = alarming.take(held.office(guest.commune), alarm, actor=actor_of(guest))
    return await _acted(request, held, guest, act)


@router.post(f"{HERE}/{{alarm}}/terminer", dependencies=ACTS)
@needs(MAY, page=HERE)
async def end_alarm(alarm: str, request: Request, held: Held, guest: SignedIn) -> Response:
    """End an alarm in words."""
    note = str((await request.form()).get("note", ""))
    act = alarming.end(held.office(guest.commune), alarm, note, actor=actor_of(guest))
    return await _acted(request, held, guest, act)


async def _acted(
    request: Request, held: Installation, guest: User, act: Awaitable[TeamAlarm]
) -> Response:
    try:
        done = await act
    except AlertRefused as refusal:
        return await _list(request, held, guest, refusal=refusal)
    return RedirectResponse(f"{HERE}#alarme-{done.alarm}" if done.is_open else HERE, 303)


async def _list(
    request: Request, held: Installation, guest: User, *, refusal: AlertRefused | None = None
) -> HTMLResponse:
    office = held.office(guest.commune)
    roster = await roster_of(office)
    ledger, commune = held.ledger, guest.commune
    shown = {
        "open": await team_alarms.alarms_of(ledger, commune, limit=A_PAGE),
        "ended": await team_alarms.alarms_of(ledger, commune, ended=True, limit=A_PAGE),
        "call_signs": {one.team: one.call_sign for one in roster.teams.values()},
        "note": str((await request.form()).get("note", "")) if refusal else "",
        "problem": told(request, refusal) if refusal else None,
    }
    status = status_of(refusal) if refusal else 200
    return await page(request, held, "team_alarms.html", shown=shown, status=status)
