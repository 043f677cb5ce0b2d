"""Events over HTTP: an alert received, a crisis opened, decided, relieved, stood down."""

from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Header
from fastapi.responses import JSONResponse, Response
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from dispatcher.alerts.office import Office
from dispatcher.api.callers import actor_of, caller, office_of
from dispatcher.api.partner_doors import Cursor, Reader, feed_of
from dispatcher.api.permissions import needs
from dispatcher.api.services import Services, services
from dispatcher.api.signed import SignedRequest
from dispatcher.crisis import cards, deciding, opening, proposals, relief, standing_down
from dispatcher.crisis.cards import TaskChange
from dispatcher.crisis.deciding import RampUp
from dispatcher.crisis.opening import Received
from dispatcher.crisis.showing import listed, show
from dispatcher.crisis.sights import stop_calls
from dispatcher.crisis.steps import Asked
from dispatcher.delivery.bell import QUEUES
from dispatcher.store.users import User

router = APIRouter(prefix="/api/v1", tags=["events"])
Caller = Annotated[User, Depends(caller)]
Held = Annotated[Services, Depends(services)]
Key = Annotated[str, Header(alias="Idempotency-Key", min_length=8, max_length=64)]
Shown = dict[str, Any]
Mode = Literal["real", "exercise", "rehearsal"]


class Body(BaseModel):
    """What a decision says; what is not known is refused."""

    model_config = ConfigDict(extra="forbid")

    reason: str = Field("", max_length=2000)


class ReceivedBody(Body):
    """An alert as it came in."""

    sender: str = Field(max_length=200)
    text: str = Field(max_length=2000)
    code: str = Field("", max_length=100)
    at: AwareDatetime | None = None
    mode: Mode = "real"
    call: bool = True

    def received(self) -> Received:
        """Return it as the verb takes it."""
        at: datetime | None = self.at
        return Received(self.sender, self.text, self.code, at)


class OpenBody(Body):
    """A new event."""

    title: str = Field(max_length=200)
    scenario: str | None = None
    mode: Mode = "real"


class RampUpBody(Body):
    """Pre-alert or activation: whether people are called, on which scenario."""

    call: bool = True
    scenario: str | None = None

    def ramp(self) -> RampUp:
        """Return it as the verb takes it."""
        return RampUp(self.call, self.scenario)


class ChangeBody(Body):
    """A level, or a phase with the signs that were seen of it."""

    level: str | None = None
    phase: Literal["urgence", "post_urgence", "retour_normale"] | None = None
    signs: tuple[str, ...] = ()


class StandDownBody(Body):
    """The warnings that were read, by their kinds."""

    knows: tuple[str, ...] = ()


class HolderBody(Body):
    """Who takes a post: contact:ID or user:LOGIN."""

    holder: str = Field(max_length=64)


class TaskBody(Body):
    """What becomes of a task."""

    to: Literal["take", "done", "not_applicable", "reopen"]
    owner: str = Field("", max_length=64)


class DraftBody(BaseModel):
    """Blanks of a proposed message."""

    model_config = ConfigDict(extra="forbid")

    blanks: dict[str, str] = {}


def _at(user: User, held: Services, body: Body, *, key: str = "") -> tuple[Office, Asked]:
    return office_of(user, held), Asked(actor_of(user), key, body.reason)


@router.get("/events")
@needs("event.read")
async def all_events(who: Reader, held: Held, after: Cursor = 0) -> Response:
    """List the commune's events; to a partner's system, tell what it may know after a cursor."""
    if isinstance(who, SignedRequest):
        return await feed_of(held, who, after=after)
    return JSONResponse(await listed(office_of(who, held)))


@router.get("/events/{event}")
@needs("event.read")
async def one_event(event: str, user: Caller, held: Held) -> Shown:
    """Tell where an event stands: who, what is to do, who was called and what they said."""
    return await show(office_of(user, held), event)


@router.post("/events/received", status_code=201)
@needs("event.open")
async def receive(body: ReceivedBody, user: Caller, held: Held, key: Key) -> Shown:
    """Note an alert received and ring whoever is on call."""
    office, asked = _at(user, held, body, key=key)
    event = await opening.receive(
        office, body.received(), asked=asked, mode=body.mode, call=body.call
    )
    await held.bell.ring(QUEUES)
    return await show(office, event.event_id)


@router.post("/events", status_code=201)
@needs("event.open")
async def open_event(body: OpenBody, user: Caller, held: Held, key: Key) -> Shown:
    """Open an event; nobody is called."""
    office, asked = _at(user, held, body, key=key)
    event = await opening.open_event(
        office, body.title, asked=asked, mode=body.mode, scenario=body.scenario
    )
    return await show(office, event.event_id)


@router.post("/events/{event}/assess")
@needs("event.open")
async def assess(event: str, body: Body, user: Caller, held: Held, key: Key) -> Shown:
    """Say that somebody looks into it."""
    office, asked = _at(user, held, body, key=key)
    await deciding.assess(office, event, asked=asked)
    return await show(office, event)


