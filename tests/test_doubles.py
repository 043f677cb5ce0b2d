"""One person in two rows of the register: shown to the town hall, judged by it, joined whole."""

from dataclasses import replace

import pytest
from sqlalchemy import text

from dispatcher.alerts.office import Office
from dispatcher.alerts.refusals import NotNow, NotThere
from dispatcher.signup.asking import Desk
from dispatcher.signup.doubles import one_person, to_judge, two_people
from dispatcher.store import logbook
from dispatcher.store.doubles import Doubled, Pair, _everywhere, doubled_count
from dispatcher.store.enrolment import Written, put_residents
from dispatcher.store.everyone import everyone
from dispatcher.store.information import EVERY, Hours, Wanted
from dispatcher.store.kin import Kin, keep_kin, kin_of
from dispatcher.store.ledger import Ledger
from dispatcher.store.own_changes import erase, kept_of
from dispatcher.store.own_links import Own, keep_link, whose
from dispatcher.store.people import Contact
from dispatcher.store.register_rows import Register
from dispatcher.store.registers import Resident
from tests.doubled_town import (
    CLERK,
    DOOR,
    FILED,
    LANDLINE,
    MOBILE,
    SAID,
    enrol,
    joined,
    leave,
    line,
    of_two,
    shown,
    twice,
)
from tests.situations import COMMUNE, office
from tests.test_own_history import flood, launched

pytest_plugins = ("tests.signup_desks",)


async def reached(here: Office) -> list[str]:
    """Return the contacts that an alert reaches."""
    people = [one async for one in everyone(here.ledger, here.commune)]
    return sorted(
        way.value for one in people if not one.person.of_plan for way in one.person.contacts
    )


async def test_a_landline_of_a_file_and_an_own_mobile_are_a_pair(ledger: Ledger) -> None:
    pair = await twice(office(ledger))
    assert await shown(ledger) == [Doubled(Pair.of(*pair), one_left=False)]
    assert await doubled_count(ledger, COMMUNE) == 1


@pytest.mark.parametrize(
    "other",
    [
        replace(SAID, name="Luis Lopez"),
        replace(SAID, homes=(replace(DOOR, place_key="5 quai bas"),)),
        replace(SAID, contacts=(MOBILE, LANDLINE._replace(rank=1)), name="Ana Maria Lopez"),
        replace(SAID, name=""),
        replace(SAID, homes=(replace(DOOR, place_key=""),)),
    ],
    ids=["another name", "another door", "more words", "no name", "no door"],
)
async def test_who_has_not_the_whole_name_and_the_door_is_no_pair(
    ledger: Ledger, other: Resident
) -> None:
    await put_residents(ledger, [FILED], commune=COMMUNE)
    await enrol(office(ledger), other)
    assert await shown(ledger) == []


async def test_who_was_erased_or_where_both_have_left_is_no_pair(ledger: Ledger) -> None:
    here = office(ledger)
    own, filed = await twice(here)
    await leave(here, own)
    await leave(here, filed)
    assert await shown(ledger) == []
    await erase(ledger, Own(COMMUNE, own), line=line(here))
    assert await shown(ledger) == []


async def test_father_and_son_who_share_a_landline_are_no_pair(ledger: Ledger) -> None:
    rows = [replace(one, contacts=(*one.contacts, LANDLINE)) for one in of_two(1)]
    assert (await put_residents(ledger, rows, commune=COMMUNE)).added == 2
    assert await shown(ledger) == []


async def test_the_pair_of_whom_one_has_left_comes_first(ledger: Ledger) -> None:
    here = office(ledger)
    for number in range(4):
        await put_residents(ledger, of_two(number), commune=COMMUNE)
    own, filed = await twice(here)
    await leave(here, filed)
    first, *rest = await shown(ledger)
    assert first == Doubled(Pair.of(own, filed), one_left=True)
    assert [one.one_left for one in rest] == [False] * 4


async def test_two_people_are_never_shown_again_and_both_stay(ledger: Ledger) -> None:
    here = office(ledger)
    pair = await twice(here)
    await two_people(here, Pair.of(*pair), actor=CLERK)
    assert await shown(ledger) == []
    assert await reached(here) == [LANDLINE.value, MOBILE.value]
    with pytest.raises(NotThere):
        await two_people(here, Pair.of(*pair), actor=CLERK)
    (told,) = await logbook.read_kinds(ledger, COMMUNE, "residents.told_apart", limit=9)
    assert (told.author, sorted(told.data["people"])) == ("secretaire", sorted(pair))
    assert "opez" not in f"{told.text} {told.data}"


async def test_one_person_has_all_contacts_and_the_more_careful_choices(ledger: Ledger) -> None:
    here = office(ledger)
    await put_residents(ledger, [FILED], commune=COMMUNE)
    quiet = Wanted(("roadworks", EVERY), Hours(480, 1200, "Europe/Paris"))
    own = await enrol(
        here,
        replace(SAID, warn_first=True, chosen_media=("sms",), information=quiet, household=2),
    )
    (found,) = await shown(ledger)
    assert await one_person(here, found, actor=CLERK) == own
    kept = await kept_of(ledger, Own(COMMUNE, own))
    assert kept is not None
    assert kept.resident == replace(
        SAID,
        external_id="P1",
        languages=("fr", "es"),
        contacts=(MOBILE, LANDLINE._replace(rank=1)),
        chosen_media=("sms", "voice"),
        warn_first=True,
        help_to_leave=True,
        information=quiet,
        household=2,
    )
    assert (kept.source, kept.left_at) == ("self", None)
    assert await shown(ledger) == []
    assert await reached(here) == [LANDLINE.value, MOBILE.value]
    (told,) = await logbook.read_kinds(ledger, COMMUNE, "residents.joined", limit=9)
    assert told.data == {"person": own, "was": next(one for one in found.pair if one != own)}


