"""« Premier plan »: from nothing to a valid plan in eight steps, left and taken up at will."""

from collections import defaultdict
from collections.abc import Mapping

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from channels.segments import measure
from channels.senders import sender_fault
from dispatcher.alerts.office import Actor
from dispatcher.alerts.refusals import AlertRefused, NotNow
from dispatcher.api.permissions import needs
from dispatcher.revision import starting
from dispatcher.revision.numbers import reader_of
from dispatcher.store.plan_drafts import PlanDraft
from dispatcher.store.plans import PlanMoved
from dispatcher.store.users import User
from operator_ui.doors import admit
from operator_ui.installation import Installation
from operator_ui.pages import page
from operator_ui.plan_desk import ACTS, Held, SignedIn, moved_words
from operator_ui.plan_fields import name_of
from operator_ui.plan_start_steps import PEOPLE, SAVED, STAYS, Given, StepRefused
from operator_ui.plan_templates import Counted
from operator_ui.words import sentence, tongue_of, translations
from plans import starter
from plans.drawn import sectors_of
from plans.faults import Language
from plans.reading import Reading
from plans.sections import BY_NAME, records_of
from plans.starter_words import READY, RISKS
from plans.templates import templates_of
from plans.yaml_edit import NoSuchRecord

router = APIRouter(dependencies=[Depends(admit)], default_response_class=HTMLResponse)

HOME = "/plan/demarrer"
LAST = "relire"


@router.get(HOME)
@needs("plan.load")
async def begin(held: Held, guest: SignedIn) -> Response:
    """Go to the first step that is left."""
    try:
        draft = await starting.draft_of(held.office(guest.commune))
    except NotNow:
        return RedirectResponse("/plan", 303)
    return RedirectResponse(f"{HOME}/{starter.next_of(draft.files)}", 303)


@router.post(f"{HOME}/charger", dependencies=ACTS)
@needs("plan.load", confirmed=True, page=f"{HOME}/{LAST}")
async def load(request: Request, held: Held, guest: SignedIn) -> Response:
    """Make the draft the commune's plan."""
    office = held.office(guest.commune)
    read = _revision(await request.form())
    try:
        reading = await starting.load(office, read=read, actor=_actor(guest))
    except AlertRefused as refused:
        said = translations(tongue_of(request).code).gettext(str(refused))
        return await _step(request, held, guest, LAST, problem=said)
    if reading.faults:
        return await _step(request, held, guest, LAST, status=422)
    return RedirectResponse("/plan?fait=demarre", 303)


@router.get(f"{HOME}/{{step}}")
@needs("plan.load")
async def step_page(
    step: str, request: Request, held: Held, guest: SignedIn, fait: str = ""
) -> Response:
    """Show a step, with what was said there before."""
    return await _step(request, held, guest, step, done=fait)


@router.post(f"{HOME}/{{step}}", dependencies=ACTS)
@needs("plan.load")
async def save_step(step: str, request: Request, held: Held, guest: SignedIn) -> Response:
    """Save a step into the draft, and go on to the next."""
    if step not in SAVED:
        return await page(request, held, "missing.html", status=404)
    office, form = held.office(guest.commune), await request.form()
    language = tongue_of(request).code
    try:
        draft = await starting.draft_of(office)
        given = Given(
            form, draft.files, guest.commune,
            phone=reader_of(guest.commune),
            said=translations(language).gettext,
            language=language,
            homes=(await held.books.of(held.ledger, guest.commune)).doors,
        )  # fmt: skip
        files = await SAVED[step](given)
        await starting.keep(office, files, read=_revision(form), actor=_actor(guest))
    except PlanMoved as moved:
        said = await moved_words(request, held, guest, moved)
        return await _step(request, held, guest, step, problem=said, status=409)
    except (StepRefused, NoSuchRecord, AlertRefused) as refused:
        said = sentence(str(refused), language)
        typed = {name: text for name, text in form.items() if isinstance(text, str)}
        return await _step(request, held, guest, step, problem=said, typed=typed)
    onward = step if step in STAYS else starter.STEPS[starter.STEPS.index(step) + 1]
    return RedirectResponse(f"{HOME}/{onward}?fait=1", 303)


async def _step(  # noqa: PLR0913 - what a page is shown with, each by its name
    request: Request,
    held: Installation,
    guest: User,
    step: str,
    *,
    problem: str = "",
    typed: Mapping[str, str] | None = None,
    done: str = "",
    status: int = 0,
) -> Response:
    if step not in starter.STEPS:
        return await page(request, held, "missing.html", status=404)
    try:
        draft = await starting.draft_of(held.office(guest.commune))
    except NotNow:
        return RedirectResponse("/plan", 303)
    language: Language = "en" if tongue_of(request).code == "en" else "fr"
    reading = await starting.judge(draft, language=language) if step == LAST else None
    shown = {
        **_shown(draft, guest.commune),
        "step": step,
        "steps": starter.STEPS,
        "located": await _located(held, guest) if step == "secteurs" else 0,
        "taken": starter.done_of(draft.files),
        "draft": draft,
        "typed": _lenient(typed or {}),
        "problem": problem,
        "done": done,
        **_judged(reading),
    }
    status = status or (422 if problem else 200)
    return await page(request, held, "plan_start.html", shown=shown, status=status)


async def _located(held: Installation, guest: User) -> int:
    """Count the addresses that an outline can be drawn around."""
    return int((await held.books.of(held.ledger, guest.commune)).doors.located.sum())


def _shown(draft: PlanDraft, insee: str) -> dict[str, object]:
    """Gather what the steps show of the draft."""
    files = draft.files
    policy = starter.policy_of(files)
    commune = starter.commune_of(files)
    people = records_of(files, PEOPLE)
    return {
        "commune": _lenient(commune),
        "insee": insee,
        "clock": starter.zone_of(insee),
        "people": {ident: (name_of(PEOPLE, one), _lenient(one)) for ident, one in people.items()},
        "duties": starter.duties_of(files),
        "most_deputies": starter.MOST_DEPUTIES,
        "risks": RISKS,
        "chosen_risks": set(records_of(files, BY_NAME["risques"])),
        "sectors": {ident: _lenient(one) for ident, one in sectors_of(files).items()},
        "centres": _lenient(records_of(files, BY_NAME["centres"])),
        "ready": [(one, _counted(one.sms[0])) for one in READY],
        "chosen_messages": set(templates_of(files)),
        "sender": policy["emetteur_sms"] or starter.sender_for(files, sender_fault),
        "caller": policy["numero_appelant"] or commune.get("telephone", ""),
    }


def _lenient(told: Mapping[str, object]) -> Mapping[str, object]:
    """Let a page ask for what was not said yet: it is an empty text."""
    return defaultdict(str, told)


def _counted(text: str) -> Counted:
    found = measure(text)
    return Counted(found.encoding, found.segments, found.offending)


def _judged(reading: Reading | None) -> dict[str, object]:
    found = [(one, starter.step_of(one.file)) for one in (reading.faults if reading else ())]
    return {"faults": found, "warnings": reading.warnings if reading else ()}


def _revision(form: Mapping[str, object]) -> int:
    told = str(form.get("lu", ""))
    return int(told) if told.isascii() and told.isdigit() and len(told) < 10 else -1


def _actor(guest: User) -> Actor:
    return Actor(guest.login, guest.function, guest.contact_id)
