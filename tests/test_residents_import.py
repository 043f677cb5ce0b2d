"""Residents imported: nobody lost, nobody twice, whatever the file says and when it stops."""

from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import update

from dispatcher.residents.importing import Source, import_residents
from dispatcher.store import logbook
from dispatcher.store.enrolment import Written
from dispatcher.store.ledger import Ledger
from dispatcher.store.people import Contact, people
from dispatcher.store.places import home_places
from dispatcher.store.registers import Home, Resident
from dispatcher.store.rights import find_person
from dispatcher.store.tables import persons
from tests.residents_files import COMMUNE, HEADERS, KEY, everybody, imported, source

__all__ = ["source"]
SHARED = Path(__file__).parents[1].parent / "shared" / "data"
POPULATION = SHARED / "pcs_exemple" / "prive" / "population.csv"


async def test_the_model_population_is_read_as_written(ledger: Ledger, source: Source) -> None:
    summary = await imported(ledger, replace(source, path=POPULATION))
    assert (summary.accepted, summary.rejected, summary.duplicates) == (3, [], 0)
    ana, lea, yves = await everybody(ledger)
    assert ana.languages == ("es",)
    assert lea == Resident(
        external_id="P0001",
        name="Léa DURAND",
        languages=("fr",),
        chosen_media=("sms", "email"),
        consented_at=1767571200.0,  # 2026-01-05
        contacts=(Contact("mobile", "+33639980101", 0), Contact("email", "lea@ex.example", 1)),
        homes=(Home("12 rue de la Lerne", "12 rue de la lerne", 4.5985, 45.5225),),
    )
    assert (yves.warn_first, yves.help_to_leave, yves.chosen_media) == (True, True, ("voice",))
    assert yves.contacts == (Contact("fixed", "+33199000102", 0),)


async def test_the_same_file_twice_adds_and_changes_nothing(ledger: Ledger, source: Source) -> None:
    source = replace(source, path=POPULATION)
    first = await imported(ledger, source)
    before = await home_places(ledger, COMMUNE)
    second = await imported(ledger, source)
    assert (first.people, second.people) == (Written(added=3), Written(unchanged=3))
    after = await home_places(ledger, COMMUNE)
    assert sorted(after.person_ids) == sorted(before.person_ids)


async def test_a_line_that_changed_updates_its_person_and_no_other(
    ledger: Ledger, source: Source
) -> None:
    same = "P2,HENRY,Yves,fr,3,quai Bas,,,,01 99 00 01 02,,"
    await imported(ledger, source, HEADERS, "P1,DURAND,Léa,fr,12,rue Haute,,,0639980101,,,", same)
    summary = await imported(
        ledger, source, HEADERS, "P1,DURAND,Léa,fr,5,rue Basse,,,0639980105,,,", same
    )
    assert summary.people == Written(updated=1, unchanged=1)
    lea = (await everybody(ledger))[0]
    assert lea.contacts == (Contact("mobile", "+33639980105", 0),)
    assert [home.place_key for home in lea.homes] == ["5 rue basse"]


async def test_lines_of_one_id_are_one_person_wherever_they_stand(
    ledger: Ledger, source: Source
) -> None:
    others = [f"Q{n},AUTRE{n},X,fr,{n},rue Haute,,,,,x{n}@ex.example," for n in range(1, 1200)]
    summary = await imported(
        ledger,
        source,
        HEADERS,
        "P1,DURAND,Léa,fr,12,rue Haute,4.5,45.5,0639980101,,,",
        *others,
        "P1,DURAND,Léa,en,9,rue Basse,,,0639980101,0199000102,,",
    )
    assert (summary.accepted, summary.duplicates) == (1201, 1)
    lea = next(one for one in await everybody(ledger) if one.external_id == "P1")
    assert lea.languages == ("fr", "en")
    assert [home.place_key for home in lea.homes] == ["12 rue haute", "9 rue basse"]
    assert [way.value for way in lea.contacts] == ["+33639980101", "+33199000102"]
    again = await imported(ledger, source)
    assert again.people == Written(unchanged=1200)


