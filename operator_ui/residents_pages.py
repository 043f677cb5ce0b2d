"""The general register on the console: how many, who has a number, enrolling on paper, a poster."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Protocol

import segno
from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from dispatcher.access.permissions import allowed
from dispatcher.alerts.office import Actor, Office
from dispatcher.alerts.refusals import AlertRefused, NotSo
from dispatcher.api.permissions import needs
from dispatcher.logbook.typesetting import typeset
from dispatcher.signup import town_hall
from dispatcher.signup.history import history
from dispatcher.signup.own_page import Page, place_ref
from dispatcher.signup.town_hall import OnPaper
from dispatcher.store import registered
from dispatcher.store.registers import HOMES, Home
from dispatcher.store.users import User
from operator_ui.address_book import Found
from operator_ui.crisis import ACTS, status_of, told
from operator_ui.doors import admit, signed_in
from operator_ui.installation import Installation, installation
from operator_ui.pages import page
from operator_ui.plan_shown import cell_phone, commune_shown, plan_of
from operator_ui.register_upkeep import upkeep_of
from operator_ui.signup_desk import CHOOSE
from operator_ui.signup_places import place_of

router = APIRouter(dependencies=[Depends(admit)], default_response_class=HTMLResponse)

Held = Annotated[Installation, Depends(installation)]
SignedIn = Annotated[User, Depends(signed_in)]
HERE = "/habitants"
KEEP = "residents.keep"
Word = Annotated[str, Form(max_length=400)]


@dataclass(frozen=True)
class PaperForm:
    """A signed form as it is typed in."""

    name: Word = ""
    contact: Word = ""
    other_contact: Word = ""
    typed: Word = ""
    address: Annotated[str, Form(max_length=80)] = ""
    kind: Annotated[str, Form(max_length=20)] = "home"
    language: Annotated[str, Form(max_length=8)] = "fr"
    warn_first: Word = ""
    help_to_leave: Word = ""
    signed: Word = ""


@dataclass(frozen=True)
class PlaceForm:
    """Where a home is, as it is typed or chosen."""

    ref: Annotated[str, Form(max_length=40)] = ""
    typed: Word = ""
    address: Annotated[str, Form(max_length=80)] = ""


Refused = tuple[AlertRefused, str, PlaceForm]


@router.get(HERE)
@needs("residents.read")
async def front(request: Request, held: Held, guest: SignedIn) -> HTMLResponse:
    """Show how many are enrolled, and where to look somebody up or enrol her."""
    return await _front(request, held)


@router.post(f"{HERE}/chercher", dependencies=ACTS)
@needs("residents.read", page=HERE)
async def search(request: Request, held: Held, guest: SignedIn, sought: Word = "") -> HTMLResponse:
    """Show who has exactly this number or mail address; the look is in the logbook."""
    try:
        found = await town_hall.look_up(held.office(guest.commune), sought, actor=_actor(guest))
    except AlertRefused as refusal:
        return await _front(request, held, refusal=refusal, more={"sought": sought})
    return await _front(request, held, more={"found": found, "sought": sought})


@router.post(f"{HERE}/inscrire", dependencies=ACTS)
@needs(KEEP, page=HERE)
async def enrol(
    request: Request, held: Held, guest: SignedIn, form: Annotated[PaperForm, Depends()]
) -> Response:
    """Enrol who signed a form on paper."""
    book = await held.books.of(held.ledger, guest.commune)
    found = place_of(book, typed=form.typed, chosen=form.address, kind=form.kind)
    try:
        if found.place is None and form.typed.strip():
            raise NotSo(CHOOSE)
        paper = OnPaper(
            name=form.name,
            contacts=[one for one in (form.contact, form.other_contact) if one.strip()] or [""],
            places=[found.place] if found.place else [],
            language=form.language,
            warn_first=bool(form.warn_first),
            help_to_leave=bool(form.help_to_leave),
            signed=bool(form.signed),
        )
        await town_hall.enrol(held.office(guest.commune), paper, actor=_actor(guest))
    except AlertRefused as refusal:
        return await _front(request, held, refusal=refusal, more={"filled": form})
    return RedirectResponse(f"{HERE}?fait=inscrit", 303)


@router.get(f"{HERE}/affiche.pdf")
@needs("residents.read")
async def poster(held: Held, guest: SignedIn) -> Response:
    """Hand out a poster that leads to the sign-up, to hang in the town hall and the shops."""
    return await _paper(held, guest, "affiche", title="Soyez alerté en cas de danger")


@router.get(f"{HERE}/formulaire.pdf")
@needs("residents.read")
async def blank_form(held: Held, guest: SignedIn) -> Response:
    """Hand out the form that is signed by who enrols on paper."""
    return await _paper(held, guest, "formulaire", title="Être alerté : formulaire d'inscription")


async def _paper(held: Installation, guest: User, form: str, *, title: str) -> Response:
    address = f"{held.address}/inscription/{guest.commune}"
    current = await plan_of(held, guest.commune)
    picture = segno.make(address, error="q").svg_inline(scale=8, border=2)
    data = {
        "title": title,
        "issuer": (await commune_shown(held, guest.commune)).name,
        "svg": picture,
        "address": address,
        "phone": cell_phone(current.plan) if current else "",
    }
    named = {"content-disposition": f'inline; filename="{form}-inscription.pdf"'}
    return Response(await typeset(form, data), media_type="application/pdf", headers=named)


@router.get(f"{HERE}/a-placer")
@needs(KEEP)
async def to_place(request: Request, held: Held, guest: SignedIn) -> HTMLResponse:
    """Show who is on no map, each with a field to find the door."""
    return await _to_place(request, held, guest)


@router.post(HERE + "/{person_id}/placer", dependencies=ACTS)
@needs(KEEP, page=f"{HERE}/a-placer")
async def place(
    person_id: str, request: Request, held: Held, guest: SignedIn,
    form: Annotated[PlaceForm, Depends()],
) -> Response:  # fmt: skip
    """Put a home on the map, at a door of the commune's file."""
    book = await held.books.of(held.ledger, guest.commune)
    found = place_of(book, typed=form.typed, chosen=form.address)
    try:
        if found.place is None or found.place.lon is None:
            raise NotSo(CHOOSE)
        office = held.office(guest.commune)
        await town_hall.place_home(office, person_id, form.ref, at=found.place, actor=_actor(guest))
    except AlertRefused as refusal:
        return await _to_place(request, held, guest, refused=(refusal, person_id, form))
    return RedirectResponse(f"{HERE}/a-placer?fait=place", 303)


