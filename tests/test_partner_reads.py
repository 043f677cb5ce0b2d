"""What a partner's system reads over HTTP: its log, its events, the description of its doors."""

import json
import time
from collections.abc import AsyncIterator
from typing import Any

import httpx
import jsonschema
import pytest

from dispatcher.alerts.office import Office
from dispatcher.api.assembling import assemble
from dispatcher.api.services import Services
from dispatcher.api.signed_doors import Application
from dispatcher.delivery.accounts import CallbackKeys
from dispatcher.delivery.bell import Bell
from dispatcher.partners.pushing import KEPT_S
from dispatcher.partners.signatures import written
from dispatcher.store import desk_items, logbook
from dispatcher.store.partner_messages import forget_old
from dispatcher.store.partner_tables import partner_messages
from tests.offices import KEYS
from tests.partner_hall import MASTER, POLICE, admitted, status, write_lines
from tests.partner_systems import PartnerSystem, secret
from tests.situations import COMMUNE

pytest_plugins = ("tests.console_visits", "tests.partner_visits")
AT = "2026-02-14T03:31:00+01:00"


@pytest.fixture
async def police(mairie: Office) -> AsyncIterator[PartnerSystem]:
    """Be the system of the municipal police."""
    app = Application()
    assemble(app)
    bell = Bell("redis://127.0.0.1:1")
    app.state.services = Services(
        mairie.ledger, "", KEYS, b"k" * 32, CallbackKeys(), {}, bell, partner_key=MASTER
    )
    url = "https://alerte.example"
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=url) as client:
        partner = await admitted(mairie, WITH_URL)
        yield PartnerSystem(client, partner, secret(MASTER, COMMUNE, partner))


WITH_URL = type(POLICE)(
    POLICE.name, POLICE.kind, POLICE.teams, POLICE.verbs, 200.0, "https://police.example/tocsin"
)


async def test_it_reads_its_own_messages_with_their_first_answers(
    police: PartnerSystem, mairie: Office
) -> None:
    other = await admitted(mairie)
    stranger = PartnerSystem(police.http, other, secret(MASTER, COMMUNE, other))
    body = await now_report(police)
    first = await police.post("/teams/POLICE/status", body, message_id="m-1")
    await police.post("/teams/POLICE/status", body, message_id="m-1")
    await police.post("/teams/INCONNUE/status", body, message_id="m-2")
    told = (await police.get("/partner/log")).json()
    assert [(one["id"], one["status"], one["repeats"]) for one in told["messages"]] == [
        ("m-1", 200, 1),
        ("m-2", 202, 0),
    ]
    assert told["messages"][0]["answer"] == first.json()
    assert told["messages"][0]["door"] == "/api/v1/teams/POLICE/status"
    assert (told["next"], told["more"]) == ("m-2", False)
    later = (await police.get("/partner/log?after=m-1")).json()
    assert [one["id"] for one in later["messages"]] == ["m-2"]
    assert (await stranger.get("/partner/log")).json()["messages"] == []
    unknown = await stranger.get("/partner/log?after=m-1")
    assert (unknown.status_code, unknown.json()["retry"]) == (422, False)


async def test_a_message_is_forgotten_after_a_month_and_what_it_told_is_not_told_twice(
    police: PartnerSystem, mairie: Office
) -> None:
    body, ledger = await now_report(police), mairie.ledger
    for ident in ("old-1", "old-2", "old-3", "new"):
        await police.post("/teams/POLICE/status", body, message_id=ident)
    await police.post("/teams/VSAV 7/status", body, message_id="old-4")
    old = partner_messages.c.message_id.startswith("old")
    month_ago = {"received_at": time.time() - KEPT_S - 60.0}
    await ledger.write(
        lambda one: one.execute(partner_messages.update().where(old).values(month_ago))
    )
    assert await forget_old(ledger, kept_s=KEPT_S, at_once=2) == 4
    assert await forget_old(ledger, kept_s=KEPT_S) == 0
    kept = (await police.get("/partner/log")).json()["messages"]
    assert [one["id"] for one in kept] == ["new"]
    again = await police.post("/teams/POLICE/status", body, message_id="old-1")
    desk = await police.post("/teams/VSAV 7/status", body, message_id="old-4")
    assert (again.status_code, again.json()["applied"]) == (200, False)
    assert desk.status_code == 202
    assert len(await desk_items.waiting(ledger, COMMUNE)) == 1
    assert len(await logbook.read_kinds(ledger, COMMUNE, "team.report", limit=9)) == 4


async def now_report(police: PartnerSystem) -> dict[str, Any]:
    now = (await police.post("/ping", {})).json()["now"]
    return {"status": "on_scene", "at": now}


