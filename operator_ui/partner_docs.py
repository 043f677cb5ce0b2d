"""« API des partenaires »: what a vendor reads to connect a system in ten minutes; public.

The examples are files beside this one; the tests take them off the served page and run them.
"""

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse

from dispatcher.api.permissions import PUBLIC, needs
from dispatcher.partners.events import TYPES
from operator_ui.doors import admit
from operator_ui.installation import Installation, installation
from operator_ui.pages import page
from plans.missions import MISSION_STATES
from plans.teams import EVENTS, STATUSES

router = APIRouter(dependencies=[Depends(admit)], default_response_class=HTMLResponse)

Held = Annotated[Installation, Depends(installation)]
FOLDER = Path(__file__).parent / "partner_examples"


@lru_cache
def examples() -> Mapping[str, str]:
    """Read the examples by their names, such as `status.sh`."""
    return {one.stem: one.read_text("utf-8").strip() for one in sorted(FOLDER.glob("*.txt"))}


@router.get("/api/partenaires")
@needs(PUBLIC)
async def documentation(request: Request, held: Held) -> HTMLResponse:
    """Tell a vendor what to sign, which doors there are, and what the answers mean."""
    shown = {
        "examples": examples(),
        "address": held.address,
        "statuses": STATUSES,
        "events": EVENTS,
        "mission_states": MISSION_STATES,
        "types": TYPES,
    }
    return await page(request, held, "partner_docs.html", shown=shown)
