"""Writing an alert on the console: what its four steps share, and the rail that leads through them.

Zone, message, reach, decision: each a page of its own that works without script. All read the same
sketch (`dispatcher/alerts/sketching.py`); a form says which revision it read.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from fastapi import Request
from fastapi.responses import HTMLResponse

from dispatcher.access.permissions import allowed
from dispatcher.alerts import sketching
from dispatcher.alerts.night import night_lacks
from dispatcher.alerts.office import Office
from dispatcher.alerts.plan_in_force import PlanInForce, in_force
from dispatcher.alerts.refusals import AlertRefused
from dispatcher.alerts.ringing import zone_words
from dispatcher.alerts.sketch import Sketch
from dispatcher.alerts.sketch_choices import Lack, lacking, provisional
from dispatcher.delivery.content import Content
from dispatcher.store import crises, versions
from dispatcher.store.crises import Event
from dispatcher.store.succession import UNLAUNCHED
from dispatcher.store.users import User
from dispatcher.store.versions import FIRST, Version
from operator_ui.crisis import status_of, told
from operator_ui.installation import Installation
from operator_ui.pages import page
from plans.plan import Plan

STEPS = {  # in the order of the rail, with the step of `Lack` that each mends
    "zone": "zone",
    "message": "message",
    "portee": "reach",
    "decision": "",
}
_TEMPLATES = {
    "zone": "compose_zone.html",
    "message": "compose_message.html",
    "portee": "compose_reach.html",
    "decision": "compose_decision.html",
}


@dataclass(frozen=True)
class Composing:
    """An alert that is being written, and all that its pages need to show it.

    `title` is the heading of its message, `where` its zone in words, both empty before they are
    chosen. `version` is what was frozen of it, None before.
    """

    held: Installation
    guest: User
    current: PlanInForce
    sketch: Sketch
    version: Version | None
    event: Event | None
    lacks: tuple[Lack, ...]
    title: str
    where: str

    @property
    def state(self) -> str:
        """The state of its version; a sketch of which none was made is a draft too."""
        return self.version.state if self.version else "draft"

    @property
    def corrects(self) -> bool:
        """Whether it is a correction: made whole from what has left, in no steps."""
        return self.version is not None and self.version.kind != FIRST

    @property
    def editable(self) -> bool:
        """Whether it may still be written, by who is looking."""
        writes = allowed(self.guest.function, "alert.draft")
        return writes and not self.corrects and self.state in UNLAUNCHED

    def lacking(self, step: str) -> tuple[Lack, ...]:
        """Return what a step of the rail still lacks; for the decision, everything."""
        mended = STEPS[step]
        return tuple(one for one in self.lacks if not mended or one.step == mended)


async def composing_of(held: Installation, guest: User, alert_id: str) -> Composing:
    """Read an alert that is being written; raises NotThere."""
    office = held.office(guest.commune)
    sketch = await sketching.sketch_of(office, alert_id)
    current = await in_force(office)
    plan = current.plan
    version = await versions.version_of(held.ledger, guest.commune, alert_id)
    title, where = _named(plan, sketch, version)
    event = (
        await crises.event_of(held.ledger, guest.commune, sketch.event) if sketch.event else None
    )
    return Composing(
        held=held,
        guest=guest,
        current=current,
        sketch=sketch,
        version=version,
        event=event,
        lacks=_lacks(office, plan, sketch, version),
        title=title.removeprefix(plan.policy.exercise_prefix),
        where=where,
    )


def _named(plan: Plan, sketch: Sketch, version: Version | None) -> tuple[str, str]:
    """Return the heading and the zone: of a correction its own, not those of what it corrects."""
    if version is not None and version.kind != FIRST:
        content = Content.of(version.content)
        return content.title, zone_words(plan, content)
    begun = provisional(plan, sketch)
    names = [one.name for one in plan.sectors if one.id in sketch.chosen.sectors]
    where = str(sketch.chosen.drawn.get("words", "")) or ", ".join(names)
    return begun.title if begun else "", where


def _lacks(office: Office, plan: Plan, sketch: Sketch, version: Version | None) -> tuple[Lack, ...]:
    """Return what keeps it from being submitted; a correction is made whole, and lacks nothing."""
    if version is not None and version.kind != FIRST:
        return ()
    found = lacking(plan, sketch, public_url=office.public_url)
    if version is None or version.state == "draft":  # the hour counts until it is submitted
        found += night_lacks(plan, sketch, now=office.clock())
    return found


async def step_page(
    request: Request,
    composing: Composing,
    step: str,
    *,
    shown: Mapping[str, object] | None = None,
    problem: AlertRefused | None = None,
) -> HTMLResponse:
    """Return the page of a step, with the sentence of what was refused where something was."""
    values = {
        "composing": composing,
        "sketch": composing.sketch,
        "plan": composing.current.plan,
        "step": step,
        "steps": tuple(STEPS),
        "mode_shown": composing.sketch.mode,
        "problem": told(request, problem) if problem else None,
    }
    status = status_of(problem) if problem else 200
    return await page(
        request, composing.held, _TEMPLATES[step], shown={**values, **(shown or {})}, status=status
    )
