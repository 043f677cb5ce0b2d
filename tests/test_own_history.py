"""What a resident reads of the messages that went to her, and those that she did not want."""

import time
from dataclasses import replace
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import insert, select, update

from dispatcher.alerts import life
from dispatcher.alerts.counting import count
from dispatcher.alerts.drafting import Wanted, draft
from dispatcher.alerts.plan_in_force import in_force, load
from dispatcher.delivery.answers import record_to
from dispatcher.signup.asking import Desk
from dispatcher.signup.copying import copy_of
from dispatcher.signup.history import Line, history
from dispatcher.signup.own_page import (
    Page,
    add_place,
    drop_place,
    leave,
    place_ref,
    set_information,
)
from dispatcher.store.enrolment import put_residents
from dispatcher.store.information import Hours
from dispatcher.store.information import Wanted as Chosen
from dispatcher.store.outgoing import deliveries, versions
from dispatcher.store.own_changes import kept_of
from dispatcher.store.people import Contact
from dispatcher.store.registered import behind
from dispatcher.store.registers import Home, Resident
from dispatcher.store.sketch_tables import sketches
from operator_ui.rendering import render
from plans.folder import files_of
from tests.corrected import approve_and_launch, plan_all, send
from tests.example_commune import EXAMPLE
from tests.fake_channel import FakeChannel
from tests.offices import AUTHOR
from tests.signing_up import HOME, SCHOOL, ana, own_page, signed_up
from zones.area import Place as Spot
from zones.drawing import circle

pytest_plugins = ("tests.signup_desks",)
PARIS = ZoneInfo("Europe/Paris")
MODEL = "alerte/modeles/crue_preparation.yaml"
BOX, BOX_OF_ANA = Contact("mobile", "+33639980001"), Contact("mobile", "+33639980042")
BLANKS = {
    "secteur": "Quai Bas",
    "point": "la place",
    "centre": "le gymnase",
    "tel": "03 53 01 00 02",
}
AROUND_HOME = circle(Spot(HOME.lon or 0.0, HOME.lat or 0.0), radius_m=100)


def flood(template: str = "crue_evacuation") -> Wanted:
    """Return an alert around Ana's door."""
    return Wanted(
        template=template, area=AROUND_HOME, media=("sms",), escalates=False, blanks=BLANKS
    )


async def launched(desk: Desk, wanted: Wanted) -> FakeChannel:
    """Launch an alert, let it leave, and return what did."""
    alert = await life.make_draft(desk.office, wanted, actor=AUTHOR)
    await approve_and_launch(desk.office, alert, key=alert)
    return await send(desk.office, FakeChannel())


async def read(desk: Desk, page: Page) -> list[Line]:
    """Return what she reads now."""
    kept = await kept_of(desk.office.ledger, page.own)
    assert kept is not None
    return await history(desk.office, Page(page.own, kept))


@pytest.fixture
async def page(desk: Desk) -> Page:
    """Enrol Ana with her home and a school; return her page."""
    token = await signed_up(desk, ana())
    made = await own_page(desk, token)
    await add_place(desk.office, made, SCHOOL)
    return await own_page(desk, token)


async def test_she_reads_for_which_place_it_came_by_which_way_and_how_it_ended(
    desk: Desk, page: Page
) -> None:
    assert await read(desk, page) == []
    fake = await launched(desk, flood())
    (sent,) = [one for one in fake.ledger if one.contact == "+33639980042"]
    (line,) = await read(desk, page)
    assert line.places == (HOME.label,)
    assert [(one.medium, one.contact, one.state) for one in line.sent.messages] == [
        ("sms", "+33639980042", "accepted")
    ]
    assert line.answer in sent.text  # the page of the message that she got
    await record_to(
        desk.office.ledger, page.own.commune, line.sent.messages[0].delivery_id,
        kind="help", via="page",
    )  # fmt: skip
    (line,) = await read(desk, page)
    assert line.sent.messages[0].answered == ("help",)
    copied = copy_of(page, [line], kin=(), at=desk.office.clock())["messages"]
    assert copied[0]["ways"][0]["answers"] == ["help"]  # type: ignore[index]


