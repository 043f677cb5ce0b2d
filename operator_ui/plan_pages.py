"""« Plan »: what the commune's plan holds, what it lacks, and the page that mends each."""

import asyncio
from urllib.parse import quote

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse

from dispatcher.alerts import plan_in_force
from dispatcher.alerts.refusals import NotThere
from dispatcher.api.permissions import needs
from dispatcher.store import plan_drafts, plan_history
from operator_ui.doors import admit
from operator_ui.pages import page
from operator_ui.plan_desk import Desk, Held, SignedIn, opened
from operator_ui.plan_words import ABOUT, TITLES
from plans.drawn import SECTORS, sectors_of
from plans.faults import PlanFault
from plans.folder import CARDS, TEMPLATES, in_folder
from plans.sections import BY_NAME, SECTIONS, STEPS_OF, WHOLES, Files, records_of

router = APIRouter(dependencies=[Depends(admit)], default_response_class=HTMLResponse)


@router.get("/plan")
@needs("plan.read")
async def overview(request: Request, held: Held, guest: SignedIn, fait: str = "") -> HTMLResponse:
    """Show what the plan holds and lacks; before the first one, how to begin."""
    try:
        desk = await opened(request, held, guest)
    except NotThere:
        draft = await plan_drafts.draft_of(held.ledger, guest.commune)
        return await page(request, held, "plan_none.html", shown={"draft": draft})
    reading = await asyncio.to_thread(plan_in_force.read, desk.plan.files, language=desk.language)
    last = await plan_history.versions_of(held.ledger, guest.commune, limit=1)
    shown = {
        "parts": _parts(desk),
        "warnings": [
            (one, mended_at(one, desk.plan.files)) for one in (*reading.faults, *reading.warnings)
        ],
        "last": last[0] if last else None,
        "done": fait,
    }
    return await desk.page("plan.html", shown)


def _parts(desk: Desk) -> list[tuple[str, str, str, int]]:
    """Return each list as name, title, what it is for, and how many it holds."""
    files = desk.plan.files
    counts = {one.name: len(records_of(files, one)) for one in BY_NAME.values()}
    counts |= {"modeles": len(in_folder(files, TEMPLATES)), "secteurs": len(sectors_of(files))}
    return [(name, TITLES[name], ABOUT[name], counts[name]) for name in TITLES if name in counts]


def mended_at(fault: PlanFault, files: Files) -> str:
    """Return the page that mends what is said of a plan; empty where none does yet."""
    if fault.file.startswith(f"{TEMPLATES}/"):
        stem = fault.file.rpartition("/")[2].removesuffix(".yaml")
        return f"/plan/modeles/{quote(stem)}" if stem else "/plan/modeles"
    if fault.file == SECTORS:
        return "/plan/secteurs"
    for section in SECTIONS:
        if fault.file != section.file or not fault.path.startswith(section.key):
            continue
        index = fault.path[len(section.key) :].partition("]")[0].removeprefix("[")
        idents = list(records_of(files, section))
        if index.isdigit() and int(index) < len(idents):
            return f"/plan/{section.name}/fiche/{quote(idents[int(index)])}"
        return f"/plan/{section.name}"
    if card := _card_at(fault, files):
        return card
    lists = (*SECTIONS, *WHOLES)
    return next((f"/plan/{one.name}" for one in lists if one.file == fault.file), "")


def _card_at(fault: PlanFault, files: Files) -> str:
    """Return the page of the card that a fault lies in, or of its steps; empty elsewhere."""
    if not fault.file.startswith(f"{CARDS}/"):
        return ""
    stem = fault.file.rpartition("/")[2].removesuffix(".yaml")
    if stem not in records_of(files, BY_NAME["fiches"]):
        return "/plan/fiches"
    steps = fault.path.startswith("etapes")
    return f"/plan/{STEPS_OF}{quote(stem)}" if steps else f"/plan/fiches/fiche/{quote(stem)}"
