"""Alerts over HTTP: draft, preview, submit, approve, launch, show, cancel, correct."""

import json
from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Header
from pydantic import BaseModel, ConfigDict, Field

from dispatcher.access.permissions import allowed
from dispatcher.alerts import correcting, life
from dispatcher.alerts.correcting import Asked
from dispatcher.alerts.drafting import Wanted
from dispatcher.alerts.preview import preview
from dispatcher.alerts.refusals import NotYou
from dispatcher.alerts.showing import show
from dispatcher.api.callers import actor_of, caller, office_of
from dispatcher.api.permissions import needs
from dispatcher.api.services import Services, services
from dispatcher.delivery.bell import QUEUES
from dispatcher.store.users import User
from zones.area import Area
from zones.danger import Danger, read_danger
from zones.geojson import read_area

router = APIRouter(prefix="/api/v1", tags=["alerts"])
Caller = Annotated[User, Depends(caller)]
Held = Annotated[Services, Depends(services)]
Key = Annotated[str, Header(alias="Idempotency-Key", min_length=8, max_length=64)]
Shown = dict[str, Any]


def _drawn(area: dict[str, Any] | None) -> Area | None:
    return read_area(json.dumps(area).encode()) if area is not None else None


def _marked(danger: dict[str, Any] | None) -> Danger | None:
    return read_danger(json.dumps(danger).encode()) if danger is not None else None


class DraftBody(BaseModel):
    """What an alert is made of; the area is GeoJSON, else the sectors' union.

    `danger` is a GeoJSON Point or LineString: the people nearest to it are warned first.
    """

    model_config = ConfigDict(extra="forbid")

    template: str | None = None
    scenario: str | None = None
    sectors: tuple[str, ...] = ()
    area: dict[str, Any] | None = None
    margin_m: float = Field(0.0, ge=0, le=10_000)
    mode: str = "real"
    media: tuple[str, ...] = ()
    blanks: dict[str, str] = {}
    expires_at: datetime | None = None
    players: tuple[str, ...] = ()
    public_informed: bool = False
    danger: dict[str, Any] | None = None

    def wanted(self) -> Wanted:
        """Return it as the verbs take it; raises AreaRefused."""
        plain = self.model_dump(exclude={"area", "danger"})
        return Wanted(**plain, area=_drawn(self.area), danger=_marked(self.danger))


class NightBody(BaseModel):
    """What who acts says: that it leaves at night all the same, though no life is in danger.

    Whatever else is in it is passed over: these doors took any body before they read this.
    """

    night_confirmed: bool = False


class SubmissionBody(NightBody):
    """What who submits says, and nothing else."""

    model_config = ConfigDict(extra="forbid")


def said_at_night(body: NightBody | None) -> bool:
    """Whether a caller confirmed the hour; a body is not needed for what needs no confirmation."""
    return body is not None and body.night_confirmed


class ApprovalBody(BaseModel):
    """What the approver read: the digest that the preview shows, and the head-count."""

    digest: str = Field(min_length=64, max_length=64)
    people: int | None = None
    night_confirmed: bool = False  # of who launches in the same act


@router.post("/alerts", status_code=201)
@needs("alert.draft")
async def draft(body: DraftBody, user: Caller, held: Held, key: Key) -> Shown:
    """Keep a draft; the same key again is the same draft."""
    office = office_of(user, held)
    alert = await life.make_draft(office, body.wanted(), actor=actor_of(user), key=key)
    return await show(office, alert)


@router.get("/alerts/{alert}")
@needs("alert.read")
async def shown(alert: str, user: Caller, held: Held) -> Shown:
    """Tell what became of an alert."""
    return await show(office_of(user, held), alert)


@router.get("/alerts/{alert}/preview")
@needs("alert.read")
async def previewed(alert: str, user: Caller, held: Held) -> Shown:
    """Tell who would get it, how, at what cost, in what time, and who would not."""
    return await preview(office_of(user, held), alert)


@router.post("/alerts/{alert}/submit")
@needs("alert.submit")
async def submit(alert: str, user: Caller, held: Held, body: SubmissionBody | None = None) -> Shown:
    """Ask for its approval."""
    office, sure = office_of(user, held), said_at_night(body)
    await life.submit(office, alert, actor=actor_of(user), night_confirmed=sure)
    await held.bell.ring(QUEUES)
    return await show(office, alert)