async def drawn_as(desk: Desk, words: str, *, frozen: str | None = None) -> None:
    """Keep the sketch that the launched version was made from, or one changed since."""
    made = select(versions.c.alert_id, versions.c.digest).where(versions.c.launched_at.is_not(None))
    async with desk.office.ledger.writing() as connection:
        alert, digest = (await connection.execute(made.where(versions.c.kind == "alert"))).one()
        await connection.execute(
            insert(sketches).values(
                commune=desk.office.commune, alert_id=alert, mode="real",
                chosen={"drawn": {"words": words}}, frozen=frozen or digest,
                created_by="rac", created_at=0.0, changed_by="rac", changed_at=0.0, editors=[],
            )
        )  # fmt: skip


async def test_of_an_area_drawn_by_hand_she_reads_what_named_it(desk: Desk, page: Page) -> None:
    await launched(desk, flood())
    (line,) = await read(desk, page)
    assert (line.sectors, line.sent.zone) == ((), "")
    copied = copy_of(page, [line], kin=(), at=desk.office.clock())["messages"]
    assert copied[0]["drawn_zone"] is True  # type: ignore[index]
    await drawn_as(desk, "100 m autour du Quai Bas")
    (line,) = await read(desk, page)
    assert line.sent.zone == "100 m autour du Quai Bas"


async def test_the_name_of_another_drawing_than_the_one_that_left_is_not_told(
    desk: Desk, page: Page
) -> None:
    await launched(desk, flood())
    await drawn_as(desk, "Ailleurs", frozen="another")
    (line,) = await read(desk, page)
    assert line.sent.zone == ""


@pytest.mark.parametrize(
    ("zone", "said"),
    [
        ("", "zone dessinée sur la carte)."),
        ("Quai Bas", "zone dessinée sur la carte : Quai Bas)."),
    ],
)
async def test_her_page_says_that_an_area_was_drawn(
    desk: Desk, page: Page, zone: str, said: str
) -> None:
    await launched(desk, flood())
    if zone:
        await drawn_as(desk, zone)
    shown = {"shown": await read(desk, page), "sector_names": {}, "zone": PARIS}
    assert said in render("_own_lines.html", "fr", shown)
    assert "area drawn on the map" in render("_own_lines.html", "en", shown)


async def test_of_a_place_that_she_took_away_since_she_reads_that_it_was_one(
    desk: Desk, page: Page
) -> None:
    await launched(desk, flood())
    await drop_place(desk.office, page, place_ref(page.places[0]))
    (line,) = await read(desk, page)
    assert (line.places, len(line.sent.messages)) == ((), 1)


async def test_what_did_not_leave_because_she_had_left_is_told_with_its_reason(
    desk: Desk, page: Page
) -> None:
    await leave(desk.office, page)
    fake = await launched(desk, flood())
    assert "+33639980042" not in [one.contact for one in fake.ledger]
    (line,) = await read(desk, page)
    assert (line.sent.messages, line.sent.reason, line.answer) == ((), "unsubscribed", "")


async def test_of_a_number_that_two_share_each_reads_her_own_alerts(desk: Desk, page: Page) -> None:
    there = Home("1 Haut", "1 haut", 5.0147, 47.79)
    son = Resident(
        "P1", "Luis LOPEZ", ("fr",), contacts=page.resident.contacts, homes=(there,)
    )  # fmt: skip
    await put_residents(desk.office.ledger, [son], commune=page.own.commune)
    await launched(desk, flood())
    (his,) = [one for one in await behind(desk.office.ledger, page.own.commune, BOX_OF_ANA)
              if one != page.own.person_id]  # fmt: skip
    assert await read(desk, replace(page, own=page.own._replace(person_id=his))) == []
    assert len(await read(desk, page)) == 1


