"""What the page of a decision shows: to whoever wrote it, to whoever decides, to who looks on."""

from collections.abc import Sequence
from typing import Any

from fastapi import Request
from starlette.datastructures import FormData

from dispatcher.access.permissions import allowed
from dispatcher.access.sessions import confirmed
from dispatcher.alerts import judging, life
from dispatcher.alerts.decision import Deciding, deciding, heard_of, needs_mayor, would_ring
from dispatcher.alerts.means import tasks_of_means
from dispatcher.alerts.night import unconfirmed
from dispatcher.alerts.number_words import in_words
from dispatcher.alerts.office import Actor
from dispatcher.alerts.plan_in_force import in_force
from dispatcher.alerts.preview import preview
from dispatcher.alerts.ringing import zone_words
from dispatcher.alerts.two_people import why_not
from dispatcher.store import versions
from dispatcher.store.hands import hands_of
from dispatcher.store.sessions import Session
from dispatcher.store.users import User
from operator_ui.composing import Composing
from operator_ui.installation import Installation
from operator_ui.words import tongue_of
from plans.plan import Plan

WAITING = "pending_approval"
_GIVEN = ("people", "reason", "night_confirmed")
_MAY = ("alert.submit", "alert.approve", "alert.launch", "alert.withdraw")


def actor_of(guest: User) -> Actor:
    """Return who is signed in as the one who acts."""
    return Actor(guest.login, guest.function, guest.contact_id)


async def noted(held: Installation, guest: User, alert_id: str) -> None:
    """Note that who may approve it has opened it: nobody more is rung. Raises NotThere."""
    if not allowed(guest.function, "alert.approve"):
        return
    office = held.office(guest.commune)
    version = await versions.version_of(held.ledger, guest.commune, alert_id)
    if version is None or version.state != WAITING:
        return
    plan = (await in_force(office)).plan
    hands = await hands_of(held.ledger, version)
    if not why_not(plan, version, guest.login, guest.function, hands=hands):
        await judging.open_to_decide(office, alert_id, actor=actor_of(guest))


async def shown_of(
    request: Request, composing: Composing, *, given: FormData | None
) -> dict[str, Any]:
    """Return the template's own values; `given` is what a refused form held."""
    held, guest, version = composing.held, composing.guest, composing.version
    plan, language = composing.current.plan, tongue_of(request).code
    values: dict[str, Any] = {
        "may": tuple(one for one in _MAY if allowed(guest.function, one)),
        "shown_lately": _shown_lately(request),
        "given": {name: str(given.get(name, "")) if given else "" for name in _GIVEN},
        "deciding": None,
        "reach": None,
        "means": (),
        "says_at_night": False,
        "would_ring": would_ring(plan, guest.function, without=guest.contact_id),
        "needs_mayor": needs_mayor(guest.function),
        "state_read": composing.state,
    }
    if version is None:
        return values
    office = held.office(guest.commune)
    seen = await deciding(office, composing.current, version, actor=actor_of(guest))
    values |= _of(seen, language=language)
    values["means"] = () if composing.corrects else _means(plan, composing.sketch.chosen.means)
    values["where"] = zone_words(plan, seen.content, language)
    if version.state in (WAITING, "approved"):
        values["says_at_night"] = await unconfirmed(office, plan, version)
        values["reach"] = await preview(office, version.alert_id)
    return values


async def ring_shown(held: Installation, guest: User, alert_id: str) -> dict[str, Any]:
    """Return what the part about the ringing needs; raises NotThere."""
    office = held.office(guest.commune)
    version = await life.find(office, alert_id)
    return {"heard": await heard_of(office, await in_force(office), version)}


def _means(plan: Plan, ticked: Sequence[str]) -> tuple[str, ...]:
    """Return what people do themselves at the launch, as it will stand among the tasks."""
    return tuple(task.text for task in tasks_of_means(plan, ticked, alert_id=""))


def _of(seen: Deciding, *, language: str) -> dict[str, Any]:
    words = in_words(seen.version.people, language)
    return {
        "deciding": seen,
        "heard": seen.heard,
        "version": seen.version,
        "people_words": words[:1].upper() + words[1:],
    }


def _shown_lately(request: Request) -> bool:
    """Tell whether an act may follow at once, or a second factor is shown first."""
    session: Session | None = getattr(request.state, "session", None)
    return session is not None and (session.factor == "none" or confirmed(session))
