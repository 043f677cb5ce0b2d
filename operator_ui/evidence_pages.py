"""The sealed evidence on the console: what is held, who opened it and why, slips and their visa."""

import secrets
from collections.abc import Awaitable, Callable, Mapping
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from dispatcher.alerts.office import Office
from dispatcher.alerts.refusals import AlertRefused
from dispatcher.api.permissions import needs
from dispatcher.crisis.steps import Asked
from dispatcher.privacy import eliminating, holding, opening
from dispatcher.privacy.eliminating import Visa
from dispatcher.privacy.slip_paper import paper
from dispatcher.store import evidence_openings, holds
from dispatcher.store.alert_lines import latest_alerts
from dispatcher.store.eliminations import slips_of
from dispatcher.store.held_back import paused
from dispatcher.store.users import User
from operator_ui.crisis import ACTS, asked_by, status_of, told
from operator_ui.doors import admit, signed_in
from operator_ui.installation import Installation, installation
from operator_ui.pages import page

router = APIRouter(dependencies=[Depends(admit)], default_response_class=HTMLResponse)

Held = Annotated[Installation, Depends(installation)]
SignedIn = Annotated[User, Depends(signed_in)]
HERE = "/donnees/preuve"
KEEP = "privacy.keep"
Ident = Annotated[str, Form(max_length=64)]
Words = Annotated[str, Form(max_length=300)]
Number = Annotated[int, Form(ge=1, le=1_000_000)]
Act = Callable[[Office, Asked], Awaitable[object]]


@router.get(HERE)
@needs(KEEP)
async def front(request: Request, held: Held, guest: SignedIn) -> HTMLResponse:
    """Show what is held, the openings of the evidence, and the slips."""
    return await evidence_page(request, held)


@router.post(f"{HERE}/garder", dependencies=ACTS)
@needs(KEEP, page=HERE)
async def keep(  # noqa: PLR0913 - one parameter a field
    request: Request, held: Held, alert: Ident = "", reason: Words = "", reference: Words = "",
    key: Ident = "",
) -> Response:  # fmt: skip
    """Hold an alert's data, or everything."""

    async def act(office: Office, asked: Asked) -> None:
        await holding.hold(office, alert, reason=reason, reference=reference, asked=asked)

    return await _done(request, held, act, key=key, to="garde")


@router.post(f"{HERE}/lever", dependencies=ACTS)
@needs(KEEP, confirmed=True, page=HERE)
async def lift(request: Request, held: Held, hold: Ident = "") -> Response:
    """Ask to let a hold go, or agree to it."""

    async def act(office: Office, asked: Asked) -> None:
        await holding.lift(office, hold, asked=asked)

    return await _done(request, held, act, to="leve")


@router.post(f"{HERE}/demander", dependencies=ACTS)
@needs(KEEP, page=HERE)
async def ask(  # noqa: PLR0913 - one parameter a field
    request: Request, held: Held, what: Ident = evidence_openings.EVIDENCE,
    reason: Words = "", reference: Words = "", key: Ident = "",
) -> Response:  # fmt: skip
    """Ask that the evidence be opened, or the register handed out in clear."""

    async def act(office: Office, asked: Asked) -> None:
        await opening.ask(office, reason=reason, reference=reference, asked=asked, what=what)

    return await _done(request, held, act, key=key, to="demande")


@router.post(f"{HERE}/accepter", dependencies=ACTS)
@needs(KEEP, confirmed=True, page=HERE)
async def agree(request: Request, held: Held, ident: Ident = "") -> Response:
    """Open it for a day, as the second person."""

    async def act(office: Office, asked: Asked) -> None:
        await opening.agree(office, ident, actor=asked.actor)

    return await _done(request, held, act, to="ouverte")


@router.post(f"{HERE}/fermer", dependencies=ACTS)
@needs(KEEP, page=HERE)
async def close(request: Request, held: Held, ident: Ident = "") -> Response:
    """Close it, or refuse what was asked."""

    async def act(office: Office, asked: Asked) -> None:
        await opening.close(office, ident, actor=asked.actor)

    return await _done(request, held, act, to="fermee")


