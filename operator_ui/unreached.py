"""Whom an alert did not reach, as a page: by sector and reason, with the next step on each line.

A list is read once and kept for a minute in this process, so that turning its pages does not walk
through the alert again; then it is gone, looked at or not. Each time it is read, a line of the
logbook says so.
"""

import asyncio
from collections import Counter, OrderedDict
from collections.abc import Container, Iterable
from dataclasses import dataclass
from typing import Annotated
from urllib.parse import quote, urlencode

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from dispatcher.alerts import door_to_door
from dispatcher.alerts.call_list import CallList, ToCall, call_list
from dispatcher.alerts.office import Office
from dispatcher.alerts.refusals import AlertRefused, NotThere
from dispatcher.api.permissions import needs
from dispatcher.store.alert_lines import alert_versions, that_counts
from dispatcher.store.duties import user_names
from dispatcher.store.told_marks import HOWS, told_of
from dispatcher.store.users import User
from operator_ui.crisis import ACTS, status_of, told
from operator_ui.distress import actor_of
from operator_ui.doors import admit, signed_in
from operator_ui.installation import Installation, installation
from operator_ui.pages import page
from operator_ui.team_choice import choice_of

router = APIRouter(dependencies=[Depends(admit)], default_response_class=HTMLResponse)

Held = Annotated[Installation, Depends(installation)]
SignedIn = Annotated[User, Depends(signed_in)]
A_PAGE = 100
KEPT_S = 60.0
MOST_KEPT = 4
OUTSIDE = "-"  # of every sector, as the address of the page says it


@dataclass(frozen=True)
class Asked:
    """Which part of a list is looked at; `all` shows those too who have been told."""

    sector: str = ""
    reason: str = ""
    all: bool = False
    number: int = 1

    def words(self, **changed: object) -> str:
        """Return it as the query of an address."""
        values = {"secteur": self.sector, "motif": self.reason, "tous": "1" if self.all else "",
                  "page": self.number} | changed  # fmt: skip
        return urlencode({name: value for name, value in values.items() if value not in ("", 1)})


Key = tuple[str, str, str]  # commune, login, alert


class Shelf:
    """Lists read a moment ago, by who read them; each leaves it by itself."""

    def __init__(self, *, kept_s: float = KEPT_S) -> None:
        """Keep each list so long."""
        self._kept_s = kept_s
        self._kept: OrderedDict[Key, CallList] = OrderedDict()
        self._reading = asyncio.Lock()  # a second click waits for the first one's list

    def __len__(self) -> int:
        """Count the lists that are kept."""
        return len(self._kept)

    async def list_of(self, office: Office, guest: User, alert_id: str) -> CallList:
        """Return an alert's list, at most a minute old; raises NotThere."""
        key = (guest.commune, guest.login, alert_id)
        async with self._reading:
            if (found := self._kept.get(key)) is not None:
                return found
            found = await call_list(office, alert_id, actor=actor_of(guest), form="page")
            self._kept[key] = found
            while len(self._kept) > MOST_KEPT:
                self._kept.popitem(last=False)
        asyncio.get_running_loop().call_later(self._kept_s, self._forget, key, found)
        return found

    def _forget(self, key: Key, found: CallList) -> None:
        if self._kept.get(key) is found:
            del self._kept[key]


def shelf(request: Request) -> Shelf:
    """Return the lists of this process (a FastAPI dependency)."""
    if not hasattr(request.app.state, "unreached_shelf"):
        request.app.state.unreached_shelf = Shelf()
    found: Shelf = request.app.state.unreached_shelf
    return found


Kept = Annotated[Shelf, Depends(shelf)]


def asked(
    sector: Annotated[str, Query(alias="secteur", max_length=100)] = "",
    reason: Annotated[str, Query(alias="motif", max_length=20)] = "",
    everyone: Annotated[str, Query(alias="tous", max_length=1)] = "",
    number: Annotated[int, Query(alias="page", ge=1, le=100_000)] = 1,
) -> Asked:
    """Read which part of the list is asked for (a FastAPI dependency)."""
    return Asked(sector, reason, bool(everyone), number)


