"""Who is covered: a confirmed contact at one's home, counted by sector and street, told so far."""

import asyncio
import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatcher.alerts.refusals import NotThere
from dispatcher.cover.counting import OF_COMMUNE, OF_HOUSEHOLDS, OF_SECTOR, Cover, Place, cover_of
from dispatcher.cover.ground import Grounds
from dispatcher.cover.hiding import FEWEST, hidden, shown_of
from dispatcher.cover.rounds import OUTSIDE, Where, as_csv, take_round
from dispatcher.store import logbook
from dispatcher.store.addresses import Address
from dispatcher.store.enrolment import put_residents
from dispatcher.store.ledger import Ledger
from dispatcher.store.own_changes import leave
from dispatcher.store.own_links import Own
from dispatcher.store.readiness_facts import Enrolled, enrolled_at
from dispatcher.store.registered import behind
from tests.covered_town import confirm, doors_of, lives, load_doors, phone, settle
from tests.crises import MAYOR
from tests.situations import COMMUNE, load_example_plan, office

FAR = (5.3, 47.9)  # in no sector


async def counted(ledger: Ledger) -> Cover:
    """Count the commune's cover."""
    return await cover_of(office(ledger), Grounds())


def named(places: tuple[Place, ...]) -> dict[str, Place]:
    """Return streets by their name."""
    return {one.street or one.name: one for one in places}


async def test_an_address_is_covered_by_who_lives_there_and_confirmed_a_contact(
    ledger: Ledger,
) -> None:
    await load_doors(ledger, doors_of("Rue Basse", 6))
    await settle(ledger, [lives(1, "1 rue basse"), lives(2, "1 r. Basse")])
    await settle(ledger, [lives(3, "2 Rue Basse")], sure=False)
    await settle(ledger, [lives(4, "3 Rue Basse", kind="work")])
    await settle(ledger, [lives(5, "4 Rue Basse")])
    (gone,) = await behind(ledger, COMMUNE, lives(5, "").contacts[0])
    line = office(ledger).line("test", "residents.unsubscribed", "x")
    await leave(ledger, Own(COMMUNE, gone), line=line)
    whole = (await counted(ledger)).whole
    assert (whole.addresses, whole.covered) == (6, 1)
    assert await enrolled_at(ledger, COMMUNE) == Enrolled(addresses=6, enrolled=3, sure=1)


async def test_cover_is_told_by_sector_and_by_street_within_it(ledger: Ledger) -> None:
    await load_example_plan(ledger)
    await load_doors(
        ledger,
        [
            *doors_of("Rue Basse", 6),
            *doors_of("Rue Haute", 5, at=FAR),
            *doors_of("Pré", 3, at=None),
        ],
    )
    await settle(
        ledger, [lives(1, "1 Rue Basse"), lives(2, "2 Rue Basse"), lives(3, "1 Rue Haute")]
    )
    cover = await counted(ledger)
    assert [(one.name, one.share.addresses, one.share.covered) for one in cover.sectors] == [
        ("", 8, 1), ("Bas-Bourg", 6, 2),
    ]  # fmt: skip
    streets = named(cover.streets)
    assert {name: one.share.covered for name, one in streets.items()} == {
        "Rue Basse": 2, "Rue Haute": 1, "Pré": 0,
    }  # fmt: skip
    assert (cover.unlocated, cover.elsewhere) == (3, 0)
    assert [one.source for one in cover.sectors] == [OF_COMMUNE, OF_SECTOR]


async def test_a_sign_up_in_a_block_of_flats_does_not_cover_the_block(ledger: Ledger) -> None:
    await load_example_plan(ledger)
    await load_doors(ledger, doors_of("Rue Basse", 10))  # 450 inhabitants, 220 households
    await settle(ledger, [lives(1, "1 Rue Basse"), lives(2, "2 Rue Basse", household=4)])
    share = (await counted(ledger)).sectors[0].share
    assert share.inhabitants == pytest.approx(450)
    assert share.reached == pytest.approx(450 / 220 + 4)


async def test_the_people_of_a_house_are_no_more_than_live_there_on_average(
    ledger: Ledger,
) -> None:
    await load_doors(ledger, doors_of("Rue Basse", 10))
    await settle(ledger, [lives(one, "1 Rue Basse", household=4) for one in (1, 2)])
    cover = await counted(ledger)
    assert cover.whole.reached == pytest.approx(2.2)
    assert cover.whole.inhabitants == pytest.approx(22)
    assert cover.sectors[0].source == OF_HOUSEHOLDS


async def test_a_door_twice_in_the_file_does_not_double_its_people(ledger: Ledger) -> None:
    twice = doors_of("Rue Basse", 10)
    await load_doors(
        ledger,
        [
            *twice,
            *(Address(f"{one.address_id}b", *list(vars(one).values())[1:]) for one in twice[:1]),
        ],
    )
    await settle(ledger, [lives(1, "1 Rue Basse", household=2)])
    whole = (await counted(ledger)).whole
    assert whole.covered == 2
    assert whole.reached == pytest.approx(2)


async def test_who_lives_at_no_address_of_the_file_is_told_apart(ledger: Ledger) -> None:
    await load_doors(ledger, doors_of("Rue Basse", 5))
    await settle(ledger, [lives(1, "Lieu-dit Les Trois Chênes"), lives(2, "")])
    cover = await counted(ledger)
    assert (cover.whole.covered, cover.elsewhere) == (0, 2)


