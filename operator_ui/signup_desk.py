"""What every page of a resident is made with: the commune's desk, who asks, where a form leads."""

from collections.abc import Mapping
from urllib.parse import urlencode

from fastapi import Request
from fastapi.responses import RedirectResponse

from dispatcher.signup.asking import Desk
from operator_ui.installation import Installation
from operator_ui.rendering import render
from operator_ui.words import tongue_of

CHOOSE = "Choisissez votre adresse dans la liste."


def desk_of(held: Installation, commune: str) -> Desk:
    """Return where the sign-ups of a commune come in."""
    return Desk(held.office(commune), held.place.signups_daily)


def source_of(request: Request) -> str:
    """Return the internet address that asks; empty where the server does not say."""
    return request.client.host if request.client else ""


def leads(request: Request, path: str, *, done: str = "", at: str = "") -> RedirectResponse:
    """Lead to a page in the language that was chosen, and say there what was done."""
    tongue = tongue_of(request)
    query = {"lang": tongue.code} if tongue.chosen else {}
    query |= {"fait": done} if done else {}
    asked = f"{path}?{urlencode(query)}" if query else path
    return RedirectResponse(f"{asked}#{at}" if at else asked, 303)


def rendered(
    request: Request, held: Installation, template: str, more: Mapping[str, object]
) -> str:
    """Fill in a template, in the reader's language; `q` keeps it on the pages that it leads to."""
    tongue = tongue_of(request)
    q = f"?lang={tongue.code}" if tongue.chosen else ""
    return render(template, tongue.code, {"sandboxed": held.sandboxed, "q": q, **more})
