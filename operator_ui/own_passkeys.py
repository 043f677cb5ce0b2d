"""The page of one's own passkeys: their list, their names, their end."""

from collections.abc import Mapping
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from dispatcher.access.ceremony import KeyNotKept
from dispatcher.access.passkeys import LONGEST_LABEL, remove, rename
from dispatcher.api.permissions import OWN, needs
from dispatcher.store.factors import codes_left
from dispatcher.store.passkeys import MOST_KEYS, passkeys_of
from dispatcher.store.users import User, credentials
from operator_ui.doors import admit, own_form, signed_in
from operator_ui.installation import Installation, installation
from operator_ui.pages import page
from operator_ui.passkeys import KEYS_PAGE
from operator_ui.relying import door_shown, party_of
from operator_ui.vocabulary import VOCABULARY

router = APIRouter(dependencies=[Depends(admit)], default_response_class=HTMLResponse)

Held = Annotated[Installation, Depends(installation)]
SignedIn = Annotated[User, Depends(signed_in)]


@router.get(KEYS_PAGE)
@needs(OWN, confirmed=True)
async def own_keys(request: Request, held: Held, guest: SignedIn, fait: str = "") -> Response:
    """List the keys of who is signed in, and offer to add one."""
    return await _keys(request, held, guest, done=fait)


@router.post(f"{KEYS_PAGE}/{{key}}/nom", dependencies=[Depends(own_form)])
@needs(OWN)
async def rename_key(
    key: str,
    request: Request,
    held: Held,
    guest: SignedIn,
    label: Annotated[str, Form(max_length=500)] = "",
) -> Response:
    """Call a key otherwise."""
    try:
        await rename(party_of(request, held), guest, credential_hash=key, label=label)
    except KeyNotKept as refused:
        return await _keys(request, held, guest, problem=str(refused))
    return RedirectResponse(f"{KEYS_PAGE}?fait=nom", 303)


@router.post(f"{KEYS_PAGE}/{{key}}/suppression", dependencies=[Depends(own_form)])
@needs(OWN, confirmed=True, page=KEYS_PAGE)
async def remove_key(key: str, request: Request, held: Held, guest: SignedIn) -> Response:
    """Forget a key, unless it is the account's last second factor."""
    others = await _other_factors(held, guest)
    try:
        await remove(party_of(request, held), guest, credential_hash=key, others=others)
    except KeyNotKept as refused:
        return await _keys(request, held, guest, problem=str(refused))
    return RedirectResponse(f"{KEYS_PAGE}?fait=retrait", 303)


async def keys_shown(
    request: Request, held: Installation, guest: User, *, done: str = "", problem: str = ""
) -> Mapping[str, object]:
    """Return what the fragment `_passkeys.html` needs."""
    return {
        "key_door": door_shown(request, held),
        "passkeys": await passkeys_of(held.ledger, guest.commune, guest.login),
        "codes_left": await codes_left(held.ledger, guest.commune, guest.login),
        "most_keys": MOST_KEYS,
        "longest_label": LONGEST_LABEL,
        "key_done": done if done in VOCABULARY["key_done"] else "",
        "key_problem": problem,
    }


async def _keys(
    request: Request, held: Installation, guest: User, *, done: str = "", problem: str = ""
) -> HTMLResponse:
    shown = await keys_shown(request, held, guest, done=done, problem=problem)
    return await page(request, held, "own_keys.html", shown=shown, status=409 if problem else 200)


async def _other_factors(held: Installation, guest: User) -> int:
    """Count the second factors that are no passkeys: an application of codes, or none."""
    found = await credentials(held.ledger, guest.commune, guest.login)
    return 1 if found and found.totp_secret else 0
