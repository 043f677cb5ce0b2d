"""The main courante: books as tabs, the newest line first, a line to write always at hand."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from dispatcher.access.permissions import allowed
from dispatcher.api.permissions import needs
from dispatcher.logbook.books import (
    CHANNELS,
    Keeper,
    LineRefused,
    close_line,
    correct_line,
    open_books,
    write_line,
)
from dispatcher.logbook.searching import Search, search, shown_with
from dispatcher.sentences import Sentence
from dispatcher.store import books as shelf
from dispatcher.store.books import NewBook
from dispatcher.store.logbook import Line
from dispatcher.store.pages_of_lines import Wanted, by_number
from dispatcher.store.users import User
from operator_ui.doors import admit, own_form, signed_in
from operator_ui.installation import Installation, installation
from operator_ui.logbook_forms import (
    FIELDS,
    JOURNAL,
    PATH,
    SHOWN,
    Asked,
    hour,
    inside,
    name_of,
    quick,
    spot_of,
    told_of,
)
from operator_ui.logbook_shelves import Shelves, shelves_of
from operator_ui.pages import page
from operator_ui.plan_shown import commune_shown, people_of
from operator_ui.rendering import render
from operator_ui.words import tongue_of

router = APIRouter(dependencies=[Depends(admit)], default_response_class=HTMLResponse)

Held = Annotated[Installation, Depends(installation)]
SignedIn = Annotated[User, Depends(signed_in)]
MOST_OPEN = 200  # requests without an end that are counted


@dataclass(frozen=True)
class Returned:
    """A form that comes back to who sent it: what was typed, and what is wrong in a sentence."""

    typed: Mapping[str, object]
    problem: str | Sentence


ASKED = Returned({}, "")  # a page that was only asked for


def keeper_of(held: Installation, guest: User) -> Keeper:
    """Return who keeps the logbooks of a reader's commune."""
    office = held.office(guest.commune)
    return Keeper(office.ledger, office.commune, office.logbook_key)


@router.get(PATH)
@needs("logbook.read")
async def main_courante(request: Request, held: Held, guest: SignedIn) -> HTMLResponse:
    """Show the lines asked for, and the line to write."""
    return await _main(request, held, guest)


@router.get(f"{PATH}/lignes")
@needs("logbook.read")
async def lines(request: Request, held: Held, guest: SignedIn) -> HTMLResponse:
    """Show the lines alone: the page asks again and again, and what is being typed stays."""
    commune = await commune_shown(held, guest.commune)
    shown = {
        "zone": commune.zone,
        "function_names": commune.function_names,
        "people": await people_of(held, guest.commune),
        **await _lines(held, guest, Asked.of(request.query_params)),
    }
    return HTMLResponse(render("_lines.html", tongue_of(request).code, shown))


@router.post(PATH, dependencies=[Depends(own_form)])
@needs("logbook.write")
async def note(request: Request, held: Held, guest: SignedIn) -> Response:
    """Write a line."""
    form = await request.form()
    book = str(form.get("registre", ""))
    try:
        told = told_of(form, (await commune_shown(held, guest.commune)).zone)
        number = await write_line(keeper_of(held, guest), told, spot=spot_of(book), by=guest.login)
    except LineRefused as refused:
        return await _main(request, held, guest, Returned(dict(form), refused))
    back = str(form.get("vu", book))  # the tab that the writer looks at
    return RedirectResponse(Asked(book=back).address(notee=number), 303)


@router.post(f"{PATH}/vite", dependencies=[Depends(own_form)])
@needs("logbook.write")
async def note_quickly(request: Request, held: Held, guest: SignedIn) -> Response:
    """Write the one line at the foot of a page, and go back to that page."""
    form = await request.form()
    told, keeper = quick(str(form.get("text", ""))), keeper_of(held, guest)
    spot = (await shelves_of(held.ledger, guest.commune)).usual
    try:
        await write_line(keeper, told, spot=spot, by=guest.login)
    except LineRefused as refused:
        return await _main(request, held, guest, Returned(dict(form), refused))
    return RedirectResponse(inside(str(form.get("vers", "/"))), 303)


@router.post(f"{PATH}/registres", dependencies=[Depends(own_form)])
@needs("logbook.write")
async def open_one(request: Request, held: Held, guest: SignedIn) -> Response:
    """Open a book of the commune: a cell's, a centre's, that of who is on call."""
    form = await request.form()
    label = " ".join(str(form.get("label", "")).split())
    shelves = await shelves_of(held.ledger, guest.commune)
    beside = shelves.usual.event_id
    book = NewBook(f"r{len(shelves.books) + 1}", label, str(form.get("kind", "cell")))
    try:
        await open_books(keeper_of(held, guest), [book], event_id=beside, by=guest.login)
    except LineRefused as refused:
        return await _main(request, held, guest, Returned(dict(form), refused))
    return RedirectResponse(Asked(book=f"{beside}:{book.code}").address(), 303)


