"""However an address is typed, its key is one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatcher.residents.place_key import place_key


@pytest.mark.parametrize(
    ("typed", "key"),
    [
        ("12 rue de la Lerne", "12 rue de la lerne"),
        ("12, Rue de la LERNE ", "12 rue de la lerne"),
        ("0012 r. de la Lerne", "12 rue de la lerne"),
        ("12 r de la Lerne", "12 rue de la lerne"),
        ("12 bd St-Michel", "12 boulevard saint michel"),
        ("12 Boulevard Saint Michel", "12 boulevard saint michel"),
        ("3bis av. du Gal de Gaulle", "3 bis avenue du general de gaulle"),
        ("3 BIS Avenue du Général-de-Gaulle", "3 bis avenue du general de gaulle"),
        ("5 b Chemin des Œillets", "5 b chemin des oeillets"),
        ("5B che des oeillets", "5 b chemin des oeillets"),
        ("7 r rue Haute", "7 r rue haute"),
        ("7 L'Hôpital", "7 l hopital"),
        ("7 l’hopital", "7 l hopital"),
        ("Le Bourg", "le bourg"),
        ("Ste-Anne", "sainte anne"),
        ("", ""),
        (" - ", ""),
    ],
)
def test_one_door_has_one_key(typed: str, key: str) -> None:
    assert place_key(typed) == key


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("12 rue Haute", "12 bis rue Haute"),
        ("12 rue Haute", "12 rue Basse"),
        ("1 rue Haute", "11 rue Haute"),
        ("12 rue Haute", "12 impasse Haute"),
    ],
)
def test_two_doors_have_two_keys(one: str, other: str) -> None:
    assert place_key(one) != place_key(other)


words = st.lists(
    st.sampled_from(
        ["rue", "r", "St", "de", "l'", "Église", "bd", "12", "bis", "b", "7ter", "Gal"]
    ),
    max_size=6,
).map(" ".join)


@given(words | st.text(max_size=20))
def test_a_key_is_its_own_key(typed: str) -> None:
    assert place_key(place_key(typed)) == place_key(typed)


@given(words)
def test_case_and_spaces_do_not_matter(typed: str) -> None:
    assert place_key(f"  {typed.upper()}  ".replace(" ", "   ")) == place_key(typed)


@given(st.integers(1, 9999), st.sampled_from(["", "bis", "ter", "a"]))
def test_the_parts_of_a_file_give_the_key_of_the_label(number: int, suffix: str) -> None:
    label = f"{number} {suffix} Rue de l'Église" if suffix else f"{number} Rue de l'Église"
    assert place_key("rue de l’église", number=str(number), suffix=suffix) == place_key(label)
    assert place_key("rue de l’église", number=f"{number}{suffix}") == place_key(label)
