"""The register that a town hall kept in a spreadsheet, brought in on the console."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse, Response

from dispatcher.alerts.refusals import AlertRefused
from dispatcher.api.permissions import needs
from dispatcher.revision.sheets import write_csv
from dispatcher.revision.workbook import LARGEST
from dispatcher.store.users import User
from dispatcher.vulnerable.importing import COLUMNS, Brought, Imported, bring
from dispatcher.vulnerable.register import check_keeper
from operator_ui.crisis import ACTS, status_of, told
from operator_ui.doors import admit, signed_in
from operator_ui.installation import Installation, installation
from operator_ui.pages import page
from operator_ui.plan_desk import file_of
from operator_ui.vulnerable_pages import HERE, actor_of, register_of

router = APIRouter(dependencies=[Depends(admit)], default_response_class=HTMLResponse)

Held = Annotated[Installation, Depends(installation)]
SignedIn = Annotated[User, Depends(signed_in)]
IMPORT = f"{HERE}/importer"


@router.get(IMPORT)
@needs("vulnerable.keep")
async def form(request: Request, held: Held, guest: SignedIn) -> HTMLResponse:
    """Say what the file holds, and ask for it."""
    try:
        await check_keeper(await register_of(held, guest), actor_of(guest))
    except AlertRefused as refusal:
        return await _page(request, held, refusal=refusal)
    return await _page(request, held)


@router.get(f"{IMPORT}.csv")
@needs("vulnerable.keep")
async def model() -> Response:
    """Give an empty table with its titles."""
    named = {"content-disposition": 'attachment; filename="registre.csv"'}
    titles = [theirs[0] for theirs in COLUMNS.values()]
    return Response(write_csv([titles]), media_type="text/csv; charset=utf-8", headers=named)


@router.post(IMPORT, dependencies=ACTS)
@needs("vulnerable.keep")
async def brought(request: Request, held: Held, guest: SignedIn) -> Response:
    """Enrol the people of a file, line by line."""
    try:
        given = await request.form()
        _, raw = await file_of(given, "fichier", most=LARGEST)
        file = Brought(raw, acknowledged=given.get("acknowledged") == "yes")
        done = await bring(await register_of(held, guest), file, actor=actor_of(guest))
    except AlertRefused as refusal:
        return await _page(request, held, refusal=refusal)
    finally:
        await request.close()  # the file that came with it
    return await _page(request, held, done=done)


async def _page(
    request: Request,
    held: Installation,
    *,
    done: Imported | None = None,
    refusal: AlertRefused | None = None,
) -> HTMLResponse:
    refused = [(one.line, told(request, one.why)) for one in done.refused] if done else []
    shown = {
        "done": done,
        "refused": refused,
        "columns": [theirs[0] for theirs in COLUMNS.values()],
        "problem": told(request, refusal) if refusal else None,
    }
    status = status_of(refusal) if refusal else 200
    return await page(request, held, "vulnerable_import.html", shown=shown, status=status)