@router.get(f"{PATH}/lignes/{{number}}")
@needs("logbook.read")
async def line(number: int, request: Request, held: Held, guest: SignedIn) -> HTMLResponse:
    """Show one line: all of it, what became of it, and the forms to correct it or tell its end."""
    return await _one(request, held, guest, number)


@router.post(f"{PATH}/lignes/{{number}}/corriger", dependencies=[Depends(own_form)])
@needs("logbook.write")
async def correct(number: int, request: Request, held: Held, guest: SignedIn) -> Response:
    """Write what a line should have said, as a new line."""
    return await _follow(request, held, guest, number)


@router.post(f"{PATH}/lignes/{{number}}/classer", dependencies=[Depends(own_form)])
@needs("logbook.write")
async def close(number: int, request: Request, held: Held, guest: SignedIn) -> Response:
    """Tell the follow-up of a line, which closes it."""
    return await _follow(request, held, guest, number)


async def _follow(request: Request, held: Installation, guest: User, number: int) -> Response:
    form = await request.form()
    follow = close_line if request.url.path.endswith("/classer") else correct_line
    spot = spot_of(str(form.get("registre", "")))
    try:
        told = told_of(form, (await commune_shown(held, guest.commune)).zone)
        await follow(keeper_of(held, guest), told, number=number, spot=spot, by=guest.login)
    except LineRefused as refused:
        back = Returned(dict(form), refused)
        return await _one(request, held, guest, number, back)
    return RedirectResponse(f"{PATH}/lignes/{number}", 303)


async def _main(
    request: Request,
    held: Installation,
    guest: User,
    back: Returned = ASKED,
) -> HTMLResponse:
    form, problem = back.typed, back.problem
    query = request.query_params
    asked = Asked.of(query) if request.method == "GET" else Asked(book=str(form.get("vu", "")))
    commune = await commune_shown(held, guest.commune)
    shelves = await shelves_of(held.ledger, guest.commune)
    shown = {
        **await _lines(held, guest, asked),
        "books": [(name_of(one), one) for one in shelves.here],
        "others": [(one.event, [(name_of(it), it) for it in one.books]) for one in shelves.others],
        "other_names": {name_of(it) for one in shelves.others for it in one.books},
        "channels": CHANNELS,
        "journal": JOURNAL,
        "into": str(form.get("registre", "")) or _into(asked, shelves),
        "typed": form,
        "proposed": hour(datetime.now(UTC), commune.zone),
        "problem": problem,
        "noted": query.get("notee", "") if request.method == "GET" else "",
        "may_write": allowed(guest.function, "logbook.write"),
        "may_export": allowed(guest.function, "logbook.export"),
    }
    status = 400 if problem else 200
    return await page(request, held, "logbook.html", shown=shown, status=status)


def _into(asked: Asked, shelves: Shelves) -> str:
    """Return the book that a new line goes into: the tab looked at, else the usual one."""
    still = {name_of(one) for one in shelves.books if one.closed_at is None}
    return asked.book if asked.book in {*still, JOURNAL} else name_of(shelves.usual)


async def _lines(held: Installation, guest: User, asked: Asked) -> dict[str, object]:
    keeper, commune = keeper_of(held, guest), await commune_shown(held, guest.commune)
    found = await search(keeper, asked.search(commune.zone))
    waiting = Search(Wanted(), open_only=True, limit=MOST_OPEN)
    return {
        "asked": asked,
        "lines": found,
        "older": found[-1].line.number if len(found) == SHOWN else 0,
        "open_count": len(await search(keeper, waiting)),
        "read_at": datetime.now(UTC),
    }


async def _one(
    request: Request,
    held: Installation,
    guest: User,
    number: int,
    back: Returned = ASKED,
) -> HTMLResponse:
    keeper, commune = keeper_of(held, guest), await commune_shown(held, guest.commune)
    found = await by_number(held.ledger, guest.commune, number) if number < 2**31 else None
    if found is None:
        return await page(request, held, "missing.html", status=404)
    (one,) = await shown_with(keeper, [found])
    writes = one.written and one.corrected_by is None and allowed(guest.function, "logbook.write")
    line = one.line
    opens = writes and one.closing is None and line.closes is None
    closed = await _is_closed(held, guest, line)
    shown = {
        "one": one,
        "channels": CHANNELS,
        "book": f"{line.event or ''}:{line.book}" if line.book else JOURNAL,
        "was": hour(line.happened, commune.zone),
        "told": {name: getattr(line, name) or "" for name in FIELDS},
        "typed": back.typed,
        "proposed": hour(datetime.now(UTC), commune.zone),
        "problem": back.problem,
        "may_correct": writes,
        "may_close": opens and not closed,
        "closed": opens and closed,
    }
    return await page(
        request, held, "logbook_line.html", shown=shown, status=400 if back.problem else 200
    )


async def _is_closed(held: Installation, guest: User, line: Line) -> bool:
    """Tell whether the book of a line is closed: then its follow-up is written elsewhere."""
    spot = (line.event or "", line.book)
    books = await shelf.all_books(held.ledger, guest.commune)
    return any((one.event_id, one.code) == spot and one.closed_at is not None for one in books)
