"""Pages of the lists of the plan: directory, duty, functions, cells, teams, centres and others."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from urllib.parse import quote

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from starlette.datastructures import FormData

from dispatcher.alerts.refusals import NotThere
from dispatcher.api.permissions import needs
from dispatcher.store.users import User
from operator_ui.doors import admit
from operator_ui.installation import Installation
from operator_ui.plan_desk import (
    ACTS,
    Desk,
    Held,
    Saved,
    SignedIn,
    ident_of,
    lists_of,
    opened,
    save,
    sorted_faults,
    text_of,
)
from operator_ui.plan_fields import (
    fields_of,
    given,
    in_former_order,
    name_of,
    names_of,
    shown_value,
    with_problems,
)
from operator_ui.plan_words import ABOUT, ADD, COLUMNS, TITLES
from plans.sections import (
    BY_NAME,
    STEPS_OF,
    Files,
    Section,
    edit_records,
    field_of,
    records_of,
    section_at,
    users_of,
)
from plans.typed import changes_of
from plans.yaml_edit import Batch
from plans.yaml_written import Value

router = APIRouter(dependencies=[Depends(admit)], default_response_class=HTMLResponse)


@router.get("/plan/{section}")
@needs("plan.read")
async def listed(
    section: str, request: Request, held: Held, guest: SignedIn, fait: str = ""
) -> Response:
    """Show a list of the plan, a record a line."""
    found = await _at(request, held, guest, section)
    if isinstance(found, Response):
        return found
    desk, part = found
    records = records_of(desk.plan.files, part)
    names = names_of(desk.plan.files)
    keys = {key.name: key for key in part.keys}
    rows = [
        {
            "ident": ident,
            "name": name_of(part, record) or desk.said(TITLES[_sort(part)]),
            "cells": [
                (name, shown_value(keys[name], record.get(name), names))
                for name in COLUMNS[_sort(part)]
            ],
        }
        for ident, record in records.items()
    ]
    shown = {
        **_called(desk, part),
        "rows": rows,
        "columns": COLUMNS[_sort(part)],
        "done": fait,
    }
    return await desk.page("plan_list.html", shown)


@router.get("/plan/{section}/ajouter")
@needs("plan.load", confirmed=True)
async def adding(section: str, request: Request, held: Held, guest: SignedIn) -> Response:
    """Ask for a new record."""
    found = await _at(request, held, guest, section)
    if isinstance(found, Response):
        return found
    desk, part = found
    return await _form(desk, part, ident="", record={}) if part.ident else await desk.missing()


@router.post("/plan/{section}/ajouter", dependencies=ACTS)
@needs("plan.load", confirmed=True)
async def add(section: str, request: Request, held: Held, guest: SignedIn) -> Response:
    """Add a record, its id made of its name where none was typed."""
    found = await _at(request, held, guest, section)
    if isinstance(found, Response):
        return found
    desk, part = found
    form = await request.form()
    read = given(part.keys, lists_of(form), desk.phone)
    record = {name: value for name, value in read.items() if value is not None}
    if not part.ident:
        return await desk.missing()
    if part.ident not in record:
        record[part.ident] = _new_ident(desk.plan.files, part, record)
    record = {part.ident: record.pop(part.ident), **record}
    batch = Batch({}, added=[record])
    return await _saved(desk, part, form, batch, typed=("", record))


@router.get("/plan/{section}/fiche/{ident}")
@needs("plan.load", confirmed=True)
async def record_page(
    section: str, ident: str, request: Request, held: Held, guest: SignedIn
) -> Response:
    """Show a record, to be changed or taken out."""
    found = await _at(request, held, guest, section)
    if isinstance(found, Response):
        return found
    desk, part = found
    record = records_of(desk.plan.files, part).get(ident)
    if record is None:
        return await desk.missing()
    return await _form(desk, part, ident=ident, record=record)


@router.post("/plan/{section}/fiche/{ident}", dependencies=ACTS)
@needs("plan.load", confirmed=True)
async def change(
    section: str, ident: str, request: Request, held: Held, guest: SignedIn
) -> Response:
    """Change a record, or take it out of the plan."""
    found = await _at(request, held, guest, section)
    if isinstance(found, Response):
        return found
    desk, part = found
    form = await request.form()
    before = records_of(desk.plan.files, part).get(ident)
    if before is None:
        return await desk.missing()
    batch, record = _asked(desk, part, form, before=before, ident=ident)
    return await _saved(desk, part, form, batch, typed=(ident, record))


def _new_ident(files: Files, part: Section, record: Mapping[str, Value]) -> Value:
    """Make an id of a name; a step of a card comes after the last."""
    taken = records_of(files, part)
    if part.ident == "n":
        return max((int(one) for one in taken if one.isdigit()), default=0) + 1
    return ident_of(name_of(part, record), taken)


def _sort(part: Section) -> str:
    """Return what words a section goes by: the steps of every card are called the same."""
    return "etapes" if part.name.startswith(STEPS_OF) else part.name


def _called(desk: Desk, part: Section) -> dict[str, object]:
    """Return how a section is called, and where it stands: the steps, under their card."""
    sort = _sort(part)
    card = part.name.removeprefix(STEPS_OF) if sort == "etapes" else ""
    title = records_of(desk.plan.files, BY_NAME["fiches"]).get(card, {}).get("titre", "")
    return {
        "section": part.name,
        "title": desk.said(TITLES[sort]),
        "about": str(title) or desk.said(ABOUT[sort]),
        "add": desk.said(ADD[sort]) if sort in ADD else "",
        "card": card,
        "extends": bool(part.ident),
    }


def _asked(
    desk: Desk, part: Section, form: FormData, *, before: Mapping[str, Value], ident: str
) -> tuple[Batch, Mapping[str, Value]]:
    """Return what a form changes, and the record as it was typed."""
    if text_of(form, "acte") == "retirer" and part.ident:
        return Batch({}, removed=frozenset({ident})), before
    keys = [key for key in part.keys if key.name != part.ident]
    read = in_former_order(keys, given(keys, lists_of(form), desk.phone), before)
    kept = {name: value for name, value in read.items() if value is not None}
    return Batch({ident: changes_of(keys, before, read)}), {part.ident: ident, **kept}


async def _at(
    request: Request, held: Installation, guest: User, section: str
) -> tuple[Desk, Section] | Response:
    """Return the desk and the list that an address names, or what to answer instead."""
    try:
        desk = await opened(request, held, guest)
    except NotThere:
        return RedirectResponse("/plan", 303)
    part = section_at(desk.plan.files, section)
    return (desk, part) if part else await desk.missing()


async def _saved(
    desk: Desk,
    part: Section,
    form: FormData,
    batch: Batch,
    *,
    typed: tuple[str, Mapping[str, Value]],
) -> Response:
    """Save what a form changes, or only tell it; `typed` is whose form, and what it holds."""
    ident, record = typed
    look = text_of(form, "acte") == "voir"
    saved = await save(desk, form, lambda files: edit_records(files, part, batch), only_look=look)
    if saved.done and saved.outcome and not look:
        word = "enregistre" if saved.outcome.differences else "rien"
        return RedirectResponse(f"/plan/{part.name}?fait={word}#{quote(ident)}", 303)
    return await _form(desk, part, ident=ident, record=record, saved=saved)


async def _form(
    desk: Desk,
    part: Section,
    *,
    ident: str,
    record: Mapping[str, Value],
    saved: Saved | None = None,
) -> HTMLResponse:
    files = desk.plan.files
    fields = fields_of(part.keys, record, files, ident=part.ident, fixed=bool(ident))
    if not ident and part.ident in (
        "id",
        "n",
    ):  # made of the name where nobody types one: asked last
        fields = [*fields[1:], fields[0]]
    index = _place(files, part, ident)
    mine, others = sorted_faults(
        saved.faults if saved else (), lambda fault: field_of(fault, part, index)
    )
    if not ident and part.ident == "n":
        fields = [replace(one, required=one.required and one.name != "n") for one in fields]
    shown = {
        **_called(desk, part),
        "ident": ident,
        "name": name_of(part, record) if ident and part.ident else "",
        "steps": _steps(files, part, ident),
        "fields": with_problems(fields, mine),
        "others": others,
        "users": _users(files, part, ident),
        "problem": saved.problem if saved else "",
        "reason": "",
        "differences": saved.outcome.differences
        if saved and saved.done and saved.outcome
        else None,
    }
    status = 200 if saved is None or saved.done else 409 if saved.problem else 422
    return await desk.page("plan_record.html", shown, status=status)


def _place(files: Files, part: Section, ident: str) -> int:
    """Return where a record stands in its list; a new one, after the last."""
    idents = list(records_of(files, part))
    return idents.index(ident) if ident in idents else len(idents)


def _steps(files: Files, part: Section, ident: str) -> int | None:
    """Count the steps of a card; None where the record is no card."""
    steps = section_at(files, f"{STEPS_OF}{ident}") if part.name == "fiches" and ident else None
    return len(records_of(files, steps)) if steps else None


def _users(files: Files, part: Section, ident: str) -> Sequence[tuple[str, str, str]]:
    """Name who points to a record, as list, id and words: they change before it goes."""
    if not ident or not part.kind:
        return ()
    return [
        (section, name, name_of(BY_NAME[section], records_of(files, BY_NAME[section])[name]))
        for section, name in users_of(files, part.kind, ident)
    ]
