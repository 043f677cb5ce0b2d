"""A person of the register on the console: enrolled, her card, its receipt, corrected, removed."""

import secrets
from collections.abc import Awaitable, Callable, Mapping
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from dispatcher.alerts.refusals import AlertRefused, NotSo, NotThere
from dispatcher.api.permissions import needs
from dispatcher.logbook.typesetting import typeset
from dispatcher.store.users import User
from dispatcher.store.vulnerable import AsSeen
from dispatcher.vulnerable import letters, looking, opening
from dispatcher.vulnerable.declaration import ASKED_BY, LINKS, MOST_PHONES, QUALITIES
from dispatcher.vulnerable.keeping import (
    GONE,
    HOW,
    Filed,
    acknowledge,
    correct,
    enrol,
    remove,
)
from dispatcher.vulnerable.letters import Town
from dispatcher.vulnerable.looking import UPKEEP, Card
from dispatcher.vulnerable.opening import OUTCOMES
from dispatcher.vulnerable.register import Register, check_keeper
from operator_ui.crisis import ACTS, status_of, told
from operator_ui.doors import admit, signed_in
from operator_ui.installation import Installation, installation
from operator_ui.pages import page
from operator_ui.plan_shown import cell_phone, commune_shown, plan_of
from operator_ui.typed_figures import whole
from operator_ui.vulnerable_forms import declared_in, filled, received_in, written
from operator_ui.vulnerable_pages import HERE, actor_of, register_of

router = APIRouter(dependencies=[Depends(admit)], default_response_class=HTMLResponse)

Held = Annotated[Installation, Depends(installation)]
SignedIn = Annotated[User, Depends(signed_in)]
NEW = f"{HERE}/inscrire"
PERSON = f"{HERE}/personnes/{{entry_id}}"
_LISTS = {
    "qualities": QUALITIES,
    "asked_by": ASKED_BY,
    "links": LINKS,
    "phones": range(MOST_PHONES),
}


@router.get(NEW)
@needs("vulnerable.keep")
async def blank(request: Request, held: Held, guest: SignedIn) -> HTMLResponse:
    """Show an empty form."""
    register = await register_of(held, guest)
    try:
        await check_keeper(register, actor_of(guest))
    except AlertRefused as refusal:
        return await _form(request, held, refusal=refusal)
    return await _form(request, held, given={"received": written(register.today().isoformat())})


@router.post(NEW, dependencies=ACTS)
@needs("vulnerable.keep")
async def enrol_one(request: Request, held: Held, guest: SignedIn) -> Response:
    """Enrol a person."""
    form = await request.form()
    register = await register_of(held, guest)
    try:
        filed = Filed(received_in(form, register.today()), str(form.get("key", ""))[:64])
        entered = await enrol(register, declared_in(form), filed=filed, actor=actor_of(guest))
    except AlertRefused as refusal:
        typed = {name: str(value) for name, value in form.items()}
        return await _form(request, held, given=typed, refusal=refusal)
    return RedirectResponse(f"{HERE}?inscrite={entered.number}", 303)


async def _form(
    request: Request,
    held: Installation,
    *,
    given: Mapping[str, str] | None = None,
    seen: AsSeen | None = None,
    refusal: AlertRefused | None = None,
) -> HTMLResponse:
    shown = {
        **_LISTS,
        "given": given or {},
        "seen": seen,
        "key": (given or {}).get("key") or secrets.token_urlsafe(12),
        "problem": told(request, refusal) if refusal else None,
    }
    status = status_of(refusal) if refusal else 200
    return await page(request, held, "vulnerable_form.html", shown=shown, status=status)


@router.get(PERSON)
@needs("vulnerable.keep")
async def card(entry_id: str, request: Request, held: Held, guest: SignedIn) -> Response:
    """Show a card, once it is said for what while the register is shut."""
    return await _card(request, held, entry_id, open_as=looking.card)


@router.post(f"{PERSON}/numeros", dependencies=ACTS)
@needs("vulnerable.keep")
async def numbers(entry_id: str, request: Request, held: Held, guest: SignedIn) -> Response:
    """Show a card with its numbers: an act of its own."""
    return await _card(request, held, entry_id, open_as=looking.numbers)


async def _card(
    request: Request,
    held: Installation,
    entry_id: str,
    *,
    open_as: Callable[..., Awaitable[Card]],
    refusal: AlertRefused | None = None,
) -> Response:
    guest = signed_in(request)
    register = await register_of(held, guest)
    form = await request.form() if request.method == "POST" else {}
    reason = str(form.get("reason", "") or request.query_params.get("pour", ""))
    found, problem = None, refusal
    try:
        found = await open_as(register, entry_id, reason=reason, actor=actor_of(guest))
    except NotThere:
        return await page(request, held, "missing.html", status=404)
    except NotSo as fault:
        problem = refusal or (fault if reason else None)  # it was not said yet for what
    except AlertRefused as fault:
        problem = fault
    opened = await opening.now_open(register)
    shown = {
        "card": found, "entry_id": entry_id, "reason": reason, "reasons": UPKEEP,
        "gone": tuple(GONE), "how": HOW, "outcomes": OUTCOMES, "opened": opened,
        "became": (await opening.outcomes(register, opened)).get(entry_id) if opened else None,
        "problem": told(request, problem) if problem else None,
    }  # fmt: skip
    status = status_of(problem) if problem else 200
    return await page(request, held, "vulnerable_card.html", shown=shown, status=status)


