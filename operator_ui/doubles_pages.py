"""Rows of the register that may be one person: the town hall compares two, and says what they are.

Nothing is joined by itself: anybody may give a name and an address as hers.
"""

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from dispatcher.alerts.refusals import AlertRefused
from dispatcher.api.permissions import needs
from dispatcher.signup.doubles import MOST_SHOWN, one_person, to_judge, two_people
from dispatcher.signup.own_page import Page
from dispatcher.store.doubles import Doubled, Pair, doubled_count
from dispatcher.store.users import User
from operator_ui.crisis import ACTS, status_of, told
from operator_ui.distress import actor_of
from operator_ui.doors import admit, signed_in
from operator_ui.installation import Installation, installation
from operator_ui.pages import page
from operator_ui.signup import masked

router = APIRouter(dependencies=[Depends(admit)], default_response_class=HTMLResponse)

Held = Annotated[Installation, Depends(installation)]
SignedIn = Annotated[User, Depends(signed_in)]
Ident = Annotated[str, Form(max_length=64)]
KEEP = "residents.keep"
HERE = "/habitants/doublons"


@dataclass(frozen=True)
class PairForm:
    """Two rows, and whether the page said that one of them had left."""

    one: Ident = ""
    other: Ident = ""
    left: Annotated[str, Form(max_length=3)] = ""

    @property
    def pair(self) -> Pair:
        """The pair of both ids."""
        return Pair.of(self.one, self.other)


@router.get(HERE)
@needs(KEEP)
async def doubles(request: Request, held: Held, guest: SignedIn) -> HTMLResponse:
    """Show pairs to be judged, both cards side by side; the look is in the logbook."""
    return await _shown(request, held, guest)


@router.post(f"{HERE}/une-seule", dependencies=ACTS)
@needs(KEEP, confirmed=True, page=HERE)
async def join(
    request: Request, held: Held, guest: SignedIn, form: Annotated[PairForm, Depends()]
) -> Response:
    """Join two rows: they are one person. Who has left by one has left, as the page said."""
    seen = Doubled(form.pair, one_left=form.left == "oui")
    try:
        await one_person(held.office(guest.commune), seen, actor=actor_of(guest))
    except AlertRefused as refusal:
        return await _shown(request, held, guest, refusal=refusal)
    return RedirectResponse(f"{HERE}?fait={'partie' if seen.one_left else 'une'}", 303)


@router.post(f"{HERE}/deux", dependencies=ACTS)
@needs(KEEP, page=HERE)
async def tell_apart(
    request: Request, held: Held, guest: SignedIn, form: Annotated[PairForm, Depends()]
) -> Response:
    """Keep that two rows are two people."""
    try:
        await two_people(held.office(guest.commune), form.pair, actor=actor_of(guest))
    except AlertRefused as refusal:
        return await _shown(request, held, guest, refusal=refusal)
    return RedirectResponse(f"{HERE}?fait=deux", 303)


async def _shown(
    request: Request, held: Installation, guest: User, *, refusal: AlertRefused | None = None
) -> HTMLResponse:
    found = await to_judge(held.office(guest.commune), actor=actor_of(guest))
    shown = {
        "waiting": [
            (one.doubled, [(card, _contacts(card)) for card in one.cards]) for one in found
        ],
        "count": await doubled_count(held.ledger, guest.commune) if found else 0,
        "most": MOST_SHOWN,
        "done": request.query_params.get("fait", ""),
        "problem": told(request, refusal) if refusal else None,
    }
    status = status_of(refusal) if refusal else 200
    return await page(request, held, "residents_doubles.html", shown=shown, status=status)


def _contacts(card: Page) -> list[tuple[str, str, float | None]]:
    """Return her contacts, masked: how each is of use, and since when it is confirmed."""
    ways = zip(card.resident.contacts, card.kept.confirmed, strict=True)
    return [(masked(way.value), way.kind, sure) for way, sure in ways]
