"""The feed of a partner: all that is its to know, once, in order, and nothing that is not."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dispatcher.alerts.office import Office
from dispatcher.partners import naming, replaying
from dispatcher.partners.events import TYPES, Event, event_of
from dispatcher.partners.feed import page_of
from dispatcher.partners.naming import Called
from dispatcher.store.ledger import Ledger
from dispatcher.store.logbook import Entry, Line
from dispatcher.store.partner_feed import AlertTold, MissionTold, Read, Scope
from dispatcher.store.partners import Partner
from tests.partner_hall import (
    FIRST,
    POLICE,
    admitted,
    partner_of,
    status,
    write_lines,
    write_mission,
)
from tests.situations import COMMUNE, Planned, office, write_alert

pytest_plugins = ("tests.console_visits", "tests.partner_visits")
ORDERED = {
    "mission": "m1", "team": "POLICE", "mission_said": "ordered", "mission_state": "ordered",
    "source": "console", "applied": True,
}  # fmt: skip
DONE = {"mission": "m2", "mission_said": "done", "mission_state": "done"}


async def whole(ledger: Ledger, partner: Partner, *, limit: int = 500) -> list[Event]:
    """Read a feed page after page."""
    found: list[Event] = []
    after, more = 0, True
    while more:
        page = await page_of(ledger, partner, after=after, limit=limit)
        assert len(page.events) <= limit
        assert page.after > after
        found += page.events
        after, more = page.after, page.more
    return found


async def test_a_partner_reads_of_its_teams_its_missions_and_the_alerts(mairie: Office) -> None:
    partner = await partner_of(mairie, await admitted(mairie))
    ledger = mairie.ledger
    alert = (await write_alert(ledger, Planned())).alert_id
    rehearsed = (await write_alert(ledger, Planned(mode="rehearsal"))).alert_id
    await write_mission(ledger, "m1", "POLICE")
    await write_mission(ledger, "m2", "TERRAIN1")
    await naming.add_name(mairie, partner.partner, Called("mission", "INT 9", "m2"), by=FIRST)
    launch = {"version": "v", "number": 1, "people": 4312, "is_a": "alert", "digest": "d"}
    await write_lines(
        ledger,
        [
            status("TERRAIN1"),
            status("POLICE", strength=2),
            Entry("rac", "mission.report", "Chez Mme Untel", ORDERED),
            Entry("x", "mission.report", "x", DONE),
            Entry("maire", "alert.launched", "Alerte lancée", {"alert": alert, **launch}),
            Entry("maire", "alert.launched", "x", {"alert": alert, **launch, "is_a": "all_clear"}),
            Entry("maire", "alert.launched", "x", {"alert": rehearsed, **launch}),
            Entry("maire", "alert.cancelled", "x", {"alert": "brouillon"}),
            Entry("maire", "note", "x", {"team": "POLICE"}),
        ],
    )
    await replaying.ping(mairie, partner.partner, by=FIRST)
    events = await whole(ledger, partner)
    assert [one.type for one in events] == [
        "team.status",
        "mission.ordered",
        "mission.status",
        "alert.launched",
        "alert.ended",
        "partner.ping",
    ]
    assert {one.type for one in events} <= set(TYPES)
    told = [one.as_json() for one in events]
    assert told[0]["data"] == {
        "team": "POLICE", "said": "on_scene", "state": "on_scene", "strength": 2,
        "source": "phone", "applied": True, "emsi": "IN_USE/ON_SCENE", "mode": "real",
    }  # fmt: skip
    assert told[1]["data"] == {
        **ORDERED, "mission_emsi": "NST", "kind": "reconnaissance",
        "title": "Reconnaître le quai", "urgency": 2, "mode": "real",
    }  # fmt: skip
    assert told[3]["data"] == {
        "alert": alert, "version": "v", "number": 1, "mode": "real",
        "title": "Crue : évacuez le Bas-Bourg maintenant",
    }  # fmt: skip
    assert "Untel" not in json.dumps(told)
    assert len({one["id"] for one in told}) == len(told)
    assert not any("." in one["id"] for one in told)
    assert [datetime.fromisoformat(one["at"]).tzinfo for one in told] == [UTC] * len(told)


async def test_what_was_before_it_was_let_in_is_not_its_to_know(ledger: Ledger) -> None:
    town = office(ledger)
    early = await partner_of(town, await admitted(town, POLICE_WITHOUT_PLAN))
    alert = (await write_alert(ledger, Planned())).alert_id
    launched = Entry("maire", "alert.launched", "x", {"alert": alert})
    await write_lines(ledger, [launched])
    late = await partner_of(town, await admitted(town, POLICE_WITHOUT_PLAN))
    assert (await page_of(ledger, late)).events == []
    await write_lines(ledger, [launched, launched])
    assert [len(await whole(ledger, one)) for one in (early, late)] == [3, 2]


async def test_a_ping_is_told_to_whom_it_was_for_and_to_nobody_else(mairie: Office) -> None:
    one = await partner_of(mairie, await admitted(mairie))
    other = await partner_of(mairie, await admitted(mairie))
    await replaying.ping(mairie, one.partner, by=FIRST)
    assert [event.type for event in await whole(mairie.ledger, one)] == ["partner.ping"]
    assert await whole(mairie.ledger, other) == []


async def test_the_pages_put_together_are_the_whole_feed_on_both_databases(ledger: Ledger) -> None:
    town = office(ledger)
    partner = await partner_of(town, await admitted(town, POLICE_WITHOUT_PLAN))
    lines = [
        status("TERRAIN1") if number % 3 else Entry("rac", "note", "x") for number in range(40)
    ]
    await write_lines(ledger, lines)
    for pings, others in ((1, 7), (3, 1), (2, 2), (1, 0)):
        for _ in range(pings):
            await replaying.ping(town, partner.partner, by=FIRST)
        await write_lines(ledger, [status("TERRAIN1")] * others)
    feed = await whole(ledger, partner)
    assert len(feed) == 7
    for limit in (1, 2, 3, 5, 500):
        assert await whole(ledger, partner, limit=limit) == feed
    end = (await page_of(ledger, partner)).after
    nothing = await page_of(ledger, partner, after=end)
    assert (nothing.events, nothing.after, nothing.more) == ([], end, False)


POLICE_WITHOUT_PLAN = type(POLICE)(POLICE.name, POLICE.kind, (), POLICE.verbs)

IDS = st.sampled_from(["A", "B", "C", "", None])
DATA = st.fixed_dictionaries(
    {},
    optional={
        "team": IDS,
        "mission": st.sampled_from(["m1", "m2", "m3", "m4", None]),
        "alert": st.sampled_from(["a1", "a2", "a3", None]),
        "said": st.sampled_from(["on_scene", "distress", None]),
        "mission_said": st.sampled_from(["ordered", "done", None]),
        "mission_state": st.sampled_from(["ordered", "done", "?"]),
        "state": st.sampled_from(["on_scene", "?"]),
        "is_a": st.sampled_from(["alert", "update", "all_clear", "false_alarm", "?"]),
        "partner": st.sampled_from(["pm", "autre"]),
        "note": st.just("SECRET"),
        "text": st.just("SECRET"),
        "people": st.just("SECRET"),
        "login": st.just("SECRET"),
        "lon": st.just("SECRET"),
        "author": st.just("SECRET"),
    },
)
LINES = st.builds(
    lambda kind, data, at: Line(
        COMMUNE, 7, at, at, "SECRET", kind, "SECRET", data, "0" * 64, "0" * 64
    ),
    st.sampled_from(
        [
            "team.report",
            "mission.report",
            "mission.made",
            "alert.launched",
            "alert.cancelled",
            "alert.taken_back",
            "partner.ping",
        ]
    ),
    DATA,
    st.floats(0, 2e9),
)
READ = Read(
    (),
    Scope("pm", frozenset({"A"}), frozenset({"m1", "m4"})),
    {"a1": AlertTold("real", "Crue", 1e9), "a2": AlertTold("rehearsal", "SECRET", 1e9)},
    {
        "m1": MissionTold("A", "real", "other", "Quai", 2),
        "m2": MissionTold("B", "real", "other", "SECRET", 2),
        "m3": MissionTold("A", "rehearsal", "other", "SECRET", 2),
        "m4": MissionTold("B", "real", "other", "SECRET", 2),  # ours by its name alone
    },
    7,
    more=False,
    events={"c1": "exercise", "c2": "rehearsal"},
)


@settings(max_examples=200)
@given(LINES)
def test_nothing_out_of_scope_and_nothing_that_somebody_typed_is_ever_told(line: Line) -> None:
    event = event_of(line, READ)
    if event is None:
        return
    told = json.dumps(event.as_json())
    assert "SECRET" not in told
    assert event.type in TYPES
    data = line.data
    mine: dict[str, Callable[[], bool]] = {
        "team": lambda: data.get("team") == "A",
        "mission": lambda: data.get("team") == "A" or data.get("mission") in ("m1", "m4"),
        "alert": lambda: data.get("alert") == "a1",
        "partner": lambda: data.get("partner") == "pm",
    }
    assert mine[event.type.partition(".")[0]]()
    if event.type.startswith(("team", "mission")):
        assert data.get("mission") != "m3"
    if event.type == "alert.cancelled":
        assert line.recorded_at >= 1e9


@pytest.mark.parametrize("field", ["team", "mission", "alert", "partner"])
def test_a_line_that_names_nothing_is_told_to_nobody(field: str) -> None:
    kinds = {"team": "team.report", "mission": "mission.report", "alert": "alert.launched"}
    line = Line(
        COMMUNE, 1, 0.0, 0.0, "x", kinds.get(field, "partner.ping"), "x", {"said": "on_scene"},
        "0" * 64, "0" * 64,
    )  # fmt: skip
    assert event_of(line, READ) is None


@pytest.mark.parametrize(
    ("mission", "event", "mode"),
    [
        (None, None, "real"),
        (None, "c1", "exercise"),
        ("m1", "c1", "real"),
        ("m5", None, "exercise"),
        (None, "c2", None),
    ],
)
@pytest.mark.parametrize("kind", ["team.report", "mission.report"])
def test_an_exercise_is_told_as_one_and_a_rehearsal_not_at_all(
    kind: str, mission: str | None, event: str | None, mode: str | None
) -> None:
    data = {"team": "A", "said": "on_scene", "mission": mission, "mission_said": "done"}
    line = Line(
        COMMUNE, 1, 0.0, 0.0, "x", kind, "x", data, "0" * 64, "0" * 64, event=event
    )  # fmt: skip
    exercised = MissionTold("A", "exercise", "other", "Quai", 2)
    told = event_of(line, replace(READ, missions={**READ.missions, "m5": exercised}))
    if mode is None or (kind == "mission.report" and mission is None):
        assert told is None
    else:
        assert told is not None
        assert told.data["mode"] == mode


def test_a_line_that_has_the_number_of_one_before_a_backup_was_put_back_has_another_id() -> None:
    one = Line(COMMUNE, 7, 0.0, 0.0, "x", "team.report", "x", MINE, "0" * 64, "a" * 64)
    told = [event_of(each, READ) for each in (one, one, replace(one, digest="b" * 64))]
    first, again, other = (each.ident if each else "" for each in told)
    assert first == again != other
    assert [each.rpartition("-")[2] for each in (first, other)] == ["7", "7"]


MINE = {"team": "A", "said": "on_scene"}
