"""What a resident changes on her own page: a form each, then the page, saying what was done."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse, Response

from dispatcher.alerts.office import Office
from dispatcher.alerts.refusals import AlertRefused, NotNow, NotSo, NotThere
from dispatcher.api.permissions import PUBLIC, needs
from dispatcher.cover.yearly import say_right
from dispatcher.signup.kin import choose
from dispatcher.signup.own_page import (
    Asks,
    Page,
    add_contact,
    add_place,
    come_back,
    drop_contact,
    drop_place,
    leave,
    open_page,
    set_information,
    set_language,
    set_media,
    set_needs,
    shut,
)
from dispatcher.store.kin import drop_kin
from operator_ui.doors import admit
from operator_ui.installation import Installation, installation
from operator_ui.own_forms import Chosen, InformationForm, Line, NeedsForm, Word
from operator_ui.own_page import over, shown
from operator_ui.plan_shown import commune_shown
from operator_ui.signup import Filled
from operator_ui.signup_desk import CHOOSE, desk_of, leads, source_of
from operator_ui.signup_places import place_of

router = APIRouter(dependencies=[Depends(admit)], default_response_class=HTMLResponse)

Held = Annotated[Installation, Depends(installation)]
TOO_OFTEN = "Trop de changements en une minute : attendez un instant."
Act = Callable[[Office, Page], Awaitable[None]]


@router.post("/r/{token}/adresses")
@needs(PUBLIC)
async def place(
    token: str, request: Request, held: Held, filled: Annotated[Filled, Depends()]
) -> Response:
    """Add a place of hers: her work, a school, a parent's house."""

    async def add(office: Office, page: Page) -> None:
        book = await held.books.of(held.ledger, page.own.commune)
        typed = place_of(book, typed=filled.typed, chosen=filled.address, kind=filled.kind)
        if typed.place is None:
            raise NotSo(CHOOSE)
        await add_place(office, page, typed.place)

    words = {"typed": filled.typed, "address": filled.address, "kind": filled.kind}
    return await _done(request, held, token, add, at="adresses", typed=words)


@router.post("/r/{token}/adresses/retirer")
@needs(PUBLIC)
async def no_place(token: str, request: Request, held: Held, ref: Word = "") -> Response:
    """Take a place of hers away."""
    return await _done(
        request, held, token, lambda office, page: drop_place(office, page, ref), at="adresses"
    )


@router.post("/r/{token}/contacts")
@needs(PUBLIC)
async def contact(
    token: str, request: Request, held: Held, contact: Line = "", once: Word = ""
) -> Response:
    """Send a code to a contact that is to be hers; nothing is added before it comes back."""

    async def send(page: Page) -> str:
        asks = Asks(contact, source_of(request), once)
        return await add_contact(desk_of(held, page.own.commune), page, asks)

    typed = {"contact": contact, "at": "contacts"}
    return await _asked(request, held, token, send, typed=typed)


@router.post("/r/{token}/contacts/retirer")
@needs(PUBLIC)
async def no_contact(token: str, request: Request, held: Held, ref: Word = "") -> Response:
    """Take a contact of hers away."""
    return await _done(
        request, held, token, lambda office, page: drop_contact(office, page, ref), at="contacts"
    )


@router.post("/r/{token}/moyens")
@needs(PUBLIC)
async def media(
    token: str, request: Request, held: Held, first: Word = "", only: Word = ""
) -> Response:
    """Keep by which medium she is warned first, or only."""
    return await _done(
        request,
        held,
        token,
        lambda office, page: set_media(office, page, first=first, only=bool(only)),
        at="contacts",
    )


@router.post("/r/{token}/langue")
@needs(PUBLIC)
async def language(token: str, request: Request, held: Held, language: Word = "") -> Response:
    """Keep the language that she reads best."""

    async def keep(office: Office, page: Page) -> None:
        known = ("fr", "en", *page.resident.languages)
        await set_language(office, page, language, known=known)

    return await _done(request, held, token, keep, at="contacts")


