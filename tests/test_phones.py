"""Numbers as people type them become E.164, by the region of their commune, or are refused."""

import csv
from pathlib import Path

import phonenumbers
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from dispatcher.residents.phones import Phone, PhoneRefused, read_phone, region_of

NUMBERS = Path(__file__).parents[1].parent / "shared" / "data" / "phones" / "fr_test_numbers.csv"
KINDS = {"MOBILE": "mobile", "FIXED_LINE": "fixed", "VOIP": "fixed"}
# What the national plan says where the library, held to one region, says "unknown".
BY_THE_PLAN = {
    ("0692123456", "FR"): Phone("+262692123456", "mobile"),
    ("0262161234", "FR"): Phone("+262262161234", "fixed"),
    ("0690001234", "FR"): Phone("+590690001234", "mobile"),
    ("0696201234", "FR"): Phone("+596696201234", "mobile"),
    ("0694201234", "FR"): Phone("+594694201234", "mobile"),
    ("0639980001", "YT"): Phone("+33639980001", "mobile"),
}
REFUSED = {
    "063998000": "phone_unknown",
    "3639": "phone_short",
    "112": "phone_short",
    "0800000000": "phone_service",
    "0899000000": "phone_service",
    "07 00 12 34 56": "phone_unknown",
}


def rows() -> list[tuple[str, str, dict[str, str]]]:
    """(text, region, row) of each line of the file."""
    found = []
    with NUMBERS.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            kind = row["kind"]
            region = "FR"
            if "example number, " in kind:
                region = kind.split("example number, ")[1][:2]
            elif "default region " in kind and not kind.endswith("None"):
                region = kind.rsplit(" ", 1)[1]
            found.append((row["national"], region, row))
    return found


@pytest.mark.parametrize(
    ("text", "region", "row"), rows(), ids=lambda value: value if isinstance(value, str) else ""
)
def test_each_number_of_the_file_is_read_or_refused(
    text: str, region: str, row: dict[str, str]
) -> None:
    if text in REFUSED:
        with pytest.raises(PhoneRefused) as refused:
            read_phone(text, region=region)
        assert refused.value.reason == REFUSED[text]
        return
    expected = BY_THE_PLAN.get((text, region))
    if expected is None:
        kind = "mobile" if row["e164"].startswith("+3363998") else KINDS[row["type"]]
        expected = Phone(row["e164"], kind)
    assert read_phone(text, region=region) == expected


def test_the_file_is_read_whole() -> None:
    assert len(rows()) == 70


@pytest.mark.parametrize(
    ("commune", "region"),
    [
        ("35047", "FR"), ("2A004", "FR"), ("99042", "FR"), ("97105", "GP"), ("97209", "MQ"),
        ("97302", "GF"), ("97411", "RE"), ("97502", "PM"), ("97608", "YT"), ("97701", "BL"),
        ("97801", "MF"), ("98611", "WF"), ("98735", "PF"), ("98818", "NC"),
    ],
)  # fmt: skip
def test_a_commune_has_the_numbering_of_its_territory(commune: str, region: str) -> None:
    assert region_of(commune) == region


def test_someone_of_la_reunion_may_have_kept_a_number_of_the_mainland() -> None:
    assert read_phone("06 12 34 56 78", region="RE") == Phone("+33612345678", "mobile")


@pytest.mark.parametrize("kind", ["mobile", "fixed"])
def test_where_the_plan_cannot_tell_the_column_does(kind: str) -> None:
    assert read_phone("72 12 34", region="WF", unsure=kind) == Phone("+681721234", kind)


@pytest.mark.parametrize(
    "text", ["+33 (0)6 39 98 00 01", "06.39.98.00.01", "06-39-98-00-01", "06 39 98 00 01"]
)
def test_marks_between_the_digits_do_not_matter(text: str) -> None:
    assert read_phone(text, region="FR").e164 == "+33639980001"


@pytest.mark.parametrize(
    "text", ["léa", "06 39 98 00 01 le soir", "+", "3.36399800E+10", "06/39?", "06_39_98_00_01"]
)
def test_what_is_no_number_is_refused(text: str) -> None:
    with pytest.raises(PhoneRefused):
        read_phone(text, region="FR")


@given(st.integers(0, 10**9 - 1), st.sampled_from(["0", "+33", "0033"]))
@example(69_300_000, "0")
def test_the_quick_reading_says_what_the_library_says(number: int, prefix: str) -> None:
    text = f"{prefix}{number:09d}"
    kinds = {0: "fixed", 1: "mobile", 2: "fixed", 6: "fixed"}
    try:
        expected = kinds.get(phonenumbers.number_type(phonenumbers.parse(text, "FR")))
    except phonenumbers.NumberParseException:  # 00 69…: dialled abroad, to no country
        expected = None
    try:
        read = read_phone(text, region="FR")
    except PhoneRefused:
        assert expected is None
        return
    if read.e164.startswith("+33") and not read.e164.startswith("+3363998"):
        assert read == Phone(f"+33{number:09d}", expected or "")
