"""Teams, missions and the desk over HTTP: as an operator's tool reads and orders them."""

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import func, select, update

from dispatcher.access.signing_in import sign_in
from dispatcher.crisis import standing_down
from dispatcher.store import logbook
from dispatcher.store.crisis_tables import events
from dispatcher.store.field_intake import Incoming, take_in
from dispatcher.store.field_reports import Report
from dispatcher.store.ledger import Ledger
from dispatcher.store.partner_messages import Answer
from dispatcher.store.partner_tables import external_ids
from dispatcher.store.team_tables import desk_items, field_reports
from dispatcher.teams.places_import import import_places
from dispatcher.teams.placing import Heard, desk_item
from dispatcher.teams.reporting import Sender, Telling, report_of
from dispatcher.teams.roster import roster_of
from tests.crises import MAYOR, RAC, activated, by
from tests.partner_systems import let_in
from tests.situations import COMMUNE, PASSWORD, add_user, office
from tests.test_api import client_of

pytest_plugins = ("tests.console_visits",)
HALL = (5.018, 47.781)


@dataclass
class Tool:
    """A tool of the commune, which acts for the people it signed in."""

    client: httpx.AsyncClient
    ledger: Ledger
    tokens: dict[str, str] = field(default_factory=dict)
    clicks: int = 0

    async def headers(self, user: str) -> dict[str, str]:
        """Sign somebody in once; each request is a click of its own."""
        if user not in self.tokens:
            self.tokens[user] = await sign_in(
                self.ledger, commune=COMMUNE, login=user, password=PASSWORD
            )
        self.clicks += 1
        return {
            "authorization": f"Bearer {self.tokens[user]}",
            "idempotency-key": f"un-clic-{self.clicks}",
        }

    async def get(self, path: str, user: str = "rac") -> Any:  # noqa: ANN401 - JSON
        """Read something as somebody."""
        found = await self.client.get(f"/api/v1{path}", headers=await self.headers(user))
        assert found.status_code == 200, found.text
        return found.json()

    async def post(
        self, path: str, body: dict[str, Any], *, user: str = "rac", key: str = ""
    ) -> httpx.Response:
        """Act as somebody."""
        headers = await self.headers(user)
        headers |= {"idempotency-key": key} if key else {}
        return await self.client.post(f"/api/v1{path}", json=body, headers=headers)


@pytest.fixture
async def tool(town: Ledger) -> AsyncIterator[Tool]:
    """Be a tool of the example commune, for its RAC."""
    async with client_of(office(town)) as client:
        yield Tool(client, town)


async def file(ledger: Ledger, team: str, telling: Telling) -> None:
    """File a report of a partner's."""
    at_work = office(ledger)
    known = (await roster_of(at_work)).find(team)
    report = report_of(telling, known, sender=Sender("partner", "sdis", f"{team}{telling.at}"))
    await take(ledger, reports=(report,))


async def take(ledger: Ledger, *, reports: tuple[Report, ...] = (), **more: Any) -> None:  # noqa: ANN401
    """Take something in, as the doors do."""
    incoming = Incoming(COMMUNE, reports, lambda _filed: Answer(200, {}), **more)
    await ledger.write(
        lambda connection: take_in(connection, [incoming], key=b"k" * 32, ring=ledger.ring)
    )


def ago(minutes: float) -> datetime:
    """Return an instant of the last hours."""
    return datetime.now(UTC) - timedelta(minutes=minutes)


async def test_the_board_tells_every_team_and_what_an_operator_types(tool: Tool) -> None:
    first = await tool.get("/teams")
    assert len(first["teams"]) == 11
    assert {one["state"] for one in first["teams"]} == {None}
    said = await tool.post("/teams/TERRAIN 1/say", {"status": 9, "strength": 2})
    assert said.status_code == 200, said.text
    assert (said.json()["state"], said.json()["strength"]) == ("available", 2)
    skipped = await tool.post("/teams/TERRAIN1/say", {"status": "on_scene"})
    assert skipped.status_code == 409
    assert skipped.json()["detail"] == (
        "L'équipe est notée disponible : elle ne peut pas être sur les lieux tout de suite."
    )
    forced = await tool.post("/teams/TERRAIN1/say", {"status": "on_scene", "forced": True})
    assert forced.json()["missing"] == ["alerted", "en_route"]
    cried = await tool.post("/teams/TERRAIN1/say", {"status": "distress", "note": "Au pont"})
    assert [one["kind"] for one in cried.json()["alarms"]] == ["distress"]
    top = (await tool.get("/teams"))["teams"][0]
    assert (top["team"], top["state"], top["age_s"] < 60) == ("TERRAIN1", "on_scene", True)
    whole = await tool.get("/teams/TERRAIN1")
    assert [row["said"] for row in whole["timeline"]] == ["distress", "on_scene", "available"]
    assert whole["timeline"][0]["author"] == "rac"


