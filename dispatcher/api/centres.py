"""Reception centres over HTTP: opened, closed, counted, who is there, names erased."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Header
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field

from dispatcher.alerts.office import Office
from dispatcher.api.callers import actor_of, caller, office_of
from dispatcher.api.permissions import needs
from dispatcher.api.services import Services, services
from dispatcher.crisis.steps import Asked
from dispatcher.shelter import counting, names, opening, unplanned
from dispatcher.shelter.counting import MOST_AT_ONCE, Count, Departure, Name
from dispatcher.shelter.opening import MOST_PLACES
from dispatcher.shelter.showing import shown, shown_all, shown_names
from dispatcher.shelter.sight import centres_seen
from dispatcher.store.users import User

router = APIRouter(prefix="/api/v1", tags=["centres"])
Caller = Annotated[User, Depends(caller)]
Held = Annotated[Services, Depends(services)]
Key = Annotated[str, Header(alias="Idempotency-Key", min_length=8, max_length=64)]
Figure = Annotated[int | None, Field(ge=0, le=MOST_AT_ONCE)]
Places = Annotated[int | None, Field(ge=0, le=MOST_PLACES)]
Shown = dict[str, Any]
PRIVATE = {"cache-control": "no-store"}  # names stay in no cache
ONE = "/events/{event}/centres/{centre}"


class Body(BaseModel):
    """What an act says; what is not known is refused."""

    model_config = ConfigDict(extra="forbid")


class ReasonBody(Body):
    """Why: needed for a centre that lies in danger."""

    reason: str = Field("", max_length=2000)


class CentreBody(Body):
    """A centre that the plan does not have: what it is called, where it is, its surface in m²."""

    name: str = Field(min_length=1, max_length=unplanned.LONGEST_NAME)
    address: str = Field("", max_length=unplanned.LONGEST_ADDRESS)
    surface_m2: int | None = Field(None, ge=1, le=unplanned.MOST_M2)


class PlacesBody(Body):
    """Places by purpose, and why; a purpose left out stays, null is the plan's again."""

    reason: str = Field(max_length=2000)
    reception: Places = None
    lodging: Places = None
    meals: Places = None


class CountBody(Body):
    """How many; `people` may be left out where adults and children say it."""

    kind: Literal["arrival", "departure", "recount"]
    people: Figure = None
    adults: Figure = None
    children: Figure = None


class NameBody(Body):
    """Who arrives: never anything of her health. `counted`: she is counted already."""

    name: str = Field(max_length=counting.LONGEST_NAME)
    household: int = Field(1, ge=1, le=MOST_AT_ONCE)
    comes_from: str = Field("", max_length=counting.LONGEST_WORDS)
    phone: str = Field("", max_length=counting.LONGEST_PHONE)
    counted: bool = False


class LeavingBody(Body):
    """Where she goes; `counted`: she is counted out already."""

    went_to: str = Field("", max_length=counting.LONGEST_WORDS)
    counted: bool = False


def _at(user: User, held: Services, *, key: str = "", reason: str = "") -> tuple[Office, Asked]:
    return office_of(user, held), Asked(actor_of(user), key, reason)


@router.get("/events/{event}/centres")
@needs("event.read")
async def centres(event: str, user: Caller, held: Held) -> Shown:
    """List the centres of an event: people, places, dangers, where else."""
    return shown_all(await centres_seen(office_of(user, held), event))


@router.post("/events/{event}/centres", status_code=201)
@needs("event.task")
async def open_unplanned(event: str, body: CentreBody, user: Caller, held: Held) -> Shown:
    """Open a centre that the plan does not have; again, nothing changes."""
    office, asked = _at(user, held)
    new = unplanned.NewCentre(body.name, body.address, body.surface_m2)
    return shown(await unplanned.open_unplanned(office, event, new, asked=asked))


@router.post(f"{ONE}/open")
@needs("event.task")
async def open_centre(
    event: str, centre: str, body: ReasonBody, user: Caller, held: Held
) -> Shown:  # fmt: skip
    """Open a centre; again, nothing changes."""
    office, asked = _at(user, held, reason=body.reason)
    return shown(await opening.open_centre(office, event, centre, asked=asked))


@router.post(f"{ONE}/close")
@needs("event.task")
async def close_centre(event: str, centre: str, user: Caller, held: Held) -> Shown:
    """Close a centre where nobody is counted any more."""
    office, asked = _at(user, held)
    return shown(await opening.close_centre(office, event, centre, asked=asked))


@router.post(f"{ONE}/places")
@needs("event.task")
async def places(event: str, centre: str, body: PlacesBody, user: Caller, held: Held) -> Shown:
    """Adjust its places for the event."""
    office, asked = _at(user, held, reason=body.reason)
    told = body.model_dump(include=body.model_fields_set - {"reason"})
    return shown(await opening.adjust(office, event, centre, places=told, asked=asked))


@router.post(f"{ONE}/count")
@needs("event.task")
async def count(  # noqa: PLR0913 - one parameter a part of the request
    event: str, centre: str, body: CountBody, user: Caller, held: Held, key: Key
) -> Shown:
    """Count people in, out, or anew; the same key counts once."""
    office, asked = _at(user, held, key=key)
    wanted = Count(body.kind, body.people, body.adults, body.children)
    return shown(await counting.count(office, event, centre, wanted=wanted, asked=asked))


@router.get(f"{ONE}/people")
@needs("centre.people")
async def people(event: str, centre: str, user: Caller, held: Held) -> JSONResponse:
    """Tell who gave a name there; each reading is in the logbook."""
    office, asked = _at(user, held)
    found = await names.look(office, event, centre, asked=asked)
    return JSONResponse(shown_names(*found), headers=PRIVATE)


@router.post(f"{ONE}/people", status_code=201)
@needs("centre.people")
async def arrive(  # noqa: PLR0913 - one parameter a part of the request
    event: str, centre: str, body: NameBody, user: Caller, held: Held, key: Key
) -> Shown:
    """Note who arrives by name."""
    office, asked = _at(user, held, key=key)
    who = Name(**body.model_dump())
    return shown(await counting.arrive(office, event, centre, who=who, asked=asked))


@router.post(f"{ONE}/people/{{person}}/leave")
@needs("centre.people")
async def leave(  # noqa: PLR0913 - one parameter a part of the request
    event: str, centre: str, person: str, body: LeavingBody, user: Caller, held: Held
) -> Shown:
    """Note that somebody leaves."""
    office, asked = _at(user, held)
    who = Departure(person, body.went_to, body.counted)
    return shown(await counting.leave(office, event, centre, who=who, asked=asked))


@router.post("/events/{event}/centres/erase-names")
@needs("event.stand_down")
async def erase(event: str, user: Caller, held: Held) -> Shown:
    """Erase every name once the event is stood down."""
    households = await names.erase(office_of(user, held), event, actor=actor_of(user))
    return {"event": event, "households_erased": households}