@router.get(HERE + "/{person_id}")
@needs("residents.read")
async def card(person_id: str, request: Request, held: Held, guest: SignedIn) -> HTMLResponse:
    """Show all that is held of somebody; the look is in the logbook."""
    return await _card(request, held, person_id)


@router.post(HERE + "/{person_id}/quitter", dependencies=ACTS)
@needs(KEEP, page=HERE)
async def take_off(person_id: str, request: Request, held: Held) -> Response:
    """Warn her no more, since she asked for it."""
    return await _done(request, held, person_id, town_hall.take_off, to=f"{HERE}/{person_id}")


@router.post(HERE + "/{person_id}/revenir", dependencies=ACTS)
@needs(KEEP, page=HERE)
async def put_back(person_id: str, request: Request, held: Held) -> Response:
    """Warn her again, since she asked for it."""
    return await _done(request, held, person_id, town_hall.put_back, to=f"{HERE}/{person_id}")


@router.post(HERE + "/{person_id}/effacer", dependencies=ACTS)
@needs(KEEP, confirmed=True, page=HERE)
async def erase(person_id: str, request: Request, held: Held) -> Response:
    """Empty the register of her, since she asked for it."""
    return await _done(request, held, person_id, town_hall.erase, to=f"{HERE}?fait=efface")


