"""What a resident's SMS is taken for, and the words that answer: short, true, nothing promised."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.call_words import Phrases, phrases_of
from channels.reply_words import cries_out, meaning_of
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
        ("understood", ["Je suis en sécurité", "à l'abri.", "Tout va bien", "I'm safe"]),
        ("help", ["2", "2.", "2 !", "AIDE", "aide svp", "À L'AIDE", "Au secours!!!", "HELP"]),
        ("help", ["J'ai besoin d'aide", "I need help", "SOS"]),
        ("stop", ["STOP", "stop.", "ARRÊT", "Arrêtez", "Désabonner", "stop alertes"]),
        ("stop", ["ARRET", "STOP SMS", "stop svp", "DESABONNER", "Je veux me désabonner"]),
        ("stop", ["Je ne veux plus de SMS", "Arrêtez de m'écrire", "stop les messages !!"]),
        ("start", ["START", "Reprendre", "réabonnement", "REPRENDRE SVP", "Réabonnez-moi"]),
        ("unknown", ["", "12", "1 2", "2 enfants", "1 ou 2 ?", "non", "0", "21"]),
        ("unknown", ["stop il y a le feu", "ok mais aide", "1 aide"]),
        ("unknown", ["pas compris", "je n'ai pas besoin d'aide", "merci", "👍"]),
    ],
)  # fmt: skip
def test_plain_forms_are_understood_and_nothing_else_is_guessed(
    meaning: str, texts: list[str]
) -> None:
    assert {text: meaning_of(text) for text in texts} == dict.fromkeys(texts, meaning)


@pytest.mark.parametrize(
    "words",
    [
        *("je ne peux pas descendre", "Je n'arrive plus à sortir", "J’ai besoin de votre aide"),
        *("ok mais aide", "1 aide", "Aide, l'eau entre dans la maison", "vite au secours !!!"),
        *("2, 14 rue des Lilas", "2 - Mme Martin, 3e étage", "2\nbâtiment B", "2: ma mère"),
        *("nous sommes bloqués au 1er", "je suis coincée dans l’ascenseur", "ma mère est tombée"),
        *("Venez nous chercher", "ENVOYEZ LES POMPIERS", "qui peut m'aider ?", "il est blessé"),
        *("we are stuck upstairs", "I can’t get out", "please come and get us", "I need your help"),
        *("she needs help", "need rescue, 3rd floor"),
        *("ça va mais ma voisine a besoin d'aide", "pas blessé mais je ne peux pas sortir"),
        *("stop, je suis en danger", "Je suis sur le toit", "on ne peut plus évacuer"),
    ],
)
def test_a_cry_in_somebody_s_own_words_is_one(words: str) -> None:
    assert cries_out(words)


@pytest.mark.parametrize(
    "words",
    [
        *("je n'ai pas besoin d'aide", "pas besoin d'aide merci", "I don't need any help"),
        *("no need for help", "avez-vous besoin d'aide ?", "merci de votre aide", "je peux aider"),
        *("thank you for your help", "personne n'est blessé", "Je ne suis pas en danger"),
        *(
            "2 enfants",
            "2,5",
            "2.30 m d'eau",
            "12",
            "1 ou 2 ?",
            "non",
            "",
            "👍",
            "la rue est bloquée",
        ),
        *(
            "la route est bloquée ?",
            "les secours arrivent quand ?",
            "on fait quoi ?",
            "qui êtes-vous",
        ),
        *("stop il y a le feu", "nobody is hurt", "Je suis absent.", "votre colis est arrivé"),
    ],
)
def test_what_needs_nobody_is_no_cry(words: str) -> None:
    assert not cries_out(words)


@given(st.text(max_size=300))
def test_of_any_text_it_is_told_whether_it_is_a_cry(text: str) -> None:
    assert cries_out(text) in (True, False)


@given(
    cry=st.sampled_from(["au secours", "besoin d'aide", "je ne peux pas descendre", "help me"]),
    before=st.text(alphabet="aeiou ,.", max_size=30),
    after=st.text(alphabet="aeiou ,.", max_size=30),
)
def test_no_words_around_a_cry_silence_it(cry: str, before: str, after: str) -> None:
    assert cries_out(f"{before} {cry} {after}")


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
              "place": "12 bis Avenue du Général de Gaulle",
              "towns": "X" * 125, "town": f"{ISSUER[10:].upper()} "},
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
