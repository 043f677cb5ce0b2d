"""Step 2 of writing an alert: the template, its blanks, the words of each medium and language."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Annotated, Any
from urllib.parse import quote

from babel import Locale, UnknownLocaleError
from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from pydantic import ValidationError
from starlette.datastructures import FormData

from dispatcher.alerts import sketching
from dispatcher.alerts.office import Actor, utc_now
from dispatcher.alerts.refusals import AlertRefused, NotSo, NotThere
from dispatcher.alerts.sketch import Sketch
from dispatcher.alerts.sketch_choices import sketched_template
from dispatcher.api.permissions import needs
from dispatcher.crisis.proposals import kind_of
from dispatcher.store.street_names import street_names
from dispatcher.store.users import User
from operator_ui.composing import Composing, composing_of, step_page
from operator_ui.crisis import ACTS
from operator_ui.doors import admit, signed_in
from operator_ui.installation import Installation, installation
from operator_ui.message_forms import acted, changes_of, replaced
from operator_ui.message_view import Around, MessageShown, message_of
from operator_ui.pages import page
from operator_ui.plan_shown import heading_of
from operator_ui.rendering import render
from operator_ui.words import tongue_of
from plans.alerting import MessageTemplate
from plans.plan import Plan
from plans.words import KNOWN_BLANKS

router = APIRouter(dependencies=[Depends(admit)], default_response_class=HTMLResponse)

Held = Annotated[Installation, Depends(installation)]
SignedIn = Annotated[User, Depends(signed_in)]
_REPLACING = ("plain", "name")


@router.get("/console/alertes/{alert_id}/message")
@needs("alert.read")
async def message(alert_id: str, request: Request, held: Held, guest: SignedIn) -> HTMLResponse:
    """Show the words, what is told of them, and how they will be received."""
    try:
        composing = await composing_of(held, guest, alert_id)
    except NotThere:
        return await page(request, held, "missing.html", status=404)
    return await _page(request, composing, composing.sketch)


@router.post("/console/alertes/{alert_id}/message", dependencies=ACTS)
@needs("alert.draft")
async def save(alert_id: str, request: Request, held: Held, guest: SignedIn) -> Response:
    """Keep what was typed, with what the button that was pressed asks."""
    form = await request.form()
    try:
        composing = await composing_of(held, guest, alert_id)
    except NotThere:
        return await page(request, held, "missing.html", status=404)
    act = str(form.get("act", "save"))
    typed = composing.sketch
    try:
        typed = _typed(composing, form)
        changes = await _asked(composing, typed, act)
        await _change(composing, changes, form)
    except AlertRefused as refusal:
        return await _page(request, composing, typed, problem=refusal)
    here = f"/console/alertes/{quote(alert_id)}"
    if act == "next":
        return RedirectResponse(f"{here}/portee", 303)
    return RedirectResponse(f"{here}/message{_place(act)}", 303)


@router.post("/console/alertes/{alert_id}/message/modele", dependencies=ACTS)
@needs("alert.draft")
async def choose(alert_id: str, request: Request, held: Held, guest: SignedIn) -> Response:
    """Take another template; what was written over the former one goes with it."""
    form = await request.form()
    try:
        composing = await composing_of(held, guest, alert_id)
    except NotThere:
        return await page(request, held, "missing.html", status=404)
    template = str(form.get("template", ""))
    try:
        if all(one.id != template for one in composing.current.plan.templates):
            raise NotSo("Choisissez un modèle dans la liste : celui-ci n'est pas dans le plan.")
        if template != composing.sketch.chosen.template:
            await _change(composing, {"template": template, "words": {}}, form)
    except AlertRefused as refusal:
        return await _page(request, composing, composing.sketch, problem=refusal)
    return RedirectResponse(f"/console/alertes/{quote(alert_id)}/message#textes", 303)


@router.post("/console/alertes/{alert_id}/message/mesure", dependencies=ACTS)
@needs("alert.draft")
async def measure(alert_id: str, request: Request, held: Held, guest: SignedIn) -> Response:
    """Tell what the text that is being typed costs and lacks; nothing is kept."""
    form = await request.form()
    wanted = request.query_params.get("texte", "")
    try:
        composing = await composing_of(held, guest, alert_id)
        typed = _typed(composing, form)
    except AlertRefused:
        return HTMLResponse("", 422)
    shown = message_of(typed, await _around(composing))
    part = shown.part(wanted)
    if part is None:
        return HTMLResponse("", 404)
    language = next(one for one in shown.languages if one.code == part.language)
    values = {
        **_values(composing, shown),
        "part": part,
        "language": language,
        "refused": language.refused,
        "told_above": language.told,
        "zone": None,
    }
    return HTMLResponse(render("_message_measured.html", tongue_of(request).code, values))


async def _around(composing: Composing) -> Around:
    office = composing.held.office(composing.guest.commune)
    streets = await street_names(office.ledger, office.commune)
    return Around(composing.current.plan, streets, office.public_url, utc_now())


def _own_template(plan: Plan, sketch: Sketch) -> MessageTemplate:
    """Return the template without what was written over it."""
    return sketched_template(plan, replace(sketch, chosen=replace(sketch.chosen, words={})))


def _typed(composing: Composing, form: FormData) -> Sketch:
    """Return the sketch as the form has it, nothing kept yet. Raises NotSo."""
    sketch = composing.sketch
    own = _own_template(composing.current.plan, sketch)
    try:
        chosen = sketch.chosen.changed(changes_of(form, own, sketch.chosen))
    except ValidationError as wrong:
        raise NotSo("Un champ de l'alerte n'a pas pu être lu : vérifiez sa valeur.") from wrong
    return replace(sketch, chosen=chosen)


async def _asked(composing: Composing, typed: Sketch, act: str) -> Mapping[str, object]:
    """Return what is to be kept: what was typed, changed as the button asks."""
    changes: dict[str, object] = {
        "blanks": dict(typed.chosen.blanks),
        "words": {code: dict(one) for code, one in typed.chosen.words.items()},
    }
    around = await _around(composing)
    own = _own_template(around.plan, typed)
    verb, _, rest = act.partition(":")
    if verb in _REPLACING:
        return replaced(f"{verb}:{rest}", changes, own, names=around.names)
    known = {one.name: one.known.value for one in message_of(typed, around).blanks if one.known}
    return acted(act, changes, known=known)


async def _change(composing: Composing, changes: Mapping[str, object], form: FormData) -> None:
    revision = str(form.get("revision", ""))
    if not (revision.isascii() and revision.isdigit() and len(revision) < 10):
        raise NotSo("Ce formulaire est incomplet : rechargez la page et recommencez.")
    guest = composing.guest
    await sketching.change(
        composing.held.office(guest.commune),
        composing.sketch.alert_id,
        changes,
        revision=int(revision),
        actor=Actor(guest.login, guest.function, guest.contact_id),
    )


def _place(act: str) -> str:
    """Return the place of the page that a button leads back to."""
    verb, _, rest = act.partition(":")
    language, _, field = rest.partition(":")
    if verb in ("plain", "name", "measure"):
        return f"#t-{quote(language)}-sms"
    if verb == "model":
        return f"#t-{quote(language)}-{quote(field.partition('_')[0])}"
    return "#champs" if verb in ("known", "spell") else "#textes"


async def _page(
    request: Request,
    composing: Composing,
    sketch: Sketch,
    *,
    problem: AlertRefused | None = None,
) -> HTMLResponse:
    shown = message_of(sketch, await _around(composing))
    values = {**_values(composing, shown), **_choices(composing, shown)}
    return await step_page(request, composing, "message", shown=values, problem=problem)


def _typed_by_hand(template: MessageTemplate) -> list[str]:
    """Return the blanks that nothing but a person fills."""
    return [name for name in template.variables if name not in KNOWN_BLANKS]


def _language_name(code: str, language: str) -> str:
    """Name a language in the reader's; its code where nobody knows it."""
    try:
        return Locale.parse(code, sep="-").get_display_name(language) or code
    except (UnknownLocaleError, ValueError):
        return code


def _values(composing: Composing, shown: MessageShown) -> dict[str, Any]:
    plan = composing.current.plan
    return {
        "message": shown,
        "sketch": composing.sketch,
        "composing": composing,
        "sender": plan.policy.sender,
        "caller": plan.policy.caller_number,
        "segments_max": plan.policy.media["sms"].segments_max if "sms" in plan.policy.media else 2,
    }


def _choices(composing: Composing, shown: MessageShown) -> dict[str, Any]:
    """Return the templates to choose from: the scenario's, then the others."""
    plan, chosen = composing.current.plan, composing.sketch.chosen
    first = [one.templates for one in plan.scenarios if one.id == chosen.scenario]
    ready = first[0] if first else ()
    of_scenario = [one for ident in ready for one in plan.templates if one.id == ident]
    others = [one for one in plan.templates if one.id not in ready]
    taken = shown.template.id
    return {
        "language_name": _language_name,
        "groups": [
            [(one, heading_of(one), kind_of(one), _typed_by_hand(one)) for one in group]
            for group in (of_scenario, others)
        ],
        "template": next((one for one in plan.templates if one.id == taken), None),
    }
