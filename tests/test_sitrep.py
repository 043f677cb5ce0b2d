"""The situation report: drafted from the logbook, changed by people, numbered as it is issued."""

import asyncio
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from dispatcher.alerts.office import Actor
from dispatcher.logbook.books import Keeper, LineRefused, Spot, Told, close_line, correct_line
from dispatcher.logbook.books import write_line as written
from dispatcher.logbook.chain import verify_ledger
from dispatcher.logbook.sitrep import PARTS, as_paper, draft, issue
from dispatcher.logbook.typesetting import typeset
from dispatcher.store import sitreps
from dispatcher.store.crisis_tables import events
from dispatcher.store.ledger import Ledger
from dispatcher.store.logbook import Entry, append
from dispatcher.store.new_doors import DoorsOf, NewDoor, add_doors
from dispatcher.teams.doors import Knock, note_door
from dispatcher.teams.ordering import NewMission, propose
from dispatcher.teams.reporting import Sender
from tests.keyring import RING
from tests.offices import office_of
from tests.situations import COMMUNE, Planned, write_alert

PARIS, CRISIS = ZoneInfo("Europe/Paris"), "crue"
BOSS = Actor("rac", "rac")
HERE = Spot(event_id=CRISIS)


@pytest.fixture
async def kept(ledger: Ledger) -> Keeper:
    row = {"commune": COMMUNE, "event_id": CRISIS, "title": "Crue", "mode": "real",
           "state": "active", "state_at": 1.0, "directed_by": "mayor", "opened_by": "rac",
           "opened_at": 1.0}  # fmt: skip
    async with ledger.writing() as connection:
        await connection.execute(events.insert().values(row))
    return Keeper(ledger, COMMUNE, b"k" * 32)


async def story(kept: Keeper) -> None:
    for told in (
        Told("La Sérolle déborde", "Guetteur"),
        Told("12 personnes évacuées au gymnase", "CARE"),
        Told("Coupure Enedis rue Basse", request="Groupe électrogène"),
        Told("Rue Basse sous l'eau", decision="Fermer la rue", decision_by="DOS",
             execution_by="Équipe 1"),
    ):  # fmt: skip
        await written(kept, told, spot=HERE, by="rac")


async def parts(kept: Keeper) -> dict[str, str]:
    return dict((await draft(kept, event=CRISIS, zone=PARIS)).parts)


async def test_a_draft_has_every_part_of_the_model_filled_from_the_lines(kept: Keeper) -> None:
    await story(kept)
    found = await parts(kept)
    assert list(found) == list(PARTS)
    assert "La Sérolle déborde" in found["situation"]
    assert "12 personnes évacuées" in found["humain"]
    assert "Enedis" in found["reseaux"]
    assert found["demandes"].startswith("1. Groupe électrogène")
    assert "DOS : Fermer la rue" in found["decisions"]
    assert found["moyens"] == "Équipe 1"
    assert found["economique"] == ""


async def test_requests_that_ended_and_lines_that_were_corrected_are_left_out(kept: Keeper) -> None:
    await story(kept)
    await close_line(kept, Told("Livré"), number=3, spot=HERE, by="rac")
    await correct_line(kept, Told("14 personnes évacuées"), number=2, spot=HERE, by="rac")
    found = await parts(kept)
    assert found["demandes"] == ""
    assert "14 personnes" in found["humain"]
    assert "12 personnes" not in found["humain"]


async def test_alerts_that_run_are_told_with_whom_they_reached(kept: Keeper) -> None:
    await write_alert(kept.ledger, Planned(lines=(("sms", "delivered", 3), ("sms", "failed", 1))))
    await write_alert(kept.ledger, Planned(title="Exercice", mode="exercise"))
    said = (await parts(kept))["communication"]
    assert "4 personnes, 0 ont confirmé, 0 demandent de l'aide, 3 ont un message remis" in said
    assert "Exercice" not in said


async def test_each_door_to_door_mission_tells_what_its_doors_come_to(kept: Keeper) -> None:
    office = office_of(kept.ledger, COMMUNE)
    made = await propose(office, NewMission("door_to_door", "Rue Basse"), actor=BOSS)
    doors = [NewDoor(f"d{n}", n, "Rue Basse", f"{n} Rue Basse", None, None, ()) for n in range(8)]
    await kept.ledger.write(
        lambda one: add_doors(one, DoorsOf(COMMUNE, made.mission, "v1", RING), doors)
    )
    await propose(office, NewMission("secure", "Pont"), actor=BOSS)
    for n, result in enumerate(("found", "found", "evacuated", "refused", "empty", "help")):
        knock = Knock(f"d{n}", result, datetime.now(UTC))
        await note_door(office, made.mission, knock, sender=Sender("phone", "T1", f"r{n}"))
    assert (await parts(kept))["operationnel"] == (
        "Rue Basse. Portes : 8, vues 6 (prévenues 2, parties 1, refus de partir 1,"
        " sans personne 1, aide demandée 1), restent 2."
    )