@pytest.mark.parametrize(
    "second",
    [
        ",Durand,LEA,fr,9,rue Basse,,,06.39.98.01.01,,,",  # a contact in common
        ",DURAND,Léa,fr,12,R. Haute,,,,,lea@ex.example,",  # a home in common
    ],
)
async def test_without_an_id_a_name_and_a_thing_in_common_make_one_person(
    ledger: Ledger, source: Source, second: str
) -> None:
    first = ",DURAND,Léa,fr,12,rue Haute,,,0639980101,,,"
    summary = await imported(ledger, source, HEADERS, first, second)
    assert (summary.duplicates, summary.people) == (1, Written(added=1))


@pytest.mark.parametrize(
    "second",
    [
        ",DURAND,Hugo,fr,12,rue Haute,,,0639980101,,,",  # same phone, another name
        ",DURAND,Léa,fr,99,rue Basse,,,0639980199,,,",  # same name, nothing in common
    ],
)
async def test_without_an_id_two_people_stay_two(
    ledger: Ledger, source: Source, second: str
) -> None:
    first = ",DURAND,Léa,fr,12,rue Haute,,,0639980101,,,"
    summary = await imported(ledger, source, HEADERS, first, second)
    assert (summary.duplicates, summary.people) == (0, Written(added=2))


async def test_father_and_son_of_one_name_and_home_stay_two_by_their_ids(
    ledger: Ledger, source: Source
) -> None:
    lines = [f"P{n},MARTIN,Jean,fr,12,rue Haute,,,0639980101,,," for n in (1, 2)]
    summary = await imported(ledger, source, HEADERS, *lines)
    assert summary.people == Written(added=2)


LINKED = [
    ",DURAND,Léa,fr,12,rue Haute,,,0639980101,,,",
    ",DURAND,Léa,fr,9,rue Basse,,,0639980102,,,",
    ",DURAND,Léa,fr,,,,,0639980102,0199000102,,",
    ",DURAND,Léa,fr,12,rue Haute,,,,0199000102,,",  # ties the first to the others
]


@pytest.mark.parametrize("order", [(0, 1, 2, 3), (3, 2, 1, 0), (1, 0, 3, 2), (0, 3, 1, 2)])
async def test_the_order_of_the_lines_does_not_change_who_is_one_person(
    ledger: Ledger, source: Source, order: tuple[int, ...]
) -> None:
    summary = await imported(ledger, source, HEADERS, *[LINKED[index] for index in order])
    assert summary.people == Written(added=1)
    lea = (await everybody(ledger))[0]
    assert {home.place_key for home in lea.homes} == {"12 rue haute", "9 rue basse"}
    assert len(lea.contacts) == 3


@pytest.mark.parametrize("turn", [1, -1])
async def test_a_line_without_id_joins_the_person_whose_id_another_line_gives(
    ledger: Ledger, source: Source, turn: int
) -> None:
    lines = ["P1,DURAND,Léa,fr,12,rue Haute,,,0639980101,,,", ",Durand,Léa,fr,,,,,0639980101,,,"]
    summary = await imported(ledger, source, HEADERS, *lines[::turn])
    assert (summary.people, summary.duplicates) == (Written(added=1), 1)
    assert (await everybody(ledger))[0].external_id == "P1"


async def test_a_file_without_ids_twice_adds_nothing(ledger: Ledger, source: Source) -> None:
    await imported(ledger, source, HEADERS, *LINKED, ",HENRY,Yves,fr,3,quai Bas,,,,,,")
    assert (await imported(ledger, source)).people == Written(unchanged=2)