@router.post("/alerts/{alert}/approve")
@needs("alert.approve", confirmed=True)
async def approve(alert: str, body: ApprovalBody, user: Caller, held: Held) -> Shown:
    """Approve what another person submitted."""
    office = office_of(user, held)
    actor = actor_of(user)
    await life.approve(office, alert, actor=actor, digest=body.digest, people=body.people)
    return await show(office, alert)


@router.post("/alerts/{alert}/approve-and-launch")
@needs("alert.approve", confirmed=True)
async def approve_and_launch(
    alert: str, body: ApprovalBody, user: Caller, held: Held, key: Key
) -> Shown:
    """Approve what another person submitted, and launch it: both, or neither."""
    office, actor = office_of(user, held), actor_of(user)
    if not allowed(actor.function, "alert.launch"):
        raise NotYou("Votre fonction valide, mais ne lance pas : validez seulement.")
    read = life.Read(body.digest, body.people)
    await life.launch(
        office,
        alert,
        actor=actor,
        launch_key=key,
        approving=read,
        night_confirmed=body.night_confirmed,
    )
    await held.bell.ring(QUEUES)
    return await show(office, alert)


@router.post("/alerts/{alert}/launch")
@needs("alert.launch", confirmed=True)
async def launch(
    alert: str, user: Caller, held: Held, key: Key, body: NightBody | None = None
) -> Shown:
    """Launch an approved alert; the same key again is the same launch."""
    office, sure = office_of(user, held), said_at_night(body)
    await life.launch(office, alert, actor=actor_of(user), launch_key=key, night_confirmed=sure)
    await held.bell.ring(QUEUES)
    return await show(office, alert)


@router.post("/alerts/{alert}/cancel")
@needs("alert.cancel", confirmed=True)
async def cancel(alert: str, user: Caller, held: Held) -> Shown:
    """Stop it: nothing more leaves after the window in flight."""
    office = office_of(user, held)
    await life.cancel(office, alert, actor=actor_of(user))
    return await show(office, alert)


class CorrectionBody(BaseModel):
    """What changes; what is left out stays as it was launched. The text prepared is the default."""

    model_config = ConfigDict(extra="forbid")

    kind: Literal["update", "all_clear", "false_alarm"] = "update"
    template: str | None = None
    blanks: dict[str, str] = {}
    sectors: tuple[str, ...] = ()
    area: dict[str, Any] | None = None
    margin_m: float | None = Field(None, ge=0, le=10_000)
    danger: dict[str, Any] | None = None
    expires_at: datetime | None = None

    def asked(self) -> Asked:
        """Return it as the verbs take it; raises AreaRefused."""
        plain = self.model_dump(exclude={"area", "danger"})
        return Asked(**plain, area=_drawn(self.area), danger=_marked(self.danger))


@router.post("/alerts/{alert}/corrections", status_code=201)
@needs("alert.draft")
async def correct(alert: str, body: CorrectionBody, user: Caller, held: Held, key: Key) -> Shown:
    """Draft a correction: it is submitted, approved and launched as the alert was."""
    office = office_of(user, held)
    await correcting.correct(office, alert, body.asked(), actor=actor_of(user), key=key)
    return await show(office, alert)


@router.post("/alerts/{alert}/false-alarm")
@needs("alert.take_back", confirmed=True)
async def take_back(alert: str, user: Caller, held: Held) -> Shown:
    """Stop it, and tell whoever may have been told, in the words approved with it."""
    office = office_of(user, held)
    await correcting.take_back(office, alert, actor=actor_of(user))
    await held.bell.ring(QUEUES)
    return await show(office, alert)


@router.post("/alerts/{alert}/withdraw")
@needs("alert.withdraw")
async def withdraw(alert: str, user: Caller, held: Held) -> Shown:
    """Set aside what is being prepared of it; what runs goes on."""
    office = office_of(user, held)
    await correcting.withdraw(office, alert, actor=actor_of(user))
    return await show(office, alert)