async def test_an_alert_elsewhere_is_not_in_her_history(desk: Desk, page: Page) -> None:
    there = Home("1 Haut", "1 haut", 5.0147, 47.79)
    other = Resident("P1", "Yves HENRY", ("fr",), contacts=(BOX,), homes=(there,))
    await put_residents(desk.office.ledger, [other], commune=page.own.commune)
    far = circle(Spot(5.0147, 47.79), radius_m=100)
    await launched(
        desk, Wanted(template="crue_evacuation", area=far, media=("sms",), blanks=BLANKS)
    )
    assert await read(desk, page) == []


@pytest.fixture
async def roadworks(desk: Desk) -> str:
    """Bring a plan into force that tells of roadworks; return its template."""
    files = dict(files_of(EXAMPLE))
    model = files[MODEL]
    for old, new in (
        (b"[Met]", b"[Transport]"), (b"severity: Severe", b"severity: Minor"),
        (b"[Prepare]", b"[None]"), (b"urgency: Expected", b"urgency: Future"),
    ):  # fmt: skip
        assert old in model
        model = model.replace(old, new)
    files[MODEL] = model
    reading = await load(desk.office, files, actor=AUTHOR)
    assert reading.plan is not None, reading.faults
    return "crue_preparation"


async def test_an_information_that_she_switched_off_does_not_leave_and_a_danger_does(
    desk: Desk, page: Page, roadworks: str
) -> None:
    await set_information(desk.office, page, Chosen(("roadworks",)))
    await launched(desk, flood(roadworks))
    (line,) = await read(desk, page)
    assert (line.sent.messages, line.sent.reason) == ((), "topic_off")
    current = await in_force(desk.office)
    made = draft(current.plan, flood(roadworks), plan_digest="", now=desk.office.clock())
    assert made.lane == 2  # behind every alert, and a STOP ends it at once
    found = await count(desk.office, current.plan, made.content, alert_id="none")
    assert found.reach.declined == {"topic_off": 1}  # told before it is launched
    assert (found.reach.unreachable, found.reached) == ({}, 0)
    await launched(desk, flood())
    assert [len(one.sent.messages) for one in await read(desk, page)] == [1, 0]


async def test_an_information_that_ends_before_her_hours_is_not_promised(
    desk: Desk, page: Page, roadworks: str
) -> None:
    now = time.gmtime(time.time() + 12 * 3600)
    hours = Hours(now.tm_hour * 60, (now.tm_hour + 1) % 24 * 60, "UTC")
    await set_information(desk.office, page, Chosen((), hours))
    assert (await launched(desk, flood(roadworks))).ledger == []
    (line,) = await read(desk, page)
    assert (line.sent.messages, line.sent.reason) == ((), "outside_hours")


async def test_an_information_waits_for_her_hours_and_a_danger_does_not(
    desk: Desk, page: Page, roadworks: str
) -> None:
    now = time.gmtime(time.time() + 2 * 3600)
    hours = Hours(now.tm_hour * 60, (now.tm_hour + 1) % 24 * 60, "UTC")
    await set_information(desk.office, page, Chosen((), hours))
    fake = await launched(desk, flood(roadworks))
    assert fake.ledger == []
    (line,) = await read(desk, page)
    assert [one.state for one in line.sent.messages] == ["ready"]
    opens = select(deliveries.c.next_at).where(deliveries.c.state == "ready")
    async with desk.office.ledger.writing() as connection:
        at = (await connection.execute(opens)).scalar_one()
        assert time.time() + 3600 <= at <= time.time() + 2 * 3600
        await connection.execute(update(deliveries).values(next_at=0.0))
    assert len((await send(desk.office, FakeChannel())).ledger) == 1
    assert len((await launched(desk, flood())).ledger) == 1
    await plan_all(desk.office)
