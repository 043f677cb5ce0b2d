"""A town whose people are called up: a small plan on real ground, real residents, a real sandbox.

The numbers always do the same (`dispatcher/sandbox/callees.py`): who is silent, who cannot come.
`python -m tests.summoned_town URL CRASH` activates in a process of its own, to be killed there.
"""

import asyncio
import sys
from collections.abc import Mapping
from pathlib import Path

from sqlalchemy import update

from dispatcher.alerts.office import Actor, Office
from dispatcher.alerts.plan_in_force import load
from dispatcher.crisis import deciding, opening
from dispatcher.crisis.steps import Asked
from dispatcher.store import summons_answers
from dispatcher.store.crises import Event
from dispatcher.store.crisis_tables import summonses
from dispatcher.store.ledger import Ledger
from dispatcher.store.people import DUTY
from dispatcher.store.summons_answers import Said, summonses_of
from tests.crashing import killing
from tests.keyring import opened
from tests.offices import BRUZ, bruz_office, bruz_plan, office_of
from tests.sandbox_process import ROOT

ZONE = "circle_150m"
COMES, CANNOT, SILENT, LANDLINE = (
    "+33639989900", "+33639989901", "+33639989902", "+33199009900",
)  # fmt: skip
SPARED, BUSY = "+33639980042", "+33639989904"
NUMBERS = {"maire": SILENT, "adj": CANNOT, "adj2": COMES, "dgs": LANDLINE, "dst": SPARED}
DEPUTY = Actor("secretaire", "deputy")


def plan_of_duty(**numbers: str) -> Mapping[str, bytes]:
    """Return a plan with a DOS, two deputies, a RAC and hers, each with one number."""
    known = {**NUMBERS, **numbers}
    names = "".join(
        f'  - {{id: {ident}, nom: NOM{ident.upper()}, tel: ["{number}"]}}\n'
        for ident, number in known.items()
    )
    return {
        **bruz_plan(ZONE),
        "organisation.yaml": b"fonctions:\n"
        b"  - {code: DOS, titulaire: maire, suppleants: [adj, adj2], approuve_alertes: true}\n"
        b"  - {code: RAC, titulaire: dgs, suppleants: [dst]}\n",
        "annuaire.yaml": f"contacts:\n{names}".encode(),
    }


async def town_of_duty(ledger: Ledger, folder: Path, **numbers: str) -> Office:
    """Return Bruz at work: that plan, real addresses, one invented resident at each."""
    office = await bruz_office(ledger, folder, ZONE)
    reading = await load(office, plan_of_duty(**numbers), actor=DEPUTY)
    assert not reading.faults, reading.faults
    return office


async def opened_event(office: Office, *, mode: str = "real", click: str = "") -> Event:
    """Open an event on this town's only scenario."""
    asked = Asked(DEPUTY, f"ouvrir{click}")
    return await opening.open_event(
        office, "Crue de la Vilaine", asked=asked, mode=mode, scenario="crue"
    )


async def activated(office: Office, *, mode: str = "real", click: str = "") -> Event:
    """Open an event and activate it, everybody called."""
    event = await opened_event(office, mode=mode, click=click)
    asked = Asked(DEPUTY, f"activer{click}")
    return await deciding.activate(office, event.event_id, asked=asked)


async def hurried(ledger: Ledger, *, wait_s: float) -> None:
    """Shorten the wait for a deputy: a test need not wait five minutes."""
    async with ledger.writing() as connection:
        await connection.execute(update(summonses).values(wait_s=wait_s))


async def said_by(ledger: Ledger, event: Event) -> dict[str, Said]:
    """Return what each person called has said, by her contact's id."""
    (one,) = await summonses_of(ledger, event.commune, event.event_id)
    said, _ = await summons_answers.said_of(ledger, event.commune, one.summons_id)
    return {person.removeprefix(DUTY): found for person, found in said.items()}


async def acted(ledger_url: str, event_id: str, *, crash: str = "") -> int:
    """Activate an event in a process of its own; return how that ended."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.summoned_town", ledger_url, event_id, crash, cwd=ROOT
    )
    return await asyncio.wait_for(process.wait(), 60)


async def _activate(ledger_url: str, event_id: str, crash: str) -> None:
    async with opened(ledger_url, passing=killing(crash)) as ledger:
        office = office_of(ledger, BRUZ)
        await deciding.activate(office, event_id, asked=Asked(DEPUTY, "activer"))


if __name__ == "__main__":
    asyncio.run(_activate(*sys.argv[1:4]))
