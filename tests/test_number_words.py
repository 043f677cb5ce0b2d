"""A head-count in words: said as people say it, and never for another number."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatcher.alerts.number_words import MOST, in_words


@pytest.mark.parametrize(
    ("number", "french", "english"),
    [
        (0, "zéro", "zero"),
        (1, "un", "one"),
        (21, "vingt et un", "twenty-one"),
        (71, "soixante et onze", "seventy-one"),
        (77, "soixante-dix-sept", "seventy-seven"),
        (80, "quatre-vingts", "eighty"),
        (81, "quatre-vingt-un", "eighty-one"),
        (91, "quatre-vingt-onze", "ninety-one"),
        (99, "quatre-vingt-dix-neuf", "ninety-nine"),
        (100, "cent", "one hundred"),
        (200, "deux cents", "two hundred"),
        (201, "deux cent un", "two hundred and one"),
        (280, "deux cent quatre-vingts", "two hundred and eighty"),
        (771, "sept cent soixante et onze", "seven hundred and seventy-one"),
        (1_000, "mille", "one thousand"),
        (1_080, "mille quatre-vingts", "one thousand and eighty"),
        (2_000, "deux mille", "two thousand"),
        (80_000, "quatre-vingt mille", "eighty thousand"),
        (200_300, "deux cent mille trois cents", "two hundred thousand three hundred"),
        (1_000_000, "un million", "one million"),
        (
            2_000_001,
            "deux millions un",
            "two million and one",
        ),
    ],
)
def test_numbers_are_said_as_people_say_them(number: int, french: str, english: str) -> None:
    assert in_words(number) == french
    assert in_words(number, "en") == english


@given(st.integers(0, 2_000_000), st.integers(0, 2_000_000), st.sampled_from(["fr", "en"]))
def test_two_numbers_are_never_said_alike(first: int, second: int, language: str) -> None:
    said = in_words(first, language) == in_words(second, language)
    assert said == (first == second)


def test_every_number_below_ten_thousand_has_words_of_its_own() -> None:
    for language in ("fr", "en"):
        assert len({in_words(number, language) for number in range(10_000)}) == 10_000


@pytest.mark.parametrize("number", [-1, MOST + 1])
def test_what_is_not_said_is_refused(number: int) -> None:
    with pytest.raises(ValueError, match="not said"):
        in_words(number)
