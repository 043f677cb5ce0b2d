"""One alert of the demonstration, by two people, watched until every delivery is settled."""

import asyncio
import secrets
import time
from dataclasses import dataclass

import httpx

from dispatcher.alerts import life
from dispatcher.alerts.drafting import Wanted
from dispatcher.alerts.office import Actor, Office
from dispatcher.alerts.showing import show
from dispatcher.delivery.accounts import sandbox_doors
from dispatcher.delivery.bell import QUEUES, Bell
from dispatcher.settings import PlaceSettings
from dispatcher.store.users import anyone_signed_in
from plans.plan import Plan

AUTHOR = Actor("rac", "rac")
APPROVER = Actor("maire", "dos")
OPEN = ("ready", "claimed", "sending", "unknown")
LOOK_S = 0.25
PATIENCE_S = 600.0


class NotSettled(Exception):
    """The alert did not settle in time; the sentence says what still waits."""


@dataclass(frozen=True)
class Line:
    """Where the bell and the sandbox are."""

    place: PlaceSettings
    redis_url: str


def wanted(plan: Plan, scenario: str, *, escalates: bool = True) -> Wanted:
    """Return what the demonstration launches: a scenario's sectors, with its first template."""
    names = [one.id for one in plan.scenarios]
    chosen = scenario or (names[0] if names else None)
    if chosen is None:  # a plan without scenarios: its first sector, never more
        return Wanted(
            template=plan.templates[0].id, sectors=(plan.sectors[0].id,), escalates=escalates
        )
    if chosen not in names:
        raise NotSettled(f"Le plan n'a pas de scénario « {chosen} » : {', '.join(names)}.")
    templates = plan.scenario(chosen).templates or (plan.templates[0].id,)
    return Wanted(template=templates[0], scenario=chosen, escalates=escalates)


async def watched(office: Office) -> None:
    """Wait until somebody has signed in: an alert that nobody watches shows nothing."""
    there = False
    while not there:
        await asyncio.sleep(LOOK_S)
        there = await anyone_signed_in(office.ledger, office.commune)


async def launched(office: Office, wish: Wanted, *, line: Line) -> str:
    """Draft, submit, approve by another person, launch, ring; return the alert's id."""
    alert = await life.make_draft(office, wish, actor=AUTHOR)
    await life.submit(office, alert, actor=AUTHOR, rings=False, night_confirmed=True)
    await life.approve(office, alert, actor=APPROVER)
    await life.launch(
        office, alert, actor=AUTHOR, launch_key=secrets.token_hex(8), night_confirmed=True
    )
    bell = Bell(line.redis_url)
    await bell.ring(QUEUES)
    await bell.close()
    return alert


async def settled(office: Office, alert: str) -> dict[str, object]:
    """Wait until nothing of the alert is open; raises NotSettled after ten minutes."""
    deadline, states = time.monotonic() + PATIENCE_S, None
    while time.monotonic() < deadline:
        shown = await show(office, alert)
        states = shown["deliveries"]
        waiting = isinstance(states, dict) and any(states.get(state) for state in OPEN)
        if not shown["waiting_blocks"] and not waiting:
            return shown
        await asyncio.sleep(LOOK_S)
    raise NotSettled(f"Des messages attendent encore après {PATIENCE_S:.0f} s : {states}.")


async def received(place: PlaceSettings) -> int:
    """Count the distinct deliveries in the sandbox's own ledger."""
    doors = sandbox_doors(place.data_dir)
    sign_in = (str(doors["api_key"]), str(doors["api_secret"]))
    async with httpx.AsyncClient(auth=sign_in, trust_env=False) as client:
        answer = await client.get(f"{doors['http']}/sandbox/ledger/summary")
    return int(answer.raise_for_status().json()["distinct"])
