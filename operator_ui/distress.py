"""Calls for help on the console: the list, one call with who made it, and what is done about it."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from typing import Annotated
from urllib.parse import quote
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from starlette.datastructures import FormData

from dispatcher.alerts.office import Actor, utc_now
from dispatcher.alerts.refusals import AlertRefused, NotSo, NotThere
from dispatcher.api.permissions import needs
from dispatcher.distress import calls
from dispatcher.distress.calls import UNOWNED_S, End
from dispatcher.store import help_calls
from dispatcher.store.help_calls import OUTCOMES, HelpCall
from dispatcher.store.help_counts import help_counts
from dispatcher.store.help_whose import Home
from dispatcher.store.users import User
from dispatcher.tasking.where_to import where_to
from operator_ui.crisis import ACTS, status_of, told
from operator_ui.doors import admit, signed_in
from operator_ui.installation import Installation, installation
from operator_ui.pages import page
from operator_ui.plan_shown import commune_shown
from operator_ui.team_choice import choice_of
from zones.area import Place

router = APIRouter(dependencies=[Depends(admit)], default_response_class=HTMLResponse)

Held = Annotated[Installation, Depends(installation)]
SignedIn = Annotated[User, Depends(signed_in)]
MAY = "alert.replies"
HERE = "/console/aide"
A_PAGE = 100


def actor_of(guest: User) -> Actor:
    """Return who is signed in as the one who acts."""
    return Actor(guest.login, guest.function, guest.contact_id)


@router.get(HERE)
@needs("alert.read")
async def help_calls_page(
    request: Request,
    held: Held,
    guest: SignedIn,
    number: Annotated[int, Query(alias="page", ge=1, le=100_000)] = 1,
) -> HTMLResponse:
    """List the calls for help: those to be taken, those in hand, those ended in the last days."""
    return await _list(request, held, guest, number=number)


async def _list(
    request: Request,
    held: Installation,
    guest: User,
    *,
    number: int = 1,
    refusal: AlertRefused | None = None,
) -> HTMLResponse:
    now = utc_now().timestamp()
    counted = await help_counts(held.ledger, guest.commune, late_s=UNOWNED_S)
    pages = max(1, -(-counted.open // A_PAGE))
    number = min(number, pages)
    before = (number - 1) * A_PAGE
    shown = {
        "counted": counted,
        "number": number,
        "pages": pages,
        "open": await help_calls.open_calls(held.ledger, guest.commune, limit=A_PAGE, after=before),
        "ended": await help_calls.ended_calls(held.ledger, guest.commune) if number == 1 else [],
        "late_before": now - UNOWNED_S,
        "problem": told(request, refusal) if refusal else None,
    }
    status = status_of(refusal) if refusal else 200
    return await page(request, held, "help_calls.html", shown=shown, status=status)


@router.post(f"{HERE}/prendre", dependencies=ACTS)
@needs(MAY, page=HERE)
async def take_from_list(request: Request, held: Held, guest: SignedIn) -> Response:
    """Take a call from a list of them, then show who made it."""
    call_id = str((await request.form()).get("call", ""))
    try:
        await calls.take(held.office(guest.commune), call_id, actor=actor_of(guest))
    except AlertRefused as refusal:
        return await _list(request, held, guest, refusal=refusal)
    return _to(call_id)


@router.get(f"{HERE}/{{call_id}}")
@needs(MAY)
async def help_call(call_id: str, request: Request, held: Held, guest: SignedIn) -> HTMLResponse:
    """Show one call and who made it; the look is a line of the logbook."""
    return await call_page(request, held, call_id)


async def call_page(
    request: Request, held: Installation, call_id: str, *, refusal: AlertRefused | None = None
) -> HTMLResponse:
    """Return the page of a call, with the sentence of what was refused where something was."""
    guest = signed_in(request)
    office = held.office(guest.commune)
    try:
        call, whose = await calls.look(office, call_id, actor=actor_of(guest))
    except NotThere:
        return await page(request, held, "missing.html", status=404)
    places = await where_to(office, call, whose) if call.is_open else []
    zone = (await commune_shown(held, guest.commune)).zone
    given = await request.form() if request.method == "POST" else FormData()
    now = datetime.now(zone)
    shown = {
        "call": call,
        "whose": whose,
        "owners": await calls.owners(office),
        "mine": call.owner == guest.login,
        "places": places,
        "team_choice": await choice_of(held, guest, to=_first(places)),
        "outcomes": OUTCOMES,
        "hour": str(given.get("hour", "")) or f"{now:%H:%M}",
        "given": {"note": "", "reference": "", "reason": "", "place": "", **given},
        "problem": told(request, refusal) if refusal else None,
    }
    status = status_of(refusal) if refusal else 200
    return await page(request, held, "help_call.html", shown=shown, status=status)


def _first(places: Sequence[Home]) -> Place | None:
    """Return where the team goes unless another address is chosen."""
    if not places or places[0].lon is None or places[0].lat is None:
        return None
    return Place(places[0].lon, places[0].lat)


Act = Callable[[Installation, User, str, FormData], Awaitable[HelpCall]]


async def _take(held: Installation, guest: User, call_id: str, _form: FormData) -> HelpCall:
    return await calls.take(held.office(guest.commune), call_id, actor=actor_of(guest))


async def _hand_over(held: Installation, guest: User, call_id: str, form: FormData) -> HelpCall:
    to, office = str(form.get("owner", "")), held.office(guest.commune)
    read = str(form.get("again", "")) if "again" in form else None
    return await calls.hand_over(office, call_id, to, actor=actor_of(guest), read_again=read)


async def _end(held: Installation, guest: User, call_id: str, form: FormData) -> HelpCall:
    zone = (await commune_shown(held, guest.commune)).zone
    outcome = str(form.get("outcome", ""))
    passed = outcome == "passed_on"
    how = End(
        outcome,
        str(form.get("note", "")),
        at_hour(str(form.get("hour", "")), zone) if passed else None,
        str(form.get("reference", "")) if passed else "",
        str(form.get("again", "")),
    )
    return await calls.end(held.office(guest.commune), call_id, how, actor=actor_of(guest))


async def _reopen(held: Installation, guest: User, call_id: str, form: FormData) -> HelpCall:
    office, reason = held.office(guest.commune), str(form.get("reason", ""))
    return await calls.reopen(office, call_id, actor=actor_of(guest), reason=reason)


ACTS_OF_CALL: tuple[tuple[str, str, Act], ...] = (
    ("prendre", "take", _take),
    ("confier", "hand_over", _hand_over),
    ("clore", "end", _end),
    ("rouvrir", "reopen", _reopen),
)


def _route(path: str, name: str, act: Act) -> None:
    @router.post(f"{HERE}/{{call_id}}/{path}", dependencies=ACTS, name=f"help_{name}")
    @needs(MAY, page=HERE)
    async def acted(call_id: str, request: Request, held: Held, guest: SignedIn) -> Response:
        """Do it, and show the call; a refusal keeps what was written."""
        form = await request.form()
        try:
            call = await act(held, guest, call_id, form)
        except AlertRefused as refusal:
            return await call_page(request, held, call_id, refusal=refusal)
        return _to(call.call_id) if call.is_open else RedirectResponse(HERE, 303)


for _path, _name, _act in ACTS_OF_CALL:
    _route(_path, _name, _act)


def _to(call_id: str) -> RedirectResponse:
    return RedirectResponse(f"{HERE}/{quote(call_id, safe='')}", 303)


def at_hour(hour: str, zone: ZoneInfo) -> datetime | None:
    """Return the latest instant at which the clock showed this hour, HH:MM; None where none is.

    Raises NotSo for what is no hour.
    """
    if not hour.strip():
        return None
    try:
        given = datetime.strptime(hour.strip(), "%H:%M")  # noqa: DTZ007 - an hour of today, below
    except ValueError as no_hour:
        raise NotSo("Écrivez l'heure ainsi : 03:12.") from no_hour
    now = utc_now().astimezone(zone)
    at = now.replace(hour=given.hour, minute=given.minute, second=0, microsecond=0)
    return at if at <= now + timedelta(minutes=1) else at - timedelta(days=1)
