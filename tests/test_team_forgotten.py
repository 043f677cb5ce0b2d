"""Where teams were and what they saw is kept for the incident only, whenever it came."""

import time
import uuid

import pytest
from sqlalchemy import func, select

from dispatcher.alerts.office import Actor, Office
from dispatcher.alerts.refusals import NotSo
from dispatcher.crisis import standing_down
from dispatcher.store import logbook
from dispatcher.store.crisis_tables import events
from dispatcher.store.field_trails import forget_trails
from dispatcher.store.ledger import Ledger
from dispatcher.store.own_teams import OwnTeam, add_team
from dispatcher.store.phone_tables import team_photos
from dispatcher.store.team_links import TeamLink
from dispatcher.store.team_rows import team_rows
from dispatcher.store.team_tables import team_trails
from dispatcher.store.versions import Chained
from dispatcher.teams.phone import Press, press
from dispatcher.teams.phone_links import link_named, make_link
from tests.crises import MAYOR, activated, by, town_hall

JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00" + b"\x00" * 64


async def opened_link(hall: Office) -> tuple[str, TeamLink]:
    """Make a link, and return its token and itself."""
    made = await make_link(hall, "T1", actor=Actor("rac", "rac"))
    token = made.path.removeprefix("/t/")
    link = await link_named(hall, token)
    assert link is not None
    return token, link


def pressed(act: str, **more: object) -> Press:
    return Press(str(uuid.uuid4()), act, **more)  # type: ignore[arg-type]


async def kept(ledger: Ledger) -> tuple[int, ...]:
    """Count the places and the photos."""
    async with ledger.reading() as connection:
        counted = [select(func.count()).select_from(one) for one in (team_trails, team_photos)]
        return tuple([(await connection.execute(one)).scalar_one() for one in counted])


async def test_a_stand_down_ends_the_links_and_forgets_where_teams_were_and_what_they_saw(
    ledger: Ledger,
) -> None:
    hall = await town_hall(ledger)
    event = await activated(hall)
    line = Chained(logbook.Entry("test", "team.added", "Équipe ajoutée"), hall.logbook_key)
    await add_team(ledger, hall.commune, OwnTeam("T1", "TERRAIN 1", "municipal"), by="x", line=line)
    token, link = await opened_link(hall)
    assert link.event == event.event_id
    await press(hall, link, pressed("position", lon=5.01, lat=47.78))
    await press(hall, link, pressed("photo", content=JPEG))
    assert await kept(ledger) == (1, 1)
    known = [one.kind for one in await standing_down.warnings_of(hall, event)]
    assert "team_photos" in known  # who stands down has read that they go
    await standing_down.stand_down(hall, event.event_id, asked=by(MAYOR, "fin"), knows=known)
    over = await link_named(hall, token)
    assert over is not None
    assert over.over == "ended"
    assert over.ended_at == pytest.approx(time.time(), abs=30)  # with the event, not by its hours
    assert await kept(ledger) == (0, 0)
    assert (await team_rows(ledger, hall.commune))["T1"].lon is None
    (told,) = await logbook.read_kinds(ledger, hall.commune, "team.trails", limit=9)
    assert (told.data["places"], told.data["photos"]) == (1, 1)
    await _late(hall, over)


async def _late(hall: Office, over: TeamLink) -> None:
    """Tell what was out of reach at the stand-down: kept until the close, and not after it."""
    ledger = hall.ledger
    await press(hall, over, pressed("position", lon=5.01, lat=47.78))
    await press(hall, over, pressed("photo", content=JPEG))
    assert await kept(ledger) == (1, 1)
    async with ledger.writing() as connection:
        await connection.execute(events.update().values(state="clos"))  # with them, as it was once
    await press(hall, over, pressed("position", lon=5.02, lat=47.79))
    with pytest.raises(NotSo):
        await press(hall, over, pressed("photo", content=JPEG))
    assert await kept(ledger) == (1, 1)
    await ledger.write(lambda connection: forget_trails(connection, hall.commune, "autre"))
    assert await kept(ledger) == (0, 0)