@router.post(f"{HERE}/chercher", dependencies=ACTS)
@needs(KEEP, page=HERE)
async def search(request: Request, held: Held, ident: Ident = "", sought: Words = "") -> Response:
    """Show what was sent to a number or mail address; the look is in the logbook."""
    guest = signed_in(request)
    try:
        found = await opening.sent_to(
            held.office(guest.commune), ident, sought, actor=asked_by(guest).actor
        )
    except AlertRefused as refusal:
        return await evidence_page(request, held, refusal=refusal, more={"sought": sought})
    return await evidence_page(
        request, held, more={"found": found, "sought": sought, "under": ident}
    )


@router.post(f"{HERE}/bordereau", dependencies=ACTS)
@needs(KEEP, page=HERE)
async def make(request: Request, held: Held) -> Response:
    """Write a slip of what has had its time."""

    async def act(office: Office, asked: Asked) -> None:
        await eliminating.make_slip(office, actor=asked.actor)

    return await _done(request, held, act, to="bordereau")


@router.get(HERE + "/bordereau-{number}.pdf")
@needs(KEEP)
async def print_slip(number: int, request: Request, held: Held, guest: SignedIn) -> Response:
    """Hand out a slip for the archivist."""
    office = held.office(guest.commune)
    try:
        content = await paper(office, await eliminating.slip(office, number))
    except AlertRefused as refusal:
        return await evidence_page(request, held, refusal=refusal)
    named = {"content-disposition": f'inline; filename="bordereau-{number}.pdf"'}
    return Response(content, media_type="application/pdf", headers=named)


@router.post(f"{HERE}/visa", dependencies=ACTS)
@needs(KEEP, page=HERE)
async def visa(  # noqa: PLR0913 - one parameter a field
    request: Request, held: Held, slip: Number, by: Words = "", reference: Words = "",
    on: Annotated[str, Form(max_length=10)] = "",
) -> Response:  # fmt: skip
    """Keep the archivist's visa."""

    async def act(office: Office, asked: Asked) -> None:
        given = Visa(by, reference, on)
        await eliminating.record_visa(office, slip, given, actor=asked.actor)

    return await _done(request, held, act, to="visa")


@router.post(f"{HERE}/eliminer", dependencies=ACTS)
@needs(KEEP, confirmed=True, page=HERE)
async def eliminate(request: Request, held: Held, slip: Number) -> Response:
    """Let go what a signed slip names."""

    async def act(office: Office, asked: Asked) -> None:
        await eliminating.eliminate(office, slip, actor=asked.actor)

    return await _done(request, held, act, to="elimine")


@router.post(f"{HERE}/abandonner", dependencies=ACTS)
@needs(KEEP, page=HERE)
async def give_up(request: Request, held: Held, slip: Number) -> Response:
    """Give a slip up."""

    async def act(office: Office, asked: Asked) -> None:
        await eliminating.give_up(office, slip, actor=asked.actor)

    return await _done(request, held, act, to="abandonne")


async def _done(
    request: Request, held: Installation, act: Act, *, to: str, key: str = ""
) -> Response:
    guest: User = signed_in(request)
    try:
        await act(held.office(guest.commune), asked_by(guest, key=key))
    except AlertRefused as refusal:
        return await evidence_page(request, held, refusal=refusal)
    return RedirectResponse(f"{HERE}?fait={to}", 303)


async def evidence_page(
    request: Request,
    held: Installation,
    *,
    refusal: AlertRefused | None = None,
    more: Mapping[str, object] | None = None,
) -> HTMLResponse:
    """Return the page of what is held, opened, let go; with what was refused, or found."""
    guest = signed_in(request)
    office = held.office(guest.commune)
    shown = {
        "held_data": await holds.holds_of(held.ledger, guest.commune),
        "openings": await evidence_openings.openings_of(held.ledger, guest.commune),
        "slips": await slips_of(held.ledger, guest.commune),
        "paused": await paused(held.ledger, guest.commune),
        "alerts": await latest_alerts(held.ledger, guest.commune),
        "instant": office.clock().timestamp(),
        "mine": guest.login,
        "key": secrets.token_urlsafe(12),
        "given": await request.form() if refusal else {},
        "acted": request.url.path.rpartition("/")[2],
        "found": None,
        "sought": "",
        "under": "",
        "done": request.query_params.get("fait", ""),
        "problem": told(request, refusal) if refusal else None,
        **(more or {}),
    }
    status = status_of(refusal) if refusal else 200
    return await page(request, held, "evidence.html", shown=shown, status=status)
