"""My code for a decision by telephone: six digits, kept as a hash; nobody can read it again."""

from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from pydantic import BaseModel, Field

from dispatcher.access.passwords import WeakPassword
from dispatcher.access.pins import keep_pin
from dispatcher.api.permissions import OWN, needs
from dispatcher.sentences import Sentence
from dispatcher.store.logbook import Entry
from dispatcher.store.phone_approvals import has_pin
from dispatcher.store.sessions import Session
from dispatcher.store.versions import Chained
from operator_ui.doors import admit, held_session, own_form
from operator_ui.installation import Installation, installation
from operator_ui.pages import page

router = APIRouter(dependencies=[Depends(admit)], default_response_class=HTMLResponse)

Held = Annotated[Installation, Depends(installation)]
Mine = Annotated[Session, Depends(held_session)]
HERE = "/compte/code-telephone"
DIFFER = "Les deux codes diffèrent : recommencez."


class TwicePin(BaseModel):
    """A code that somebody chooses, typed twice."""

    pin: str = Field("", max_length=20)
    again: str = Field("", max_length=20)


@router.get(HERE)
@needs(OWN, confirmed=True)
async def form(request: Request, held: Held, mine: Mine) -> HTMLResponse:
    """Ask for a code."""
    return await _form(request, held, mine)


@router.post(HERE, dependencies=[Depends(own_form)])
@needs(OWN, confirmed=True)
async def keep(
    request: Request, held: Held, mine: Mine, given: Annotated[TwicePin, Form()]
) -> Response:
    """Keep it; the one before counts no more."""
    user = mine.user
    if given.pin != given.again:
        return await _form(request, held, mine, problem=DIFFER)
    entry = Entry(user.login, "access.pin", "Code pour le téléphone changé", {"login": user.login})
    line = Chained(entry, held.services.logbook_key)
    try:
        await keep_pin(held.ledger, user.commune, user.login, pin=given.pin, line=line)
    except WeakPassword as weak:
        return await _form(request, held, mine, problem=weak)
    return RedirectResponse("/compte?fait=code", 303)


async def _form(
    request: Request, held: Installation, mine: Session, *, problem: str | Sentence = ""
) -> HTMLResponse:
    kept = await has_pin(held.ledger, mine.user.commune, mine.user.login)
    shown = {"problem": problem, "kept": kept}
    return await page(request, held, "pin.html", shown=shown, status=422 if problem else 200)
