"""Each household of a building is a door of its own: what is found at one is said of no other."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from dispatcher.alerts.call_list import ToCall, split_label
from dispatcher.tasking.households import doors_of_households


def line(who: str, address: str, *phones: str) -> ToCall:
    number, street = split_label(address)
    return ToCall("", street, number, address, who, "fr", phones, (), "silent", (), (), False,
                  False, False, who)  # fmt: skip


def walk(*lines: ToCall) -> list[tuple[str, tuple[str, ...]]]:
    return [(one.label, one.people) for one in doors_of_households(lines)]


def test_flats_of_a_building_are_doors_and_who_shares_a_telephone_is_one_household() -> None:
    found = walk(
        line("a", "4 Rue Basse"),
        line("b", "4 Rue Basse, 2e étage", "06"),
        line("c", "4 Rue Basse, 2e étage", "06"),
        line("d", "4 Rue Basse", "07"),
        line("e", "7 Rue Basse"),
        line("f", "Le Bourg, chez X"),
        line("g", ""),
    )
    assert found == [
        ("Le Bourg, chez X", ("f",)),
        ("7 Rue Basse", ("e",)),
        ("4 Rue Basse (1/2)", ("a",)),
        ("4 Rue Basse (2/2)", ("d",)),
        ("4 Rue Basse, 2e étage", ("b", "c")),
    ]


people = st.lists(
    st.builds(
        lambda who, address, phones: line(who, address, *phones),
        st.sampled_from("abcdefgh"),
        st.sampled_from(("4 Rue X", "4 Rue X, 1er", "6 Rue X", "Le Bourg")),
        st.sets(st.sampled_from("123")),
    ),
    unique_by=lambda one: one.person_id,
    max_size=8,
)


@given(people, st.data())
def test_everyone_is_behind_one_door_whose_id_and_label_are_her_household_s_alone(
    lines: list[ToCall], data: st.DataObject
) -> None:
    doors = doors_of_households(lines)
    assert sorted(who for one in doors for who in one.people) == sorted(
        one.person_id for one in lines
    )
    assert len({one.door for one in doors}) == len({one.label for one in doors}) == len(doors)
    again = doors_of_households(data.draw(st.permutations(lines)))
    assert [(one.door, set(one.people)) for one in again] == [
        (one.door, set(one.people)) for one in doors
    ]
    lonely = [replace(one, phones=(), emails=()) for one in lines]
    assert len(doors_of_households(lonely)) == len(lines)
