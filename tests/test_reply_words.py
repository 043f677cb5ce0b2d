"""What a resident's SMS is taken for, and the words that answer: short, true, nothing promised."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.call_words import Phrases, phrases_of
from channels.reply_words import meaning_of
from channels.segments import measure
from channels.sms_answers import SAID, sms_answer, sms_twiml
from channels.twilio_inbound import number_of
from dispatcher.sandbox.twiml import read_answers

ISSUER = "Mairie de Saint-Remy-en-Bouzemont-Saint-Genest-et-Isson"  # the longest name there is
PROMISES = re.compile(
    r"secours arriv|équipe arrive|nous venons|we are coming|on (the|their) way|arrivons", re.I
)


@pytest.mark.parametrize(
    ("meaning", "texts"),
    [
        ("understood", [" 1 ", "1️⃣", "\N{ARABIC-INDIC DIGIT ONE}", "OK", "ok!"]),
        ("understood", ["1.", "Oui", "D'accord", "Bien reçu"]),
        ("understood", ["J'ai compris, merci", "yes", "OK merci"]),
        ("help", ["2", "2.", "2 !", "AIDE", "aide svp", "À L'AIDE", "Au secours!!!", "HELP"]),
        ("help", ["J'ai besoin d'aide", "I need help", "SOS"]),
        ("stop", ["STOP", "stop.", "ARRÊT", "Arrêtez", "Désabonner", "stop alertes"]),
        ("start", ["START", "Reprendre", "réabonnement"]),
        ("unknown", ["", "12", "1 2", "2 enfants", "1 ou 2 ?", "non", "0", "21"]),
        ("unknown", ["stop il y a le feu", "ok mais aide", "1 aide"]),
        ("unknown", ["pas compris", "je n'ai pas besoin d'aide", "merci", "👍"]),
    ],
)  # fmt: skip
def test_plain_forms_are_understood_and_nothing_else_is_guessed(
    meaning: str, texts: list[str]
) -> None:
    assert {text: meaning_of(text) for text in texts} == dict.fromkeys(texts, meaning)


@given(
    word=st.sampled_from(["aide", "1", "2", "stop", "ok"]),
    around=st.text(alphabet=" .,;!?\n\t«»\"'()*", max_size=6),
)
def test_signs_spaces_and_capitals_change_no_meaning(word: str, around: str) -> None:
    assert meaning_of(f"{around}{word.upper()}{around}") == meaning_of(word) != "unknown"


@given(st.text())
def test_any_text_has_a_meaning(text: str) -> None:
    assert meaning_of(text) in ("understood", "help", "stop", "start", "unknown")


@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize("said", SAID)
def test_an_answer_is_two_plain_sms_at_most_and_promises_no_rescue(
    said: str, language: str
) -> None:
    words = sms_answer(
        said, language=language, issuer=ISSUER, phone="03 53 01 00 02",
        more={"link": "https://alerte.mairie-vaubrenne.example/inscription/99117",
              "place": "12 bis Avenue du Général de Gaulle"},
    )  # fmt: skip
    measured = measure(words)
    assert (measured.encoding, measured.segments <= 2) == ("GSM-7", True)
    assert not PROMISES.search(words)
    assert read_answers(sms_twiml(words)) == [{"said": words}]


@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize("said", ["thanks", "help", "no_help", "unknown", "one_key", "no_alert"])
def test_what_answers_in_an_alert_says_whom_to_call_in_danger(said: str, language: str) -> None:
    words = sms_answer(said, language=language, issuer="Mairie")
    assert re.search(r"\b18\b.*\b112\b.*\b114\b", words)


def test_no_words_are_no_message() -> None:
    assert read_answers(sms_twiml("")) == []


@pytest.mark.parametrize("language", ["fr", "en", "pl"])
@pytest.mark.parametrize("name", ["help", "help_hidden", "danger"])
def test_a_call_says_whom_to_call_in_danger_and_promises_no_rescue(
    language: str, name: str
) -> None:
    phrases: Phrases = phrases_of(language)
    words = str(getattr(phrases, name))
    assert re.search(r"\b18\b.*\b112\b.*\b114\b", words)
    assert not PROMISES.search(words)


@pytest.mark.parametrize(
    "hidden", ["", "anonymous", "+266696687", "VAUBRENNE", "36105", "+0123456"]
)
def test_what_is_no_number_is_answered_to_nobody(hidden: str) -> None:
    assert number_of(hidden) == ""
    assert number_of(" +33639980001 ") == "+33639980001"
