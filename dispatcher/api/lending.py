"""Means over HTTP: where they are, lent, brought back, added for the event."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Header
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from dispatcher.alerts.office import Office
from dispatcher.api.callers import actor_of, caller, office_of
from dispatcher.api.permissions import needs
from dispatcher.api.services import Services, services
from dispatcher.crisis.steps import Asked
from dispatcher.lending import lending
from dispatcher.lending.lending import (
    LONGEST_LABEL,
    LONGEST_UNIT,
    LONGEST_WORDS,
    MOST,
    Coming,
    Lending,
    Return,
)
from dispatcher.lending.showing import shown
from dispatcher.lending.stock import stock
from dispatcher.store.users import User

router = APIRouter(prefix="/api/v1", tags=["means"])
Caller = Annotated[User, Depends(caller)]
Held = Annotated[Services, Depends(services)]
Key = Annotated[str, Header(alias="Idempotency-Key", min_length=8, max_length=64)]
Shown = dict[str, Any]


class Body(BaseModel):
    """What an act says; what is not known is refused."""

    model_config = ConfigDict(extra="forbid")


class LoanBody(Body):
    """What is lent to whom: team:ID, centre:ID, cell:CODE or other:WORDS. `given`: consumed."""

    means: str = Field(max_length=64)
    quantity: float = Field(gt=0, le=MOST)
    to: str = Field(max_length=LONGEST_WORDS)
    note: str = Field("", max_length=LONGEST_WORDS)
    due_at: AwareDatetime | None = None
    given: bool = False


class ReturnBody(Body):
    """What comes back, what is lost or broken, in which condition."""

    returned: float = Field(0.0, ge=0, le=MOST)
    lost: float = Field(0.0, ge=0, le=MOST)
    condition: str = Field("", max_length=LONGEST_WORDS)


class ComingBody(Body):
    """What comes for the event besides the plan's inventory."""

    label: str = Field(max_length=LONGEST_LABEL)
    quantity: float = Field(gt=0, le=MOST)
    unit: str = Field("u", max_length=LONGEST_UNIT)
    source: Literal["requisition", "private", "epci", "state", "other"]
    from_whom: str = Field("", max_length=LONGEST_WORDS)


def _at(user: User, held: Services, key: str) -> tuple[Office, Asked]:
    return office_of(user, held), Asked(actor_of(user), key)


@router.get("/events/{event}/means")
@needs("event.read")
async def means(event: str, user: Caller, held: Held) -> Shown:
    """Tell where everything is, and what is overdue."""
    return shown(await stock(office_of(user, held), event))


@router.post("/events/{event}/means", status_code=201)
@needs("event.task")
async def add(event: str, body: ComingBody, user: Caller, held: Held, key: Key) -> Shown:
    """Note a means that comes for the event."""
    office, asked = _at(user, held, key)
    return shown(await lending.add(office, event, Coming(**body.model_dump()), asked=asked))


@router.post("/events/{event}/means/loans", status_code=201)
@needs("event.task")
async def lend(event: str, body: LoanBody, user: Caller, held: Held, key: Key) -> Shown:
    """Lend, never more than there is; the same key lends once."""
    office, asked = _at(user, held, key)
    wanted = Lending(body.means, body.quantity, body.to, body.note, body.due_at, body.given)
    return shown(await lending.lend(office, event, wanted, asked=asked))


@router.post("/events/{event}/means/loans/{loan}/return")
@needs("event.task")
async def take_back(  # noqa: PLR0913 - one parameter a part of the request
    event: str, loan: str, body: ReturnBody, user: Caller, held: Held, key: Key
) -> Shown:
    """Note what comes back of a loan, whole or in part."""
    office, asked = _at(user, held, key)
    back = Return(body.returned, body.lost, body.condition)
    return shown(await lending.take_back(office, event, loan, back=back, asked=asked))
