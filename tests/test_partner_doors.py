"""What partners' systems report: signed, taken once, folded by event time, never lost."""

import json
import time

import httpx
import pytest
from sqlalchemy import func, select

from dispatcher.store import desk_items, logbook
from dispatcher.store.ledger import Ledger
from dispatcher.store.team_rows import timeline
from dispatcher.store.team_tables import field_reports, team_alarms, team_trails
from tests.partner_systems import PartnerSystem, let_in, secret
from tests.partner_town import MASTER, TOWN, at

pytest_plugins = ("tests.partner_door_visits",)
LATELY = "lately"  # no test's name holds the clock


async def _count(ledger: Ledger, table: object) -> int:
    wanted = select(func.count()).select_from(table)  # type: ignore[arg-type]  # any table
    async with ledger.reading() as connection:
        return int((await connection.execute(wanted)).scalar_one())


async def test_a_status_is_kept_and_told_back_with_what_is_missing(
    fire: PartnerSystem, ledger: Ledger
) -> None:
    first = await fire.post("/teams/FPT1/status", {"status": 101, "at": at(1)})
    assert first.status_code == 200, first.text
    assert first.json()["state"] == "alerted"
    there = await fire.post("/teams/fpt 1/status", {"status": "IN_USE/ON_SCENE", "at": at(9)})
    assert {"state": "on_scene", "applied": True, "missing": ["en_route"]}.items() <= (
        there.json().items()
    )
    late = await fire.post("/teams/FPT1/status", {"status": "en_route", "at": at(5)})
    assert {"state": "on_scene", "applied": False, "missing": []}.items() <= late.json().items()
    lines = await logbook.read_kinds(ledger, TOWN, "team.report", limit=9)
    assert [line.data["said"] for line in lines] == ["en_route", "on_scene", "alerted"]


async def test_the_same_id_is_answered_as_it_was_first_and_files_nothing(
    fire: PartnerSystem, ledger: Ledger
) -> None:
    body = {"status": "on_scene", "at": at(1)}
    first = await fire.post("/teams/FPT1/status", body, message_id="evt-1")
    await fire.post("/teams/FPT1/status", {"status": "returning", "at": at(3)})
    again = await fire.post("/teams/FPT1/status", body, message_id="evt-1", at=time.time() + 200)
    assert (again.status_code, again.json()) == (200, first.json())
    assert await _count(ledger, field_reports) == 2
    other = await fire.post(
        "/teams/FPT1/status", {"status": "available", "at": at(2)}, message_id="evt-1"
    )
    assert (other.status_code, other.json()["retry"]) == (409, False)


async def test_what_is_not_signed_now_by_a_partner_changes_nothing(
    fire: PartnerSystem, http: httpx.AsyncClient, ledger: Ledger
) -> None:
    path, now = "/api/v1/teams/FPT1/status", time.time()
    body = json.dumps({"status": "on_scene", "at": at(1)}).encode()
    good = fire.headers(body, message_id="m1")
    refused = [
        (body, {}),
        (body + b" ", good),
        (json.dumps(json.loads(body), indent=1).encode(), good),
        (body, good | {"webhook-id": "m2"}),
        (body, good | {"webhook-timestamp": str(int(now) + 1)}),
        (body, good | {"webhook-signature": good["webhook-signature"].replace("v1,", "v2,")}),
        (body, good | {"webhook-timestamp": "٣" * 10}),
        (body, fire.headers(body, message_id="m1", at=now - 301)),
        (body, fire.headers(body, message_id="m1", at=now + 302)),
        (body, fire.headers(body, message_id="a.b")),
        (body, good | {"webhook-signature": "v1,é"}),
    ]
    for content, headers in refused:
        raw = [(name.encode(), value.encode()) for name, value in headers.items()]
        answer = await http.post(path, content=content, headers=raw)
        assert answer.status_code == 401, (headers, answer.text)
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.json()["retry"] is False
    assert await _count(ledger, field_reports) == 0
    taken = await http.post(path, content=body, headers=good)
    assert taken.status_code == 200


