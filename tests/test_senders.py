"""A sender that French operators would drop is told before anything is sent."""

import pytest

from channels.senders import number_fault, sender_fault


@pytest.mark.parametrize("name", ["Valombre", "BRUZ", "MairieBruz", "35170Bruz", "Abc", "A" * 11])
def test_the_name_of_a_commune_passes(name: str) -> None:
    assert sender_fault(name) is None


@pytest.mark.parametrize("name", ["ALERTE", "alert", "Info", "SMS", "rdv", "Urgent", "ALERTE24"])
def test_a_generic_word_is_told_whatever_its_case(name: str) -> None:
    assert "générique" in (sender_fault(name) or "")


@pytest.mark.parametrize(
    ("name", "word"),
    [
        ("", "3 à 11"),
        ("ab", "3 à 11"),
        ("a" * 12, "3 à 11"),
        ("38123", "chiffres"),
        ("Ville Bruz", "lettres"),
        ("Évêché", "lettres"),
        ("Bruz-35", "lettres"),
        ("Bruz\n35", "lettres"),
        ("Bruz\n", "lettres"),
        ("\u0663\u0664\u0665Bruz", "lettres"),  # digits of another script
    ],
)
def test_a_name_that_operators_drop_is_told_why(name: str, word: str) -> None:
    assert word in (sender_fault(name) or "")


def test_the_reason_is_given_in_english_too() -> None:
    assert "generic word" in (sender_fault("ALERTE", language="en") or "")
    assert "mobile number" in (number_fault("+33639980001", language="en") or "")


@pytest.mark.parametrize("number", ["+33199000001", "+33536490001", "+262262000000", "+4930123456"])
def test_a_landline_may_call(number: str) -> None:
    assert number_fault(number) is None


@pytest.mark.parametrize(
    "number", ["+33639980001", "+33700000000", "+262692000000", "+590690000000"]
)
def test_a_french_mobile_number_may_neither_text_nor_call(number: str) -> None:
    assert "06 ou 07" in (number_fault(number) or "")


@pytest.mark.parametrize("number", ["0199000001", "33199000001", "+33 1 99", "", "+33199000001\n"])
def test_a_number_that_is_not_international_is_told(number: str) -> None:
    assert "international" in (number_fault(number) or "")
