"""The register of vulnerable people on the console: shut, opened, its list, who keeps it."""

import asyncio
import secrets
from collections.abc import Mapping
from itertools import groupby
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from dispatcher.access.permissions import allowed
from dispatcher.alerts.office import Actor
from dispatcher.alerts.refusals import AlertRefused
from dispatcher.api.permissions import needs
from dispatcher.ciphers import Ring
from dispatcher.keys import ring
from dispatcher.store import vulnerable, vulnerable_looks
from dispatcher.store.users import User
from dispatcher.vulnerable import agents, looking, opening
from dispatcher.vulnerable.looking import UPKEEP
from dispatcher.vulnerable.opening import GROUNDS, OUTCOMES, Ground
from dispatcher.vulnerable.register import RING, Register, keeps, owed
from operator_ui.crisis import ACTS, asked_by, status_of, told
from operator_ui.doors import admit, signed_in
from operator_ui.installation import Installation, installation
from operator_ui.pages import page
from operator_ui.plan_shown import commune_shown, plan_of

router = APIRouter(dependencies=[Depends(admit)], default_response_class=HTMLResponse)

Held = Annotated[Installation, Depends(installation)]
SignedIn = Annotated[User, Depends(signed_in)]
HERE = "/registre"
JOURNAL = f"{HERE}/journal"
MOST_LOOKS = 200


async def register_of(held: Installation, guest: User) -> Register:
    """Return the register of the commune of who is signed in.

    Its keys are read each time: a new one serves at once, and none stays in this process.
    """
    keys = await asyncio.to_thread(ring, held.place.data_dir, RING)
    zone = (await commune_shown(held, guest.commune)).zone
    return Register(held.office(guest.commune), Ring(keys), zone)


def actor_of(guest: User) -> Actor:
    """Return who is signed in as the one who acts."""
    return Actor(guest.login, guest.function, guest.contact_id)


@router.get(HERE)
@needs("vulnerable.keep")
async def front(request: Request, held: Held, guest: SignedIn) -> HTMLResponse:
    """Show whether the register is open, what is owed, and where to look somebody up."""
    return await _front(request, held)


async def _front(
    request: Request,
    held: Installation,
    *,
    refusal: AlertRefused | None = None,
    more: Mapping[str, object] | None = None,
) -> HTMLResponse:
    guest = signed_in(request)
    register = await register_of(held, guest)
    mine = await keeps(register, actor_of(guest))
    ruled = await opening.ruling(register)
    shown = {
        "keeper": mine,
        "opened": await opening.now_open(register),
        "may_open": allowed(guest.function, opening.OPEN),
        "grounds": GROUNDS,
        "by_pcs": bool(ruled and ruled.on_activation),
        "active": await opening.activated(register),
        "reasons": UPKEEP,
        "owed": await owed(register) if mine else (),
        "counted": await vulnerable.count_of(held.ledger, guest.commune),
        "key": secrets.token_urlsafe(12),
        "given": await request.form() if refusal else {},
        "found": None,
        "sought": "",
        "reason": "",
        "corrected": "corrigee" in request.query_params,
        "enrolled": request.query_params.get("inscrite", "")[:9],
        "problem": told(request, refusal) if refusal else None,
        **(more or {}),
    }
    status = status_of(refusal) if refusal else 200
    return await page(request, held, "vulnerable.html", shown=shown, status=status)


@router.post(f"{HERE}/ouvrir", dependencies=ACTS)
@needs("vulnerable.open", confirmed=True, page=HERE)
async def open_it(request: Request, held: Held, guest: SignedIn) -> Response:
    """Open the register on a ground."""
    form = await request.form()
    ground = Ground(str(form.get("ground", "")), str(form.get("reference", "")))
    try:
        asked = asked_by(guest, key=str(form.get("key", "")))
        await opening.open_register(await register_of(held, guest), ground, asked=asked)
    except AlertRefused as refusal:
        return await _front(request, held, refusal=refusal)
    return RedirectResponse(HERE, 303)


@router.post(f"{HERE}/fermer", dependencies=ACTS)
@needs("vulnerable.open", page=HERE)
async def shut(request: Request, held: Held, guest: SignedIn) -> Response:
    """Shut it: nobody has to show a second factor to see less."""
    ident = str((await request.form()).get("opening", ""))[:64]
    await opening.close_register(await register_of(held, guest), ident, actor=actor_of(guest))
    return RedirectResponse(HERE, 303)