@pytest.mark.parametrize("goes", [0, 1], ids=["by her own row", "by the file's row"])
async def test_who_has_left_by_one_has_left_by_both(ledger: Ledger, goes: int) -> None:
    here = office(ledger)
    pair = await twice(here)
    await leave(here, pair[goes])
    assert len(await reached(here)) == 1
    await joined(here, pair, left=True)
    assert await reached(here) == []
    assert (await put_residents(ledger, [FILED], commune=COMMUNE)).added == 0
    assert await reached(here) == []


async def test_who_left_since_the_page_was_opened_is_not_joined_unsaid(ledger: Ledger) -> None:
    here = office(ledger)
    pair = await twice(here)
    await leave(here, pair.one)
    with pytest.raises(NotNow, match="vient de quitter"):
        await joined(here, pair)
    assert await reached(here) == [LANDLINE.value]


async def test_twice_is_once_and_strangers_are_not_joined(ledger: Ledger) -> None:
    here = office(ledger)
    pair = await twice(here)
    await joined(here, pair)
    with pytest.raises(NotThere):
        await joined(here, pair)
    other = await enrol(
        here, replace(SAID, name="Luis Lopez", contacts=(Contact("email", "l@x.example"),))
    )
    with pytest.raises(NotThere):
        await joined(here, Pair(pair.one, other))


async def test_links_kin_and_confirmations_follow(ledger: Ledger) -> None:
    here = office(ledger)
    own, filed = await twice(here)
    register = Register(COMMUNE, ledger.ring)
    luis = Kin("Luis", Contact("mobile", "+33639980077"), "fr")
    async with ledger.writing() as connection:
        await keep_link(connection, Own(COMMUNE, filed), link_id="l" * 64)
        await keep_kin(connection, register, filed, one=luis)
        sure = text("UPDATE contacts SET verified_at = 7 WHERE person_id = :filed")
        await connection.execute(sure, {"filed": filed})
    await joined(here, Pair(own, filed))
    assert await whose(ledger, "l" * 64) == Own(COMMUNE, own)
    assert [(one.name, one.contact.value) for one in await kin_of(ledger, Own(COMMUNE, own))] == [
        ("Luis", "+33639980077")
    ]
    kept = await kept_of(ledger, Own(COMMUNE, own))
    assert kept is not None
    assert kept.confirmed == (None, 7)


async def test_the_file_that_named_either_finds_the_one_and_loses_nothing(ledger: Ledger) -> None:
    here = office(ledger)
    rows = of_two(1)
    await put_residents(ledger, rows, commune=COMMUNE)
    (found,) = await shown(ledger)
    await one_person(here, found, actor=CLERK)
    before = await reached(here)
    again = [replace(rows[0], warn_first=True), replace(rows[1], help_to_leave=True)]
    assert (await put_residents(ledger, again, commune=COMMUNE)).added == 0
    assert await reached(here) == before
    (one,) = [one async for one in everyone(ledger, COMMUNE)]
    assert (one.person.warn_first, one.person.help_to_leave) == (True, True)
    assert await put_residents(ledger, again, commune=COMMUNE) == Written(unchanged=2)


async def test_nothing_is_joined_while_an_alert_is_under_way(desk: Desk) -> None:
    here = desk.office
    pair = await twice(here)
    await launched(desk, flood())
    with pytest.raises(NotNow, match="en cours"):
        await joined(here, pair)
    assert len(await shown(here.ledger)) == 1
    assert await reached(here) == [LANDLINE.value, MOBILE.value]


async def test_who_erased_herself_by_her_row_is_not_brought_back_by_a_file(ledger: Ledger) -> None:
    here = office(ledger)
    own = await enrol(here)
    await erase(ledger, Own(COMMUNE, own), line=line(here))
    assert (await put_residents(ledger, [FILED], commune=COMMUNE)).gone == 1


async def test_each_look_names_in_the_logbook_who_was_seen(ledger: Ledger) -> None:
    here = office(ledger)
    assert await to_judge(here, actor=CLERK) == []
    pair = await twice(here)
    (one,) = await to_judge(here, actor=CLERK)
    assert {card.own.person_id for card in one.cards} == set(pair)
    (look,) = await logbook.read_kinds(ledger, COMMUNE, "residents.looked_up", limit=9)
    assert set(look.data["people"]) == set(pair)


@pytest.mark.parametrize("ledger_url", ["sqlite"], indirect=True)
async def test_pairs_are_sought_by_indexes_alone(ledger: Ledger) -> None:
    written = await ledger.read(
        lambda one: str(_everywhere(COMMUNE).compile(one, compile_kwargs={"literal_binds": True}))
    )
    steps = await ledger.read(
        lambda one: [row.detail for row in one.execute(text(f"EXPLAIN QUERY PLAN {written}"))]
    )
    assert not [one for one in steps if one.startswith("SCAN")]
    assert "SEARCH door_names USING PRIMARY KEY (commune=?)" in steps