async def test_two_secrets_open_while_keys_are_changed(
    fire: PartnerSystem, http: httpx.AsyncClient
) -> None:
    body = json.dumps({"status": "on_scene", "at": at(1)}).encode()
    new = PartnerSystem(http, "sdis", secret(MASTER, TOWN, "sdis", serial=2))
    signed = fire.headers(body, message_id="m1")
    unknown = new.headers(body, message_id="m1")["webhook-signature"]
    both = f"{unknown} {signed['webhook-signature']}"
    answer = await http.post(
        "/api/v1/teams/FPT1/status", content=body, headers=signed | {"webhook-signature": both}
    )
    assert answer.status_code == 200


async def test_another_s_team_and_a_verb_that_was_not_given_are_refused(
    fire: PartnerSystem, http: httpx.AsyncClient, ledger: Ledger
) -> None:
    theirs = await fire.post("/teams/PATROL1/status", {"status": "on_scene", "at": at(1)})
    assert (theirs.status_code, theirs.json()["retry"]) == (403, False)
    police = PartnerSystem(http, "gendarmerie", secret(MASTER, TOWN, "gendarmerie"))
    place = await police.post("/teams/PATROL1/position", {"position": [4.6, 45.5], "at": at(1)})
    assert place.status_code == 403
    assert await _count(ledger, field_reports) == await _count(ledger, team_trails) == 0


async def test_a_name_or_a_code_that_nobody_knows_goes_to_the_desk_whole(
    fire: PartnerSystem, ledger: Ledger
) -> None:
    body = {"status": "on_scene", "at": at(1), "note": "Rue coupée"}
    lines = await fire.post("/teams/VSAV%0A8/status", body)
    assert lines.status_code == 202
    strange = await fire.post("/teams/VSAV 7/status", body, message_id="s1")
    again = await fire.post("/teams/VSAV 7/status", body, message_id="s1")
    assert (strange.status_code, again.status_code) == (202, 202)
    assert strange.json() == again.json()
    code = await fire.post("/teams/FPT1/status", {"status": 77, "at": at(2)})
    assert code.status_code == 202
    mission = await fire.post("/missions/I-2026-18/status", {"status": "IPR", "at": at(3)})
    assert mission.status_code == 202
    kept = await desk_items.waiting(ledger, TOWN)
    assert [(one.why, one.named) for one in kept] == [
        ("unknown_team", "VSAV\n8"),
        ("unknown_team", "VSAV 7"),
        ("unknown_word", "77"),
        ("unknown_mission", "I-2026-18"),
    ]
    assert kept[0].body["note"] == "Rue coupée"
    word = await fire.post("/teams/FPT1/status", {"status": "flying", "at": at(1)})
    assert (word.status_code, word.json()["retry"]) == (422, False)
    assert "IN_USE/MOBILE" in word.json()["detail"]


async def test_distress_and_too_few_aboard_raise_an_alarm_at_once(
    fire: PartnerSystem, ledger: Ledger
) -> None:
    await fire.post("/teams/FPT1/status", {"status": "en_route", "at": at(1), "strength": 1})
    for minute in (2, 3):
        told = await fire.post("/teams/FPT1/status", {"status": "distress", "at": at(minute)})
        assert told.json()["state"] == "en_route"
    async with ledger.reading() as connection:
        rows = (await connection.execute(select(team_alarms).order_by(team_alarms.c.kind))).all()
    assert [(row.kind, row.team) for row in rows] == [
        ("distress", "FPT1"),
        ("low_strength", "FPT1"),
    ]
    assert rows[0].again_at is not None


