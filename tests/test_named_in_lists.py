"""Lists of ids name people too: each is followed, or is known to name nobody of the registers."""

import json
from collections.abc import Mapping

from sqlalchemy import JSON, String, insert

from dispatcher.privacy.about import about
from dispatcher.store import personal
from dispatcher.store.kept_about import APART, LISTS, Leads, kept_about, leads_to
from dispatcher.store.ledger import Ledger
from dispatcher.store.readiness_tables import phone_trials
from dispatcher.store.tasking_tables import mission_doors, mission_tellings
from dispatcher.store.whole_schema import metadata
from tests.law import DPO, row_of, sealed_alert
from tests.outgoing import COMMUNE, phone
from tests.situations import office

POINTS = {"person_id", "contact_mark", "mark", "delivery_id"}
NOBODY: Mapping[str, str] = {  # columns of JSON that are not followed, and what they hold
    "acts.answer": "how an act was answered: ids of what it made",
    "alert_steps.content": "texts, media, area of an alert",
    "announcements.logins": "accounts of the console",
    "blocks.chains": "media",
    "blocks.choice": "which chain, by rank",
    "blocks.others": "media",
    "desk_items.body": "what was said to the desk: of somebody by her words alone",
    "eliminations.counts": "figures and versions",
    "eliminations.seals": "numbers of seals",
    "event_acts.data": "decisions, by accounts of the console",
    "event_holders.sheet": "what was handed over: tasks of a cell",
    "fr_alert_steps.sheet": "texts and area of an alert",
    "logbook.data": "the logbook, a public archive: its page looks for an id",
    "missions.missing": "steps that nobody reported",
    "partner_messages.answer": "how a partner's message was answered",
    "partners.teams": "teams",
    "partners.verbs": "rights",
    "passkeys.transports": "kinds of keys",
    "persons.languages": "hers, in her own row",
    "persons.media": "hers, in her own row",
    "plan_drafts.files": "the plan",
    "plan_outlines.drawn": "points of a map",
    "plans.files": "the plan",
    "readiness_lines.blanks": "figures",
    "readiness_weeks.states": "subjects and states",
    "sketches.chosen": "texts, media, area of an alert",
    "sketches.editors": "accounts of the console",
    "team_states.missing": "steps that nobody reported",
    "versions.content": "texts, media, area of an alert",
}


async def put(ledger: Ledger, *rows: tuple[object, dict[str, object]]) -> None:
    async with ledger.writing() as connection:
        for table, row in rows:
            await connection.execute(insert(table), row)  # type: ignore[arg-type]


async def test_a_door_and_an_audience_show_her_and_nobody_who_is_beside_her(
    ledger: Ledger,
) -> None:
    await sealed_alert(ledger)
    door = row_of(mission_doors, 1, people=["p00004", "p00003"], result="help")
    place = personal.door_at("note", COMMUNE, door["mission"], door["door"])
    door["note"] = personal.sealed_words(ledger.ring, "porte close", place)
    other = row_of(mission_doors, 2, people=["p000031"], result="found")
    await put(ledger, (mission_doors, door), (mission_doors, other))
    found = (await about(office(ledger), phone(3), actor=DPO))["tables"]
    assert [one["people"] for one in found["blocks"]] == [["p00003"]]
    (hers,) = found["mission_doors"]
    assert (hers["people"], hers["result"], hers["note"]) == (["p00003"], "help", "porte close")
    assert "p00004" not in json.dumps(found, default=str)


async def test_who_holds_a_function_is_found_by_her_id_of_the_plan(ledger: Ledger) -> None:
    await put(
        ledger,
        (mission_tellings, row_of(mission_tellings, 1, people=["maire", "rac"])),
        (phone_trials, row_of(phone_trials, 1, people=["rac"])),
    )
    found = await kept_about(ledger, COMMUNE, Leads(["contact:maire"], []))
    assert [one["people"] for one in found["mission_tellings"]] == [["maire"]]
    assert "phone_trials" not in found
    found = await kept_about(ledger, COMMUNE, Leads(["contact:rac"], []))
    assert [one["people"] for one in found["phone_trials"]] == [["rac"]]


def test_every_list_that_is_followed_is_there_and_asked() -> None:
    for table, column in LISTS.items():
        assert isinstance(metadata.tables[table].c[column].type, JSON)
        assert leads_to(metadata.tables[table], Leads(["p"], [])) is not None


def test_every_column_of_json_is_followed_or_known_to_name_nobody() -> None:
    found = {
        f"{table.name}.{one.name}"
        for table in metadata.sorted_tables
        for one in table.c
        if isinstance(one.type, JSON)
    }
    assert found == {*NOBODY, *(f"{table}.{column}" for table, column in LISTS.items())}


def test_no_column_of_words_hides_whom_it_is_about() -> None:
    """A reference by another name than those that are followed is a new one to judge."""
    others = {
        f"{table.name}.{one.name}"
        for table in metadata.sorted_tables
        for one in table.c
        if isinstance(one.type, String) and one.name.startswith(("person", "contact", "resident"))
        and one.name not in {*POINTS, "contact"} and table.name not in APART
    }  # fmt: skip
    assert others == set()
