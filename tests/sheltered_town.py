"""A town in a flood whose centres and means are used: one centre of it stands where it strikes."""

from dataclasses import replace

from sqlalchemy import select, update

from dispatcher.alerts.office import Office
from dispatcher.alerts.plan_in_force import in_force, load
from dispatcher.crisis import standing_down
from dispatcher.shelter import counting
from dispatcher.shelter.counting import Count
from dispatcher.shelter.opening import open_centre
from dispatcher.shelter.sight import CentreSeen
from dispatcher.store import crisis_sights, logbook
from dispatcher.store.crises import Event
from dispatcher.store.ledger import Ledger
from dispatcher.store.logbook import Line
from dispatcher.store.outgoing import versions
from plans.folder import files_of
from tests.crises import CHIEF, MAYOR, OPERATOR, by
from tests.example_commune import EXAMPLE
from tests.situations import COMMUNE, Planned, write_alert

GYM, HALL, WET = "gymnase", "foyer_essarts", "halte_fraiche"
_SAFE = b"hors_zone: [inondation, rupture_barrage, ruissellement, tmd, feu_foret], "
_WET_PLACE = b"point: [5.012514, 47.784497]"


async def flooded(town: Office) -> Office:
    """Load the example plan with one centre moved into the flood's own zone."""
    plan = (await in_force(town)).plan
    zone = next(one for one in plan.hazard_zones if one.hazard == "inondation")
    spot = zone.area.polygons[0].representative_point()
    files = dict(files_of(EXAMPLE))
    moved = files["centres.yaml"].replace(_WET_PLACE, f"point: [{spot.x}, {spot.y}]".encode())
    before, mark, after = moved.partition(b"id: halte_fraiche")
    safe = after.replace(_SAFE, b"", 1)
    reading = await load(town, {**files, "centres.yaml": before + mark + safe}, actor=MAYOR)
    assert not reading.faults, reading.faults
    return town


async def with_centre(town: Office, event: Event, centre: str = GYM, people: int = 0) -> CentreSeen:
    """Open a centre and count people in."""
    seen = await open_centre(town, event.event_id, centre, asked=by(OPERATOR))
    if people:
        wanted = Count("arrival", people)
        seen = await counting.count(town, event.event_id, centre, wanted=wanted, asked=by(CHIEF))
    return seen


async def warned_around(town: Office, event: Event, lon: float, lat: float) -> None:
    """Have an alert of the event in force on a square around a place."""
    written = await write_alert(town.ledger, Planned(title="Évacuez le Plateau"))
    this = versions.c.version_id == written.version_id
    west, south, east, north = lon - 0.002, lat - 0.002, lon + 0.002, lat + 0.002
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    async with town.ledger.writing() as connection:
        content = (await connection.execute(select(versions.c.content).where(this))).scalar_one()
        content = {**content, "area": {"type": "Polygon", "coordinates": [ring]}}
        await connection.execute(update(versions).where(this).values(content=content))
    ident = (written.alert_id, "crue_evacuation")
    await crisis_sights.keep_begun(
        town.ledger, (COMMUNE, event.event_id), ident, by="etat_civil"
    )  # fmt: skip


async def lines_of(ledger: Ledger, prefix: str) -> list[Line]:
    """Return the logbook's lines of a kind, in order."""
    return [
        line async for line in logbook.read_all(ledger, COMMUNE) if line.kind.startswith(prefix)
    ]


async def stood_down(town: Office, event: Event) -> Event:
    """Stand an event down, all its warnings known."""
    known = [one.kind for one in await standing_down.warnings_of(town, event)]
    asked = replace(by(MAYOR), reason="décrue")
    return await standing_down.stand_down(town, event.event_id, asked=asked, knows=known)
