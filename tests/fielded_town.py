"""Teams of the example commune in the field: on their way, in distress, missions, what to place."""

from datetime import UTC, datetime, timedelta
from typing import Any

from dispatcher.alerts.office import Office
from dispatcher.store.field_intake import Incoming, take_in
from dispatcher.store.mission_rows import Mission
from dispatcher.store.partner_messages import Answer
from dispatcher.teams.ordering import NewMission, propose
from dispatcher.teams.placing import Heard, desk_item
from dispatcher.teams.reporting import Sender, Telling, report_of
from dispatcher.teams.roster import roster_of
from tests.crises import RAC

BRIDGE = (5.018, 47.781)


def ago(minutes: float) -> datetime:
    """Return an instant before now."""
    return datetime.now(UTC) - timedelta(minutes=minutes)


async def take(office: Office, **came: Any) -> None:  # noqa: ANN401 - as Incoming has them
    """Take something in, as the doors do."""
    incoming = Incoming(office.commune, answer=lambda _filed: Answer(200, {}), **came)
    await office.ledger.write(
        lambda connection: take_in(
            connection, [incoming], key=office.logbook_key, ring=office.ledger.ring
        )
    )


async def tell(office: Office, team: str, telling: Telling) -> None:
    """Have a team's own system report something."""
    known = (await roster_of(office)).find(team)
    sender = Sender("partner", "sdis", f"{team}-{telling.said}-{telling.at.timestamp()}")
    await take(office, reports=(report_of(telling, known, sender=sender),))


async def hold(office: Office, heard: Heard, why: str, named: str) -> str:
    """Have something come that nobody can place; return its item."""
    item = desk_item(heard, why, named, sender=Sender("partner", "sdis", f"m-{why}-{named}"))
    await take(office, reports=(), desk=(item,))
    return item.item


async def send_out(office: Office) -> Mission:
    """Bring about what the board can show; return the mission that nobody has yet."""
    lon, lat = BRIDGE
    ready = Telling(ago(50), "available", lon=lon, lat=lat + 0.004, strength=2)
    await tell(office, "TERRAIN1", ready)
    await tell(office, "TERRAIN2", Telling(ago(40), "available"))
    await tell(office, "TERRAIN2", Telling(ago(2), "on_scene", lon=lon + 0.002, lat=lat))
    await tell(office, "POLICE", Telling(ago(3), "distress", note="Voiture emportée"))
    await tell(office, "EVAL", Telling(ago(9), "reinforcement"))
    taken = NewMission("evacuate", "Évacuer la rue du Port", urgency=1, lon=lon, lat=lat)
    await propose(office, taken, actor=RAC, team="TERRAIN2")
    await hold(office, Heard(ago(30), team="VSAV 9", word="available"), "unknown_team", "VSAV 9")
    open_one = NewMission("secure", "Fermer le pont", "Barrières des deux côtés", urgency=2,
                          lon=lon, lat=lat, sector="bas_bourg")  # fmt: skip
    return await propose(office, open_one, actor=RAC)
