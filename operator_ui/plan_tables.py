"""Lists of the plan as a table: taken away as XLSX or CSV, brought back, looked at, confirmed."""

from dataclasses import dataclass, field

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from starlette.datastructures import FormData

from dispatcher.alerts.refusals import NotThere
from dispatcher.api.permissions import needs
from dispatcher.revision.sheets import read_table, write_csv
from dispatcher.revision.tables import (
    TABLED,
    Import,
    Problem,
    import_of,
    problems_of,
    table_of,
)
from dispatcher.revision.workbook import LARGEST, Row, TableRefused, write_xlsx
from dispatcher.store.users import User
from operator_ui.doors import admit
from operator_ui.installation import Installation
from operator_ui.plan_desk import (
    ACTS,
    Desk,
    Held,
    Saved,
    SignedIn,
    file_of,
    opened,
    save,
    text_of,
)
from operator_ui.plan_words import TITLES
from plans.faults import PlanFault
from plans.sections import BY_NAME, Section

router = APIRouter(dependencies=[Depends(admit)], default_response_class=HTMLResponse)

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
NO_FILE = "Choisissez d'abord un fichier."


@dataclass(frozen=True)
class Looked:
    """A table that was brought: its text to send back, what it would change, what is wrong."""

    text: str = ""
    whole: bool = False
    brought: Import | None = None
    saved: Saved | None = None
    problems: list[Problem] = field(default_factory=list)
    others: list[PlanFault] = field(default_factory=list)
    refused: str = ""

    @property
    def sound(self) -> bool:
        """Whether it may be confirmed."""
        return self.saved is not None and self.saved.done and not self.problems


@router.get("/plan/{section}/tableau")
@needs("plan.read")
async def table(section: str, request: Request, held: Held, guest: SignedIn) -> Response:
    """Offer the list as a file, and ask for one."""
    found = await _at(request, held, guest, section)
    return found if isinstance(found, Response) else await _page(*found, Looked())


@router.get("/plan/{section}/tableau.csv")
@needs("plan.load", confirmed=True)
async def as_csv(section: str, request: Request, held: Held, guest: SignedIn) -> Response:
    """Give the list as CSV."""
    found = await _at(request, held, guest, section)
    if isinstance(found, Response):
        return found
    desk, part = found
    return _file(write_csv(table_of(desk.plan.files, part)), f"{section}.csv", "text/csv")


@router.get("/plan/{section}/tableau.xlsx")
@needs("plan.load", confirmed=True)
async def as_xlsx(section: str, request: Request, held: Held, guest: SignedIn) -> Response:
    """Give the list as XLSX."""
    found = await _at(request, held, guest, section)
    if isinstance(found, Response):
        return found
    desk, part = found
    rows = table_of(desk.plan.files, part)
    return _file(write_xlsx(rows, title=TITLES[section]), f"{section}.xlsx", XLSX)


@router.post("/plan/{section}/tableau", dependencies=ACTS)
@needs("plan.load", confirmed=True)
async def bring(section: str, request: Request, held: Held, guest: SignedIn) -> Response:
    """Look at a table that was brought; keep it once it is confirmed."""
    found = await _at(request, held, guest, section)
    if isinstance(found, Response):
        return found
    desk, part = found
    form = await request.form()
    looked = await _looked(desk, part, form)
    if text_of(form, "acte") == "confirmer" and looked.sound and looked.saved:
        outcome = looked.saved.outcome
        word = "enregistre" if outcome and outcome.differences else "rien"
        return RedirectResponse(f"/plan/{section}?fait={word}", 303)
    return await _page(desk, part, looked)


async def _looked(desk: Desk, part: Section, form: FormData) -> Looked:
    """Read the file, or the text of one already looked at, and tell what it would make."""
    whole, keeps = text_of(form, "tout") == "1", text_of(form, "acte") == "confirmer"
    _, raw = await file_of(form, "fichier", most=LARGEST)
    text = form.get("texte", "")
    raw = raw or (text.encode() if isinstance(text, str) else b"")
    if not raw:
        return Looked(refused=NO_FILE)
    files = desk.plan.files
    try:
        rows = read_table(raw)
        brought = import_of(rows, part, files, phone=desk.phone, whole=whole)
    except TableRefused as refused:
        return Looked(refused=str(refused))
    if brought.problems:
        return Looked(_text(rows), whole, brought, problems=list(brought.problems))
    saved = await save(desk, form, lambda now: brought.apply(now, part), only_look=not keeps)
    made = saved.outcome.files if saved.outcome else files
    problems, others = problems_of(saved.faults, part, made, brought.lines)
    return Looked(_text(rows), whole, brought, saved, problems, others)


def _text(rows: list[Row]) -> str:
    """Write the rows again, each at its own line, to come back with the confirmation."""
    at = {row.line: row.cells for row in rows}
    lines = [list(at.get(number, ())) for number in range(1, max(at, default=0) + 1)]
    return write_csv(lines).decode("utf-8-sig")


async def _page(desk: Desk, part: Section, looked: Looked) -> Response:
    outcome = looked.saved.outcome if looked.saved else None
    shown = {
        "section": part.name,
        "columns": [key.name for key in part.keys],
        "looked": looked,
        "differences": outcome.differences if outcome else (),
        "others": looked.others,
        "fields": (),
        "problem": desk.said(looked.refused) if looked.refused
        else looked.saved.problem if looked.saved else "",
    }  # fmt: skip
    wrong = shown["problem"] or looked.problems or looked.others
    return await desk.page("plan_table.html", shown, status=422 if wrong else 200)


async def _at(
    request: Request, held: Installation, guest: User, section: str
) -> tuple[Desk, Section] | Response:
    try:
        desk = await opened(request, held, guest)
    except NotThere:
        return RedirectResponse("/plan", 303)
    return (desk, BY_NAME[section]) if section in TABLED else await desk.missing()


def _file(content: bytes, name: str, kind: str) -> Response:
    headers = {"content-disposition": f'attachment; filename="{name}"', "cache-control": "no-store"}
    return Response(content, media_type=kind, headers=headers)