async def test_who_only_looks_orders_nothing(tool: Tool) -> None:
    await add_user(tool.ledger, "prefecture", "observer")
    assert len((await tool.get("/teams", "prefecture"))["teams"]) == 11
    for path, body in (
        ("/teams/TERRAIN1/say", {"status": "available"}),
        ("/teams", {"call_sign": "VOISINS"}),
        ("/missions", {"kind": "secure", "title": "Le pont"}),
        ("/desk/rien/place", {"aside": "rien"}),
    ):
        refused = await tool.post(path, body, user="prefecture")
        assert refused.status_code == 403, (path, refused.text)


async def test_one_click_is_noted_once_and_nonsense_is_told(tool: Tool) -> None:
    for _ in range(2):
        told = await tool.post("/teams/EVAL/say", {"status": "message"}, key="le-meme-clic")
        assert told.status_code == 200
    assert len((await tool.get("/teams/EVAL"))["timeline"]) == 1
    alone = {"status": "en_route", "strength": 1}
    refused = await tool.post("/teams/EVAL/say", alone)
    assert "ne part pas à moins de 2" in refused.json()["detail"]
    later = (datetime.now(UTC) + timedelta(hours=1)).isoformat()
    for body, said in (
        ({"status": "volant"}, "« volant » n'est pas un état d'équipe."),
        ({"status": "available", "at": later}, "Cette heure est dans l'avenir."),
    ):
        wrong = await tool.post("/teams/EVAL/say", body)
        assert (wrong.status_code, wrong.json()["detail"]) == (422, said)


async def test_a_team_beside_the_plan_is_there_once(tool: Tool) -> None:
    for _ in range(2):
        made = await tool.post("/teams", {"call_sign": "Les Voisins", "kind": "volunteers"})
        assert (made.status_code, made.json()["team"]) == (201, "LESVOISINS")
    taken = await tool.post("/teams", {"call_sign": "terrain-1"})
    assert taken.json()["detail"] == "Une équipe s'appelle déjà « TERRAIN 1 »."
    assert len((await tool.get("/teams"))["teams"]) == 12
    strange = await tool.post("/teams", {"call_sign": "X", "partner": "personne"})
    assert strange.status_code == 422


async def test_a_mission_is_made_given_and_moved(tool: Tool) -> None:
    made = await tool.post(
        "/missions", {"kind": "secure", "title": "Fermer le pont", "urgency": 1, "position": HALL}
    )
    mission = made.json()["mission"]
    assert (await tool.get("/missions"))["missions"][0]["place"] == {"lon": 5.018, "lat": 47.781}
    given = await tool.post(f"/missions/{mission}/order", {"team": "POLICE"})
    assert (given.json()["state"], given.json()["ordered_by"]) == ("ordered", "rac")
    unsaid = await tool.post(f"/missions/{mission}/move", {"to": "cancelled"})
    assert unsaid.status_code == 422
    over = await tool.post(f"/missions/{mission}/move", {"to": "cancelled", "note": "Pont sec"})
    assert over.json()["timeline"][0]["mission_said"] == "cancelled"
    assert (await tool.get("/missions"))["missions"] == []
    assert len((await tool.get("/missions?over=true"))["missions"]) == 1


async def test_the_nearest_free_teams_are_told_as_the_crow_flies(tool: Tool) -> None:
    lon, lat = HALL
    spots = {"TERRAIN1": 0.002, "TERRAIN2": 0.001, "POLICE": 0.0, "EVAL": 0.0005}
    for team, north in spots.items():
        said = "off_duty" if team == "POLICE" else "available"
        await file(tool.ledger, team, Telling(ago(5), said, lon=lon, lat=lat + north))
    await tool.post("/missions", {"kind": "inform", "title": "Voir", "team": "EVAL"})
    told = await tool.get(f"/teams/nearest?lon={lon}&lat={lat}&speed_kmh=36")
    assert "straight line" in told["measure"]
    found = [(one["team"]["team"], one["straight_line_m"]) for one in told["teams"]]
    assert [team for team, _ in found] == ["TERRAIN2", "TERRAIN1"]
    assert found[0][1] == pytest.approx(111, abs=2)
    assert told["teams"][0]["straight_line_eta_s"] == pytest.approx(11, abs=1)
    for query in ("", "?lon=100&lat=10", "?help=personne"):
        headers = await tool.headers("rac")
        wrong = await tool.client.get(f"/api/v1/teams/nearest{query}", headers=headers)
        assert wrong.status_code in (404, 422), wrong.text


