"""A commune whose alerts are decided by two people: its users, its plan, time that passes."""

from pathlib import Path

from sqlalchemy import update

from dispatcher.alerts import life, sketching
from dispatcher.alerts.office import Actor, Office
from dispatcher.alerts.plan_in_force import load
from dispatcher.alerts.sketch import Chosen
from dispatcher.alerts.sketching import Start
from dispatcher.store import logbook
from dispatcher.store.ledger import Ledger
from dispatcher.store.outgoing import versions
from tests.offices import AUTHOR, bruz_office, bruz_plan

ZONE = "circle_150m"
MAYOR, DEPUTY = Actor("maire", "dos", "maire"), Actor("adj", "deputy", "adj")
RAC, CLERK = Actor("dgs", "rac", "dgs"), Actor("agent", "operator")
CHIEF, OBSERVER = Actor("chef", "cell_chief"), Actor("prefecture", "observer")
EVERYBODY = (MAYOR, DEPUTY, RAC, CLERK, CHIEF, OBSERVER)
READY = Chosen(scenario="crue", template="crue", sectors=(ZONE,), hours=3.0)
OVER_S = 31 * 60.0


def plan_files(*, rac: bool = False, by_phone: bool = False) -> dict[str, bytes]:
    """Return the small plan, with a RAC who approves or does not, by telephone or not."""
    files = bruz_plan(ZONE)
    files["organisation.yaml"] += b"  - {code: RAC, titulaire: dgs}\n"
    files["annuaire.yaml"] += b'  - {id: dgs, nom: LEROY, tel: ["+33639980003"]}\n'
    names = "[DOS, RAC]" if rac else "[DOS]"
    phone = ", validation_telephone: true" if by_phone else ""
    files["alerte/reglement.yaml"] = (
        f"emetteur_sms: Bruz\ndecision: {{qui: {names}{phone}}}\n".encode()
    )
    return files


async def town_of(ledger: Ledger, folder: Path, *, rac: bool = False) -> Office:
    """Return the commune at work, with its residents."""
    office = await bruz_office(ledger, folder, ZONE)
    await planned(office, plan_files(rac=rac))
    return office


async def planned(office: Office, files: dict[str, bytes]) -> None:
    """Bring another plan into force."""
    reading = await load(office, files, actor=AUTHOR)
    assert not reading.faults, reading.faults


async def frozen_by(office: Office, author: Actor, chosen: Chosen = READY) -> str:
    """Write an alert and freeze it: a draft that may be submitted."""
    alert = await sketching.begin(office, Start(chosen=chosen), actor=author)
    await sketching.freeze(office, alert, revision=1, actor=author)
    return alert


async def submitted_by(office: Office, author: Actor, *, writer: Actor | None = None) -> str:
    """Write an alert and submit it."""
    alert = await frozen_by(office, writer or author)
    await life.submit(office, alert, actor=author)
    return alert


async def edited(office: Office, alert: str, *, by: Actor, margin_m: float) -> None:
    """Change the area of an alert by a hand."""
    sketch = await sketching.sketch_of(office, alert)
    await sketching.change(
        office, alert, {"margin_m": margin_m}, revision=sketch.revision, actor=by
    )


async def aged(ledger: Ledger, alert: str, *, seconds: float) -> None:
    """Let so much time pass since the approval, by the database's own clock."""
    async with ledger.writing() as connection:
        await connection.execute(
            update(versions)
            .where(versions.c.alert_id == alert, versions.c.approved_at.is_not(None))
            .values(approved_at=versions.c.approved_at - seconds)
        )


async def lines_of(office: Office, alert: str) -> list[str]:
    """Return the kinds of the logbook's lines about an alert, in order."""
    return [
        line.kind
        async for line in logbook.read_all(office.ledger, office.commune)
        if line.data.get("alert") == alert
    ]


async def counted(office: Office, alert: str, people: int) -> None:
    """Let an alert have been made for another number of people."""
    async with office.ledger.writing() as connection:
        await connection.execute(
            update(versions)
            .where(versions.c.alert_id == alert)
            .values(people=people, digest="e" * 64)
        )