async def test_each_issue_is_a_numbered_line_and_the_next_begins_after_it(kept: Keeper) -> None:
    await story(kept)
    first = await issue(kept, {"situation": "Vu et changé"}, event=CRISIS, by="maire")
    await written(kept, Told("Décrue"), spot=HERE, by="rac")
    after = await draft(kept, event=CRISIS, zone=PARIS)
    assert (first.number, after.number) == (1, 2)
    assert "Décrue" in after.parts["situation"]
    assert "déborde" not in after.parts["situation"]
    (line,) = await sitreps.issued(kept.ledger, COMMUNE, CRISIS)
    assert line.data["parts"]["situation"] == "Vu et changé"
    assert (await verify_ledger(kept.ledger, COMMUNE, key=kept.key)).valid
    pdf = await typeset("sitrep", as_paper(line, commune_name="Vaubrenne", zone=PARIS))
    assert pdf.startswith(b"%PDF-")


async def test_two_issued_at_once_have_two_numbers(kept: Keeper) -> None:
    done = await asyncio.gather(
        *(issue(kept, {"situation": f"{n}"}, event=CRISIS, by="rac") for n in range(6))
    )
    assert sorted(one.number for one in done) == [1, 2, 3, 4, 5, 6]
    other = await issue(kept, {"situation": "x"}, event="autre", by="rac")
    assert other.number == 1


@pytest.mark.parametrize("told", [{}, {"situation": " "}, {"situation": "x" * 9000}])
async def test_an_empty_or_endless_report_is_refused(kept: Keeper, told: dict[str, str]) -> None:
    with pytest.raises(LineRefused):
        await issue(kept, told, event=CRISIS, by="rac")


async def test_what_was_decided_at_the_console_is_among_the_decisions(kept: Keeper) -> None:
    await story(kept)
    real = await write_alert(kept.ledger, Planned())
    played = await write_alert(kept.ledger, Planned(mode="exercise"))
    for entry in (
        Entry("maire", "event.activate", "Plan communal de sauvegarde activé", {"event": CRISIS}),
        Entry("maire", "event.activate", "Un autre événement activé", {"event": "ailleurs"}),
        Entry("rac", "event.task", "Tâche faite", {"event": CRISIS}),
        Entry("maire", "alert.launched", "Alerte lancée : Crue", {"alert": real.alert_id}),
        Entry("maire", "alert.launched", "Alerte jouée", {"alert": played.alert_id}),
        Entry("rac", "alert.submitted", "Alerte soumise", {"alert": real.alert_id}),
    ):
        async with kept.ledger.writing() as connection:
            await append(connection, commune=COMMUNE, entry=entry, key=kept.key)
    found = (await parts(kept))["decisions"].splitlines()
    assert [one.split(" ", 2)[2] for one in found] == [
        "DOS : Fermer la rue",
        "maire : Plan communal de sauvegarde activé",
        "maire : Alerte lancée : Crue",
    ]
    await issue(kept, await parts(kept), event=CRISIS, by="rac")
    assert (await parts(kept))["decisions"] == ""  # told in the report before


async def test_a_report_of_an_exercise_says_so_first_and_tells_what_was_played(
    ledger: Ledger,
) -> None:
    row = {"commune": COMMUNE, "event_id": "jouee", "title": "Crue", "mode": "exercise",
           "state": "active", "state_at": 1.0, "directed_by": "mayor", "opened_by": "rac",
           "opened_at": 1.0}  # fmt: skip
    async with ledger.writing() as connection:
        await connection.execute(events.insert().values(row))
    keeper = Keeper(ledger, COMMUNE, b"k" * 32)
    await write_alert(ledger, Planned(title="Crue vraie"))
    played = await write_alert(ledger, Planned(title="Crue jouée", mode="exercise"))
    told = Entry("maire", "alert.launched", "Alerte lancée", {"alert": played.alert_id})
    async with ledger.writing() as connection:
        await append(connection, commune=COMMUNE, entry=told, key=keeper.key)
    found = dict((await draft(keeper, event="jouee", zone=PARIS)).parts)
    assert "Crue jouée" in found["communication"]
    assert "Crue vraie" not in found["communication"]
    assert found["decisions"].endswith("maire : Alerte lancée")
    done = await issue(keeper, found, event="jouee", by="rac")
    line = (await sitreps.issued(ledger, COMMUNE, "jouee"))[0]
    assert (line.number, line.text) == (done.line, "EXERCICE · Point de situation n° 1")
    assert as_paper(line, commune_name="Vaubrenne", zone=PARIS)["title"] == line.text
