"""A resident is found by her whole name, and by nobody's guess: each word, whole, in any order."""

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, func, select

from dispatcher.alerts.refusals import NotSo
from dispatcher.signup.town_hall import MOST_NAMED, look_up
from dispatcher.store import logbook, registered
from dispatcher.store.enrolment import put_residents
from dispatcher.store.ledger import Ledger
from dispatcher.store.people import Contact
from dispatcher.store.registers import Resident, name_key
from dispatcher.store.rights import erase_person
from dispatcher.store.tables import name_marks, persons
from tests.law import OPERATOR
from tests.outgoing import LOGBOOK_KEY
from tests.situations import COMMUNE, load_example_plan, office
from tests.stolen import everything

ANA = Resident("P1", "Ana LÓPEZ-Œuvré", ("fr",), contacts=(Contact("mobile", "+33639983142"),))
LUC = Resident("P2", "Luc LOPEZ", ("fr",), contacts=(Contact("mobile", "+33639983143"),))


async def found(ledger: Ledger, sought: str) -> set[str]:
    pages = await look_up(office(ledger), sought, actor=OPERATOR)
    return {one.resident.name for one in pages}


@pytest.mark.parametrize(
    ("sought", "whom"),
    [
        ("lopez", {ANA.name, LUC.name}),
        ("LOPEZ Ana", {ANA.name}),
        ("ana lópez", {ANA.name}),
        ("oeuvre", {ANA.name}),
        ("Luc  Lopez", {LUC.name}),
        ("Lop", set()),
        ("Ana Luc", set()),
        ("Martin", set()),
    ],
)
async def test_each_word_is_asked_for_whole(ledger: Ledger, sought: str, whom: set[str]) -> None:
    await load_example_plan(ledger)
    await put_residents(ledger, [ANA, LUC], commune=COMMUNE)
    assert await found(ledger, sought) == whom


async def test_nobody_of_the_plan_is_found_and_no_word_is_clear(ledger: Ledger) -> None:
    await load_example_plan(ledger)
    await put_residents(ledger, [ANA], commune=COMMUNE)
    assert await found(ledger, "Vasseur") == set()  # of the plan's directory
    assert await registered.named(ledger, COMMUNE, "Vasseur", most=5) == []
    assert "œuvré" not in await everything(ledger)


async def test_another_name_takes_the_place_of_the_old_and_erased_none_is_left(
    ledger: Ledger,
) -> None:
    await load_example_plan(ledger)
    await put_residents(ledger, [ANA], commune=COMMUNE)
    await put_residents(ledger, [replace(ANA, name="Ana PETIT")], commune=COMMUNE)
    assert (await found(ledger, "lopez"), await found(ledger, "petit")) == (set(), {"Ana PETIT"})
    async with ledger.reading() as connection:
        wanted = select(persons.c.person_id).where(persons.c.external_id == "P1")
        person = (await connection.execute(wanted)).scalar_one()
    line = office(ledger).line("dos", "residents.erased", "Effacé")
    assert await erase_person(ledger, person, commune=COMMUNE, entry=line.entry, key=LOGBOOK_KEY)
    async with ledger.reading() as connection:
        left = select(func.count()).where(name_marks.c.person_id == person)
        assert (await connection.execute(left)).scalar_one() == 0


async def test_a_name_that_many_have_shows_nobody_and_says_what_to_do(ledger: Ledger) -> None:
    await load_example_plan(ledger)
    many = [replace(LUC, external_id=f"M{n}", contacts=()) for n in range(MOST_NAMED + 1)]
    many = [
        replace(
            one, name=f"Luc{chr(97 + n)} LOPEZ", contacts=(Contact("mobile", f"+336399832{n:02d}"),)
        )
        for n, one in enumerate(many)
    ]
    await put_residents(ledger, many, commune=COMMUNE)
    with pytest.raises(NotSo, match="ajoutez le prénom"):
        await found(ledger, "lopez")
    assert len(await found(ledger, "lucd lopez")) == 1
    with pytest.raises(NotSo, match="nom entier"):
        await found(ledger, " - ")


async def test_each_search_is_told_without_the_name(ledger: Ledger) -> None:
    await load_example_plan(ledger)
    await put_residents(ledger, [ANA], commune=COMMUNE)
    await found(ledger, "lopez")
    lines = await logbook.read_kinds(ledger, COMMUNE, "residents.looked_up", limit=9)
    assert [len(one.data["people"]) for one in lines] == [1]
    assert "lopez" not in str(lines).casefold()


WORDS = st.sampled_from(("ana", "luc", "lopez", "petit", "le", "de", "ñandú", "œdipe"))
NAMES = st.lists(WORDS, min_size=1, max_size=4).map(" ".join)


@settings(
    max_examples=15,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(names=st.lists(NAMES, min_size=1, max_size=8, unique_by=name_key), sought=NAMES)
async def test_who_is_found_is_who_has_every_word(
    ledger: Ledger, names: list[str], sought: str
) -> None:
    async with ledger.writing() as connection:
        await connection.execute(delete(persons))
    people = [
        Resident(f"H{n}", name, ("fr",), contacts=(Contact("mobile", f"+3363998330{n}"),))
        for n, name in enumerate(names)
    ]
    await put_residents(ledger, people, commune=COMMUNE)
    ids = await registered.named(ledger, COMMUNE, sought, most=50)
    wanted = set(name_key(sought).split())
    assert len(ids) == sum(wanted <= set(name_key(name).split()) for name in names)
