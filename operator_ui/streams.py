"""Server-sent events of the console: pieces of pages, sent when they change."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Depends, Request

from dispatcher.access.permissions import allowed
from dispatcher.api.permissions import needs
from dispatcher.store.sessions import Session
from dispatcher.store.users import User
from operator_ui.doors import admit, held_session, signed_in
from operator_ui.event_stream import PULSE, SIGNED_OUT, EventStream, event_of
from operator_ui.installation import Installation, installation
from operator_ui.live import Picture, Subject
from operator_ui.plan_shown import CommuneShown, commune_shown
from operator_ui.rendering import render
from operator_ui.words import tongue_of

router = APIRouter(dependencies=[Depends(admit)], include_in_schema=False)

Held = Annotated[Installation, Depends(installation)]
SignedIn = Annotated[User, Depends(signed_in)]


@dataclass(frozen=True)
class Seen:
    """What a screen looks at, and how: one message is made for all that look alike."""

    subject: Subject
    language: str
    may_help: bool
    template: str = "_stream.html"

    @property
    def whole(self) -> bool:
        """Whether it is the page of all that goes on, not of one alert."""
        return not self.subject.alert_id

    @property
    def kind(self) -> tuple[str, bool, str]:
        """What tells it from others that look at the same thing."""
        return (self.language, self.may_help, self.template)


@router.get("/console/flux")
@needs("alert.read")
async def latest(request: Request, held: Held, guest: SignedIn) -> EventStream:
    """Stream the commune's latest alert, whichever it becomes."""
    return _told(request, held, _seen(request, guest))


@router.get("/console/mur/flux")
@needs("alert.read")
async def wall(request: Request, held: Held, guest: SignedIn) -> EventStream:
    """Stream what the wall shows."""
    return _told(request, held, _seen(request, guest, template="_wall_stream.html"))


@router.get("/console/alertes/{alert_id}/flux")
@needs("alert.read")
async def one(alert_id: str, request: Request, held: Held, guest: SignedIn) -> EventStream:
    """Stream one alert."""
    return _told(request, held, _seen(request, guest, alert_id))


def _seen(
    request: Request, guest: User, alert_id: str = "", *, template: str = "_stream.html"
) -> Seen:
    may_help = allowed(guest.function, "alert.replies")
    subject = Subject(guest.commune, alert_id)
    return Seen(subject, tongue_of(request).code, may_help, template)


def _told(request: Request, held: Installation, seen: Seen) -> EventStream:
    """Tell a screen the state now, whatever `Last-Event-ID` it brings, then each change.

    The picture is whole each time, so a missed event costs nothing. Ends with `signed-out` once
    the session is over.
    """
    return EventStream(_events(held, seen, held_session(request)))


async def _events(held: Installation, seen: Seen, session: Session) -> AsyncIterator[bytes]:
    commune = await commune_shown(held, seen.subject.commune)
    watch = held.watch
    with watch.attendance.lit(session.user.commune, session.ident) as screen:
        async for serial, picture in watch.follow(seen.subject, screen):
            if picture is None:
                yield PULSE
                continue

            def make(shown: Picture, number: int = serial) -> bytes:
                return event_of(_shown(shown, held, seen, commune=commune), ident=number)

            yield watch.made(seen.subject, seen.kind, make)
        if screen.out:
            yield SIGNED_OUT


def _shown(picture: Picture, held: Installation, seen: Seen, *, commune: CommuneShown) -> str:
    values = {
        "zone": commune.zone,
        "function_names": commune.function_names,
        "people": picture.people,
        "picture": picture,
        "current": picture.line if picture.runs else None,
        "sandboxed": held.sandboxed,
        "alarms": picture.alarms,
        "whole": seen.whole,
        "may_help": seen.may_help,
    }
    return render(seen.template, seen.language, values)
