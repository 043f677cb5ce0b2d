"""Versions of the plan: who changed it, when and why, what differs, an older one brought back."""

import asyncio
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from dispatcher.alerts.office import Actor
from dispatcher.alerts.refusals import AlertRefused, NotThere
from dispatcher.api.permissions import needs
from dispatcher.revision import editing
from dispatcher.store import plan_history
from dispatcher.store.plan_history import PlanVersion
from dispatcher.store.plans import PlanMoved
from operator_ui.doors import admit
from operator_ui.plan_desk import (
    ACTS,
    Desk,
    Held,
    Saved,
    SignedIn,
    moved_words,
    opened,
    text_of,
)
from operator_ui.plan_outline import outlines_between
from plans.differences import Difference, differences, unified
from plans.sections import Files

router = APIRouter(dependencies=[Depends(admit)], default_response_class=HTMLResponse)

Number = Annotated[int, Path(ge=1, le=2**31 - 1)]  # what the ledger counts with
TEXTS_SHOWN = 12  # files whose text is compared on one page


@router.get("/plan/versions")
@needs("plan.read")
async def versions(
    request: Request, held: Held, guest: SignedIn, avant: str = "", fait: str = ""
) -> Response:
    """List the versions of the plan, the newest first."""
    try:
        desk = await opened(request, held, guest)
    except NotThere:
        return RedirectResponse("/plan", 303)
    before = int(avant) if avant.isascii() and avant.isdigit() and len(avant) < 10 else 0
    found = await plan_history.versions_of(held.ledger, guest.commune, before=before)
    more = found[-1].number if len(found) == plan_history.PAGE else 0
    return await desk.page("plan_versions.html", {"versions": found, "more": more, "done": fait})


@router.get("/plan/versions/{number}")
@needs("plan.read")
async def version(
    number: Number, request: Request, held: Held, guest: SignedIn, avec: str = ""
) -> Response:
    """Show what a version changed, or how it differs from another one."""
    try:
        desk = await opened(request, held, guest)
    except NotThere:
        return RedirectResponse("/plan", 303)
    return await _version(desk, number, avec)


@router.post("/plan/versions/{number}", dependencies=ACTS)
@needs("plan.load", confirmed=True)
async def bring_back(number: Number, request: Request, held: Held, guest: SignedIn) -> Response:
    """Bring an older version back into force, as a new version."""
    form = await request.form()
    desk = await opened(request, held, guest)
    actor = Actor(guest.login, guest.function, guest.contact_id)
    try:
        made = await editing.bring_back(
            held.office(guest.commune), number,
            base=text_of(form, "base"), actor=actor, reason=text_of(form, "motif"),
        )  # fmt: skip
    except PlanMoved as moved:
        problem = await moved_words(request, held, guest, moved)
        return await _version(desk, number, "", saved=Saved(None, problem))
    except NotThere:
        return await desk.missing()
    except AlertRefused as refused:
        return await _version(desk, number, "", saved=Saved(None, desk.said(str(refused))))
    if made.reading.faults:
        return await _version(desk, number, "", saved=Saved(made))
    return RedirectResponse(
        f"/plan/versions?fait={'enregistre' if made.differences else 'rien'}", 303
    )


async def _version(desk: Desk, number: int, other: str, *, saved: Saved | None = None) -> Response:
    ledger, commune = desk.held.ledger, desk.guest.commune
    seen = await plan_history.version_of(ledger, commune, number)
    if seen is None:
        return await desk.missing()
    with_ = await _other(desk, seen, other)
    before, after = await _files(desk, with_), await _files(desk, seen.digest)
    found, texts = await asyncio.to_thread(_compared, before, after)
    shown = {
        "seen": seen,
        "other": other if other.isdigit() else "",
        "differences": found,
        "redrawn": await outlines_between(desk, before, after, found),
        "texts": texts,
        "in_force": seen.digest == desk.plan.digest,
        "others": saved.faults if saved else (),
        "problem": saved.problem if saved else "",
        "fields": (),
    }
    status = 200 if saved is None else 409 if saved.problem else 422
    return await desk.page("plan_version.html", shown, status=status)


async def _other(desk: Desk, seen: PlanVersion, other: str) -> str | None:
    """Return the digest to compare with: of the version asked, else of the one before."""
    if not (other.isascii() and other.isdigit() and len(other) < 10):
        return seen.previous
    found = await plan_history.version_of(desk.held.ledger, desk.guest.commune, int(other))
    return found.digest if found else seen.previous


async def _files(desk: Desk, digest: str | None) -> Files:
    if digest is None:
        return {}
    kept = await plan_history.files_of(desk.held.ledger, desk.guest.commune, digest)
    return kept.files if kept else {}


def _compared(
    before: Files, after: Files
) -> tuple[tuple[Difference, ...], list[tuple[str, list[str]]]]:
    changed = [file for file in sorted({*before, *after}) if before.get(file) != after.get(file)]
    texts = [(file, lines) for file in changed if (lines := unified(before, after, file))]
    return differences(before, after), texts[:TEXTS_SHOWN]
