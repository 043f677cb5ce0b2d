"""What is pressed on a team's phone: a fact, once, by its own time; links that end at once."""

import time
import uuid
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select

from dispatcher.alerts.office import Actor, Office
from dispatcher.alerts.refusals import NotSo, NotThere, NotYou
from dispatcher.store import logbook
from dispatcher.store.ledger import Ledger
from dispatcher.store.own_teams import OwnTeam, add_team
from dispatcher.store.phone_tables import team_links
from dispatcher.store.phone_views import phone_row
from dispatcher.store.team_links import TeamLink, mark_seen
from dispatcher.store.team_photos import photo_of, photos_of
from dispatcher.store.team_rows import team_rows, timeline
from dispatcher.store.team_tables import field_reports, team_alarms, team_trails
from dispatcher.store.versions import Chained
from dispatcher.teams.ordering import NewMission, move, order, propose
from dispatcher.teams.phone import Press, happened, press
from dispatcher.teams.phone_doors import DoorNote, note_from_phone
from dispatcher.teams.phone_links import link_named, links_of, make_link, revoke_links
from tests.offices import KEYS

TOWN = "99042"
KEY = b"l" * 32
RAC = Actor("rac", "rac")
RUE = NewMission("door_to_door", "Porte-à-porte, rue de la Lerne", "41 adresses", urgency=2)
JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00" + b"\x00" * 64


@pytest.fixture
async def office(ledger: Ledger) -> Office:
    line = Chained(logbook.Entry("test", "team.added", "Équipe ajoutée"), KEY)
    for team in ("T1", "T2"):
        made = OwnTeam(team, f"TERRAIN {team[1]}", "municipal")
        await add_team(ledger, TOWN, made, by="rac", line=line)
    return Office(ledger, TOWN, KEY, KEYS, "https://alerte.example", {})


async def _open(office: Office, team: str = "T1") -> tuple[str, TeamLink]:
    """Make a link, and return its token and itself."""
    made = await make_link(office, team, actor=RAC)
    token = made.path.removeprefix("/t/")
    link = await link_named(office, token)
    assert link is not None
    return token, link


async def _backdated(office: Office, link: TeamLink) -> TeamLink:
    """Return the link as if it had been made an hour ago."""
    ago = link.made_at - 3600
    async with office.ledger.writing() as connection:
        await connection.execute(team_links.update().values(made_at=ago))
    return replace(link, made_at=ago)


def _press(act: str, minute: float = 0.0, **more: object) -> Press:
    """Return a press of so many minutes after the last hour began."""
    at = datetime.fromtimestamp(time.time() - 3000 + minute * 60, UTC)
    return Press(str(uuid.uuid4()), act, at, **more)  # type: ignore[arg-type]


async def _count(ledger: Ledger, table: object) -> int:
    async with ledger.reading() as connection:
        wanted = select(func.count()).select_from(table)  # type: ignore[arg-type]  # any table
        return int((await connection.execute(wanted)).scalar_one())


async def test_a_link_opens_its_team_alone_until_it_is_revoked(office: Office) -> None:
    token, link = await _open(office)
    other, theirs = await _open(office, "TERRAIN 2")
    assert (link.team, theirs.team, link.over, link.seen_at) == ("T1", "T2", "", None)
    assert await link_named(office, token + "x") is None
    await mark_seen(office.ledger, link)
    (kept,) = await links_of(office, "T1")
    assert kept.opened_at is not None
    assert kept.seen_at == pytest.approx(kept.opened_at, abs=1)
    async with office.ledger.reading() as connection:
        rows = (await connection.execute(select(team_links))).all()
    assert not any(token in str(row) for row in rows)
    with pytest.raises(NotYou):
        await revoke_links(office, "T1", actor=Actor("vue", "observer"))
    assert await revoke_links(office, "T1", actor=RAC) == 1
    assert await revoke_links(office, "T1", actor=RAC) == 0
    now = await link_named(office, token), await link_named(office, other)
    assert [one and one.over for one in now] == ["revoked", ""]
    lines = await logbook.read_kinds(office.ledger, TOWN, "team.link", limit=9)
    assert [line.kind for line in lines] == [
        "team.link_revoked", "team.link_made", "team.link_made",
    ]  # fmt: skip
    assert not any(token in str(line) for line in lines)


