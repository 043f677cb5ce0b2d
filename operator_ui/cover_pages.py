"""Who is covered, on the console: shares by sector and street, and rounds from door to door."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated
from urllib.parse import urlencode

import segno
from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse, Response

from dispatcher.access.permissions import allowed
from dispatcher.alerts.refusals import AlertRefused
from dispatcher.api.permissions import needs
from dispatcher.cover import rounds
from dispatcher.cover.counting import HOUSEHOLD, cover_of
from dispatcher.cover.hiding import FEWEST, Shown, ShownCover, shown_of
from dispatcher.cover.rounds import OUTSIDE, Round, Where
from dispatcher.logbook.typesetting import typeset
from dispatcher.store import registered
from dispatcher.store.users import User
from operator_ui.crisis import status_of, told
from operator_ui.distress import actor_of
from operator_ui.doors import admit, signed_in
from operator_ui.installation import Installation, installation
from operator_ui.pages import page
from operator_ui.plan_shown import bounds_of, commune_shown, plan_of

router = APIRouter(dependencies=[Depends(admit)], default_response_class=HTMLResponse)

Held = Annotated[Installation, Depends(installation)]
SignedIn = Annotated[User, Depends(signed_in)]
HERE = "/habitants/couverture"
KEEP = "residents.keep"
A_PAGE = 100
LAYERS = ("commune", "fond", "couverture")
Key = Callable[[Shown], tuple[object, ...]]
ORDERS: Mapping[str, Key] = {  # what is not shown comes last
    "part": lambda one: (
        one.share is None, one.share.of_addresses if one.share else 0.0, -one.uncovered, _name(one),
    ),
    "adresses": lambda one: (one.share is None, -one.uncovered, _name(one)),
    "nom": lambda one: (_name(one),),
}  # fmt: skip


def _name(one: Shown) -> tuple[str, str]:
    place = one.place
    return ((place.name if place.street is None else place.street).casefold(), place.name)


@dataclass(frozen=True)
class Asked:
    """How the page is looked at: in which order, streets of which sector, which page of them."""

    order: str = "part"
    sector: str = ""
    number: int = 1

    @classmethod
    def of(cls, query: Mapping[str, str]) -> "Asked":
        """Read the query of an address; what it cannot mean is the usual."""
        order = query.get("tri", "")
        typed = query.get("page", "")
        number = int(typed) if typed.isdecimal() and len(typed) < 7 else 1
        sector = query.get("secteur", "")[:64]
        return cls(order if order in ORDERS else "part", sector, max(1, number))

    def words(self, **changed: object) -> str:
        """Return it as the query of an address."""
        values = {"tri": self.order, "secteur": self.sector, "page": self.number} | changed
        usual = {"tri": "part", "secteur": "", "page": 1}
        return urlencode({name: one for name, one in values.items() if one != usual[name]})


@router.get(HERE)
@needs("residents.read")
async def cover(request: Request, held: Held, guest: SignedIn) -> HTMLResponse:
    """Show which share of the commune is covered, and where least."""
    return await _page(request, held, guest)


async def _page(
    request: Request, held: Installation, guest: User, *, refusal: AlertRefused | None = None
) -> HTMLResponse:
    asked = Asked.of(request.query_params)
    found = shown_of(await cover_of(held.office(guest.commune), held.grounds))
    current = await plan_of(held, guest.commune)
    shown = {
        **_tables(found, asked),
        "asked": asked,
        "cover": found,
        "fewest": FEWEST,
        "household": HOUSEHOLD,
        "counts": await registered.counts(held.ledger, guest.commune),
        "may_keep": allowed(guest.function, KEEP),
        "outside": OUTSIDE,
        "bounds": bounds_of(current.plan) if current else None,
        "sources": {name: f"/carte/{name}.geojson" for name in LAYERS},
        "problem": told(request, refusal) if refusal else None,
    }
    status = status_of(refusal) if refusal else 200
    return await page(request, held, "cover.html", shown=shown, status=status)


def _tables(found: ShownCover, asked: Asked) -> dict[str, object]:
    """Return sectors and a page of streets, in the order that is asked for."""
    order = ORDERS[asked.order]
    streets: Sequence[Shown] = [
        one for one in found.streets
        if not asked.sector or (one.place.sector or OUTSIDE) == asked.sector
    ]  # fmt: skip
    first = (asked.number - 1) * A_PAGE
    return {
        "sectors": sorted(found.sectors, key=order),
        "streets": sorted(streets, key=order)[first : first + A_PAGE],
        "streets_count": len(streets),
        "pages": max(1, -(-len(streets) // A_PAGE)),
        "sources_named": sorted({one.place.source for one in found.sectors}),
    }


@router.get(f"{HERE}/tournee.pdf")
@needs(KEEP)
async def paper(request: Request, held: Held, guest: SignedIn) -> Response:
    """Hand out a round as paper; it is noted who took it."""
    address = f"{held.address}/inscription/{guest.commune}"
    commune = await commune_shown(held, guest.commune)
    day = datetime.now(UTC).astimezone(commune.zone)
    try:
        found = await _round(request, held, guest)
        data = rounds.as_paper(
            found,
            issuer=commune.name,
            day=f"{day:%d/%m/%Y}",
            address=address,
            svg=segno.make(address, error="q").svg_inline(scale=8, border=2),
        )
    except AlertRefused as refusal:
        return await _page(request, held, guest, refusal=refusal)
    return Response(
        await typeset("tournee", data), media_type="application/pdf", headers=_named("pdf")
    )


@router.get(f"{HERE}/tournee.csv")
@needs(KEEP)
async def spreadsheet(request: Request, held: Held, guest: SignedIn) -> Response:
    """Hand out a round as a table to fill in; it is noted who took it."""
    try:
        found = await _round(request, held, guest)
    except AlertRefused as refusal:
        return await _page(request, held, guest, refusal=refusal)
    return Response(
        rounds.as_csv(found), media_type="text/csv; charset=utf-8", headers=_named("csv")
    )


async def _round(request: Request, held: Installation, guest: User) -> Round:
    query = request.query_params
    where = Where(query.get("secteur", "")[:64], query.get("rue", "")[:400])
    office = held.office(guest.commune)
    return await rounds.take_round(office, held.grounds, where, actor=actor_of(guest))


def _named(form: str) -> dict[str, str]:
    kind = "inline" if form == "pdf" else "attachment"
    return {
        "content-disposition": f'{kind}; filename="tournee-inscription.{form}"',
        "cache-control": "no-store",
    }
