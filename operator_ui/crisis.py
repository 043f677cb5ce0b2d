"""A crisis on the console: the list of events, one event, its live part, its tasks and messages."""

import secrets
from collections.abc import Mapping
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from dispatcher.access.permissions import allowed
from dispatcher.alerts.office import Actor
from dispatcher.alerts.plan_in_force import PlanInForce
from dispatcher.alerts.refusals import AlertRefused, NotThere
from dispatcher.api.permissions import needs
from dispatcher.api.problems import PROBLEMS
from dispatcher.crisis import cards, proposals, sights
from dispatcher.crisis.cards import TaskChange, changes_still
from dispatcher.crisis.firsts import firsts
from dispatcher.crisis.sights import Sight
from dispatcher.crisis.steps import Asked
from dispatcher.store import crises
from dispatcher.store.team_alarm_rows import field_counts
from dispatcher.store.users import User
from dispatcher.tasking.from_step import missions_of_tasks
from operator_ui.doors import admit, held_session, own_form, signed_in
from operator_ui.installation import Installation, installation
from operator_ui.pages import page
from operator_ui.plan_shown import commune_shown, people_of, plan_of
from operator_ui.rendering import render
from operator_ui.same_origin import form_token
from operator_ui.team_choice import choice_of
from operator_ui.words import tongue_of, translations

router = APIRouter(dependencies=[Depends(admit)], default_response_class=HTMLResponse)

Held = Annotated[Installation, Depends(installation)]
SignedIn = Annotated[User, Depends(signed_in)]
ACTS = [Depends(own_form)]
_PARTS = {"": "_event_live.html", "taches": "_event_tasks.html"}
_MAY = ("event.open", "event.pre_alert", "event.activate", "event.stand_down", "event.relieve",
        "event.task", "alert.draft")  # fmt: skip


def asked_by(guest: User, *, key: str = "", reason: str = "") -> Asked:
    """Return who is signed in as the one who asks."""
    return Asked(Actor(guest.login, guest.function, guest.contact_id), key[:64], reason)


def told(request: Request, refusal: AlertRefused) -> dict[str, str]:
    """Return a refusal's sentence in the reader's language, with the language that it is in."""
    code, sentence = tongue_of(request).code, refusal.sentence
    gettext = translations(code).gettext
    return {"said": refusal.told(gettext), "lang": code if gettext(sentence) != sentence else "fr"}


def status_of(refusal: AlertRefused) -> int:
    """Return the HTTP status of a refusal, as tools get it."""
    return PROBLEMS[type(refusal)][0]


async def crisis_now(held: Installation, guest: User) -> Mapping[str, object]:
    """Return the event that is open, for the front page, with what to decide first."""
    field = await field_now(held, guest)
    if not allowed(guest.function, "event.read"):
        return {"seen": None, "may": (), **field}
    event = await crises.open_event_of(held.ledger, guest.commune)
    seen = await sights.sight(held.office(guest.commune), event.event_id) if event else None
    return {**shown_of(guest, seen, await plan_of(held, guest.commune)), **field}


async def field_now(held: Installation, guest: User) -> Mapping[str, object]:
    """Return how much of the field waits for somebody; None for who may not look at teams."""
    if not allowed(guest.function, "team.read"):
        return {"field": None}
    return {"field": await field_counts(held.ledger, guest.commune)}


def shown_of(guest: User, seen: Sight | None, current: PlanInForce | None) -> dict[str, Any]:
    """Return what the parts of an event's page need."""
    plan = current.plan if current else None
    return {
        "changes_still": changes_still,
        "seen": seen,
        "firsts": firsts(seen) if seen else [],
        "may": tuple(one for one in _MAY if allowed(guest.function, one)),
        "levels": {one.code: one.label for one in plan.levels} if plan else {},
        "scenarios": {one.id: one.label for one in plan.scenarios} if plan else {},
        "sectors": {one.id: one.name for one in plan.sectors} if plan else {},
        "cells": {one.code: one.label for one in plan.cells} if plan else {},
        "cards": {one.id: one.title for one in plan.cards} if plan else {},
        "cell": "",
    }


@router.get("/evenements")
@needs("event.read")
async def events(request: Request, held: Held, guest: SignedIn) -> HTMLResponse:
    """List the commune's events, the newest first."""
    found = await crises.events_of(held.ledger, guest.commune)
    shown = {**await crisis_now(held, guest), "events": found}
    return await page(request, held, "events.html", shown=shown)


@router.get("/evenements/{event_id}")
@needs("event.read")
async def event(
    event_id: str, request: Request, held: Held, guest: SignedIn, cellule: str = ""
) -> HTMLResponse:
    """Show one event."""
    return await event_page(request, held, event_id, cell=cellule)


async def event_page(
    request: Request,
    held: Installation,
    event_id: str,
    *,
    cell: str = "",
    refusal: AlertRefused | None = None,
) -> HTMLResponse:
    """Return the page of an event, with the sentence of what was refused where something was."""
    guest = signed_in(request)
    try:
        seen = await sights.sight(held.office(guest.commune), event_id)
    except NotThere:
        return await page(request, held, "missing.html", status=404)
    shown = shown_of(guest, seen, await plan_of(held, guest.commune))
    shown |= await field_now(held, guest)
    problem = told(request, refusal) if refusal else None
    return await page(
        request,
        held,
        "event.html",
        shown={
            **shown,
            "problem": problem,
            "cell": cell,
            "key": secrets.token_urlsafe(12),
            "task_missions": await missions_of_tasks(held.office(guest.commune), event_id),
        },
        status=status_of(refusal) if refusal else 200,
    )