async def test_distress_is_never_held_up_by_another_name_that_nobody_knows(
    fire: PartnerSystem, ledger: Ledger
) -> None:
    told = {"status": "distress", "at": at(1), "mission": "INT-9", "note": "Coin\u0000cés"}
    known = await fire.post("/teams/FPT1/status", told)
    assert known.status_code == 200
    strange = await fire.post("/teams/VSAV 2/status", {"status": "distress", "at": at(1)})
    assert strange.status_code == 202
    async with ledger.reading() as connection:
        rows = (await connection.execute(select(team_alarms).order_by(team_alarms.c.team))).all()
    assert [(row.kind, row.team, row.level) for row in rows] == [
        ("distress", "FPT1", "critical"),
        ("distress", "VSAV 2", "critical"),
    ]
    notes = [one.note for one in await timeline(ledger, TOWN, team="FPT1")]
    assert notes == ["Mission « INT-9 ». Coincés"]


async def test_a_call_sign_that_is_another_s_goes_to_the_desk_and_its_id_is_refused(
    fire: PartnerSystem,
) -> None:
    sign = await fire.post("/teams/PATROL 1/status", {"status": "on_scene", "at": at(1)})
    ident = await fire.post("/teams/PATROL1/status", {"status": "on_scene", "at": at(1)})
    assert (sign.status_code, ident.status_code) == (202, 403)


@pytest.mark.parametrize(
    "body",
    [
        {"status": True, "at": LATELY},
        {"status": "", "at": LATELY},
        {"status": [2], "at": LATELY},
        {"status": 2, "at": "2026-02-14T03:31:00"},
        {"status": 2, "at": LATELY, "position": [200, 95]},
        {"status": 2},
        [],
        None,
    ],
)
async def test_what_cannot_be_read_is_told_where_and_never_to_be_sent_again(
    fire: PartnerSystem, body: object
) -> None:
    if isinstance(body, dict) and body.get("at") == LATELY:
        body = body | {"at": at(1)}
    answer = await fire.post("/teams/FPT1/status", body)
    assert (answer.status_code, answer.json()["retry"]) == (422, False)


async def test_a_batch_takes_what_can_be_taken_and_tells_of_each(
    fire: PartnerSystem, ledger: Ledger
) -> None:
    batch = {
        "reports": [
            {"team": "FPT1", "status": "on_scene", "at": at(5)},
            {"team": "FPT1", "status": "en_route", "at": at(4)},
            {"team": "FPT1", "position": [4.6, 45.5], "at": at(5)},
            {"team": "PATROL1", "status": "on_scene", "at": at(5)},
            {"team": "FPT1", "status": "on_scene", "at": at(500)},
            {"team": "NEMO", "status": "on_scene", "at": at(5)},
            {"team": "FPT1", "at": at(5)},
            {"team": "FPT1", "status": "on_scene", "at": "hier"},
            7,
        ]
    }
    answer = await fire.post("/reports", batch)
    assert [one["status"] for one in answer.json()["results"]] == [
        *(200, 200, 200, 403, 200, 202, 422, 422, 422)
    ]
    assert answer.json()["results"][1]["applied"] is False
    assert answer.json()["results"][4]["ignored"] == ["at"]  # yet to come: it was taken as now
    assert await _count(ledger, field_reports) == 3
    assert await _count(ledger, team_trails) == 1


async def test_fields_that_we_do_not_know_are_named_and_lose_nothing(fire: PartnerSystem) -> None:
    body = {"status": "on_scene", "at": at(1), "positon": [4.6, 45.5]}
    told = await fire.post("/teams/FPT1/status", body)
    assert (told.status_code, told.json()["ignored"]) == (200, ["positon"])


async def test_who_asks_too_often_is_told_when_to_come_back(
    fire: PartnerSystem, http: httpx.AsyncClient, ledger: Ledger
) -> None:
    await let_in(ledger, TOWN, "slow", rate_per_s=0.5)
    slow = PartnerSystem(http, "slow", secret(MASTER, TOWN, "slow"))
    answers = [await slow.post("/ping", {}) for _ in range(3)]
    assert [one.status_code for one in answers] == [200, 429, 429]
    assert answers[1].json()["retry"] is True
    assert 1 <= int(answers[1].headers["retry-after"]) <= 2
    told = (await fire.post("/ping", {})).json()
    assert told["teams"] == {"FPT1": "FPT 1"}
