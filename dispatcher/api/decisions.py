"""Decisions over HTTP: returned, refused, asked again; the emergency procedure held and stopped."""

from typing import Annotated

from fastapi import APIRouter, Depends, Header
from pydantic import BaseModel, ConfigDict, Field

from dispatcher.alerts import judging
from dispatcher.alerts.showing import show
from dispatcher.api.alerts import NightBody, Shown, said_at_night
from dispatcher.api.callers import actor_of, caller, office_of
from dispatcher.api.permissions import needs
from dispatcher.api.services import Services, services
from dispatcher.crisis import overriding
from dispatcher.crisis.overriding import Emergency
from dispatcher.delivery.bell import QUEUES
from dispatcher.store.users import User

router = APIRouter(prefix="/api/v1", tags=["alerts"])
Caller = Annotated[User, Depends(caller)]
Held = Annotated[Services, Depends(services)]
Key = Annotated[str, Header(alias="Idempotency-Key", min_length=8, max_length=64)]


class ReasonBody(BaseModel):
    """Why it was not approved."""

    model_config = ConfigDict(extra="forbid")

    reason: str = Field(min_length=1, max_length=2_000)


class EmergencyBody(BaseModel):
    """A pre-approved message, the sectors it goes to, and why without a second person."""

    model_config = ConfigDict(extra="forbid")

    template: str
    sectors: tuple[str, ...]
    reason: str = Field(min_length=1, max_length=500)
    mode: str = "real"
    players: tuple[str, ...] = ()
    night_confirmed: bool = False  # an exercise that wakes its players


@router.post("/alerts/{alert}/return")
@needs("alert.approve")
async def send_back(alert: str, body: ReasonBody, user: Caller, held: Held) -> Shown:
    """Return what was submitted to its author, with the reason."""
    office = office_of(user, held)
    await judging.send_back(office, alert, actor=actor_of(user), reason=body.reason)
    return await show(office, alert)


@router.post("/alerts/{alert}/refuse")
@needs("alert.approve")
async def refuse(alert: str, body: ReasonBody, user: Caller, held: Held) -> Shown:
    """Refuse what was submitted, for good, with the reason."""
    office = office_of(user, held)
    await judging.refuse(office, alert, actor=actor_of(user), reason=body.reason)
    return await show(office, alert)


@router.post("/alerts/{alert}/ask-again")
@needs("alert.submit")
async def ask_again(alert: str, user: Caller, held: Held, body: NightBody | None = None) -> Shown:
    """Ask for the approval again, with the head-count of now; the approvers are rung again."""
    office, sure = office_of(user, held), said_at_night(body)
    await judging.ask_again(office, alert, actor=actor_of(user), night_confirmed=sure)
    await held.bell.ring(QUEUES)
    return await show(office, alert)


@router.post("/overrides", status_code=201)
@needs("alert.override", confirmed=True)
async def override(body: EmergencyBody, user: Caller, held: Held, key: Key) -> Shown:
    """Hold a pre-approved message for a minute; it leaves by itself unless somebody stops it."""
    office = office_of(user, held)
    asked = Emergency(**body.model_dump())
    alert = await overriding.hold(office, asked, actor=actor_of(user), key=key)
    await held.bell.ring(QUEUES)
    return await show(office, alert)


@router.post("/overrides/{alert}/stop")
@needs("alert.stop_override")
async def stop(alert: str, user: Caller, held: Held) -> Shown:
    """Stop it before it leaves."""
    office = office_of(user, held)
    await overriding.stop(office, alert, actor=actor_of(user))
    return await show(office, alert)
