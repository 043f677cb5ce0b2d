"""What teams were told and found at doors ends: by its clocks, and with whom it was about."""

import pytest
from sqlalchemy import Table, insert, select

from dispatcher.alerts.office import Office
from dispatcher.privacy.holding import hold, lift
from dispatcher.privacy.purging import purge
from dispatcher.store import logbook
from dispatcher.store.ledger import Ledger
from dispatcher.store.mission_doors import doors_in, results_of
from dispatcher.store.mission_rows import Mission, mission_of
from dispatcher.store.new_doors import DoorsOf, NewDoor, add_doors
from dispatcher.store.outgoing import versions
from dispatcher.store.personal import report_at, sealed
from dispatcher.store.purging import PURGED, digest_of
from dispatcher.store.released import WENT
from dispatcher.store.rights import erase_person
from dispatcher.store.tasking_tables import door_results, mission_doors
from dispatcher.store.team_tables import field_reports
from dispatcher.teams.doors import Knock, note_door
from dispatcher.teams.ordering import NewMission, move, propose
from dispatcher.teams.reporting import Sender
from tests.distress_town import RAC
from tests.law import DEPUTY, MAYOR, asked, later
from tests.outgoing import COMMUNE, LOGBOOK_KEY
from tests.situations import office as office_of
from tests.test_field_words import LABEL, rescued

HERS, SHARED = "d-hers", "d-shared"
_VERSION = select(versions.c.version_id, versions.c.alert_id).where(versions.c.kind == "alert")


async def visited(ledger: Ledger, her: str, mission: str, version: str) -> None:
    """Give a mission her own door and one that she shares; note what was found at both."""
    doors = [
        NewDoor(HERS, 0, "rue du Canari", LABEL, 5.1, 48.0, (her,)),
        NewDoor(SHARED, 1, "rue du Canari", "14 rue du Canari", 5.1, 48.0, ("other", her)),
    ]
    to = DoorsOf(COMMUNE, mission, version, ledger.ring)
    await ledger.write(lambda one: add_doors(one, to, doors))
    office = office_of(ledger)
    for door in (HERS, SHARED):
        knock = Knock(door, "empty", office.clock(), 0, "chat Canari")
        await note_door(office, mission, knock, sender=Sender("phone", "T1", door))


async def ended(office: Office, mission: Mission) -> None:
    for state in ("accepted", "in_progress", "done"):
        await move(office, mission.mission, state, actor=RAC)


async def values(ledger: Ledger, table: Table, *names: str) -> set[tuple[object, ...]]:
    wanted = select(*(table.c[name] for name in names))
    rows = await ledger.read(lambda one: one.execute(wanted).all())
    return {tuple(str(each) if isinstance(each, list) else each for each in row) for row in rows}


async def erase(ledger: Ledger, person: str) -> None:
    line = office_of(ledger).line("test", "residents.erased", "Effacé", person=person)
    assert await erase_person(ledger, person, commune=COMMUNE, entry=line.entry, key=LOGBOOK_KEY)


async def test_of_a_mission_of_no_event_all_ends_a_year_after_it_was_over(ledger: Ledger) -> None:
    office, her, made = await rescued(ledger)
    await visited(ledger, her, made.mission, "v")
    await purge(later(ledger, 400))
    kept = await mission_of(ledger, COMMUNE, made.mission)
    assert kept is not None
    assert LABEL in kept.text  # somebody may still have to go there
    await ended(office, made)
    await purge(later(ledger, 364))
    assert {one.note for one in await doors_in(ledger, COMMUNE, made.mission)} == {"chat Canari"}
    told = {one.kind: one.rows for one in await purge(later(ledger, 366))}
    assert (told["doors"], told["found"], told["missions"]) == (2, 2, 1)
    left = await values(
        ledger, mission_doors, "street", "label", "note", "lon", "lat", "people", "result"
    )
    assert left == {("", "", "", None, None, "[]", "empty")}
    assert await values(ledger, door_results, "note", "result") == {("", "empty")}
    kept = await mission_of(ledger, COMMUNE, made.mission)
    assert kept is not None
    assert (kept.text, kept.lon, kept.lat, kept.title) == ("", None, None, made.title)
    again = {one.kind: one.rows for one in await purge(later(ledger, 366))}
    assert (again["doors"], again["found"], again["missions"]) == (0, 0, 0)


async def test_a_note_of_a_report_of_no_event_ends_a_year_after_it_came(ledger: Ledger) -> None:
    said = sealed(ledger.ring, "Porte 9 rue du Canari : vide", report_at(COMMUNE, "r1"))
    row = {
        "commune": COMMUNE, "report_id": "r1", "at": 1.0, "ordered": 0, "note": said,
        "source": "phone", "author": "t", "recorded_at": office_of(ledger).clock().timestamp(),
    }  # fmt: skip
    await ledger.write(lambda one: one.execute(insert(field_reports).values(row)))
    assert {one.kind: one.rows for one in await purge(later(ledger, 364))}["reports"] == 0
    assert {one.kind: one.rows for one in await purge(later(ledger, 366))}["reports"] == 1
    assert await values(ledger, field_reports, "note") == {("",)}


