"""What is kept, why and until when: the clocks, what ended, the register of processing."""

from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from dispatcher.access.permissions import allowed
from dispatcher.alerts.refusals import AlertRefused, NotSo
from dispatcher.api.permissions import needs
from dispatcher.delivery.accounts import live_routes
from dispatcher.privacy import periods, purging
from dispatcher.privacy.impact import impact_of
from dispatcher.privacy.kinds import FIXED, KINDS
from dispatcher.privacy.processing import ACTIVITIES, tables_of
from dispatcher.privacy.processors import Processor, of_accounts, of_settings
from dispatcher.store import logbook
from dispatcher.store.purging import PURGED
from dispatcher.store.users import User
from operator_ui.crisis import ACTS, asked_by, status_of, told
from operator_ui.doors import admit, signed_in
from operator_ui.installation import Installation, installation
from operator_ui.pages import page

router = APIRouter(dependencies=[Depends(admit)], default_response_class=HTMLResponse)

Held = Annotated[Installation, Depends(installation)]
SignedIn = Annotated[User, Depends(signed_in)]
HERE = "/donnees"
KEEP, RULE = "privacy.keep", periods.RULE
Words = Annotated[str, Form(max_length=300)]
MOST_PURGES = 10


@router.get(HERE)
@needs(KEEP)
async def front(request: Request, held: Held, guest: SignedIn) -> HTMLResponse:
    """Show how long each kind stays, what would end and what ended, and who handles what."""
    return await _front(request, held, guest)


@router.post(f"{HERE}/durees", dependencies=ACTS)
@needs(RULE, page=HERE)
async def decide(  # noqa: PLR0913 - one parameter a field
    request: Request, held: Held, guest: SignedIn,
    kind: Annotated[str, Form(max_length=20)] = "",
    days: Annotated[str, Form(max_length=40)] = "", reference: Words = "",
) -> Response:  # fmt: skip
    """Keep how long a kind stays, as the data protection officer decides."""
    try:
        if not days.strip().isdecimal():
            raise NotSo("Écrivez un nombre de jours.")
        office, actor = held.office(guest.commune), asked_by(guest).actor
        await periods.decide(office, kind, int(days), reference=reference, actor=actor)
    except AlertRefused as refusal:
        given = {"kind": kind, "days": days, "reference": reference}
        return await _front(request, held, guest, refusal=refusal, given=given)
    return RedirectResponse(f"{HERE}?fait=duree#durees", 303)


@router.get(f"{HERE}/analyse.md")
@needs(KEEP)
async def starter(held: Held, guest: SignedIn) -> Response:
    """Hand out the starter of the impact assessment."""
    text = await impact_of(held.office(guest.commune), _processors())
    named = {"content-disposition": 'attachment; filename="analyse-impact.md"'}
    return Response(text, media_type="text/markdown; charset=utf-8", headers=named)


def _processors() -> Sequence[Processor]:
    return [*of_accounts(live_routes()), *of_settings()]


async def _front(
    request: Request, held: Installation, guest: User, *,
    refusal: AlertRefused | None = None, given: dict[str, str] | None = None,
) -> HTMLResponse:  # fmt: skip
    office = held.office(guest.commune)
    due = {one.kind: one for one in await purging.foreseen(office)}
    shown = {
        "kinds": KINDS,
        "days": await periods.days_of(office),
        "decided": await periods.decided(office),
        "due": due,
        "fixed": FIXED,
        "may_rule": allowed(guest.function, RULE),
        "purged": await logbook.read_kinds(held.ledger, guest.commune, PURGED, limit=MOST_PURGES),
        "activities": [(one, tables_of(one)) for one in ACTIVITIES],
        "processors": _processors(),
        "given": given or {},
        "done": request.query_params.get("fait", ""),
        "problem": told(request, refusal) if refusal else None,
    }
    status = status_of(refusal) if refusal else 200
    return await page(request, held, "privacy.html", shown=shown, status=status)