Part = Annotated[Asked, Depends(asked)]


@router.get("/console/alertes/{alert_id}/non-joints")
@needs("alert.unreached")
async def unreached(  # noqa: PLR0913 - one parameter a dependency
    alert_id: str, request: Request, held: Held, guest: SignedIn, kept: Kept, part: Part
) -> HTMLResponse:
    """Show whom the alert did not reach, street by street."""
    return await list_page(request, held, alert_id, kept=kept, part=part)


async def list_page(  # noqa: PLR0913 - the page, and what was refused of it
    request: Request,
    held: Installation,
    alert_id: str,
    *,
    kept: Shelf,
    part: Asked,
    refusal: AlertRefused | None = None,
) -> HTMLResponse:
    """Return the page of a list, with the sentence of what was refused where something was."""
    guest = signed_in(request)
    line = that_counts(await alert_versions(held.ledger, guest.commune, alert_id))
    if line is None:
        return await page(request, held, "missing.html", status=404)
    try:
        found = await kept.list_of(held.office(guest.commune), guest, alert_id)
    except NotThere:
        return await page(request, held, "missing.html", status=404)
    marks = await told_of(held.ledger, guest.commune, found.version_id)
    shown = {
        **await asyncio.to_thread(_cut, found, part, marks),
        "line": line,
        "mode_shown": line.mode,
        "marks": marks,
        "names": await user_names(held.ledger, guest.commune),
        "hows": HOWS,
        "team_choice": await choice_of(held, guest),
        "part": part,
        "problem": told(request, refusal) if refusal else None,
    }
    status = status_of(refusal) if refusal else 200
    answer = await page(request, held, "unreached.html", shown=shown, status=status)
    answer.headers["cache-control"] = "no-store"
    return answer


def _cut(found: CallList, part: Asked, marks: Container[str]) -> dict[str, object]:
    """Return the part that is asked for, and what the rest comes to; a long list takes a while."""
    chosen = [
        one for one in found.lines if _fits(one, part) and (part.all or one.person_id not in marks)
    ]
    return {
        "lines": chosen[(part.number - 1) * A_PAGE : part.number * A_PAGE],
        "chosen": len(chosen),
        "total": len(found.lines),
        "done": sum(one.person_id in marks for one in found.lines),
        "pages": max(1, -(-len(chosen) // A_PAGE)),
        "sectors": _counted(one.sector or OUTSIDE for one in found.lines),
        "reasons": _counted(one.reason for one in found.lines),
        "streets": _counted(one.street for one in chosen if one.street and one.address),
    }


def _fits(one: ToCall, part: Asked) -> bool:
    return (not part.sector or (one.sector or OUTSIDE) == part.sector) and (
        not part.reason or one.reason == part.reason
    )


def _counted(words: Iterable[str]) -> list[tuple[str, int]]:
    return sorted(Counter(words).items())


@router.post("/console/alertes/{alert_id}/non-joints", dependencies=ACTS)
@needs("alert.unreached")
async def mark(  # noqa: PLR0913 - one parameter a dependency
    alert_id: str, request: Request, held: Held, guest: SignedIn, kept: Kept, part: Part
) -> Response:
    """Note that somebody of the list was called, told at the door, or absent."""
    form = await request.form()
    person, how = str(form.get("person", "")), str(form.get("how", ""))
    office = held.office(guest.commune)
    try:
        await door_to_door.mark(office, alert_id, person, how, actor=actor_of(guest))
    except AlertRefused as refusal:
        return await list_page(request, held, alert_id, kept=kept, part=part, refusal=refusal)
    query = part.words()
    here = f"/console/alertes/{quote(alert_id, safe='')}/non-joints"
    return RedirectResponse(f"{here}?{query}" if query else here, 303)
