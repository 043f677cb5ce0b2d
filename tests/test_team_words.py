"""What a team texts: the same whatever its capitals, accents and spaces; what is unsure is not."""

import unicodedata
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.reply_words import meaning_of
from channels.segments import measure
from channels.team_answers import SAID, team_answer
from channels.team_twiml import SAID as SPOKEN
from channels.team_words import BY_DIGIT, TEAM_WORDS, understood, without

_TABLE = [
    ("ROUTE", "en_route", ""),
    ("parti", "en_route", ""),
    ("En route pour la Lerne", "en_route", "pour la Lerne"),
    ("SURPLACE 3 rue de la Lerne, 2 familles", "on_scene", "3 rue de la Lerne, 2 familles"),
    ("sur place", "on_scene", ""),
    ("Nous sommes sur les lieux", "on_scene", ""),
    ("Arrivés : rue du Pont", "on_scene", "rue du Pont"),
    ("J'arrive dans 10 min", "en_route", "dans 10 min"),
    ("On arrive", "en_route", ""),
    ("Départ caserne", "en_route", "caserne"),
    ("FIN", "done", ""),
    ("mission terminée", "done", ""),
    ("Bonjour, dispo", "available", ""),
    ("retour mairie", "returning", "mairie"),
    ("INDISPO", "off_duty", ""),
    ("off duty", "off_duty", ""),
    ("repos", "resting", ""),
    ("Reçu", "accept", ""),
    ("ok", "accept", ""),
    ("IMPOSSIBLE, pneu crevé", "refuse", "pneu crevé"),
    ("renfort 2 personnes", "reinforcement", "2 personnes"),
    ("SOS", "distress", ""),
    ("ROUTE coupée, détresse !", "distress", "ROUTE coupée,"),
    ("au secours l'eau monte", "distress", "l'eau monte"),
    ("MSG l'eau est à 1 m", "message", "l'eau est à 1 m"),
    ("URGENT pont emporté", "urgent_message", "pont emporté"),
    ("EQUIPE 3", "strength", ""),
    ("nous sommes 4", "strength", ""),
    ("surplce", "on_scene", ""),
    ("retoru", "returning", ""),
    ("detrese", "distress", ""),
    ("9", "resting", ""),
    ("4!", "on_scene", ""),
    ("on scene", "on_scene", ""),
    ("backup needed", "reinforcement", "needed"),
]


@pytest.mark.parametrize(("text", "code", "note"), _TABLE)
def test_a_word_says_what_the_table_says(text: str, code: str, note: str) -> None:
    heard = understood(text)
    assert heard is not None
    assert heard.code == code
    assert heard.note.rstrip(",") == note.rstrip(",")


@pytest.mark.parametrize(
    "text",
    ["", "  ", "3 rue de la Lerne", "ROUTE BARREE rue du pont", "Départ de feu rue des Lilas",
     "Route de Rennes coupée", "Route D177 inondée", "dispo ?", "MSG", "pas dispo",
     "repas servi", "112", "EQUIPE", "EQUIPE 0", "n'importe quoi", "équipe 1000000", "\x00", "🙂"],
)  # fmt: skip
def test_what_is_unsure_is_nobodys_word(text: str) -> None:
    assert understood(text) is None


def test_what_was_read_with_a_letter_wrong_is_known_as_such() -> None:
    assert [understood(text).exact for text in ("SURPLACE", "SURPLCE", "sur plase")] == [  # type: ignore[union-attr]
        True, False, False,
    ]  # fmt: skip


def test_an_exclamation_mark_forces_a_word() -> None:
    assert [understood(text).forced for text in ("FIN", "FIN!", "fin !", "5!")] == [  # type: ignore[union-attr]
        False, True, True, True,
    ]  # fmt: skip


def test_a_strength_is_a_number() -> None:
    heard = understood("equipe 3, Paul est rentré")
    assert heard is not None
    assert (heard.number, heard.note) == (3, "Paul est rentré")


def test_one_and_two_alone_are_digits_that_residents_use() -> None:
    shared = {digit for digit in BY_DIGIT if meaning_of(digit) != "unknown"}
    assert shared == {"1", "2"}
    assert {BY_DIGIT[digit].code for digit in shared} == {"accept", "refuse"}


def test_no_word_of_a_team_is_a_stop() -> None:
    phrases = [phrase for one in TEAM_WORDS for phrase in one.words.split("|")]
    assert [one for one in phrases if meaning_of(one) in ("stop", "start")] == []


def test_no_phrase_says_two_things() -> None:
    words = [{"".join(p.split()) for p in one.words.split("|")} for one in TEAM_WORDS]
    phrases = [phrase for one in words for phrase in one]
    assert len(phrases) == len(set(phrases))


def test_a_call_sign_is_taken_out_of_a_text() -> None:
    assert without("SURPLACE Terrain 1, 2 familles", "TERRAIN 1") == "SURPLACE 2 familles"
    assert without("terrain1 route", "TERRAIN 1") == "route"
    assert without("SURPLACE", "TERRAIN 1") is None


_PHRASES = st.sampled_from(
    [(one.code, " ".join(p.split())) for one in TEAM_WORDS for p in one.words.split("|")
     if one.code not in ("message", "strength")]
)  # fmt: skip
_ACCENTS = {"e": "éèêë", "a": "àâ", "u": "ùû", "i": "îï", "o": "ô", "c": "ç"}


@given(_PHRASES, st.data())
def test_capitals_accents_and_spaces_change_no_meaning(
    said: tuple[str, str], data: st.DataObject
) -> None:
    code, phrase = said
    signs = [
        data.draw(st.sampled_from([sign, sign.upper(), *_ACCENTS.get(sign, "")])) for sign in phrase
    ]
    form: Literal["NFC", "NFD"] = data.draw(st.sampled_from(["NFC", "NFD"]))
    gap = data.draw(st.sampled_from([" ", "  ", "\t", "\n", "-", " \u00a0"]))
    text = gap + unicodedata.normalize(form, "".join(signs)).replace(" ", gap) + gap
    heard = understood(text)
    assert heard is not None
    assert (heard.code, heard.exact, heard.forced) == (code, True, False)


@given(st.text())
def test_nothing_that_is_typed_raises(text: str) -> None:
    understood(text)
    without(text, "TERRAIN 1")


@given(st.text(), st.text())
def test_a_call_for_help_is_heard_wherever_it_stands(before: str, after: str) -> None:
    heard = understood(f"{before} SOS {after}")
    assert heard is not None
    assert heard.code == "distress"


@given(st.sampled_from(SAID), st.sampled_from(["fr", "en", "pt"]), st.text(max_size=60))
def test_every_answer_is_one_segment_of_plain_signs(said: str, language: str, name: str) -> None:
    blanks = dict.fromkeys(
        ("team", "state", "hour", "number", "word", "needed", "first", "least", "other"), name
    )
    measured = measure(team_answer(said, language=language, **blanks))
    assert (measured.encoding, measured.segments) == ("GSM-7", 1)


def test_what_an_sms_may_be_answered_is_said_on_the_keypad_too() -> None:
    typed_only = {"message", "urgent_message", "strength", "unknown", "which", "read", "else"}
    assert set(SAID) - set(SPOKEN) == typed_only