@router.post("/events/{event}/no-follow-up")
@needs("event.pre_alert")
async def no_follow_up(event: str, body: Body, user: Caller, held: Held, key: Key) -> Shown:
    """Set it aside, with the reason."""
    office, asked = _at(user, held, body, key=key)
    await deciding.no_follow_up(office, event, asked=asked)
    return await show(office, event)


@router.post("/events/{event}/pre-alert")
@needs("event.pre_alert")
async def pre_alert(event: str, body: RampUpBody, user: Caller, held: Held, key: Key) -> Shown:
    """Decide pre-alert and call the heads of cells."""
    office, asked = _at(user, held, body, key=key)
    await deciding.pre_alert(office, event, asked=asked, ramp=body.ramp())
    await held.bell.ring(QUEUES)
    return await show(office, event)


@router.post("/events/{event}/activate")
@needs("event.activate")
async def activate(event: str, body: RampUpBody, user: Caller, held: Held, key: Key) -> Shown:
    """Activate the plan: functions called, cards opened, alerts proposed."""
    office, asked = _at(user, held, body, key=key)
    await deciding.activate(office, event, asked=asked, ramp=body.ramp())
    await held.bell.ring(QUEUES)
    return await show(office, event)


@router.post("/events/{event}/level")
@needs("event.pre_alert")
async def level(event: str, body: ChangeBody, user: Caller, held: Held, key: Key) -> Shown:
    """Change the level."""
    office, asked = _at(user, held, body, key=key)
    await deciding.change_level(office, event, body.level or "", asked=asked)
    return await show(office, event)


@router.post("/events/{event}/phase")
@needs("event.activate")
async def phase(event: str, body: ChangeBody, user: Caller, held: Held, key: Key) -> Shown:
    """Change the phase."""
    office, asked = _at(user, held, body, key=key)
    await deciding.change_phase(office, event, body.phase or "", asked=asked, signs=body.signs)
    return await show(office, event)


@router.post("/events/{event}/take-over")
@needs("event.pre_alert")
async def take_over(event: str, body: Body, user: Caller, held: Held, key: Key) -> Shown:
    """Record that the prefect directs."""
    office, asked = _at(user, held, body, key=key)
    await deciding.take_over(office, event, asked=asked)
    return await show(office, event)


@router.post("/events/{event}/give-back")
@needs("event.pre_alert")
async def give_back(event: str, body: Body, user: Caller, held: Held, key: Key) -> Shown:
    """Record that the mayor directs again."""
    office, asked = _at(user, held, body, key=key)
    await deciding.give_back(office, event, asked=asked)
    return await show(office, event)


@router.post("/events/{event}/stand-down")
@needs("event.stand_down")
async def stand_down(
    event: str, body: StandDownBody, user: Caller, held: Held, key: Key
) -> Shown:  # fmt: skip
    """Stand it down, its warnings known."""
    office, asked = _at(user, held, body, key=key)
    await standing_down.stand_down(office, event, asked=asked, knows=body.knows)
    return await show(office, event)


@router.post("/events/{event}/close")
@needs("event.stand_down")
async def close(event: str, body: Body, user: Caller, held: Held, key: Key) -> Shown:
    """Close it once its review is filed."""
    office, asked = _at(user, held, body, key=key)
    await standing_down.close(office, event, asked=asked)
    return await show(office, event)


@router.post("/events/{event}/holders/{post}")
@needs("event.relieve")
async def hold(event: str, post: str, body: HolderBody, user: Caller, held: Held) -> Shown:
    """Put someone at a post, relieving whoever is there."""
    office, asked = _at(user, held, body)
    await relief.hold(office, event, post, holder=body.holder, asked=asked)
    return await show(office, event)


@router.post("/events/{event}/tasks/{card}/{step}")
@needs("event.task")
async def task(  # noqa: PLR0913 - one parameter a part of the path
    event: str, card: str, step: int, body: TaskBody, user: Caller, held: Held
) -> Shown:
    """Take, end or reopen a task."""
    office, asked = _at(user, held, body)
    wanted = TaskChange(card, step, body.to, body.owner)
    await cards.change(office, event, wanted, asked=asked)
    return await show(office, event)


@router.post("/events/{event}/cards/{card}")
@needs("event.task")
async def card(event: str, card: str, body: Body, user: Caller, held: Held) -> Shown:
    """Open one more action card."""
    office, asked = _at(user, held, body)
    await cards.open_card(office, event, card, asked=asked)
    return await show(office, event)


@router.post("/events/{event}/proposals/{template}", status_code=201)
@needs("alert.draft")
async def propose(
    event: str, template: str, body: DraftBody, user: Caller, held: Held
) -> Shown:  # fmt: skip
    """Make the draft of a proposed alert; nothing leaves."""
    office = office_of(user, held)
    alert = await proposals.draft_proposal(
        office, event, template, asked=Asked(actor_of(user)), blanks=body.blanks
    )
    return {"alert": alert}


@router.post("/events/{event}/calls/{summons}/stop")
@needs("event.pre_alert")
async def stop(event: str, summons: str, body: Body, user: Caller, held: Held) -> Shown:
    """Call nobody more."""
    office, asked = _at(user, held, body)
    await stop_calls(office, event, summons, asked=asked)
    return await show(office, event)
