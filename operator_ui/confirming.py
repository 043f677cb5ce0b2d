"""Showing the second factor again before a grave act, then going on where one was."""

from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from pydantic import BaseModel, Field

from dispatcher.access.sessions import SignInRefused, stepped_up
from dispatcher.access.signing_in import show_again
from dispatcher.api.permissions import OWN, needs
from dispatcher.store.passkeys import opening_keys
from dispatcher.store.sessions import Session
from operator_ui.doors import admit, held_session, own_form
from operator_ui.guest_forms import inside, keep_session, source_of
from operator_ui.installation import Installation, installation
from operator_ui.oidc_account import by_provider
from operator_ui.pages import page
from operator_ui.relying import door_shown

router = APIRouter(dependencies=[Depends(admit)], default_response_class=HTMLResponse)

Held = Annotated[Installation, Depends(installation)]
Mine = Annotated[Session, Depends(held_session)]

LATE = (
    "Cette page a attendu plus d'un quart d'heure : confirmez, puis recommencez. Rien n'est fait."
)


class Confirming(BaseModel):
    """The form: a code, or the password where no second factor is asked."""

    vers: str = Field("/", max_length=500)
    code: str = Field("", max_length=40)
    password: str = Field("", max_length=1000)


@router.get("/confirmer")
@needs(OWN)
async def form(
    request: Request, held: Held, mine: Mine, vers: str = "/", tard: str = ""
) -> HTMLResponse:
    """Ask for the code again; `tard` when a form came too long after it was last shown."""
    return await _form(request, held, mine, vers, problem=LATE if tard else "")


@router.post("/confirmer", dependencies=[Depends(own_form)])
@needs(OWN)
async def confirm(
    request: Request, held: Held, mine: Mine, given: Annotated[Confirming, Form()]
) -> Response:
    """Go on with a new token, or ask again with a sentence."""
    try:
        codes = await show_again(
            held.ledger,
            mine,
            code=given.code.replace(" ", ""),
            password=given.password,
            source=source_of(request),
        )
        token = await stepped_up(held.ledger, mine, codes=codes)
    except SignInRefused as refused:
        return await _form(request, held, mine, given.vers, problem=str(refused))
    answer = RedirectResponse(inside(given.vers), 303)
    keep_session(answer, held, token)
    return answer


async def _form(
    request: Request, held: Installation, mine: Session, vers: str, *, problem: str = ""
) -> HTMLResponse:
    shown = {
        "vers": inside(vers),
        "problem": problem,
        "by_password": mine.factor != "kept",
        "has_key": await opening_keys(held.ledger, mine.user.commune, mine.user.login) > 0,
        "key_door": door_shown(request, held),
        "external": await by_provider(held, mine.user, vers=inside(vers)),
    }
    return await page(request, held, "confirm.html", shown=shown, status=422 if problem else 200)