async def test_a_desk_item_placed_twice_files_one_report_at_its_own_time(tool: Tool) -> None:
    await let_in(tool.ledger, COMMUNE, "sdis", teams=["TERRAIN2"])
    heard = Heard(ago(40), team="VSAV 9", word="available", note="Prêts", lon=5.0, lat=47.7)
    item = desk_item(heard, "unknown_team", "VSAV 9", sender=Sender("partner", "sdis", "m-1"))
    await take(tool.ledger, desk=(item,))
    (shown,) = (await tool.get("/desk"))["items"]
    assert (shown["named"], shown["said"]["word"]) == ("VSAV 9", "available")
    path = f"/desk/{item.item}/place"
    unsaid = await tool.post(path, {})
    assert unsaid.json()["detail"] == "Dites de quelle équipe il s'agit."
    foreign = await tool.post(path, {"team": "POLICE", "remember": True})
    assert foreign.status_code == 422
    done = [await tool.post(path, {"team": "TERRAIN 2", "remember": True}) for _ in range(3)]
    assert [one.json()["placed_now"] for one in done] == [True, False, False]
    team = await tool.get("/teams/TERRAIN2")
    (row,) = team["timeline"]
    assert (row["report"], row["source"], row["late_s"] > 2000) == (item.item, "partner", True)
    assert (team["state"], team["place"]["lon"]) == ("available", 5.0)
    assert (await tool.get("/desk"))["items"] == []
    assert (await roster_of(office(tool.ledger))).find("VSAV 9", partner="sdis") is not None
    late = await tool.post(path, {"aside": "trop tard"})
    assert late.status_code == 409
    kinds = [line.kind async for line in logbook.read_all(tool.ledger, COMMUNE)]
    assert (kinds.count("team.report"), kinds.count("desk.placed")) == (1, 1)


async def test_a_desk_item_is_set_aside_with_a_reason_and_files_nothing(tool: Tool) -> None:
    heard = Heard(ago(1), team="TERRAIN1", word=77)
    item = desk_item(heard, "unknown_word", "77", sender=Sender("partner", "sdis", "m-2"))
    await take(tool.ledger, desk=(item,))
    path = f"/desk/{item.item}/place"
    assert "« 77 »" in (await tool.post(path, {})).json()["detail"]
    aside = await tool.post(path, {"aside": "Essai radio"})
    assert aside.json()["outcome"] == "écarté : Essai radio"
    assert (await tool.post(path, {"status": "available"})).status_code == 409
    async with tool.ledger.reading() as connection:
        for table, rows in ((field_reports, 0), (external_ids, 0), (desk_items, 1)):
            counted = select(func.count()).select_from(table)
            assert (await connection.execute(counted)).scalar_one() == rows


async def test_a_file_of_places_is_taken_whole_or_not_at_all(tool: Tool) -> None:
    at = ago(3).isoformat()
    good = f"equipe;lon;lat;heure\nTERRAIN 1;5,01;47,78;{at}\nPOLICE;5.02;47.79;{at}\n"
    bad = good + f"FANTOME;5.02;47.79;{at}\nEVAL;500;47.79;{at}\nEVAL;5.0;47.79;hier\n"
    at_work = office(tool.ledger)
    read = await import_places(at_work, bad.encode(), actor=RAC)
    assert [(one.where, str(one.why)) for one in read.faults] == [
        ("4", "L'équipe « FANTOME » n'existe pas."),
        ("5", "« 500 » n'est pas sur la Terre."),
        ("6", "« hier » n'est pas une heure : 2026-02-14T03:31:00+01:00."),
    ]
    assert (await tool.get("/teams/POLICE"))["place"] is None
    for _ in range(2):
        assert len((await import_places(at_work, good.encode(), actor=RAC)).rows) == 2
    assert (await tool.get("/teams/TERRAIN1"))["place"]["lon"] == 5.01
    geometry = {"type": "Point", "coordinates": [5, 47.7]}
    point = {"type": "Feature", "properties": {"team": "EVAL", "at": at}, "geometry": geometry}
    layer = json.dumps({"type": "FeatureCollection", "features": [point, {"type": "Feature"}]})
    faults = (await import_places(at_work, layer.encode(), actor=RAC)).faults
    assert [one.where for one in faults] == ["features[1]"]
    for broken in (b"\xff\xfe", b'{"type":', b"nom;lon\n", b"equipe;lon;lat;heure\n", b""):
        assert (await import_places(at_work, broken, actor=RAC)).faults


async def test_trails_are_forgotten_with_the_event_and_the_logbook_says_how_many(
    tool: Tool,
) -> None:
    at_work = office(tool.ledger)
    event = await activated(at_work)
    for minute in (9, 6, 3):
        await file(tool.ledger, "POLICE", Telling(ago(minute), event=event.event_id, lon=5, lat=47))
    elsewhere = Telling(ago(2), event="autre", lon=5.0, lat=47.0)
    await file(tool.ledger, "EVAL", elsewhere)
    async with tool.ledger.writing() as connection:
        await connection.execute(update(events).values(state="rex"))
    await standing_down.close(at_work, event.event_id, asked=by(MAYOR, "Classeur 4"))
    assert (await tool.get("/teams/POLICE"))["place"] is None
    assert (await tool.get("/teams/EVAL"))["place"]["lon"] == 5.0
    (line,) = await logbook.read_kinds(tool.ledger, COMMUNE, "team.trails", limit=9)
    assert (line.text, line.author) == ("Positions des équipes effacées : 3", "maire")
    assert line.data == {"event": event.event_id, "places": 3}
