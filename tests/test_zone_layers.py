"""What the zone's map asks for: bare addresses, homes without a word of who, nothing else."""

from dispatcher.store import logbook
from dispatcher.store.addresses import replace_addresses
from dispatcher.store.ledger import Ledger
from tests.situations import COMMUNE
from tests.zone_forms import Zone

pytest_plugins = ("tests.console_visits", "tests.zone_visits")


async def test_addresses_come_packed_and_once(zone: Zone, town: Ledger) -> None:
    answer = await zone.client.get("/carte/adresses.geojson")
    assert answer.headers["content-encoding"] == "gzip"
    points = answer.json()["features"]
    assert len(points) == 1384
    assert points[0]["properties"] == {}
    mark = {"if-none-match": answer.headers["etag"]}
    assert (await zone.client.get("/carte/adresses.geojson", headers=mark)).status_code == 304
    await replace_addresses(town, COMMUNE, [])
    again = await zone.client.get("/carte/adresses.geojson", headers=mark)
    assert again.json()["features"] == []


async def test_where_people_live_is_shown_without_a_word_of_who_and_noted(
    zone: Zone, town: Ledger
) -> None:
    answer = await zone.client.get("/carte/personnes.geojson")
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"
    (line,) = [
        one async for one in logbook.read_all(town, COMMUNE) if one.kind == "residents.mapped"
    ]
    assert line.author == "rac"
