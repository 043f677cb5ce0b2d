"""The life of an alert by two people: who it goes to, what binds an approval, what is refused."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, update

from dispatcher.alerts import life
from dispatcher.alerts.drafting import Wanted
from dispatcher.alerts.office import Actor, Office
from dispatcher.alerts.preview import preview
from dispatcher.alerts.refusals import NotNow, NotSo, NotThere, NotYou
from dispatcher.alerts.showing import show
from dispatcher.logbook.chain import verify_ledger
from dispatcher.store.ledger import Ledger
from dispatcher.store.outgoing import blocks, versions
from dispatcher.store.people import asked_first
from dispatcher.store.places import home_places
from dispatcher.store.tables import homes, persons
from dispatcher.store.versions import SUMMONS
from tests.offices import APPROVER, AUTHOR, bruz_office
from zones.area import Place
from zones.danger import Danger
from zones.geojson import read_area

IN = "circle_500m"
CRUE = Wanted(scenario="crue")
SOON = datetime.now(UTC) + timedelta(hours=2)


@pytest.fixture
async def office(ledger: Ledger, tmp_path: Path) -> Office:
    return await bruz_office(ledger, tmp_path, IN, "circle_150m")


async def approved(office: Office, wanted: Wanted = CRUE) -> str:
    alert = await life.make_draft(office, wanted, actor=AUTHOR)
    await life.submit(office, alert, actor=AUTHOR, night_confirmed=True)
    await life.approve(office, alert, actor=APPROVER)
    return alert


async def frozen(office: Office) -> list[str]:
    async with office.ledger.reading() as connection:
        its = select(versions.c.version_id).where(versions.c.kind != SUMMONS)
        wanted = select(blocks.c.people).where(blocks.c.version_id.in_(its))
        rows = await connection.execute(wanted.order_by(blocks.c.number))
    return [person for row in rows for person in row[0]]


async def test_an_alert_goes_to_exactly_the_people_inside_and_the_logbook_tells_it(
    office: Office,
) -> None:
    alert = await approved(office)
    launched = await life.launch(office, alert, actor=AUTHOR, launch_key="k1")
    people = await frozen(office)
    assert launched.people == len(people) == len(set(people)) == 771  # SOURCE.md: hits
    verdict = await verify_ledger(office.ledger, office.commune, key=office.logbook_key)
    assert verdict.valid
    assert verdict.entries >= 5  # plan, import, draft, submission, approval, launch


async def test_the_preview_counts_people_media_addresses_segments_cost_and_time(
    office: Office,
) -> None:
    alert = await life.make_draft(office, CRUE, actor=AUTHOR)
    told = await preview(office, alert)
    assert told["people"] == told["addresses"] == 771
    assert told["addresses_without_subscriber"] == 0
    assert told["segments"] == {"fr": {"encoding": "GSM-7", "segments": 1}}
    by_channel = told["by_channel"]
    assert isinstance(by_channel, dict)
    assert sum(by_channel.values()) == 771
    assert told["cost_eur"] == round(
        by_channel["sms"] * 0.0737 + by_channel.get("voice", 0) * 0.03, 2
    )
    assert told["unlocated"] == 0


async def test_two_launches_at_once_are_one_launch(office: Office) -> None:
    alert = await approved(office)
    first = await life.launch(office, alert, actor=AUTHOR, launch_key="k1")
    again = await life.launch(office, alert, actor=AUTHOR, launch_key="k1")
    assert first.version_id == again.version_id
    with pytest.raises(NotNow):
        await life.launch(office, alert, actor=APPROVER, launch_key="k2")
    assert len(await frozen(office)) == 771


async def test_who_drafted_or_submitted_does_not_approve(office: Office) -> None:
    alert = await life.make_draft(office, CRUE, actor=APPROVER)
    other = Actor("adjoint", "deputy")
    await life.submit(office, alert, actor=other)
    for same in (APPROVER, other):
        with pytest.raises(NotYou):
            await life.approve(office, alert, actor=same)
    with pytest.raises(NotYou):
        await life.approve(office, alert, actor=Actor("agent", "operator"))
    await life.approve(office, alert, actor=Actor("adjointe2", "deputy"))


async def test_nothing_is_launched_without_its_approval(office: Office) -> None:
    alert = await life.make_draft(office, CRUE, actor=AUTHOR)
    with pytest.raises(NotNow):
        await life.launch(office, alert, actor=APPROVER, launch_key="k1")
    await life.submit(office, alert, actor=AUTHOR)
    with pytest.raises(NotNow):
        await life.launch(office, alert, actor=APPROVER, launch_key="k1")


async def test_an_approval_given_to_another_text_is_refused(office: Office) -> None:
    alert = await life.make_draft(office, CRUE, actor=AUTHOR)
    await life.submit(office, alert, actor=AUTHOR)
    with pytest.raises(NotNow):
        await life.approve(office, alert, actor=APPROVER, digest="0" * 64)


async def test_what_changed_between_reading_and_launching_is_not_launched(office: Office) -> None:
    alert = await approved(office)
    version = await life.find(office, alert)
    async with office.ledger.writing() as connection:
        await connection.execute(
            update(versions).where(versions.c.version_id == version.version_id).values(people=600)
        )
    with pytest.raises(NotNow, match="600"):  # 771 now: more than 10 % and 10 people away
        await life.launch(office, alert, actor=AUTHOR, launch_key="k1")
    assert await frozen(office) == []


async def test_an_alert_without_an_area_is_refused_and_never_goes_to_everyone(
    office: Office,
) -> None:
    with pytest.raises(NotSo):
        await life.make_draft(office, Wanted(template="crue"), actor=AUTHOR)
    with pytest.raises(NotThere):
        await life.make_draft(office, Wanted(template="crue", sectors=("ailleurs",)), actor=AUTHOR)


async def test_an_area_where_nobody_lives_launches_nothing(office: Office) -> None:
    sea = read_area(
        b'{"type":"Polygon","coordinates":[[[-3,46],[-2.9,46],[-2.9,46.1],[-3,46.1],[-3,46]]]}'
    )
    alert = await approved(
        office, Wanted(template="crue", area=sea, blanks={"secteur": "la plage"})
    )
    with pytest.raises(NotSo):
        await life.launch(office, alert, actor=AUTHOR, launch_key="k1")
    assert (await show(office, alert))["state"] == "approved"


async def test_a_blank_that_nothing_fills_is_named(office: Office) -> None:
    area = read_area(
        b'{"type":"Polygon","coordinates":[[[-1.7,48],[-1.6,48],[-1.6,48.1],[-1.7,48.1],[-1.7,48]]]}'
    )
    with pytest.raises(NotSo, match="secteur"):
        await life.make_draft(office, Wanted(template="crue", area=area), actor=AUTHOR)


async def test_exercise_and_public_test_say_so_first_and_an_exercise_reaches_its_players_only(
    office: Office,
) -> None:
    with pytest.raises(NotSo):
        await life.make_draft(office, replace(CRUE, mode="exercise"), actor=AUTHOR)
    with pytest.raises(NotSo):
        await life.make_draft(office, replace(CRUE, mode="public_test"), actor=AUTHOR)
    async with office.ledger.reading() as connection:
        resident = (await connection.execute(select(homes.c.person_id).limit(1))).scalar_one()
    player = "contact:adj"
    with pytest.raises(NotSo, match="n'est pas un joueur"):
        await life.make_draft(
            office, replace(CRUE, mode="exercise", players=(player, resident)), actor=AUTHOR
        )
    alert = await approved(office, replace(CRUE, mode="exercise", players=(player,)))
    content = (await life.find(office, alert)).content
    words = content["texts"]["fr"]
    assert all(text.startswith("EXERCICE ") for text in words.values())
    await life.launch(office, alert, actor=AUTHOR, launch_key="k1", night_confirmed=True)
    assert await frozen(office) == [player]


async def test_an_alert_that_expired_is_not_launched(office: Office) -> None:
    soon = datetime.now(UTC) + timedelta(seconds=1)
    alert = await approved(office, replace(CRUE, expires_at=soon))
    async with office.ledger.writing() as connection:
        await connection.execute(update(versions).values(expires_at=1.0))
    with pytest.raises(NotNow):
        await life.launch(office, alert, actor=AUTHOR, launch_key="k1")
    past = datetime.now(UTC) - timedelta(seconds=1)
    with pytest.raises(NotSo):
        await life.make_draft(office, replace(CRUE, expires_at=past), actor=AUTHOR)


async def test_people_without_coordinates_are_listed_and_never_dropped(office: Office) -> None:
    async with office.ledger.writing() as connection:
        one = (await connection.execute(select(homes.c.person_id).limit(1))).scalar_one()
        await connection.execute(
            update(homes).where(homes.c.person_id == one).values(lon=None, lat=None, place_mark="")
        )
    alert = await life.make_draft(office, CRUE, actor=AUTHOR)
    assert (await preview(office, alert))["unlocated"] == 1


async def test_a_person_in_two_sectors_is_counted_once(office: Office) -> None:
    both = Wanted(template="crue", sectors=(IN, "circle_150m"))
    alert = await life.make_draft(office, both, actor=AUTHOR)
    assert (await preview(office, alert))["people"] == 771


async def test_the_same_idempotency_key_is_the_same_draft(office: Office) -> None:
    first = await life.make_draft(office, CRUE, actor=AUTHOR, key="click-1234")
    assert await life.make_draft(office, CRUE, actor=AUTHOR, key="click-1234") == first
    assert await life.make_draft(office, CRUE, actor=AUTHOR, key="click-5678") != first


async def test_cancelling_twice_is_cancelling(office: Office) -> None:
    alert = await approved(office)
    await life.launch(office, alert, actor=AUTHOR, launch_key="k1")
    await life.cancel(office, alert, actor=AUTHOR)
    assert (await life.cancel(office, alert, actor=APPROVER)).cancelled_by == "rac"
    with pytest.raises(NotNow):
        await life.approve(office, alert, actor=APPROVER)


async def test_who_lives_nearest_to_the_marked_danger_is_warned_first(office: Office) -> None:
    mark = Danger.at(Place(-1.7512, 48.0245))
    async with office.ledger.writing() as connection:
        some = select(persons.c.person_id).order_by(persons.c.person_id).limit(300)
        needing = update(persons).where(persons.c.person_id.in_(some.offset(100)))
        await connection.execute(needing.values(help_to_leave=True))
        asking = update(persons).where(persons.c.person_id.in_(some))
        await connection.execute(asking.values(warn_first=True))
    alert = await approved(office, replace(CRUE, danger=mark))
    await life.launch(office, alert, actor=AUTHOR, launch_key="k1")
    columns = await home_places(office.ledger, office.commune)
    far = dict(zip(columns.person_ids, mark.distance_m(columns.lon, columns.lat), strict=True))
    first = await asked_first(office.ledger, office.commune)
    order = [(person not in first, far[person]) for person in await frozen(office)]
    assert order == sorted(order)
    assert len(first) == 400
    assert 0 < [late for late, _ in order].count(False) < len(order)


async def test_the_marked_danger_is_part_of_what_is_approved(office: Office) -> None:
    marked = replace(CRUE, danger=Danger.at(Place(-1.7512, 48.0245)), expires_at=SOON)
    contents = [
        (await life.find(office, await life.make_draft(office, wanted, actor=AUTHOR)))
        for wanted in (marked, replace(marked, danger=None))
    ]
    assert contents[0].content["danger"] == {"type": "Point", "coordinates": [-1.7512, 48.0245]}
    assert contents[1].content["danger"] is None
    assert contents[0].digest != contents[1].digest


async def test_a_danger_marked_far_away_is_refused(office: Office) -> None:
    with pytest.raises(NotSo, match="200 km"):
        await life.make_draft(
            office, replace(CRUE, danger=Danger.at(Place(5.4, 43.3))), actor=AUTHOR
        )