@router.post("/r/{token}/besoins")
@needs(PUBLIC)
async def needed(
    token: str, request: Request, held: Held, wished: Annotated[NeedsForm, Depends()]
) -> Response:
    """Keep what she asks for, and how many live with her."""
    return await _done(
        request,
        held,
        token,
        lambda office, page: set_needs(office, page, wished.read()),
        at="besoins",
    )


@router.post("/r/{token}/informations")
@needs(PUBLIC)
async def informed(
    token: str, request: Request, held: Held, wished: Annotated[InformationForm, Depends()]
) -> Response:
    """Keep which messages that tell of no danger she wants, and at which hours."""

    async def keep(office: Office, page: Page) -> None:
        zone = (await commune_shown(held, page.own.commune)).zone.key
        await set_information(office, page, wished.read(zone))

    return await _done(request, held, token, keep, at="informations")


@router.post("/r/{token}/prevenir")
@needs(PUBLIC)
async def chosen_kin(
    token: str, request: Request, held: Held, chosen: Annotated[Chosen, Depends()]
) -> Response:
    """Send a code to somebody who is to be told how she is; nobody is before it comes back."""

    async def send(page: Page) -> str:
        asks = Asks(chosen.to, source_of(request), chosen.once)
        return await choose(desk_of(held, page.own.commune), page, asks, name=chosen.name)

    typed = {"name": chosen.name, "to": chosen.to, "at": "prevenir"}
    return await _asked(request, held, token, send, typed=typed)


@router.post("/r/{token}/prevenir/retirer")
@needs(PUBLIC)
async def no_kin(token: str, request: Request, held: Held, ref: Word = "") -> Response:
    """Tell somebody no more."""
    return await _done(
        request,
        held,
        token,
        lambda office, page: drop_kin(office.ledger, page.own, mark=ref),
        at="prevenir",
    )


@router.post("/r/{token}/fermer")
@needs(PUBLIC)
async def shut_page(token: str, request: Request, held: Held) -> HTMLResponse:
    """End the link: on a shared computer nobody opens the page again."""
    await shut(held.office(""), token)
    return await over(request, held, shut=True)


@router.post("/r/{token}/quitter")
@needs(PUBLIC)
async def quit_alerts(token: str, request: Request, held: Held) -> Response:
    """Warn her no more."""
    return await _done(request, held, token, leave, at="", done="quitter")


@router.post("/r/{token}/confirmer")
@needs(PUBLIC)
async def all_right(token: str, request: Request, held: Held) -> Response:
    """Keep that what is kept of her is right: she was asked, as once a year."""
    return await _done(request, held, token, say_right, at="", done="confirmer")


@router.post("/r/{token}/revenir")
@needs(PUBLIC)
async def return_to_alerts(token: str, request: Request, held: Held) -> Response:
    """Warn her again."""
    return await _done(request, held, token, come_back, at="", done="revenir")


async def _asked(
    request: Request,
    held: Installation,
    token: str,
    send: Callable[[Page], Awaitable[str]],
    *,
    typed: Mapping[str, str],
) -> Response:
    """Lead to where the code that was sent is typed."""
    try:
        page = await open_page(held.office(""), token)
        where = await send(page)
    except AlertRefused as refusal:
        return await shown(request, held, token, refusal=refusal, typed=typed)
    return leads(request, f"/inscription/{page.own.commune}/{where}")


async def _done(  # noqa: PLR0913 - an act, and where the page says that it is done
    request: Request,
    held: Installation,
    token: str,
    act: Act,
    *,
    at: str,
    done: str = "",
    typed: Mapping[str, str] | None = None,
) -> Response:
    try:
        page = await open_page(held.office(""), token)
        if not held.changes.passes(page.own.person_id):
            raise NotNow(TOO_OFTEN)
        await act(held.office(page.own.commune), page)
    except NotThere:
        return await over(request, held)
    except AlertRefused as refusal:
        return await shown(request, held, token, refusal=refusal, typed={**(typed or {}), "at": at})
    return leads(request, f"/r/{token}", done=done or at, at=at)