@router.post(f"{HERE}/chercher", dependencies=ACTS)
@needs("vulnerable.keep", page=HERE)
async def search(request: Request, held: Held, guest: SignedIn) -> Response:
    """Show who has exactly this surname or this number."""
    form = await request.form()
    sought, reason = str(form.get("sought", "")), str(form.get("reason", ""))
    register = await register_of(held, guest)
    try:
        found = await looking.search(register, sought, reason=reason, actor=actor_of(guest))
    except AlertRefused as refusal:
        return await _front(request, held, refusal=refusal)
    more = {"found": found, "sought": sought, "reason": reason}
    return await _front(request, held, more=more)


@router.get(f"{HERE}/liste")
@needs("vulnerable.keep")
async def listing(request: Request, held: Held, guest: SignedIn) -> HTMLResponse:
    """Show everybody by sector, while the register is open."""
    register = await register_of(held, guest)
    current = await plan_of(held, guest.commune)
    try:
        found = await looking.listing(
            register, current.plan if current else None, actor=actor_of(guest)
        )
    except AlertRefused as refusal:
        return await _front(request, held, refusal=refusal)
    shown = {
        "opened": await opening.now_open(register),
        "sectors": [(name, list(ones)) for name, ones in groupby(found, lambda one: one.sector)],
        "people_count": len(found),
        "left": looking.left_of(found),
        "outcomes": OUTCOMES,
    }
    return await page(request, held, "vulnerable_list.html", shown=shown)


@router.get(JOURNAL)
@needs("vulnerable.journal")
async def journal(request: Request, held: Held, guest: SignedIn) -> HTMLResponse:
    """Show who keeps the register, what the DPO decided, and every look."""
    return await _journal(request, held)


async def _journal(
    request: Request, held: Installation, *, refusal: AlertRefused | None = None
) -> HTMLResponse:
    guest = signed_in(request)
    register = await register_of(held, guest)
    before = request.query_params.get("avant", "")
    number = int(before) if before.isascii() and before.isdigit() and len(before) < 10 else None
    looks = await vulnerable_looks.journal_of(
        held.ledger, guest.commune, before=number, most=MOST_LOOKS + 1
    )
    may_name = allowed(guest.function, agents.NAME)
    shown = {
        "agents": await agents.agents(register),
        "nameable": await agents.nameable(register) if may_name else (),
        "may_name": may_name,
        "may_rule": allowed(guest.function, opening.RULE),
        "ruled": await opening.ruling(register),
        "looks": looks[:MOST_LOOKS],
        "older": looks[MOST_LOOKS - 1].number if len(looks) > MOST_LOOKS else 0,
        "problem": told(request, refusal) if refusal else None,
    }
    status = status_of(refusal) if refusal else 200
    return await page(request, held, "vulnerable_journal.html", shown=shown, status=status)


@router.post(f"{HERE}/agents", dependencies=ACTS)
@needs("vulnerable.name", confirmed=True, page=JOURNAL)
async def name(request: Request, held: Held, guest: SignedIn) -> Response:
    """Name an agent, or end it."""
    form = await request.form()
    login, register = str(form.get("login", ""))[:64], await register_of(held, guest)
    act = agents.end if form.get("act") == "end" else agents.name
    try:
        await act(register, login, actor=actor_of(guest))
    except AlertRefused as refusal:
        return await _journal(request, held, refusal=refusal)
    return RedirectResponse(JOURNAL, 303)


@router.post(f"{HERE}/avis", dependencies=ACTS)
@needs("vulnerable.rule", confirmed=True, page=JOURNAL)
async def rule(request: Request, held: Held, guest: SignedIn) -> Response:
    """Keep what the DPO decides of the PCS."""
    form = await request.form()
    try:
        await opening.rule(
            await register_of(held, guest),
            on_activation=form.get("on_activation") == "yes",
            reference=str(form.get("reference", "")),
            actor=actor_of(guest),
        )
    except AlertRefused as refusal:
        return await _journal(request, held, refusal=refusal)
    return RedirectResponse(JOURNAL, 303)