@router.post(f"{PERSON}/fiche", dependencies=ACTS)
@needs("vulnerable.keep")
async def to_correct(entry_id: str, request: Request, held: Held, guest: SignedIn) -> Response:
    """Show the form with what is kept: her numbers are looked at."""
    reason = str((await request.form()).get("reason", ""))
    register = await register_of(held, guest)
    try:
        found = await looking.numbers(register, entry_id, reason=reason, actor=actor_of(guest))
    except NotThere:
        return await page(request, held, "missing.html", status=404)
    except AlertRefused as refusal:
        return await _card(request, held, entry_id, open_as=looking.card, refusal=refusal)
    seen = AsSeen(entry_id, found.kept.revision)
    return await _form(request, held, given=filled(found.told), seen=seen)


@router.post(f"{PERSON}/corriger", dependencies=ACTS)
@needs("vulnerable.keep")
async def correct_one(entry_id: str, request: Request, held: Held, guest: SignedIn) -> Response:
    """Put a card right."""
    form = await request.form()
    seen = AsSeen(entry_id, 0)
    try:
        seen = AsSeen(entry_id, whole(form, "revision") or 0)
        await correct(
            await register_of(held, guest), seen, declared_in(form), actor=actor_of(guest)
        )
    except AlertRefused as refusal:
        typed = {name: str(value) for name, value in form.items()}
        return await _form(request, held, given=typed, seen=seen, refusal=refusal)
    return RedirectResponse(f"{HERE}?corrigee=1", 303)


@router.post(f"{PERSON}/accuse.pdf", dependencies=ACTS)
@needs("vulnerable.keep")
async def receipt(entry_id: str, request: Request, held: Held, guest: SignedIn) -> Response:
    """Give the receipt of a request on paper: it shows her numbers, and is an act."""
    register = await register_of(held, guest)
    reason = str((await request.form()).get("reason", ""))
    try:
        found = await looking.for_letter(register, entry_id, reason=reason, actor=actor_of(guest))
    except NotThere:
        return await page(request, held, "missing.html", status=404)
    except AlertRefused as refusal:
        return await _card(request, held, entry_id, open_as=looking.card, refusal=refusal)
    current = await plan_of(held, guest.commune)
    town = Town(
        (await commune_shown(held, guest.commune)).name,
        cell_phone(current.plan) if current else "",
    )
    told_to_her = letters.receipt(register, found, town=town, issued=register.today())
    paper = await typeset(letters.FORM, told_to_her)
    name = f"accuse-{found.kept.number}.pdf"
    named = {
        "content-disposition": f'attachment; filename="{name}"', "cache-control": "no-store"
    }  # fmt: skip
    return Response(paper, media_type="application/pdf", headers=named)


@router.post(f"{PERSON}/accuse", dependencies=ACTS)
@needs("vulnerable.keep")
async def acknowledged(entry_id: str, request: Request, held: Held, guest: SignedIn) -> Response:
    """Note how the receipt was given to her."""
    how = str((await request.form()).get("how", ""))
    return await _done(
        request, held, entry_id,
        act=lambda register: acknowledge(register, entry_id, how, actor=actor_of(guest)),
    )  # fmt: skip


@router.post(f"{PERSON}/retirer", dependencies=ACTS)
@needs("vulnerable.keep")
async def removed(entry_id: str, request: Request, held: Held, guest: SignedIn) -> Response:
    """Remove a person from the register."""
    why = str((await request.form()).get("why", ""))
    return await _done(
        request, held, entry_id,
        act=lambda register: remove(register, entry_id, why, actor=actor_of(guest)),
    )  # fmt: skip


@router.post(f"{PERSON}/suivi", dependencies=ACTS)
@needs("vulnerable.keep")
async def followed(entry_id: str, request: Request, held: Held, guest: SignedIn) -> Response:
    """Note what became of a person while the register is open."""
    outcome = str((await request.form()).get("outcome", ""))
    return await _done(
        request, held, entry_id, to=f"{HERE}/liste",
        act=lambda register: opening.note_outcome(
            register, entry_id, outcome, actor=actor_of(guest)
        ),
    )  # fmt: skip


async def _done(
    request: Request,
    held: Installation,
    entry_id: str,
    *,
    act: Callable[[Register], Awaitable[None]],
    to: str = HERE,
) -> Response:
    try:
        await act(await register_of(held, signed_in(request)))
    except NotThere:
        return await page(request, held, "missing.html", status=404)
    except AlertRefused as refusal:
        return await _card(request, held, entry_id, open_as=looking.card, refusal=refusal)
    return RedirectResponse(to, 303)
