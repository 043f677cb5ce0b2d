"""What leaves the main courante as a document: copies of it, and the situation reports."""

from datetime import UTC, datetime
from io import BytesIO
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from dispatcher.access.permissions import allowed
from dispatcher.api.permissions import needs
from dispatcher.logbook import sitrep
from dispatcher.logbook.books import LineRefused
from dispatcher.logbook.copies import FORMATS, Copy, CopyRefused, note_copy, paper, spreadsheet
from dispatcher.logbook.export import export
from dispatcher.logbook.named import crisis_named
from dispatcher.logbook.sitrep import PARTS, as_paper, draft, issue
from dispatcher.logbook.typesetting import typeset
from dispatcher.store import sitreps
from dispatcher.store.pages_of_lines import all_lines, by_number
from dispatcher.store.users import User
from operator_ui.doors import admit, own_form, signed_in
from operator_ui.installation import Installation, installation
from operator_ui.logbook_forms import PATH, Asked, in_book
from operator_ui.logbook_shelves import shelves_of
from operator_ui.logbooks import keeper_of
from operator_ui.pages import page
from operator_ui.plan_shown import commune_shown
from operator_ui.words import sentence, tongue_of

router = APIRouter(dependencies=[Depends(admit)], default_response_class=HTMLResponse)

Held = Annotated[Installation, Depends(installation)]
SignedIn = Annotated[User, Depends(signed_in)]
REPORTS = f"{PATH}/point-de-situation"
_TYPES = {"pdf": "application/pdf", "csv": "text/csv; charset=utf-8", "json": "application/json"}


@router.get(f"{PATH}/copie.{{form}}")
@needs("logbook.export")
async def copy(form: str, request: Request, held: Held, guest: SignedIn) -> Response:
    """Give a copy of the book looked at, and write that it left the house."""
    if form not in FORMATS:
        return await page(request, held, "missing.html", status=404)
    commune = await commune_shown(held, guest.commune)
    event, book = in_book(Asked.of(request.query_params).book)
    now = datetime.now(UTC)
    wanted = Copy(commune.name, commune.zone, now, book=book, event=event)
    try:
        content = await _content(held, guest, wanted, form)
    except CopyRefused as refused:
        why = sentence(refused, tongue_of(request).code)
        return await page(request, held, "refused.html", shown={"why": why}, status=400)
    await note_copy(keeper_of(held, guest), wanted, form=form, by=guest.login)
    name = f"main-courante-{now.astimezone(commune.zone):%Y%m%d-%H%M}.{form}"
    return _document(content, form=form, name=name)


async def _content(held: Installation, guest: User, wanted: Copy, form: str) -> bytes:
    keeper = keeper_of(held, guest)
    if form == "pdf":
        return await paper(keeper, wanted)
    if form == "csv":
        return (await spreadsheet(keeper, wanted)).encode()
    sheet = BytesIO()
    lines = all_lines(held.ledger, guest.commune, wanted.wanted)
    await export(lines, sheet, commune=guest.commune, key=keeper.key, now=wanted.now)
    return sheet.getvalue()


@router.get(REPORTS)
@needs("logbook.read")
async def report(request: Request, held: Held, guest: SignedIn) -> HTMLResponse:
    """Show the next situation report as the logbook drafts it, to be read and changed."""
    keeper, commune = keeper_of(held, guest), await commune_shown(held, guest.commune)
    event = await _event(held, guest, request.query_params.get("evenement"))
    drafted = await draft(keeper, event=event, zone=commune.zone)
    return await _report(request, held, guest, {"event": event, **vars(drafted)})


@router.post(REPORTS, dependencies=[Depends(own_form)])
@needs("logbook.write")
async def issue_report(request: Request, held: Held, guest: SignedIn) -> Response:
    """Issue the report as it was changed: a numbered line of the logbook."""
    form = await request.form()
    parts = {name: str(form.get(name, "")) for name in PARTS}
    event = str(form.get("evenement", ""))[:64]
    try:
        done = await issue(keeper_of(held, guest), parts, event=event, by=guest.login)
    except LineRefused as refused:
        number = await sitreps.next_number(held.ledger, guest.commune, event)
        told = {"event": event, "number": number, "parts": parts, "problem": refused}
        return await _report(request, held, guest, told)
    return RedirectResponse(f"{REPORTS}?evenement={event}&emis={done.number}", 303)


async def _report(
    request: Request, held: Installation, guest: User, told: dict[str, object]
) -> HTMLResponse:
    event = str(told["event"])
    crisis = await crisis_named(held.ledger, guest.commune, event)
    shown = {
        "mode_shown": crisis.mode if crisis else None,
        "problem": "",
        "titles": sitrep.PARTS,
        "issued": await sitreps.issued(held.ledger, guest.commune, event),
        "just_issued": request.query_params.get("emis", ""),
        "may_write": allowed(guest.function, "logbook.write"),
        **told,
    }
    status = 400 if told.get("problem") else 200
    return await page(request, held, "sitrep.html", shown=shown, status=status)


@router.get(f"{REPORTS}/{{number}}.pdf")
@needs("logbook.read")
async def report_paper(number: int, request: Request, held: Held, guest: SignedIn) -> Response:
    """Give an issued report on paper; `number` is its line's."""
    line = await by_number(held.ledger, guest.commune, number) if number < 2**31 else None
    if line is None or line.kind != sitreps.ISSUED:
        return await page(request, held, "missing.html", status=404)
    commune = await commune_shown(held, guest.commune)
    content = await typeset("sitrep", as_paper(line, commune_name=commune.name, zone=commune.zone))
    name = f"point-de-situation-{line.data['number']}.pdf"
    return _document(content, form="pdf", name=name)


async def _event(held: Installation, guest: User, asked: str | None) -> str:
    """Return the crisis asked for, else the one that is led."""
    if asked is not None:
        return asked[:64]
    return (await shelves_of(held.ledger, guest.commune)).usual.event_id


def _document(content: bytes, *, form: str, name: str) -> Response:
    headers = {"content-disposition": f'attachment; filename="{name}"'}
    return Response(content, media_type=_TYPES[form], headers=headers)
