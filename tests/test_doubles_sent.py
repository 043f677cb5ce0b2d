"""Two rows joined after an alert: what it left behind it is hers by both ids, and ends with her."""

from dataclasses import replace

from sqlalchemy import func, select, update

from dispatcher.signup.asking import Desk
from dispatcher.store.doubles import Pair
from dispatcher.store.enrolment import put_residents
from dispatcher.store.erasing import anybody_behind
from dispatcher.store.kept_about import Leads, kept_about
from dispatcher.store.ledger import Ledger
from dispatcher.store.outgoing import deliveries, versions
from dispatcher.store.own_changes import erase
from dispatcher.store.own_history import sent_to
from dispatcher.store.own_links import Own
from dispatcher.store.registers import Resident
from dispatcher.store.rights import export_person, find_person
from dispatcher.store.whole_schema import metadata
from tests.doubled_town import DOOR, FILED, LANDLINE, MOBILE, joined, line, twice
from tests.situations import COMMUNE
from tests.test_own_history import flood, launched

pytest_plugins = ("tests.signup_desks",)
# What stays of who is erased, under an id that leads to nobody any more.
PSEUDONYMS = {"departed", "home_changes", "recipients", "unreachable", "version_sectors"}


async def _after_an_alert(desk: Desk) -> Pair:
    """Have both rows of Ana in an alert that is over."""
    pair = await twice(desk.office)
    await launched(desk, replace(flood(), media=("sms", "voice")))
    async with desk.office.ledger.writing() as connection:
        over = {"expires_at": 1.0, "finished_at": 1.0, "state": "finished"}
        await connection.execute(update(versions).values(over))
    return pair


async def test_who_was_joined_has_not_departed_and_is_known_behind_what_she_was_sent(
    desk: Desk,
) -> None:
    ledger = desk.office.ledger
    luis = Resident("P9", "Luis Roux", ("fr",), contacts=(LANDLINE,), homes=(DOOR,))
    await put_residents(ledger, [luis], commune=COMMUNE)
    pair = await _after_an_alert(desk)
    await joined(desk.office, pair)
    assert "departed" not in await naming(ledger, *pair)
    gone = await find_person(ledger, COMMUNE, "P9")
    assert gone
    await erase(ledger, Own(COMMUNE, gone), line=line(desk.office))
    known = select(func.count()).select_from(deliveries).where(anybody_behind())
    assert await ledger.read(lambda one: one.execute(known).scalar_one()) == 2


async def test_what_either_was_sent_stays_hers_in_her_history_and_in_what_is_kept(
    desk: Desk,
) -> None:
    ledger = desk.office.ledger
    own, filed = await _after_an_alert(desk)
    await joined(desk.office, Pair(own, filed))
    (sent,) = await sent_to(ledger, Own(COMMUNE, own))
    assert sorted(one.contact for one in sent.messages) == [LANDLINE.value, MOBILE.value]
    found = await kept_about(ledger, COMMUNE, Leads([own], []))
    assert len(found["deliveries"]) == 2
    assert found["joined_as"][0]["was"] == filed
    assert await find_person(ledger, COMMUNE, filed) == own
    copied = await export_person(ledger, COMMUNE, own)
    assert copied is not None
    assert len(copied["messages"]) == 2


async def naming(ledger: Ledger, *ids: str) -> set[str]:
    """Return the tables that name any of these ids in a column."""
    found = set()
    for table in metadata.sorted_tables:
        for column in (one for one in table.c if one.name in ("person_id", "was", "other_id")):
            wanted = select(func.count()).select_from(table).where(column.in_(ids))
            if await ledger.read(lambda one, it=wanted: one.execute(it).scalar_one()):  # type: ignore[misc]
                found.add(table.name)
    return found


async def test_erased_she_is_nowhere_by_either_id(desk: Desk) -> None:
    ledger = desk.office.ledger
    own, filed = await _after_an_alert(desk)
    await joined(desk.office, Pair(own, filed))
    await erase(ledger, Own(COMMUNE, own), line=line(desk.office))
    assert await naming(ledger, own, filed) <= PSEUDONYMS
    assert await find_person(ledger, COMMUNE, filed) is None
    again = [FILED, replace(FILED, contacts=(MOBILE,), external_id=None)]
    assert (await put_residents(ledger, again, commune=COMMUNE)).gone == 2
    gone = select(func.count()).select_from(metadata.tables["departed"])
    assert await ledger.read(lambda one: one.execute(gone).scalar_one()) == 2
