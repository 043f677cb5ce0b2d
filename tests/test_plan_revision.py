"""The plan in force is changed by a checked version, or not at all; its history is kept."""

import asyncio

import pytest

from dispatcher.alerts import plan_in_force
from dispatcher.alerts.office import Actor, Office
from dispatcher.alerts.refusals import NotThere
from dispatcher.revision import editing
from dispatcher.revision.editing import Change, Edit
from dispatcher.store import logbook, plan_history
from dispatcher.store.ledger import Ledger
from dispatcher.store.plans import PlanMoved
from plans.differences import differences, unified
from plans.folder import files_of
from plans.sections import BY_NAME, edit_records
from plans.yaml_edit import Batch, NoSuchRecord
from tests.example_commune import EXAMPLE
from tests.situations import load_example_plan, office

RAC = Actor("rac", "rac")
DIRECTORY = BY_NAME["annuaire"]


def renamed(ident: str, name: str) -> Change:
    batch = Batch({ident: {"nom": name}})
    return lambda files: edit_records(files, DIRECTORY, batch)


def removed(section: str, ident: str) -> Change:
    return lambda files: edit_records(files, BY_NAME[section], Batch({}, frozenset({ident})))


@pytest.fixture
async def town(ledger: Ledger) -> Office:
    await load_example_plan(ledger)
    return office(ledger)


async def test_a_change_without_fault_is_the_plan_in_force_and_a_version(town: Office) -> None:
    base = (await editing.current(town)).digest
    made = await editing.edit(town, Edit(base, renamed("pm2", "NGUYEN-LE"), "mariage"), actor=RAC)
    assert [(one.act, one.ident) for one in made.differences] == [("changed", "pm2")]
    plan = (await plan_in_force.in_force(town)).plan
    assert "NGUYEN-LE" in {one.name for one in plan.contacts}
    last, first = await plan_history.versions_of(town.ledger, town.commune)
    assert (last.number, last.by, last.reason, last.differences) == (2, "rac", "mariage", 1)
    assert (last.previous, first.previous, first.number) == (base, None, 1)
    line = (await logbook.read(town.ledger, town.commune, newest=True, limit=1))[0]
    assert (line.kind, line.data["previous"], line.data["digest"]) == (
        "plan.loaded",
        base,
        last.digest,
    )


async def test_a_change_that_makes_a_fault_leaves_the_plan_as_it_is_and_says_where(
    town: Office,
) -> None:
    base = (await editing.current(town)).digest
    made = await editing.edit(town, Edit(base, removed("annuaire", "maire")), actor=RAC)
    assert {fault.file for fault in made.reading.faults} == {"organisation.yaml", "annuaire.yaml"}
    assert (await editing.current(town)).digest == base
    assert await plan_history.count_versions(town.ledger, town.commune) == 1


async def test_two_people_at_once_are_told_of_each_other(town: Office) -> None:
    base = (await editing.current(town)).digest
    await editing.edit(town, Edit(base, renamed("pm2", "UN")), actor=RAC)
    with pytest.raises(PlanMoved) as moved:
        await editing.edit(town, Edit(base, renamed("pm1", "DEUX")), actor=Actor("dgs", "rac"))
    assert moved.value.by == "rac"
    assert moved.value.at > 1_000_000_000


async def test_of_two_saves_in_the_same_moment_one_is_refused(town: Office) -> None:
    base = (await editing.current(town)).digest
    asked = [Edit(base, renamed("pm1", name)) for name in ("UN", "DEUX")]
    done = await asyncio.gather(
        *(editing.edit(town, one, actor=RAC) for one in asked), return_exceptions=True
    )
    assert sorted(isinstance(one, PlanMoved) for one in done) == [False, True]
    assert await plan_history.count_versions(town.ledger, town.commune) == 2


async def test_what_changes_nothing_makes_no_version(town: Office) -> None:
    base = (await editing.current(town)).digest
    made = await editing.edit(town, Edit(base, renamed("pm2", "NGUYEN")), actor=RAC)
    assert made.differences == ()
    assert await plan_history.count_versions(town.ledger, town.commune) == 1


async def test_an_older_version_comes_back_as_a_new_one(town: Office) -> None:
    first = (await editing.current(town)).digest
    await editing.edit(town, Edit(first, renamed("pm2", "UN")), actor=RAC)
    base = (await editing.current(town)).digest
    await editing.bring_back(town, 1, base=base, actor=RAC, reason="erreur")
    assert (await editing.current(town)).digest == first
    last = (await plan_history.versions_of(town.ledger, town.commune))[0]
    assert (last.number, last.previous) == (3, base)
    assert last.reason == "Retour à la version 1 : erreur"
    with pytest.raises(NotThere):
        await editing.bring_back(town, 9, base=first, actor=RAC, reason="")


async def test_a_record_that_is_gone_is_told(town: Office) -> None:
    base = (await editing.current(town)).digest
    with pytest.raises(NoSuchRecord):
        await editing.edit(town, Edit(base, renamed("nobody", "X")), actor=RAC)


async def test_who_is_called_up_follows_the_change(town: Office) -> None:
    base = (await editing.current(town)).digest
    batch = Batch({"maire": {"tel": ["+33639980099"]}})
    change: Change = lambda files: edit_records(files, DIRECTORY, batch)  # noqa: E731
    await editing.edit(town, Edit(base, change), actor=RAC)
    plan = (await plan_in_force.in_force(town)).plan
    people = plan_in_force.directory(plan)
    mayor = next(one for one in people if one.id == plan_in_force.duty_person("maire"))
    assert mayor.contacts[0].value == "+33639980099"


def test_differences_are_said_record_by_record_and_field_by_field() -> None:
    before = files_of(EXAMPLE)
    batch = Batch({"maire": {"tel": ["+33639980099"]}}, frozenset({"cantine"}), [{"id": "z"}])
    after = edit_records(before, DIRECTORY, batch)
    found = {(one.act, one.ident): one for one in differences(before, after)}
    assert set(found) == {("changed", "maire"), ("removed", "cantine"), ("added", "z")}
    field = found["changed", "maire"].fields[0]
    assert (field.path, field.before, field.after) == (
        "tel",
        "+33639980001, +33353010011",
        "+33639980099",
    )
    lines = unified(before, after, "annuaire.yaml")
    assert sum(line.startswith("-") for line in lines[2:]) == 2
    assert differences(before, before) == ()


def test_comments_are_no_difference_but_show_in_the_text() -> None:
    before = files_of(EXAMPLE)
    after = {**before, "pcs.yaml": before["pcs.yaml"] + b"# a word\n"}
    assert differences(before, after) == ()
    assert unified(before, after, "pcs.yaml")[-1] == "+# a word"


def test_another_outline_of_a_sector_is_a_difference() -> None:
    before = files_of(EXAMPLE)
    raw = before["geo/secteurs.geojson"].replace(b"5.009263, 47.780748", b"5.009264, 47.780748", 1)
    found = differences(before, {**before, "geo/secteurs.geojson": raw})
    assert [(one.ident, [field.path for field in one.fields]) for one in found] == [
        ("bas_bourg", ["trace"])
    ]
