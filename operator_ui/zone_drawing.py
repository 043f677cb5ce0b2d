"""Drawing ground on a page: what an alert's zone and a sector of the plan share.

Tools are forms; what one makes is shown before it is kept; the map's own drawing fills the very
same forms. Who keeps the result, and where, is the page's own business.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from fastapi import HTTPException, Request
from starlette.datastructures import FormData

from operator_ui.plan_shown import bounds_of
from operator_ui.words import tongue_of, translations
from operator_ui.zone_proposals import (
    MOST_STEPS,
    Step,
    Zone,
    ZoneRefused,
    check_place,
    combined,
)
from operator_ui.zone_shown import (
    MOST_ROWS,
    bounds_of_book,
    change,
    found_at,
    numbers,
    shown,
    streets_to_tick,
)
from operator_ui.zone_tools import Ground, content_of, made_of, margin_of, op_of
from operator_ui.zone_words import DRAW_WORDS
from plans.layer_sentences import in_french
from zones.area import AreaFault, AreaRefused

MOST_BODY = 8_000_000  # bytes of a form: a megabyte of GeoJSON whose every sign is escaped
REFUSED = (ZoneRefused, AreaFault, AreaRefused)


async def light(request: Request) -> None:
    """Refuse a form that is larger than any zone, before it is read (SECURITY T6)."""
    said = request.headers.get("content-length", "")
    if not said.isdigit() or int(said) > MOST_BODY:
        raise HTTPException(413, "Trop lourd : un mégaoctet de tracé au plus. Too large.")


@dataclass(frozen=True)
class Asked:
    """What is being looked for on the page, and what was just tried."""

    address: str = ""
    street: str = ""
    tool: str = ""
    proposal: Zone | None = None
    problem: Mapping[str, str] | None = None
    status: int = 200


def asked_in(request: Request) -> Asked:
    """Return what an address or street is searched for, as the page's own forms ask it."""
    address, street = (request.query_params.get(name, "")[:120] for name in ("adresse", "voie"))
    tool = "address" if address else "streets" if street else ""
    return Asked(address=address, street=street, tool=tool)


async def tried(request: Request, form: FormData, now: Zone, ground: Ground) -> Asked:
    """Return what a form would make of the zone, or the sentence that says why it may not."""
    try:
        proposal = await _made(form, now, ground)
        check_place(proposal, ground.plan, bounds=bounds_of_book(ground.book))
    except REFUSED as refusal:
        tool = str(form.get("tool", ""))[:20]
        return Asked(tool=tool, problem=problem_of(request, refusal), status=422)
    return Asked(proposal=proposal)


async def drawn_values(
    request: Request, ground: Ground, zone: Zone, asked: Asked
) -> dict[str, Any]:
    """Return what the templates of the zone show: it, what is proposed, what the tools offer."""
    now = await shown(zone, ground)
    then = await shown(asked.proposal, ground) if asked.proposal else None
    streets, count = streets_to_tick(ground, asked.street)
    words = translations(tongue_of(request).code)
    return {
        "asked": asked,
        "plan": ground.plan,
        "zone_now": now,
        "zone_then": then,
        "changed": change(now, then) if then else None,
        "found": found_at(ground, asked.address) if asked.address else (),
        "streets": streets,
        "streets_count": count,
        "lines": sorted(ground.lines, key=str.casefold),
        "addresses": len(ground.book.ids),
        "located": int(ground.book.doors.located.sum()),
        "bounds": bounds_of(ground.plan) or bounds_of_book(ground.book),
        "most_rows": MOST_ROWS,
        "problem": asked.problem,
        "numbers": numbers,
        "draw_words": {key: words.gettext(word) for key, word in DRAW_WORDS.items()},
    }


def problem_of(request: Request, refusal: Exception) -> Mapping[str, str]:
    """Say a refusal in the reader's language; the ground's own sentences are in both."""
    code = tongue_of(request).code
    if isinstance(refusal, ZoneRefused):
        said = translations(code).gettext(refusal.said) % refusal.about
    elif code == "fr":
        faults = refusal.faults[:3] if isinstance(refusal, AreaRefused) else ()
        sentences = [in_french(one.message) for one in faults] or [in_french(str(refusal))]
        said = " ".join(one[:1].upper() + one[1:] for one in sentences)
    else:
        said = str(refusal)
    return {"said": said, "lang": code}


async def _made(form: FormData, now: Zone, ground: Ground) -> Zone:
    if form.get("tool") == "margin":
        if now.ground(ground.plan) is None:
            raise ZoneRefused("Choisissez d'abord une zone : la marge s'y ajoute.")
        margin_m = margin_of(form)
        step = Step(op="add", tool="margin", metres=margin_m)
        steps = (*(one for one in now.steps if one.tool != "margin"), step)[-MOST_STEPS:]
        return Zone(now.area, now.sectors, margin_m, now.whole, steps)
    content = await content_of(form)
    return combined(now, op_of(form), made_of(form, ground, content=content), ground.plan)
