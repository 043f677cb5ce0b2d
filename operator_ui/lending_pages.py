"""Means of an event on the console: where everything is, lent, brought back, what came besides."""

import secrets
from datetime import datetime
from typing import Annotated
from urllib.parse import quote
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from starlette.datastructures import FormData

from dispatcher.access.permissions import allowed
from dispatcher.alerts.refusals import AlertRefused, NotSo, NotThere
from dispatcher.api.permissions import needs
from dispatcher.lending import lending
from dispatcher.lending.lending import SOURCES, Coming, Lending, Return
from dispatcher.lending.showing import as_csv
from dispatcher.lending.stock import stock
from dispatcher.store.users import User
from operator_ui.crisis import ACTS, asked_by, status_of, told
from operator_ui.doors import admit, signed_in
from operator_ui.installation import Installation, installation
from operator_ui.logbook_forms import instant
from operator_ui.pages import page
from operator_ui.plan_shown import commune_shown
from operator_ui.typed_figures import click_of, quantity

router = APIRouter(dependencies=[Depends(admit)], default_response_class=HTMLResponse)

Held = Annotated[Installation, Depends(installation)]
SignedIn = Annotated[User, Depends(signed_in)]
MEANS = "/evenements/{event_id}/moyens"
LOAN = f"{MEANS}/prets/{{loan_id}}"


@router.get(MEANS)
@needs("event.read")
async def means(event_id: str, request: Request, held: Held, guest: SignedIn) -> HTMLResponse:
    """Show where everything is, what is overdue, and what may be lent."""
    return await _page(request, held, guest, event_id)


@router.get(f"{MEANS}.csv")
@needs("event.read")
async def sheet(event_id: str, held: Held, guest: SignedIn) -> Response:
    """Give where everything is as a table."""
    found = await stock(held.office(guest.commune), event_id)
    zone = (await commune_shown(held, guest.commune)).zone
    named = {"content-disposition": 'attachment; filename="moyens.csv"'}
    return Response(as_csv(found, zone), media_type="text/csv; charset=utf-8", headers=named)


async def _page(
    request: Request,
    held: Installation,
    guest: User,
    event_id: str,
    *,
    refusal: AlertRefused | None = None,
) -> HTMLResponse:
    try:
        found = await stock(held.office(guest.commune), event_id)
    except NotThere:
        return await page(request, held, "missing.html", status=404)
    shown = {
        "found": found,
        "event": found.event,
        "may_act": allowed(guest.function, "event.task"),
        "sources": SOURCES,
        "given": await request.form() if refusal else FormData(),
        "key": secrets.token_urlsafe(12),
        "problem": told(request, refusal) if refusal else None,
    }
    status = status_of(refusal) if refusal else 200
    return await page(request, held, "means.html", shown=shown, status=status)


@router.post(f"{MEANS}/preter", dependencies=ACTS)
@needs("event.task", page=MEANS)
async def lend(event_id: str, request: Request, held: Held, guest: SignedIn) -> Response:
    """Lend a quantity, or give it out for good."""
    form = await request.form()
    zone = (await commune_shown(held, guest.commune)).zone
    try:
        words = str(form.get("other", "")).strip()
        wanted = Lending(
            str(form.get("means", "")), quantity(form, "quantity"),
            f"other:{words}" if words else str(form.get("to", "")), str(form.get("note", "")),
            _due(str(form.get("due", "")), zone), form.get("given") == "yes",
        )  # fmt: skip
        key = click_of(form, wanted.means, wanted.quantity)
        asked = asked_by(guest, key=key)
        await lending.lend(held.office(guest.commune), event_id, wanted, asked=asked)
    except AlertRefused as refusal:
        return await _page(request, held, guest, event_id, refusal=refusal)
    return _to(event_id)


def _due(given: str, zone: ZoneInfo) -> datetime | None:
    at = instant(given, zone)
    if given and at is None:
        raise NotSo("L'heure ne se lit pas : écrivez-la comme 24/11/2026 03:12.")
    return at


@router.post(f"{MEANS}/ajouter", dependencies=ACTS)
@needs("event.task", page=MEANS)
async def add(event_id: str, request: Request, held: Held, guest: SignedIn) -> Response:
    """Note a means that comes for the event."""
    form = await request.form()
    asked = asked_by(guest, key=str(form.get("key", "")))
    try:
        coming = Coming(
            str(form.get("label", "")), quantity(form, "arrived"), str(form.get("unit", "")),
            str(form.get("source", "")), str(form.get("from_whom", "")),
        )  # fmt: skip
        await lending.add(held.office(guest.commune), event_id, coming, asked=asked)
    except AlertRefused as refusal:
        return await _page(request, held, guest, event_id, refusal=refusal)
    return _to(event_id)


@router.get(LOAN)
@needs("event.read")
async def loan(
    event_id: str, loan_id: str, request: Request, held: Held, guest: SignedIn
) -> HTMLResponse:
    """Show a loan, what came back of it, and take back the rest."""
    return await _loan_page(request, held, event_id, ident=loan_id)


async def _loan_page(
    request: Request,
    held: Installation,
    event_id: str,
    *,
    ident: str,
    refusal: AlertRefused | None = None,
) -> HTMLResponse:
    guest = signed_in(request)
    try:
        found = await stock(held.office(guest.commune), event_id)
    except NotThere:
        return await page(request, held, "missing.html", status=404)
    mine = [one for one in found.loans if (one.loan_id, one.event_id) == (ident, event_id)]
    if not mine:
        return await page(request, held, "missing.html", status=404)
    shown = {
        "found": found,
        "event": found.event,
        "loan": mine[0],
        "may_act": allowed(guest.function, "event.task"),
        "given": await request.form() if refusal else FormData(),
        "key": secrets.token_urlsafe(12),
        "problem": told(request, refusal) if refusal else None,
    }
    status = status_of(refusal) if refusal else 200
    return await page(request, held, "loan.html", shown=shown, status=status)


@router.post(LOAN, dependencies=ACTS)
@needs("event.task")
async def take_back(
    event_id: str, loan_id: str, request: Request, held: Held, guest: SignedIn
) -> Response:
    """Note what comes back of a loan, and what is lost or broken."""
    form = await request.form()
    asked = asked_by(guest, key=str(form.get("key", "")))
    office = held.office(guest.commune)
    try:
        back = Return(
            quantity(form, "returned"), quantity(form, "lost"), str(form.get("condition", ""))
        )
        await lending.take_back(office, event_id, loan_id, back=back, asked=asked)
    except AlertRefused as refusal:
        return await _loan_page(request, held, event_id, ident=loan_id, refusal=refusal)
    return _to(event_id)


def _to(event_id: str) -> RedirectResponse:
    return RedirectResponse(f"/evenements/{quote(event_id, safe='')}/moyens", 303)
