"""Server-sent events of the console: pieces of pages, sent when they change."""

import time
from collections.abc import AsyncIterator
from typing import Annotated
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Request
from fastapi.sse import EventSourceResponse, ServerSentEvent

from dispatcher.access.sessions import SEEN_EVERY_S
from dispatcher.api.permissions import needs
from dispatcher.store.sessions import lives, touch
from dispatcher.store.users import User
from operator_ui.doors import admit, held_session, signed_in
from operator_ui.installation import Installation, installation
from operator_ui.live import Picture, Subject
from operator_ui.plan_shown import commune_shown
from operator_ui.rendering import render
from operator_ui.words import tongue_of

router = APIRouter(dependencies=[Depends(admit)], include_in_schema=False)

Held = Annotated[Installation, Depends(installation)]
SignedIn = Annotated[User, Depends(signed_in)]


@router.get("/console/flux", response_class=EventSourceResponse)
@needs("alert.read")
async def latest(request: Request, held: Held, guest: SignedIn) -> AsyncIterator[ServerSentEvent]:
    """Stream the commune's latest alert, whichever it becomes."""
    async for event in _told(request, held, Subject(guest.commune)):
        yield event


@router.get("/console/alertes/{alert_id}/flux", response_class=EventSourceResponse)
@needs("alert.read")
async def one(
    alert_id: str, request: Request, held: Held, guest: SignedIn
) -> AsyncIterator[ServerSentEvent]:
    """Stream one alert."""
    async for event in _told(request, held, Subject(guest.commune, alert_id)):
        yield event


async def _told(
    request: Request, held: Installation, subject: Subject
) -> AsyncIterator[ServerSentEvent]:
    """Tell a screen the state now, whatever `Last-Event-ID` it brings, then each change.

    The picture is whole each time, so a missed event costs nothing. Ends with `signed-out` once
    the session is over.
    """
    language = tongue_of(request).code
    zone = (await commune_shown(held, subject.commune)).zone
    ident, noted_at = held_session(request).ident, time.monotonic()
    async for serial, picture in held.watch.follow(subject):
        if time.monotonic() > noted_at + SEEN_EVERY_S:
            noted_at = time.monotonic()
            await touch(held.ledger, subject.commune, ident, at_most_every_s=0.0, follows=True)
        if not await lives(held.ledger, subject.commune, ident):
            yield ServerSentEvent(event="signed-out", raw_data="-")
            return
        if picture is None:
            yield ServerSentEvent(event="pulse", raw_data="-")
        else:
            shown = _shown(picture, held, language=language, zone=zone, whole=not subject.alert_id)
            yield ServerSentEvent(raw_data=shown, id=str(serial))


def _shown(
    picture: Picture, held: Installation, *, language: str, zone: ZoneInfo, whole: bool
) -> str:
    values = {
        "zone": zone,
        "picture": picture,
        "current": picture.line if picture.runs else None,
        "sandboxed": held.sandboxed,
        "alarms": picture.alarms,
        "whole": whole,
    }
    return render("_stream.html", language, values)