async def test_without_addresses_nothing_is_counted_and_no_round_is_given(ledger: Ledger) -> None:
    await settle(ledger, [lives(1, "1 Rue Basse")])
    cover = await counted(ledger)
    assert (cover.whole.addresses, cover.sectors, cover.elsewhere) == (0, (), 1)
    with pytest.raises(NotThere, match="La base d'adresses n'est pas chargée"):
        await take_round(office(ledger), Grounds(), Where(), actor=MAYOR)


async def test_a_ground_in_memory_follows_addresses_and_confirmations(ledger: Ledger) -> None:
    grounds = Grounds()
    await load_doors(ledger, doors_of("Rue Basse", 5))
    await put_residents(ledger, [lives(1, "1 Rue Basse"), lives(2, "6 Rue Basse")], commune=COMMUNE)
    assert (await cover_of(office(ledger), grounds)).whole.covered == 0
    await confirm(ledger, [phone(1), phone(2)])
    assert (await cover_of(office(ledger), grounds)).whole.covered == 1
    await load_doors(ledger, doors_of("Rue Basse", 6))
    assert (await cover_of(office(ledger), grounds)).whole.covered == 2


async def test_a_round_walks_by_street_and_number_past_who_is_covered(ledger: Ledger) -> None:
    await load_doors(ledger, [
        *doors_of("Rue Haute", 2), *doors_of("Rue Basse", 11),
        Address("b", "2 bis Rue Basse", "Rue Basse", "2bis rue basse", None, None),
    ])  # fmt: skip
    await settle(ledger, [lives(1, "1 Rue Basse"), lives(2, "10 Rue Basse")])
    await settle(ledger, [lives(3, "3 Rue Basse")], sure=False)
    found = await take_round(office(ledger), Grounds(), Where(), actor=MAYOR)
    assert found.by_street() == {
        "Rue Basse": ["2", "2 bis", "3", "4", "5", "6", "7", "8", "9", "11"],
        "Rue Haute": ["1", "2"],
    }
    (line,) = await logbook.read_kinds(ledger, COMMUNE, "residents.round", limit=9)
    assert (line.author, line.data) == (MAYOR.login, {"sector": "", "addresses": 12})


async def test_a_round_is_of_a_sector_of_what_is_outside_or_of_a_street(ledger: Ledger) -> None:
    await load_example_plan(ledger)
    await load_doors(ledger, [*doors_of("Rue Basse", 2), *doors_of("Rue Haute", 3, at=FAR)])
    sizes = {}
    for where in (Where("bas_bourg"), Where(OUTSIDE), Where(street="Rue Haute"), Where("moulins"),
                  Where("bas_bourg", "Rue Haute")):  # fmt: skip
        found = await take_round(office(ledger), Grounds(), where, actor=MAYOR)
        sizes[where] = len(found.doors)
    assert list(sizes.values()) == [2, 3, 3, 0, 0]
    for wrong in (Where("nulle_part"), Where(street="Rue qui n'y est pas")):
        with pytest.raises(NotThere):
            await take_round(office(ledger), Grounds(), wrong, actor=MAYOR)


async def test_a_round_as_a_table_has_no_name_and_no_formula(ledger: Ledger) -> None:
    await load_doors(ledger, doors_of('=HYPERLINK("http://x")', 1))
    await settle(ledger, [lives(7, '1 =HYPERLINK("http://x")')], sure=False)
    text = as_csv(await take_round(office(ledger), Grounds(), Where(), actor=MAYOR))
    (row,) = list(csv.reader(io.StringIO(text.removeprefix("\ufeff")), delimiter=";"))[1:]
    assert row[1] == '\'=HYPERLINK("http://x")'
    assert "NOM7" not in text
    assert phone(7) not in text


@given(st.lists(st.integers(0, 12), max_size=12))
def test_what_is_left_out_cannot_be_had_by_subtraction(sizes: list[int]) -> None:
    out = hidden(sizes)
    assert all(sizes[at] >= FEWEST for at in range(len(sizes)) if at not in out)
    if out and len(out) < len(sizes):
        assert sum(sizes[at] for at in out) >= FEWEST


@given(st.lists(st.integers(FEWEST, 99), max_size=12))
def test_figures_that_betray_nobody_are_all_shown(sizes: list[int]) -> None:
    assert hidden(sizes) == frozenset()


async def test_small_figures_are_left_out_with_the_streets_of_their_sector(ledger: Ledger) -> None:
    await load_example_plan(ledger)
    await load_doors(ledger, [
        *doors_of("Rue Basse", 4), *doors_of("Rue Haute", 6, at=FAR), *doors_of("Pré", 9, at=FAR),
        *doors_of("Impasse", 4, at=FAR),
    ])  # fmt: skip
    found = shown_of(await counted(ledger))
    assert {one.place.name: one.share for one in found.sectors} == {"": None, "Bas-Bourg": None}
    assert found.whole
    assert not any(one.share for one in found.streets)
    await load_doors(ledger, [*doors_of("Rue Haute", 6, at=FAR), *doors_of("Pré", 9, at=FAR),
                              *doors_of("Impasse", 4, at=FAR)])  # fmt: skip
    found = shown_of(await counted(ledger))
    assert {one.place.street: one.share is not None for one in found.streets} == {
        "Impasse": False, "Rue Haute": False, "Pré": True,
    }  # fmt: skip


async def test_two_who_look_at_once_read_the_same(ledger: Ledger) -> None:
    await load_doors(ledger, doors_of("Rue Basse", 5))
    await settle(ledger, [lives(1, "1 Rue Basse")])
    grounds = Grounds()
    found = await asyncio.gather(*(cover_of(office(ledger), grounds) for _ in range(3)))
    assert [one.whole.covered for one in found] == [1, 1, 1]
