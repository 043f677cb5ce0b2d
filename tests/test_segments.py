"""SMS are counted as operators count them, and cheaper wordings are offered, never imposed."""

import csv
import json
import unicodedata
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.segments import measure, plain_signs

SMS = Path(__file__).parents[1].parent / "shared" / "data" / "sms"
VECTORS: list[dict[str, Any]] = [
    *json.loads((SMS / "segment_vectors.json").read_text("utf-8")),
    *json.loads((SMS / "french_vectors.json").read_text("utf-8")),
]
FRENCH: dict[str, list[str]] = json.loads((SMS / "gsm7_french_characters.json").read_text("utf-8"))


@pytest.mark.parametrize("vector", VECTORS, ids=lambda v: v["body"][:24])
def test_a_text_is_counted_as_the_reference_counts_it(vector: dict[str, Any]) -> None:
    found = measure(vector["body"])
    assert (found.encoding, found.segments) == (vector["encoding"], vector["segments"])
    assert found.message_bits == vector["messageSize"]
    assert found.total_bits == vector["totalSize"]
    assert list(found.offending) == vector.get("nonGsm", list(found.offending))


def test_every_character_of_the_3gpp_table_is_in_with_its_width() -> None:
    with (SMS / "gsm0338_unicode_to_gsm.csv").open(encoding="utf-8", newline="") as table:
        rows = list(csv.DictReader(table))
    assert len(rows) > 130
    for row in rows:
        character = chr(int(row["codepoint_hex"].removeprefix("U+"), 16))
        found = measure(character)
        assert found.encoding == "GSM-7", row
        assert found.units == int(row["septets"]), row


@pytest.mark.parametrize("character", FRENCH["basic_in"])
def test_the_french_letters_of_gsm7_take_one_septet(character: str) -> None:
    assert measure(character).units == 1


@pytest.mark.parametrize("written", FRENCH["not_gsm7_forces_UCS2"])
def test_the_other_french_signs_force_ucs2(written: str) -> None:
    character = chr(int(written[2:], 16)) if written.startswith("U+") else written
    found = measure(character)
    assert (found.encoding, found.offending) == ("UCS-2", (character,))


def test_an_escape_sequence_is_not_cut_between_two_segments() -> None:
    assert measure("a" * 152 + "€" + "a" * 152).segments == 3  # 306 septets: 2 × 153 if cut


def test_a_surrogate_pair_is_not_cut_between_two_segments() -> None:
    assert measure("ê" * 66 + "😜" + "ê" * 66).segments == 3  # 134 units: 2 × 67 if cut


def test_signs_are_replaced_by_their_plain_twins() -> None:
    found = measure("L’eau monte\u202f! «\u00a0Salle des fêtes\u00a0» n°\u00a012… – œufs")
    assert found.suggestion == 'L\'eau monte ! "Salle des fêtes" no 12... - oeufs'
    assert found.unaccented == 'L\'eau monte ! "Salle des fetes" no 12... - oeufs'
    assert measure(found.unaccented).encoding == "GSM-7"


def test_accents_are_dropped_only_in_the_offer_apart() -> None:
    found = measure("Soyez prêts")
    assert (found.suggestion, found.unaccented) == (None, "Soyez prets")


def test_no_offer_changes_the_letters_of_a_place_name() -> None:
    text = "Crue à l’Hôpital-d’Œuilly et Pont-l’Évêque : la fenêtre, le cœur"
    found = measure(text, keep=["L'Hôpital-d’Œuilly", "Pont-l'Évêque"])
    assert found.suggestion == "Crue à l'Hôpital-d'Œuilly et Pont-l'Évêque : la fenêtre, le coeur"
    assert found.unaccented == "Crue à l'Hôpital-d'Œuilly et Pont-l'Évêque : la fenetre, le coeur"


def test_a_place_name_inside_another_word_does_not_shield_it() -> None:
    assert measure("chênes", keep=["chêne"]).unaccented == "chenes"


def test_a_plain_text_gets_no_offer() -> None:
    found = measure("Crue de la Lerne : montez à l'étage.")
    assert (found.offending, found.suggestion, found.unaccented) == ((), None, None)


def test_an_emoji_cannot_be_saved_but_is_named() -> None:
    found = measure("Danger 🌊")
    assert (found.offending, found.suggestion) == (("🌊",), None)


def test_a_letter_typed_as_two_code_points_is_put_together() -> None:
    assert measure(unicodedata.normalize("NFD", "étage")).suggestion == "étage"


@given(st.text(max_size=400))
def test_an_offer_never_costs_more_and_is_stable(text: str) -> None:
    found = measure(text)
    for offer in (found.suggestion, found.unaccented):
        if offer is not None:
            assert measure(offer).segments <= found.segments
            assert len(measure(offer).offending) <= len(found.offending)
    assert plain_signs(plain_signs(text)) == plain_signs(text)


@given(st.text(max_size=400))
def test_segments_hold_all_units_and_no_empty_one(text: str) -> None:
    found = measure(text)
    single, joined = (160, 153) if found.encoding == "GSM-7" else (70, 67)
    assert (found.segments == 1) == (found.units <= single)
    if found.segments > 1:
        assert (found.segments - 1) * (joined - 1) < found.units <= found.segments * joined