@router.get("/evenements/{event_id}/vivant")
@needs("event.read")
async def live(
    event_id: str, request: Request, held: Held, guest: SignedIn, part: str = ""
) -> HTMLResponse:
    """Show what changes while one looks: what to decide, the calls and their answers, tasks."""
    seen = await sights.sight(held.office(guest.commune), event_id)
    shown = shown_of(guest, seen, await plan_of(held, guest.commune))
    commune = await commune_shown(held, guest.commune)
    token = form_token(held.session_key, held_session(request).ident)
    key = secrets.token_urlsafe(12)
    cell = request.query_params.get("cellule", "")
    named = {
        "function_names": commune.function_names,
        "people": await people_of(held, guest.commune),
    }
    missions = await missions_of_tasks(held.office(guest.commune), event_id) if part else {}
    shown = {**shown, **named, "task_missions": missions, **await field_now(held, guest)}
    values = {**shown, "zone": commune.zone, "cell": cell, "token": token, "key": key}
    return HTMLResponse(render(_PARTS.get(part, _PARTS[""]), tongue_of(request).code, values))


@router.get("/evenements/{event_id}/taches/{card}/{step}")
@needs("event.task")
async def task(  # noqa: PLR0913 - one parameter a part of the path
    event_id: str, card: str, step: int, request: Request, held: Held, guest: SignedIn
) -> HTMLResponse:
    """Show one task: who takes it, and why it may be set aside."""
    return await _task_page(request, held, event_id, step=(card, step))


async def _task_page(
    request: Request,
    held: Installation,
    event_id: str,
    *,
    step: tuple[str, int],
    refusal: AlertRefused | None = None,
) -> HTMLResponse:
    guest = signed_in(request)
    office = held.office(guest.commune)
    try:
        seen = await sights.sight(office, event_id)
        found = next(one for one in seen.tasks if (one.card, one.step) == step)
    except (NotThere, StopIteration):
        return await page(request, held, "missing.html", status=404)
    shown = {
        **shown_of(guest, seen, await plan_of(held, guest.commune)),
        "task": found,
        "task_missions": await missions_of_tasks(office, event_id),
        "team_choice": await choice_of(held, guest),
        "problem": told(request, refusal) if refusal else None,
    }
    status = status_of(refusal) if refusal else 200
    return await page(request, held, "event_task.html", shown=shown, status=status)


@router.post("/evenements/{event_id}/taches/{card}/{step}", dependencies=ACTS)
@needs("event.task")
async def change_task(  # noqa: PLR0913 - one parameter a part of the path
    event_id: str, card: str, step: int, request: Request, held: Held, guest: SignedIn
) -> Response:
    """Take, end or reopen a task."""
    form = await request.form()
    wanted = TaskChange(card, step, str(form.get("to", "")), str(form.get("owner", "")))
    asked = asked_by(guest, reason=str(form.get("reason", "")))
    try:
        await cards.change(held.office(guest.commune), event_id, wanted, asked=asked)
    except AlertRefused as refusal:
        return await _task_page(request, held, event_id, step=(card, step), refusal=refusal)
    cell = quote(str(form.get("cellule", "")))
    return _back(event_id, f"?cellule={cell}#t-{card}" if cell else f"#t-{card}")


@router.post("/evenements/{event_id}/fiches", dependencies=ACTS)
@needs("event.task")
async def open_card(event_id: str, request: Request, held: Held, guest: SignedIn) -> Response:
    """Open one more action card."""
    card = str((await request.form()).get("card", ""))
    try:
        await cards.open_card(held.office(guest.commune), event_id, card, asked=asked_by(guest))
    except AlertRefused as refusal:
        return await event_page(request, held, event_id, refusal=refusal)
    return _back(event_id, f"#t-{quote(card)}")


@router.post("/evenements/{event_id}/messages/{template}", dependencies=ACTS)
@needs("alert.draft")
async def propose(
    event_id: str, template: str, request: Request, held: Held, guest: SignedIn
) -> Response:
    """Begin to write a proposed message; nothing leaves."""
    try:
        alert = await proposals.begin_proposal(
            held.office(guest.commune), event_id, template, asked=asked_by(guest)
        )
    except AlertRefused as refusal:
        return await event_page(request, held, event_id, refusal=refusal)
    return RedirectResponse(f"/console/alertes/{alert}/zone", 303)


@router.post("/evenements/{event_id}/appels/{summons}/arret", dependencies=ACTS)
@needs("event.pre_alert")
async def stop_calls(
    event_id: str, summons: str, request: Request, held: Held, guest: SignedIn
) -> Response:
    """Call nobody more of a summons."""
    office = held.office(guest.commune)
    try:
        await sights.stop_calls(office, event_id, summons, asked=asked_by(guest))
    except AlertRefused as refusal:
        return await event_page(request, held, event_id, refusal=refusal)
    return _back(event_id, "#appels")


def _back(event_id: str, where: str = "") -> Response:
    return RedirectResponse(f"/evenements/{quote(event_id)}{where}", 303)
