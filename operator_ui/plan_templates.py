"""Pages of the message templates: texts by language, blanks explained, SMS measured, CAP chosen."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import quote

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from starlette.datastructures import FormData

from channels.segments import measure
from dispatcher.alerts import plan_in_force
from dispatcher.alerts.refusals import NotThere
from dispatcher.api.permissions import needs
from operator_ui.doors import admit
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
    text_of,
)
from plans.faults import PlanFault
from plans.forms_templates import CAP_WORDS, END_OF_ALERT
from plans.plan import Plan
from plans.shapes import ID
from plans.templates import (
    TEXTS,
    TemplateFile,
    blanks_in,
    drop_template,
    path_of,
    put_template,
    templates_of,
)
from plans.words import KNOWN_BLANKS, WordsRefused, fill, longest
from plans.yaml_written import Value

router = APIRouter(dependencies=[Depends(admit)], default_response_class=HTMLResponse)

TAKEN = "Cet identifiant est déjà celui d'un autre modèle : choisissez-en un autre."
NO_ID = "Un identifiant a de 1 à 40 lettres sans accent, chiffres, - ou _ : corrigez-le."
SEQUELS = ("fausse_alerte", "correction", "levee")
MANY = ("category", "responseType")
ALWAYS = ("en",)  # a language that every template is offered beside the commune's own


@dataclass(frozen=True)
class Counted:
    """What an SMS costs: its alphabet, its segments with the longest names, the signs at fault."""

    encoding: str
    segments: int
    signs: tuple[str, ...]


@router.get("/plan/modeles")
@needs("plan.read")
async def templates(request: Request, held: Held, guest: SignedIn, fait: str = "") -> Response:
    """List the templates, with what each costs by SMS."""
    try:
        desk = await opened(request, held, guest)
    except NotThere:
        return RedirectResponse("/plan", 303)
    plan = (await plan_in_force.in_force(held.office(guest.commune))).plan
    rows = [
        {
            "one": one,
            "languages": [plan.policy.language, *one.translated],
            "counted": counted(plan, one.text("sms")),
        }
        for one in templates_of(desk.plan.files).values()
    ]
    return await desk.page("plan_templates.html", {"rows": rows, "done": fait})


@router.get("/plan/modeles/ajouter")
@needs("plan.load", confirmed=True)
async def adding(request: Request, held: Held, guest: SignedIn) -> Response:
    """Ask for a new template."""
    return await _opened_form(request, held, guest, "")


@router.post("/plan/modeles/ajouter", dependencies=ACTS)
@needs("plan.load", confirmed=True)
async def add(request: Request, held: Held, guest: SignedIn) -> Response:
    """Add a template."""
    desk = await opened(request, held, guest)
    form = await request.form()
    known = templates_of(desk.plan.files)
    wanted = text_of(form, "id") or ident_of(text_of(form, "cap.event"), known)
    if wanted in known or not re.fullmatch(ID, wanted):  # the id names a file of the plan
        said = desk.said(TAKEN if wanted in known else NO_ID)
        typed = {path: one for path, one in _given(form).items() if one is not None}
        return await _form(desk, "", typed, saved=Saved(None, said))
    return await _kept(desk, form, "", wanted=wanted)


@router.get("/plan/modeles/{ident}")
@needs("plan.load", confirmed=True)
async def template(ident: str, request: Request, held: Held, guest: SignedIn) -> Response:
    """Show a template, to be changed or taken out."""
    return await _opened_form(request, held, guest, ident)


@router.post("/plan/modeles/{ident}", dependencies=ACTS)
@needs("plan.load", confirmed=True)
async def change(ident: str, request: Request, held: Held, guest: SignedIn) -> Response:
    """Change a template, take it out, or only measure what was typed."""
    desk = await opened(request, held, guest)
    if ident not in templates_of(desk.plan.files):
        return await desk.missing()
    return await _kept(desk, await request.form(), ident, wanted=ident)


async def _opened_form(request: Request, held: Held, guest: SignedIn, ident: str) -> Response:
    try:
        desk = await opened(request, held, guest)
    except NotThere:
        return RedirectResponse("/plan", 303)
    known = templates_of(desk.plan.files).get(ident)
    if ident and known is None:
        return await desk.missing()
    return await _form(desk, ident, known.held if known else {})


async def _kept(desk: Desk, form: FormData, ident: str, *, wanted: str) -> Response:
    values, act = _given(form), text_of(form, "acte")
    kept = {path: value for path, value in values.items() if value is not None}
    if act == "mesurer":
        return await _form(desk, ident, kept)
    if act == "retirer":
        saved = await save(desk, form, lambda files: drop_template(files, wanted))
    else:
        saved = await save(desk, form, lambda files: put_template(files, wanted, values))
    if saved.done and saved.outcome:
        word = "enregistre" if saved.outcome.differences else "rien"
        return RedirectResponse(f"/plan/modeles?fait={word}#{quote(wanted)}", 303)
    return await _form(desk, ident, kept, saved=saved)


def _given(form: FormData) -> dict[str, Value | None]:
    """Read a form of a template: every value that it has a field for, None where it is empty."""
    lists = lists_of(form)
    values: dict[str, Value | None] = {"niveau": text_of(form, "niveau") or None}
    values["prevalide"] = True if text_of(form, "prevalide") else None
    for name in (*(f"suites.{one}" for one in SEQUELS), "cap.event"):
        values[name] = text_of(form, name) or None
    for element in CAP_WORDS:
        chosen = [one for one in lists.get(f"cap.{element}", []) if one]
        values[f"cap.{element}"] = (chosen or None) if element in MANY else _first(chosen)
    for language in lists.get("langue", []):
        code = language.strip().lower()
        for text in TEXTS if code.isalpha() or not code else ():
            path = path_of(code, text)
            values[path] = text_of(form, f"{language}:{text}") or None
    return values


def _first(chosen: Sequence[str]) -> str | None:
    return chosen[0] if chosen else None


async def _form(
    desk: Desk, ident: str, held: Mapping[str, Value], *, saved: Saved | None = None
) -> HTMLResponse:
    plan = (await plan_in_force.in_force(desk.held.office(desk.guest.commune))).plan
    one = TemplateFile(ident, "", held)
    languages = list(dict.fromkeys(["", *one.translated, *ALWAYS]))
    known = templates_of(desk.plan.files)
    mine, others = _parted(saved.faults if saved else (), known.get(ident))
    shown = {
        "ident": ident,
        "held": held,
        "pre_approved": one.pre_approved,
        "languages": [(code, code or plan.policy.language) for code in languages],
        "texts": {
            (code, text): one.text(path_of(code, text)) for code in languages for text in TEXTS
        },
        "counted": {code: counted(plan, one.text(path_of(code, "sms"))) for code in languages},
        "most": plan.policy.media["sms"].segments_max,
        "wrong": mine,
        "others": others,
        "cap": CAP_WORDS,
        "many": MANY,
        "levels": [(level.code, level.label) for level in plan.levels],
        "end": END_OF_ALERT,
        "sequels": SEQUELS,
        "templates": list(known),
        "blanks": blanks_in(held),
        "known_blanks": KNOWN_BLANKS,
        "problem": saved.problem if saved else "",
        "users": _users(known, ident),
    }
    status = 200 if saved is None else 409 if saved.problem else 422
    return await desk.page("plan_template.html", shown, status=status)


def counted(plan: Plan, text: str) -> Counted | None:
    """Measure an SMS with the longest names that its blanks may take; None for no text."""
    if not text:
        return None
    try:
        filled = fill(text, longest(plan, blanks_in({"sms": text})))
    except WordsRefused:
        return None
    found = measure(filled)
    return Counted(found.encoding, found.segments, tuple(dict.fromkeys(found.offending)))


def _parted(
    faults: Sequence[PlanFault], known: TemplateFile | None
) -> tuple[dict[str, list[str]], list[PlanFault]]:
    """Part the faults: those of this template by the path of their field, and the others."""
    mine: dict[str, list[str]] = {}
    others = []
    for fault in faults:
        if known is not None and fault.file == known.file and fault.path:
            mine.setdefault(fault.path, []).append(fault.message)
        else:
            others.append(fault)
    return mine, others


def _users(known: Mapping[str, TemplateFile], ident: str) -> list[str]:
    """Name the templates whose sequel this one is."""
    paths = [f"suites.{one}" for one in SEQUELS]
    return [
        name
        for name, one in known.items()
        if name != ident and ident in [one.held.get(path) for path in paths]
    ]
