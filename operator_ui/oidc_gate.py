"""What the pages of signing in by a provider share: the browser's secret, leaving, sentences."""

import secrets
from typing import Annotated

import structlog
from fastapi import Depends, HTTPException, Request
from fastapi.responses import HTMLResponse

from dispatcher.access.oidc_leaving import Browser, Gate
from dispatcher.access.oidc_refusals import (
    DOWN_MEANWHILE,
    ProviderDown,
    ProviderSignInRefused,
)
from dispatcher.store.oidc_flows import LASTS_S
from operator_ui.guest_forms import source_of
from operator_ui.installation import Installation, installation
from operator_ui.pages import page
from operator_ui.words import tongue_of, translations

RETURN = "/connexion/retour"
LONGEST_PATH = 2_000

log = structlog.get_logger()


def gate_of(held: Annotated[Installation, Depends(installation)]) -> Gate:
    """Return the way in by the provider; not found where none is configured (a dependency)."""
    if held.provider is None:
        raise HTTPException(404)
    place = held.place
    here = place.public_url.rstrip("/") or f"http://{place.host}:{place.port}"
    return Gate(held.ledger, held.provider, here + RETURN, held.services.logbook_key)


def browser_of(request: Request, held: Installation) -> Browser:
    """Return whose browser this is; one that begins gets a secret of its own."""
    return Browser(
        nonce=request.cookies.get(_cookie(held), "") or secrets.token_urlsafe(24),
        session=request.cookies.get(held.cookie, ""),
        source=source_of(request),
        agent=request.headers.get("user-agent", ""),
    )


async def leaving(
    request: Request, held: Installation, browser: Browser, *, to: str
) -> HTMLResponse:
    """Return the page that leads to the provider by itself, and keep the browser's secret.

    A page and no redirect: the policy lets no form be sent to another site (`form-action`), and
    browsers apply that to where a redirect leads as well.
    """
    label = held.provider.label if held.provider else ""
    shown = {"to": to, "label": label, "path": "/connexion"}
    answer = await page(request, held, "external_leaving.html", shown=shown)
    answer.set_cookie(
        _cookie(held),
        browser.nonce,
        max_age=int(LASTS_S),
        httponly=True,
        secure=held.https,
        samesite="strict",
        path="/",
    )
    return answer


def sentence_of(request: Request, held: Installation, refused: ProviderSignInRefused) -> str:
    """Say in the reader's language why nothing was done."""
    label = held.provider.label if held.provider else ""
    said = str(refused)
    if isinstance(refused, ProviderDown):
        log.warning("oidc.provider", kind=refused.kind)
        said = DOWN_MEANWHILE if request.state.guest is not None else said
    return translations(tongue_of(request).code).gettext(said) % {"label": label}


def _cookie(held: Installation) -> str:
    return f"{held.cookie}-externe"