async def test_a_link_ends_after_its_hours(office: Office) -> None:
    token, _ = await _open(office)
    async with office.ledger.writing() as connection:
        await connection.execute(team_links.update().values(ends_at=time.time() - 1))
    late = await link_named(office, token)
    assert late is not None
    assert late.over == "ended"
    for hours in (0, 400, float("nan")):
        with pytest.raises(NotSo):
            await make_link(office, "T1", actor=RAC, hours=hours)
    with pytest.raises(NotThere):
        await make_link(office, "T9", actor=RAC)


async def test_taps_that_come_late_are_folded_by_the_time_at_which_they_were_pressed(
    office: Office,
) -> None:
    _, link = await _open(office)
    link = await _backdated(office, link)
    there = await press(office, link, _press("on_scene", 9))
    gone = await press(office, link, _press("en_route", 4, strength=3))
    assert (there.state, gone.state, gone.applied) == ("on_scene", "on_scene", False)
    row = (await team_rows(office.ledger, TOWN))["T1"]
    assert (row.state, row.strength) == ("on_scene", 3)


async def test_a_tap_sent_twice_is_one_and_none_is_refused_for_its_order(office: Office) -> None:
    _, link = await _open(office)
    link = await _backdated(office, link)
    tap = _press("returning", 1)
    first, again = await press(office, link, tap), await press(office, link, tap)
    assert (first.state, again.state, again.repeated) == ("returning", "returning", True)
    odd = await press(office, link, _press("alerted", 2))  # from returning: no legal move
    assert (odd.state, odd.missing) == ("alerted", ("available",))
    assert await _count(office.ledger, field_reports) == 2


async def test_who_is_under_way_has_begun_the_mission_and_its_end_is_told(office: Office) -> None:
    _, link = await _open(office)
    made = await propose(office, RUE, actor=RAC, team="T1")
    taps = ("mission_accepted", "alerted", "en_route", "on_scene", "mission_done")
    states = [
        (await press(office, link, Press(str(uuid.uuid4()), act, mission=made.mission)))
        for act in taps
    ]
    assert [one.mission_state for one in states] == [
        "accepted", "accepted", "in_progress", "in_progress", "done",
    ]  # fmt: skip
    assert all(one.missing == () for one in states)
    assert (await phone_row(office.ledger, TOWN, "T1")).mission is None


async def test_another_phone_that_has_not_heard_of_the_end_begins_no_mission_again(
    office: Office,
) -> None:
    _, link = await _open(office)
    made = await propose(office, RUE, actor=RAC, team="T1")
    for act in ("mission_accepted", "on_scene", "mission_done"):
        await press(office, link, Press(str(uuid.uuid4()), act, mission=made.mission))
    late = await press(office, link, Press(str(uuid.uuid4()), "en_route", mission=made.mission))
    assert (late.state, late.mission_state) == ("en_route", "done")
    assert (await phone_row(office.ledger, TOWN, "T1")).mission is None


async def test_a_mission_given_to_others_meanwhile_is_not_moved_and_nothing_is_lost(
    office: Office,
) -> None:
    _, link = await _open(office)
    made = await propose(office, RUE, actor=RAC, team="T1")
    await order(office, made.mission, "T2", actor=RAC)
    tap = Press(str(uuid.uuid4()), "mission_done", mission=made.mission, note="rue vide")
    assert (await press(office, link, tap)).mission_state is None
    assert (await phone_row(office.ledger, TOWN, "T2")).mission is not None
    kept = (await timeline(office.ledger, TOWN, team="T1"))[0]
    assert (kept.said, kept.note) == (
        "message",
        "Mission terminée, qui n'est plus la sienne. rue vide",
    )


async def test_distress_and_too_few_aboard_raise_alarms(office: Office) -> None:
    _, link = await _open(office)
    link = await _backdated(office, link)
    await press(office, link, _press("en_route", 1, strength=1))
    await press(office, link, _press("on_scene", 2, strength=1))
    await press(office, link, _press("distress", 3))
    async with office.ledger.reading() as connection:
        kinds = (await connection.execute(select(team_alarms.c.kind))).scalars().all()
    assert sorted(kinds) == ["distress", "low_strength"]
    shown = await phone_row(office.ledger, TOWN, "T1")
    assert (shown.distress_at is not None, shown.answered) == (True, False)