async def test_what_the_cell_wrote_by_hand_stays_with_the_crisis(ledger: Ledger) -> None:
    office, _, _ = await rescued(ledger)
    new = NewMission("secure", "Fermer le pont", "Barrières", lon=5.0, lat=48.0)
    made = await propose(office, new, actor=RAC, team="TERRAIN2")
    await ended(office, made)
    await purge(later(ledger, 4000))
    kept = await mission_of(ledger, COMMUNE, made.mission)
    assert kept is not None
    assert (kept.text, kept.lon) == ("Barrières", 5.0)


async def test_who_is_erased_is_behind_no_door_and_her_call_s_mission_says_nothing(
    ledger: Ledger,
) -> None:
    office, her, made = await rescued(ledger)
    await visited(ledger, her, made.mission, "v")
    await ended(office, made)
    await erase(ledger, her)
    hers, shared = await doors_in(ledger, COMMUNE, made.mission)
    assert (hers.street, hers.label, hers.note, hers.lon, list(hers.people)) == (
        "", "", "", None, [],
    )  # fmt: skip
    assert (shared.label, shared.note, list(shared.people)) == (
        "14 rue du Canari", "chat Canari", ["other"],
    )  # fmt: skip
    notes = {one.door: one.note for one in await results_of(ledger, COMMUNE, made.mission)}
    assert notes == {HERS: "", SHARED: "chat Canari"}
    kept = await mission_of(ledger, COMMUNE, made.mission)
    assert kept is not None
    assert (kept.text, kept.lon, kept.state) == ("", None, "done")


@pytest.mark.parametrize("act", ["purge", "erase"])
async def test_a_hold_of_the_alert_keeps_its_doors_and_its_calls_missions(
    ledger: Ledger, act: str
) -> None:
    office, her, made = await rescued(ledger)
    async with ledger.reading() as connection:
        version, alert = (await connection.execute(_VERSION)).one()
    await visited(ledger, her, made.mission, version)
    await ended(office, made)
    why = {"reason": "plainte", "reference": "TJ"}
    await hold(later(ledger, 366), alert, **why, asked=asked(MAYOR))
    if act == "erase":
        await erase(ledger, her)
    else:
        await purge(later(ledger, 366))
    hers, _ = await doors_in(ledger, COMMUNE, made.mission)
    assert (hers.label, hers.note) == (LABEL, "chat Canari")
    assert {one.note for one in await results_of(ledger, COMMUNE, made.mission)} == {"chat Canari"}
    kept = await mission_of(ledger, COMMUNE, made.mission)
    assert kept is not None
    assert LABEL in kept.text


async def test_a_team_on_its_way_keeps_where_it_goes_to_whom_is_erased_until_it_is_back(
    ledger: Ledger,
) -> None:
    office, her, made = await rescued(ledger)
    await visited(ledger, her, made.mission, "v")
    await erase(ledger, her)
    await purge(office)
    assert await went(ledger, made) == (LABEL, "chat Canari", True)
    await ended(office, made)
    await purge(office)
    assert await went(ledger, made) == ("", "", False)
    _, shared = await doors_in(ledger, COMMUNE, made.mission)
    assert (shared.label, list(shared.people)) == ("14 rue du Canari", ["other"])


async def test_what_a_hold_kept_of_where_teams_went_for_the_erased_ends_with_it(
    ledger: Ledger,
) -> None:
    office, her, made = await rescued(ledger)
    async with ledger.reading() as connection:
        version, alert = (await connection.execute(_VERSION)).one()
    await visited(ledger, her, made.mission, version)
    await ended(office, made)
    why = {"reason": "plainte", "reference": "TJ"}
    ident = await hold(office, alert, **why, asked=asked(MAYOR))
    await erase(ledger, her)
    await purge(office)
    assert await went(ledger, made) == (LABEL, "chat Canari", True)
    await lift(office, ident, asked=asked(MAYOR))
    assert await lift(office, ident, asked=asked(DEPUTY))
    await purge(office)
    assert await went(ledger, made) == ("", "", False)
    (told,) = [one.data for one in await logbook.read(ledger, COMMUNE) if one.kind == PURGED]
    gone = [("door", made.mission, HERS), ("mission", made.mission, "")]
    assert told[WENT]["digests"] == [digest_of(gone)]


async def went(ledger: Ledger, made: Mission) -> tuple[str, str, bool]:
    """Return the words of her door, what was found there, and whether the mission names it."""
    hers, _ = await doors_in(ledger, COMMUNE, made.mission)
    notes = {one.door: one.note for one in await results_of(ledger, COMMUNE, made.mission)}
    kept = await mission_of(ledger, COMMUNE, made.mission)
    assert kept is not None
    return hers.label, notes[HERS], LABEL in kept.text
