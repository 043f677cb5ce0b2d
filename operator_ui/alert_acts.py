"""What is decided of an alert that has left, in two clicks: what follows is said, then it is done.

Stopping and the false alarm (as approved) are one person's, who shows her second factor again as
for a launch; new instructions and the end are made, submitted, and wait for another person, whose
approval asks for it (`dispatcher/alerts/correcting.py`).
"""

import secrets
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from dispatcher.alerts import correcting, following, life
from dispatcher.alerts.correcting import Asked
from dispatcher.alerts.foreseeing import Foreseen, foresee, foresee_false_alarm
from dispatcher.alerts.office import Actor, Office
from dispatcher.alerts.refusals import AlertRefused
from dispatcher.api.permissions import needs
from dispatcher.delivery.bell import QUEUES
from dispatcher.store.alert_lines import alert_versions, that_counts
from dispatcher.store.succession import UNLAUNCHED
from dispatcher.store.users import User
from operator_ui.crisis import ACTS, status_of, told
from operator_ui.distress import actor_of
from operator_ui.doors import admit, signed_in
from operator_ui.installation import Installation, installation
from operator_ui.pages import page

router = APIRouter(dependencies=[Depends(admit)], default_response_class=HTMLResponse)

Held = Annotated[Installation, Depends(installation)]
SignedIn = Annotated[User, Depends(signed_in)]
BLANK = "blank-"
Verb = Callable[[Office, str, Actor, Mapping[str, str]], Awaitable[object]]
See = Callable[[Office, str, Mapping[str, str]], Awaitable[Foreseen | None]]


@dataclass(frozen=True)
class Correction:
    """One decision: where its page is, which permission it needs, what it would say, its act."""

    path: str
    act: str
    permission: str
    verb: Verb
    see: See
    rings: bool = False
    then: str = ""  # the page that follows it, of the alert's
    confirmed: bool = False  # acts at once, by one person (ASVS V7.5.3)


async def _nothing(_office: Office, _alert: str, _given: Mapping[str, str]) -> Foreseen | None:
    return None


def _asked(kind: str, given: Mapping[str, str]) -> Asked:
    blanks = {
        name.removeprefix(BLANK): value
        for name, value in given.items()
        if name.startswith(BLANK) and value.strip()
    }
    return Asked(kind=kind, blanks=blanks)


def _corrected(kind: str) -> Verb:
    async def verb(office: Office, alert: str, actor: Actor, given: Mapping[str, str]) -> object:
        key = given.get("key", "")[:64]
        made = await correcting.correct(office, alert, _asked(kind, given), actor=actor, key=key)
        if made.state == "draft":
            await life.submit(office, alert, actor=actor)
        return made

    return verb


def _foreseen(kind: str) -> See:
    return lambda office, alert, given: foresee(office, alert, _asked(kind, given))


CORRECTIONS = (
    Correction(
        "arreter", "stop", "alert.cancel",
        lambda office, alert, actor, _given: life.cancel(office, alert, actor=actor),
        _nothing,
        confirmed=True,
    ),
    Correction(
        "fausse-alerte", "false_alarm", "alert.take_back",
        lambda office, alert, actor, _given: correcting.take_back(office, alert, actor=actor),
        lambda office, alert, _given: foresee_false_alarm(office, alert),
        rings=True,
        confirmed=True,
    ),
    Correction(
        "consignes", "update", "alert.draft", _corrected("update"), _foreseen("update"),
        rings=True, then="/decision",
    ),
    Correction(
        "fin", "all_clear", "alert.draft", _corrected("all_clear"), _foreseen("all_clear"),
        rings=True, then="/decision",
    ),
    Correction(
        "retirer", "withdraw", "alert.withdraw",
        lambda office, alert, actor, _given: correcting.withdraw(office, alert, actor=actor),
        _nothing,
    ),
)  # fmt: skip


def _routes(one: Correction) -> None:
    """Give a decision its page and its act, each declaring the decision's own permission."""
    path = f"/console/alertes/{{alert_id}}/{one.path}"

    @router.get(path, name=f"{one.act}_form")
    @needs(one.permission, confirmed=one.confirmed)
    async def form(alert_id: str, request: Request, held: Held) -> HTMLResponse:
        """Say what follows, with the text that is ready for it."""
        return await _page(request, held, alert_id, one, given=dict(request.query_params))

    @router.post(path, dependencies=ACTS, name=one.act)
    @needs(one.permission, confirmed=one.confirmed)
    async def act(alert_id: str, request: Request, held: Held, guest: SignedIn) -> Response:
        """Do it; a refusal shows the page again with its sentence."""
        given = {name: str(value) for name, value in (await request.form()).items()}
        try:
            await one.verb(held.office(guest.commune), alert_id, actor_of(guest), given)
        except AlertRefused as refusal:
            return await _page(request, held, alert_id, one, given=given, refusal=refusal)
        if one.rings:
            await held.services.bell.ring(QUEUES)
        return _to(alert_id, then=one.then)


for _one in CORRECTIONS:
    _routes(_one)


@router.post("/console/alertes/{alert_id}/echeances/{clock}", dependencies=ACTS)
@needs("alert.submit")
async def stop_clock(
    alert_id: str, clock: str, request: Request, held: Held, guest: SignedIn
) -> Response:
    """Say that what a clock asks for was done by other means."""
    note = str((await request.form()).get("note", ""))
    office = held.office(guest.commune)
    try:
        await following.stop(office, alert_id, clock, note=note, actor=actor_of(guest))
    except AlertRefused as refusal:
        shown = {"problem": told(request, refusal), "back": _path(alert_id)}
        status = status_of(refusal)
        return await page(request, held, "refused_act.html", shown=shown, status=status)
    return _to(alert_id)


async def _page(  # noqa: PLR0913 - the page, and what was refused of it
    request: Request,
    held: Installation,
    alert_id: str,
    one: Correction,
    *,
    given: Mapping[str, str],
    refusal: AlertRefused | None = None,
) -> HTMLResponse:
    guest = signed_in(request)
    versions = await alert_versions(held.ledger, guest.commune, alert_id)
    line = that_counts(versions)
    if line is None:
        return await page(request, held, "missing.html", status=404)
    foreseen, lacks = None, None
    try:
        foreseen = await one.see(held.office(guest.commune), alert_id, given)
    except AlertRefused as why:
        lacks = told(request, why)
    shown = {
        "act": one.act,
        "action": request.url.path,
        "line": line,
        "mode_shown": line.mode,
        "preparing": versions[0] if versions[0].state in UNLAUNCHED else None,
        "foreseen": foreseen,
        "lacks": lacks,
        "given": given,
        "key": given.get("key") or secrets.token_urlsafe(12),
        "problem": told(request, refusal) if refusal else None,
    }
    status = status_of(refusal) if refusal else 200
    return await page(request, held, "alert_act.html", shown=shown, status=status)


def _path(alert_id: str) -> str:
    return f"/console/alertes/{quote(alert_id, safe='')}"


def _to(alert_id: str, *, then: str = "") -> RedirectResponse:
    return RedirectResponse(f"{_path(alert_id)}{then}", 303)
