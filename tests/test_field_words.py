"""What teams are told and find at doors: read by those who go there, and clear nowhere at rest."""

import time
from datetime import UTC, datetime

from sqlalchemy import select, update

from dispatcher.alerts.office import Office
from dispatcher.delivery.content import Content
from dispatcher.delivery.mission_words import filled
from dispatcher.distress import calls
from dispatcher.distress.calls import End
from dispatcher.store.help_calls import open_calls
from dispatcher.store.help_whose import whose
from dispatcher.store.ledger import Ledger
from dispatcher.store.mission_doors import results_of
from dispatcher.store.mission_rows import Mission, mission_of
from dispatcher.store.outgoing import versions
from dispatcher.store.registers import Home
from dispatcher.store.replies import Reply, keep_reply
from dispatcher.store.statements import insert_rows
from dispatcher.store.tables import homes, persons
from dispatcher.store.tasking_tables import mission_tellings
from dispatcher.store.team_rows import timeline
from dispatcher.tasking.chasing import Chaser
from dispatcher.tasking.from_help import from_help
from dispatcher.tasking.from_street import Choice, from_street
from dispatcher.tasking.wishes import Wish
from dispatcher.teams.adding import NewTeam, add
from dispatcher.teams.doors import Knock, doors_of, note_door
from dispatcher.teams.ordering import move
from dispatcher.teams.phone_doors import DoorNote, note_from_phone
from dispatcher.teams.phone_links import link_named, make_link
from dispatcher.teams.reporting import Sender
from tests.distress_town import RAC, town_in_distress
from tests.keyring import home_row
from tests.offices import office_of
from tests.outgoing import COMMUNE, LOGBOOK_KEY
from tests.stolen import everything
from tests.test_call_list import silent_town

LABEL = "12 rue du Canari"


async def rescued(ledger: Ledger) -> tuple[Office, str, Mission]:
    """Have somebody cry for help from her home and a team sent; return her id and the mission."""
    town = await town_in_distress(ledger)
    await town.cries()
    call = await town.the_call()
    (her,) = (await calls.look(town.office, call.call_id, actor=RAC))[1].people
    async with ledger.writing() as connection:
        home = home_row(COMMUNE, her.person_id, Home(LABEL, LABEL.casefold(), 5.1, 48.0))
        await insert_rows(connection, homes, [home])
        this = persons.c.person_id == her.person_id
        await connection.execute(update(persons).where(this).values(help_to_leave=True))
    wish, how = Wish("TERRAIN1", text="Canari, 2e étage"), End("team_sent")
    made = await from_help(town.office, call.call_id, wish=wish, how=how, actor=RAC)
    return town.office, her.person_id, made


async def orders(office: Office) -> list[Content]:
    """Return what orders say as they leave."""
    wanted = select(versions.c.alert_id, versions.c.content).where(versions.c.kind == "summons")
    rows = await office.ledger.read(lambda one: one.execute(wanted).all())
    return [await filled(office.ledger, COMMUNE, ident, Content.of(said)) for ident, said in rows]


async def test_the_team_of_a_call_for_help_reads_where_to_go_and_the_ledger_never_says_it(
    ledger: Ledger,
) -> None:
    office, _, made = await rescued(ledger)
    assert made.text.splitlines() == [
        LABEL, "1 personne(s) connue(s) ici.", "Ne peut pas partir seule.", "Canari, 2e étage",
    ]  # fmt: skip
    assert await Chaser(office).turn()
    (order,) = await orders(office)
    for said in (order.texts["fr"].sms, order.texts["en"].voice):
        assert f"{made.title}. {LABEL} 1 personne(s)" in said
    stolen = await everything(ledger)
    assert "ne peut pas partir" not in stolen
    assert "canari" not in stolen
    assert made.title.casefold() not in stolen  # nor what the message is about


async def test_what_is_found_at_a_door_of_the_list_or_of_none_is_clear_nowhere(
    ledger: Ledger,
) -> None:
    _, version = await silent_town(ledger)
    office = office_of(ledger, COMMUNE)
    await add(office, NewTeam("T1"), actor=RAC)
    async with ledger.writing() as connection:
        lived = home_row(COMMUNE, "p00006", Home("3 rue du Canari", "3 rue du canari"))
        await insert_rows(connection, homes, [lived])
    street = Choice(streets=("rue du Canari",))
    made = await from_street(office, version.alert_id, street, wish=Wish("T1"), actor=RAC)
    assert made.title == "Porte-à-porte : rue du Canari"
    ((door, *_),) = [await doors_of(office, made.mission)]
    at = datetime.fromtimestamp(time.time(), UTC)
    knock = Knock(door.row.door, "help", at, 1, "Mme Canari, au fond")
    await note_door(office, made.mission, knock, sender=Sender("phone", "T1", "k1"))
    link = await link_named(
        office, (await make_link(office, "T1", actor=RAC)).path.removeprefix("/t/")
    )
    assert link is not None
    told = DoorNote("k2", "9 impasse du Canari", "empty", note="chien Canari")
    await note_from_phone(office, link, told)
    reply = Reply(
        COMMUNE, "SM1", "unknown", "sms", "t", "unknown", contact="+33639980001", body="Canari ici"
    )
    await keep_reply(ledger, reply, key=LOGBOOK_KEY)
    assert "canari" not in await everything(ledger)
    (result,) = await results_of(ledger, COMMUNE, made.mission)
    (again, *_) = await doors_of(office, made.mission)
    assert (result.note, again.row.note, again.row.label) == (
        "Mme Canari, au fond", "Mme Canari, au fond", "3 rue du Canari",
    )  # fmt: skip
    noted = [one.note for one in await timeline(ledger, COMMUNE, team="T1")]
    assert "Porte 9 impasse du Canari : vide. chien Canari" in noted
    (call,) = [one for one in await open_calls(ledger, COMMUNE) if one.via == "door"]
    found = await whose(ledger, call)
    assert (found.words, found.door and found.door.label) == (
        "Mme Canari, au fond", "3 rue du Canari",
    )  # fmt: skip


async def test_who_is_told_that_it_was_called_off_still_reads_which_mission(
    ledger: Ledger,
) -> None:
    office, _, made = await rescued(ledger)
    await Chaser(office).turn()
    await move(office, made.mission, "cancelled", actor=RAC, note="elle est sortie")
    await Chaser(office).turn()
    last = next(one for one in await orders(office) if "ANNULEE" in one.texts["fr"].sms)
    assert f"MISSION ANNULEE. {made.title}. N'y allez plus" in last.texts["fr"].sms
    assert await ledger.read(lambda one: len(one.execute(select(mission_tellings)).all())) == 2
    assert (await mission_of(ledger, COMMUNE, made.mission)) is not None