async def test_places_are_followed_for_the_mission_that_the_team_agreed_to_and_no_longer(
    office: Office,
) -> None:
    token, _link = await _open(office)
    made = await propose(office, RUE, actor=RAC, team="T1")
    await move(office, made.mission, "accepted", actor=RAC)

    async def at(act: str, lon: float | None = None) -> int:
        now = await link_named(office, token)
        assert now is not None
        lat = None if lon is None else 47.78
        await press(
            office, now, Press(str(uuid.uuid4()), act, mission=made.mission, lon=lon, lat=lat)
        )
        return await _count(office.ledger, team_trails)

    assert await at("track", 5.01) == 0  # nobody agreed yet
    assert await at("follow_on") == 0
    assert await at("track", 5.02) == 1
    assert await at("follow_off") == 1
    assert await at("track", 5.03) == 1
    await at("follow_on")
    await move(office, made.mission, "in_progress", actor=RAC)
    await move(office, made.mission, "done", actor=RAC)
    assert await at("track", 5.04) == 1  # it stopped with the mission
    assert await at("position", 5.05) == 2  # once, by a press of its own
    lines = await logbook.read_kinds(office.ledger, TOWN, "team.following", limit=9)
    assert [line.data.get("mission") for line in lines] == [made.mission, None, made.mission]
    assert not any("5.0" in str(line.data) for line in lines)


async def test_a_photo_is_kept_once_with_its_report_and_as_it_came(office: Office) -> None:
    _, link = await _open(office)
    tap = _press("photo", content=JPEG, note="talus")
    await press(office, link, tap)
    await press(office, link, tap)
    (about,) = await photos_of(office.ledger, TOWN, "T1")
    kept = await photo_of(office.ledger, TOWN, about.photo)
    assert kept is not None
    assert (kept.content, kept.about.tells_more, about.note) == (JPEG, 0, "talus")
    (told,) = await timeline(office.ledger, TOWN, team="T1")
    assert (told.report_id, told.note) == (about.photo, "Photo. talus")
    exif = _press("photo", content=b"\xff\xd8\xff\xe1\x00\x20Exif\x00\x00" + JPEG)
    await press(office, link, exif)
    assert sum(one.tells_more for one in await photos_of(office.ledger, TOWN, "T1")) == 1
    for bad in (b"", b"GIF89a", b"<svg onload=x>", JPEG + b"\0" * 1_500_000):
        with pytest.raises(NotSo):
            await press(office, link, _press("photo", content=bad))
    assert await photo_of(office.ledger, "99043", about.photo) is None


async def test_people_counted_at_a_door_are_a_note_of_the_mission(office: Office) -> None:
    _, link = await _open(office)
    made = await propose(office, RUE, actor=RAC, team="T1")
    noted = DoorNote(str(uuid.uuid4()), "14 rue de la Lerne", "refused", 3, mission=made.mission)
    for _ in range(2):
        await note_from_phone(office, link, noted)
    told = [one for one in await timeline(office.ledger, TOWN, mission=made.mission) if one.note]
    assert [one.note for one in told] == ["Porte 14 rue de la Lerne : REFUS, 3 personnes"]
    for bad in ({"door": " "}, {"result": "x"}, {"people": 501}):
        with pytest.raises(NotSo):
            await note_from_phone(office, link, replace(noted, **bad))


async def test_what_no_page_of_ours_sends_is_refused(office: Office) -> None:
    _, link = await _open(office)
    for bad in (
        Press("no-uuid", "on_scene"),
        Press(str(uuid.uuid4()), "launch"),
        Press(str(uuid.uuid4()), "position", lon=5.0),
    ):
        with pytest.raises(NotSo):
            await press(office, link, bad)
    assert await _count(office.ledger, field_reports) == 0


@given(st.integers(-(10**6), 10**6))
def test_the_time_of_a_tap_is_between_the_links_making_and_the_present(shift_s: int) -> None:
    now = datetime(2026, 11, 27, 3, 12, tzinfo=UTC)
    made = now - timedelta(hours=3)
    link = TeamLink("", "", "T1", None, "", made.timestamp(), 0, None, None, None, None, "")
    at = happened(now + timedelta(seconds=shift_s), link, now=now)
    assert made <= at <= now
    if -3 * 3600 <= shift_s <= 0:
        assert at == now + timedelta(seconds=shift_s)
    assert happened(None, link, now=now) == now