class Act(Protocol):
    """What the town hall does with what is held of somebody."""

    async def __call__(self, office: Office, person: str, *, actor: Actor) -> None:
        """Do it. Raises AlertRefused."""


async def _done(
    request: Request, held: Installation, person: str, act: Act, *, to: str
) -> Response:
    guest = signed_in(request)
    try:
        await act(held.office(guest.commune), person, actor=_actor(guest))
    except AlertRefused as refusal:
        return await _front(request, held, refusal=refusal)
    return RedirectResponse(to, 303)


async def _card(request: Request, held: Installation, person_id: str) -> HTMLResponse:
    guest = signed_in(request)
    office = held.office(guest.commune)
    try:
        one: Page = await town_hall.open_card(office, person_id, actor=_actor(guest))
    except AlertRefused as refusal:
        return await _front(request, held, refusal=refusal)
    current = await plan_of(held, guest.commune)
    shown = {
        "one": one,
        "her": one.resident,
        "contacts": list(
            zip(one.resident.contacts, one.kept.confirmed, one.kept.failing, strict=True)
        ),
        "lines": await history(office, one),
        "sector_names": {each.id: each.name for each in current.plan.sectors} if current else {},
        "may_keep": allowed(guest.function, KEEP),
    }
    return await page(request, held, "resident.html", shown=shown)


async def _to_place(
    request: Request, held: Installation, guest: User, *, refused: Refused | None = None
) -> HTMLResponse:
    found = await town_hall.to_place(held.office(guest.commune), actor=_actor(guest))
    refusal, at, form = refused or (None, "", PlaceForm())
    book = await held.books.of(held.ledger, guest.commune)

    def field(one: Page, home: Home) -> tuple[Home, str, str, Sequence[Found]]:
        """Return a home, its name in the form, what stands in its field, and doors for that."""
        ref = place_ref(home)
        typed = form.typed if (one.own.person_id, ref) == (at, form.ref) else home.label
        return home, ref, typed, place_of(book, typed=typed, chosen="").among if typed else ()

    shown = {
        "waiting": [(one, [field(one, home) for home in one.places]) for one in found],
        "most": town_hall.MOST_TO_PLACE,
        "commune": guest.commune,
        "refused_at": (at, form.ref),
        "done": request.query_params.get("fait", ""),
        "problem": told(request, refusal) if refusal else None,
    }
    status = status_of(refusal) if refusal else 200
    return await page(request, held, "residents_to_place.html", shown=shown, status=status)


async def _front(
    request: Request,
    held: Installation,
    *,
    refusal: AlertRefused | None = None,
    more: Mapping[str, object] | None = None,
) -> HTMLResponse:
    guest = signed_in(request)
    given = dict(more or {})
    form = given.get("filled")
    filled = form if isinstance(form, PaperForm) else PaperForm()
    book = await held.books.of(held.ledger, guest.commune)
    among = place_of(book, typed=filled.typed, chosen="").among if filled.typed else ()
    shown = {
        "counts": await registered.counts(held.ledger, guest.commune),
        **await upkeep_of(held, guest),
        "commune": guest.commune,
        "address": f"{held.address}/inscription/{guest.commune}",
        "may_keep": allowed(guest.function, KEEP),
        "kinds": HOMES,
        "filled": filled,
        "among": among,
        "typed": filled.typed,
        "chosen": filled.address,
        "found": None,
        "sought": "",
        "done": request.query_params.get("fait", ""),
        "problem": told(request, refusal) if refusal else None,
        **given,
    }
    shown["filled"] = filled
    status = status_of(refusal) if refusal else 200
    return await page(request, held, "residents.html", shown=shown, status=status)


def _actor(guest: User) -> Actor:
    return Actor(guest.login, guest.function, guest.contact_id)
