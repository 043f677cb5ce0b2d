"""What a partner's system reads: its own messages, its events; events posted to it again."""

from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy.exc import SQLAlchemyError

from dispatcher.api.callers import caller
from dispatcher.api.partner_openapi import described
from dispatcher.api.permissions import PUBLIC, needs
from dispatcher.api.services import Services, services
from dispatcher.api.signed import SignedRequest, read_as, signed_request
from dispatcher.partners.feed import page_of
from dispatcher.partners.refusals import CursorAhead, LedgerAway, Unreadable
from dispatcher.partners.replaying import replay_asked
from dispatcher.store.partner_log import Kept, messages_after
from dispatcher.store.users import User

router = APIRouter(prefix="/api/v1/partner", tags=["partners"])
Held = Annotated[Services, Depends(services)]
PRIVATE = {"cache-control": "no-store"}
LOG_PAGE = 500
LAST_CURSOR = 2_147_483_647  # of a logbook: what the databases' column holds
Cursor = Annotated[int, Query(ge=0, le=LAST_CURSOR)]


async def reader(request: Request, held: Held) -> User | SignedRequest:
    """Return who reads: a partner's system that signed, else who is signed in and may."""
    if "webhook-signature" in request.headers:
        return await signed_request(request, held)
    return await caller(request, held)


Reader = Annotated[User | SignedRequest, Depends(reader)]


class ReplayBody(BaseModel):
    """From which cursor events are posted again."""

    model_config = ConfigDict(extra="forbid")

    after: int = Field(ge=0, le=LAST_CURSOR, examples=[4512])


@router.get("/log")
@needs(PUBLIC)
async def log(
    request: Request, held: Held, after: Annotated[str, Query(max_length=128)] = ""
) -> JSONResponse:
    """List the caller's own messages, after one by its id, with their first answers."""
    signed = await signed_request(request, held)
    partner = signed.caller.partner
    found = await messages_after(
        held.ledger, partner.commune, partner.partner, after=after, limit=LOG_PAGE + 1
    )
    if found is None:
        raise Unreadable("Aucun de vos messages n'a cet identifiant (after).")
    shown = found[:LOG_PAGE]
    told = {
        "messages": [_shown(one) for one in shown],
        "next": shown[-1].message_id if shown else after or None,
        "more": len(found) > LOG_PAGE,
    }
    return JSONResponse(told, headers=PRIVATE)


@router.post("/replay")
@needs(PUBLIC)
async def replay(request: Request, held: Held) -> JSONResponse:
    """Post its events again from a cursor on; the same message again does it once."""
    signed = await signed_request(request, held)
    signed.may("events.read")
    body = read_as(ReplayBody, signed.body)
    try:
        answer = await replay_asked(held.office(signed.commune), signed.message, after=body.after)
    except SQLAlchemyError as error:
        raise LedgerAway from error
    return JSONResponse(dict(answer.body), answer.status)


@router.get("/openapi.json")
@needs(PUBLIC)
async def openapi(held: Held) -> JSONResponse:
    """Describe the doors of partners' systems; it holds nothing secret."""
    return JSONResponse(described(held.public_url))


async def feed_of(held: Services, signed: SignedRequest, *, after: int) -> JSONResponse:
    """Return a page of a partner's events; raises CursorAhead where the cursor is none of ours."""
    signed.may("events.read")
    page = await page_of(held.ledger, signed.caller.partner, after=after)
    if after > page.end:
        raise CursorAhead(after, end=page.end)
    told = {
        "events": [one.as_json() for one in page.events],
        "next": page.after,
        "more": page.more,
    }
    return JSONResponse(told, headers=PRIVATE)


def _shown(one: Kept) -> dict[str, Any]:
    return {
        "id": one.message_id,
        "door": one.door,
        "sent_at": _instant(one.sent_at),
        "received_at": _instant(one.received_at),
        "status": one.status,
        "answer": one.answer,
        "repeats": one.repeats,
    }


def _instant(epoch_s: float) -> str:
    at = datetime.fromtimestamp(epoch_s, UTC)
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