async def test_one_path_tells_a_partner_its_feed_and_an_operator_the_events(
    police: PartnerSystem, mairie: Office, operator: httpx.AsyncClient
) -> None:
    await write_lines(mairie.ledger, [status("POLICE"), status("TERRAIN1"), status("POLICE")])
    first = (await police.get("/events")).json()
    assert [one["type"] for one in first["events"]] == ["team.status", "team.status"]
    after = first["events"][0]["id"].rpartition("-")[2]
    second = (await police.get(f"/events?after={after}")).json()
    assert second["events"] == first["events"][1:]
    assert (second["next"], second["more"]) == (first["next"], False)
    shown = await operator.get("/api/v1/events")
    assert (shown.status_code, "events" in shown.json()) == (200, True)
    assert "next" not in shown.json()
    ahead = await police.get(f"/events?after={first['next'] + 1}")
    assert (ahead.status_code, ahead.json()["restart_after"]) == (410, first["next"])
    assert (await police.get(f"/events?after={first['next']}")).status_code == 200
    for wrong in ("-1", "abc", "99999999999"):
        assert (await police.get(f"/events?after={wrong}")).status_code == 422
    forged = PartnerSystem(police.http, "x", written(b"x" * 32))
    assert (await forged.get("/events")).status_code == 401
    assert (await police.http.get("/api/v1/events")).status_code == 401


async def test_a_reading_signed_with_its_path_and_query_opens_no_other(
    police: PartnerSystem, mairie: Office
) -> None:
    await write_lines(mairie.ledger, [status("POLICE")])
    path = "/api/v1/events?after=1"
    signed = police.headers(path.encode(), message_id="g-1")
    other = path.replace("=1", "=0")
    asked = [
        await police.http.get(path, headers=signed),
        await police.http.get(other, headers=signed),
        await police.http.get("/api/v1/partner/log", headers=signed),
        await police.http.request("GET", other, headers=signed, content=path),
        await police.http.get(other, headers=police.headers(b"", message_id="g-2")),
    ]
    assert [one.status_code for one in asked] == [200, 401, 401, 401, 200]


async def test_who_may_not_read_events_is_refused_them(
    police: PartnerSystem, mairie: Office
) -> None:
    blind = await admitted(mairie, type(POLICE)(POLICE.name, POLICE.kind, (), ("team.status",)))
    system = PartnerSystem(police.http, blind, secret(MASTER, COMMUNE, blind))
    assert (await system.get("/events")).status_code == 403
    assert (await system.post("/partner/replay", {"after": 0})).status_code == 403


async def test_events_are_asked_for_again_once_a_message(
    police: PartnerSystem, mairie: Office
) -> None:
    unpushed = await admitted(mairie)
    first = await police.post("/partner/replay", {"after": 1}, message_id="r-1")
    assert (first.status_code, first.json()) == (200, {"after": 1})
    other = await police.post("/partner/replay", {"after": 2}, message_id="r-1")
    assert other.status_code == 409
    again = await police.post("/partner/replay", {"after": 1}, message_id="r-1")
    assert again.json() == first.json()
    beyond = await police.post("/partner/replay", {"after": 10_000})
    assert beyond.status_code == 422
    assert (await police.post("/partner/replay", {"after": -1})).status_code == 422
    system = PartnerSystem(police.http, unpushed, secret(MASTER, COMMUNE, unpushed))
    refused = await system.post("/partner/replay", {"after": 0})
    assert (refused.status_code, refused.json()["retry"]) == (409, False)


async def test_each_answer_is_as_the_description_of_the_doors_says(
    police: PartnerSystem, mairie: Office
) -> None:
    described = (await police.http.get("/api/v1/partner/openapi.json")).json()
    jsonschema.Draft202012Validator.check_schema(described["components"]["schemas"]["Filed"])
    body = await now_report(police)
    await write_lines(mairie.ledger, [status("POLICE")])
    batch = {"reports": [{"team": "POLICE", **body}, {"team": "TERRAIN1", **body}, {"at": AT}]}
    asked: list[tuple[str, str, str, object]] = [
        ("post", "/ping", "/ping", {}),
        ("post", "/teams/{team}/status", "/teams/POLICE/status", body),
        ("post", "/teams/{team}/status", "/teams/NEMO/status", body),
        ("post", "/teams/{team}/status", "/teams/TERRAIN1/status", body),
        ("post", "/teams/{team}/status", "/teams/POLICE/status", {}),
        (
            "post", "/teams/{team}/position", "/teams/POLICE/position",
            {**body, "position": [5.0, 47.7]},
        ),
        ("post", "/missions/{mission}/status", "/missions/x/status", {**body, "status": "IPR"}),
        ("post", "/reports", "/reports", batch),
        ("get", "/events", "/events", None),
        ("get", "/partner/log", "/partner/log", None),
        ("post", "/partner/replay", "/partner/replay", {"after": 0}),
        ("post", "/partner/replay", "/partner/replay", {"after": "x"}),
    ]  # fmt: skip
    for method, path, real, sent in asked:
        answer = await (police.get(real) if method == "get" else police.post(real, sent))
        told = described["paths"][f"/api/v1{path}"][method]["responses"][str(answer.status_code)]
        media = answer.headers["content-type"].partition(";")[0]
        schema = {**told["content"][media]["schema"], "components": described["components"]}
        jsonschema.validate(answer.json(), schema)
    assert {f"/api/v1{path}" for _, path, _, _ in asked} == set(described["paths"])
    assert MASTER.decode() not in json.dumps(described)