async def test_a_list_of_nameless_telephones_twice_adds_nothing_and_takes_no_telephone_away(
    ledger: Ledger, source: Source
) -> None:
    lines = [",,,,1,rue Haute,,,0639980101,,,", ",,,,1,rue Haute,,,0639980102,,,"]
    await imported(ledger, source, HEADERS, *lines)
    assert (await imported(ledger, source)).people == Written(unchanged=2)
    door = [",,,,1,rue Haute,,,,,,", ",,,,1,rue Haute,,,,,,"]
    assert (await imported(ledger, source, HEADERS, *door)).people == Written(added=1)
    assert (await imported(ledger, source)).people == Written(unchanged=1)
    told = [way.value for one in await everybody(ledger) for way in one.contacts]
    assert sorted(told) == ["+33639980101", "+33639980102"]


async def test_ids_given_later_name_the_people_enrolled_without(
    ledger: Ledger, source: Source
) -> None:
    await imported(ledger, source, HEADERS, ",DURAND,Léa,fr,12,rue Haute,,,0639980101,,,")
    summary = await imported(
        ledger, source, HEADERS, "P1,DURAND,Léa,fr,12,rue Haute,,,0639980101,,,"
    )
    assert summary.people == Written(updated=1)
    assert [one.external_id for one in await everybody(ledger)] == ["P1"]


async def test_an_import_never_enrols_again_who_left(ledger: Ledger, source: Source) -> None:
    source = replace(source, path=POPULATION)
    await imported(ledger, source)
    async with ledger.writing() as connection:
        await connection.execute(
            update(persons).where(persons.c.external_id == "P0001").values(unsubscribed_at=1.0)
        )
    await imported(ledger, source)
    id_ = await find_person(ledger, COMMUNE, "P0001") or ""
    assert (await people(ledger, COMMUNE, [id_]))[id_].unsubscribed


async def test_two_communes_never_mix(ledger: Ledger, source: Source) -> None:
    await imported(ledger, replace(source, path=POPULATION))
    summary = await imported(ledger, replace(source, path=POPULATION, commune="35047"))
    assert summary.people == Written(added=3)
    assert len(await everybody(ledger)) == len(await everybody(ledger, "35047")) == 3


async def test_the_logbook_says_how_many_came_and_names_nobody(
    ledger: Ledger, source: Source
) -> None:
    await imported(ledger, replace(source, path=POPULATION))
    (line,) = await logbook.read(ledger, COMMUNE)
    assert (line.kind, line.author, line.data["added"]) == ("residents.imported", "ccas", 3)
    assert "DURAND" not in line.text


async def test_progress_goes_up_to_its_end(ledger: Ledger, source: Source) -> None:
    lines = [f"P{n},N{n},X,fr,,,,,,,x{n}@ex.example," for n in range(2500)]
    source.path.write_text("\n".join([HEADERS, *lines]))
    seen: list[tuple[str, int, int]] = []
    await import_residents(
        ledger, source, author="ccas", key=KEY, progress=lambda *step: seen.append(step)
    )
    for what, end in (("reading", source.path.stat().st_size), ("writing", 2500)):
        steps = [done for name, done, total in seen if name == what and total == end]
        assert len(steps) >= 3
        assert steps == sorted(steps)
        assert steps[-1] == end


async def test_a_crash_between_batches_is_repaired_by_running_again(
    ledger: Ledger, source: Source
) -> None:
    lines = [f"P{n},N{n:04d},X,fr,{n},rue Haute,,,,,x{n}@ex.example," for n in range(1200)]
    source.path.write_text("\n".join([HEADERS, *lines]))

    class PowerCut(Exception):
        """Stops the import where it stands."""

    def cut(what: str, done: int, _total: int) -> None:
        if what == "writing" and done >= 500:
            raise PowerCut

    with pytest.raises(PowerCut):
        await import_residents(ledger, source, author="ccas", key=KEY, progress=cut)
    half = await everybody(ledger)
    assert len(half) == 500
    assert all(len(one.contacts) == len(one.homes) == 1 for one in half)  # each one whole
    assert (await imported(ledger, source)).people == Written(added=700, unchanged=500)
