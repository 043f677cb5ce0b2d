"""A resident's own page: what is held of her, what she was sent, and all that she may change.

Opening it writes nothing; each button is a form. Its address is a secret, in no log (`serve.py`).
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import HTMLResponse, JSONResponse, Response

from dispatcher.alerts.refusals import AlertRefused, NotThere
from dispatcher.api.permissions import PUBLIC, needs
from dispatcher.privacy.periods import days_of
from dispatcher.signup.copying import copy_of
from dispatcher.signup.history import history
from dispatcher.signup.own_page import (
    MOST_HOUSEHOLD,
    Asks,
    Page,
    ask_for_page,
    contact_ref,
    erase,
    open_page,
    place_ref,
)
from dispatcher.store.clocks import EVIDENCE
from dispatcher.store.holds import holds_of
from dispatcher.store.information import TOPICS
from dispatcher.store.kin import kin_of
from dispatcher.store.registers import HOMES
from dispatcher.store.yearly import is_asked
from operator_ui.crisis import status_of, told
from operator_ui.doors import admit
from operator_ui.installation import Installation, installation
from operator_ui.plan_shown import cell_phone, commune_shown, plan_of
from operator_ui.signup_desk import desk_of, leads, rendered, source_of
from operator_ui.signup_places import place_of
from operator_ui.words import tongue_of

router = APIRouter(dependencies=[Depends(admit)], default_response_class=HTMLResponse)

Held = Annotated[Installation, Depends(installation)]
MOST_SHOWN = 10  # messages on the page; her copy has all


@router.get("/inscription/{commune}/ma-page")
@needs(PUBLIC)
async def way_back(commune: str, request: Request, held: Held) -> HTMLResponse:
    """Ask for a contact, to send it the code that opens its page."""
    return await _way_back(request, held, commune, "")


@router.post("/inscription/{commune}/ma-page")
@needs(PUBLIC)
async def send_way_back(
    commune: str,
    request: Request,
    held: Held,
    contact: Annotated[str, Form(max_length=400)] = "",
    once: Annotated[str, Form(max_length=64)] = "",
) -> Response:
    """Send the code; the answer is the same for a contact that nobody gave."""
    desk, asks = desk_of(held, commune), Asks(contact, source_of(request), once)
    try:
        token = await ask_for_page(desk, asks, language=tongue_of(request).code)
    except AlertRefused as refusal:
        return await _way_back(request, held, commune, contact, refusal=refusal)
    return leads(request, f"/inscription/{commune}/{token}")


@router.get("/r/{token}")
@needs(PUBLIC)
async def show(token: str, request: Request, held: Held) -> HTMLResponse:
    """Show her page; nothing is written."""
    return await shown(request, held, token)


@router.get("/r/{token}/copie")
@needs(PUBLIC)
async def read_copy(token: str, request: Request, held: Held) -> HTMLResponse:
    """Show all that the commune holds of her, to be read and printed."""
    return await _of_hers(request, held, token, "own_copy.html")


@router.get("/r/{token}/copie.json")
@needs(PUBLIC)
async def take_copy(token: str, request: Request, held: Held) -> Response:
    """Hand out all that the commune holds of her, for machines (GDPR, article 20)."""
    try:
        page = await open_page(held.office(""), token)
    except NotThere:
        return await over(request, held)
    office = held.office(page.own.commune)
    named = 'attachment; filename="mes-alertes.json"'
    kin = await kin_of(office.ledger, page.own)
    copied = copy_of(page, await history(office, page), kin=kin, at=office.clock())
    return JSONResponse(copied, headers={"content-disposition": named})


@router.get("/r/{token}/effacer")
@needs(PUBLIC)
async def ask_erasure(token: str, request: Request, held: Held) -> HTMLResponse:
    """Say what is erased and what is not, before it is."""
    return await _of_hers(request, held, token, "own_erase.html")


@router.post("/r/{token}/effacer")
@needs(PUBLIC)
async def erase_all(token: str, request: Request, held: Held) -> HTMLResponse:
    """Empty the register of her; the page that says so is the last one of this link."""
    try:
        page = await open_page(held.office(""), token)
        await erase(held.office(page.own.commune), page)
    except NotThere:
        return await over(request, held)
    except AlertRefused as refusal:
        return await shown(request, held, token, refusal=refusal)
    more = await _around(held, page.own.commune)
    return HTMLResponse(rendered(request, held, "own_erased.html", more))


async def shown(
    request: Request,
    held: Installation,
    token: str,
    *,
    refusal: AlertRefused | None = None,
    typed: Mapping[str, str] | None = None,
) -> HTMLResponse:
    """Return her page as it stands, with what was refused; 404 where the link opens none."""
    try:
        page = await open_page(held.office(""), token)
    except NotThere:
        return await over(request, held)
    more = await _page(request, held, token, page)
    book = await held.books.of(held.ledger, page.own.commune)
    blank = {"typed": "", "address": "", "kind": "work", "contact": "", "name": "", "to": ""}
    filled = {**blank, **(typed or {})}
    place = place_of(book, typed=filled["typed"], chosen="")
    more |= {
        "problem": told(request, refusal) if refusal else None,
        "refused_at": filled.get("at", "") if refusal else "",
        "done": request.query_params.get("fait", ""),
        "filled": filled,
        "among": place.among if filled["typed"] else (),
        "typed": filled["typed"],
        "chosen": filled["address"],
    }
    status = status_of(refusal) if refusal else 200
    return HTMLResponse(rendered(request, held, "own.html", more), status)


async def over(request: Request, held: Installation, *, shut: bool = False) -> HTMLResponse:
    """Say that a link opens nothing any more, or was shut just now; and how to get another."""
    own = held.place.commune
    town = (await commune_shown(held, own)).name
    more = {"here": "/inscription", "commune": own, "town": town, "shut": shut}
    status = 200 if shut else 404
    return HTMLResponse(rendered(request, held, "own_over.html", more), status)


async def _way_back(
    request: Request,
    held: Installation,
    commune: str,
    contact: str,
    *,
    refusal: AlertRefused | None = None,
) -> HTMLResponse:
    if await plan_of(held, commune) is None:
        more: dict[str, object] = {"here": "/inscription"}
        return HTMLResponse(rendered(request, held, "signup_unknown.html", more), 404)
    more = {
        **await _around(held, commune),
        "here": f"/inscription/{commune}/ma-page",
        "contact": contact,
        "problem": told(request, refusal) if refusal else None,
    }
    status = status_of(refusal) if refusal else 200
    return HTMLResponse(rendered(request, held, "own_way_back.html", more), status)


async def _of_hers(request: Request, held: Installation, token: str, template: str) -> HTMLResponse:
    try:
        page = await open_page(held.office(""), token)
    except NotThere:
        return await over(request, held)
    more = await _page(request, held, token, page)
    more["here"] = f"/r/{token}/{'copie' if template == 'own_copy.html' else 'effacer'}"
    standing = await holds_of(held.ledger, page.own.commune)
    more["kept_for_justice"] = any(one.lifted_at is None for one in standing)
    return HTMLResponse(rendered(request, held, template, more))


async def _page(request: Request, held: Installation, token: str, page: Page) -> dict[str, object]:
    commune = page.own.commune
    office = held.office(commune)
    lines = await history(office, page)
    current = await plan_of(held, commune)
    sectors = {one.id: one.name for one in current.plan.sectors} if current else {}
    spoken = sorted({"fr", "en", *page.resident.languages})
    return {
        **await _around(held, commune),
        "here": f"/r/{token}",
        "token": token,
        "page": page,
        "her": page.resident,
        "contacts": [
            (one, contact_ref(one), at, fails)
            for one, at, fails in zip(
                page.resident.contacts, page.kept.confirmed, page.kept.failing, strict=True
            )
        ],
        "places": [(one, place_ref(one)) for one in page.places],
        "kinds": HOMES,
        "topics": TOPICS,
        "languages": spoken,
        "most_household": MOST_HOUSEHOLD,
        "kin": await kin_of(office.ledger, page.own),
        "asked": await is_asked(office.ledger, page.own),
        "lines": lines,
        "most_shown": MOST_SHOWN,
        "running": [one for one in lines if one.answer],
        "sector_names": sectors,
        "now": datetime.now(UTC),
    }


async def _around(held: Installation, commune: str) -> dict[str, object]:
    known = await commune_shown(held, commune)
    current = await plan_of(held, commune)
    phone = cell_phone(current.plan) if current else ""
    return {
        "town": known.name, "zone": known.zone, "commune": commune, "phone": phone,
        "here": f"/inscription/{commune}",
        "proof_days": (await days_of(held.office(commune)))[EVIDENCE],
    }  # fmt: skip
