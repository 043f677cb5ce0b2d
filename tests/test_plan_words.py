"""Blanks of a message: filled once, never from a value, and measured at their longest."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plans.replies import invitation_in
from plans.words import KNOWN_BLANKS, MissingBlank, StrayBrace, blanks_of, fill, longest, values_of
from tests.plan_folders import model_files, read


def test_blanks_are_listed_in_order_each_once() -> None:
    assert blanks_of("{secteur}, {point} et {secteur} {{non}}") == ("secteur", "point")


def test_a_missing_value_is_named() -> None:
    with pytest.raises(MissingBlank) as caught:
        fill("Rendez-vous {point}", {"secteur": "Bas bourg"})
    assert caught.value.name == "point"


@pytest.mark.parametrize("text", ["{", "}", "a { b", "{Secteur}", "{a b}", "{0}", "{}", "{{}"])
def test_a_brace_that_opens_no_blank_is_refused_where_it_stands(text: str) -> None:
    with pytest.raises(StrayBrace) as caught:
        blanks_of(text)
    assert text[caught.value.position] in "{}"
    with pytest.raises(StrayBrace):
        fill(text, {})


def test_doubled_braces_become_one() -> None:
    assert fill("{{x}} {a}", {"a": "1"}) == "{x} 1"


@given(st.text(max_size=40), st.text(max_size=40))
def test_a_value_that_looks_like_a_blank_stays_as_it_is(one: str, other: str) -> None:
    assert fill("<{a}|{b}>", {"a": one, "b": other}) == f"<{one}|{other}>"


@given(st.text(max_size=80))
def test_a_text_whose_braces_are_doubled_comes_back_as_it_was(text: str) -> None:
    assert fill(re.sub(r"([{}])", r"\1\1", text), {}) == text


def test_the_longest_values_are_as_long_as_any_the_plan_may_put_there() -> None:
    plan = read(model_files()).plan
    assert plan is not None
    sample = longest(plan, ["autre"])
    assert set(KNOWN_BLANKS) | {"autre"} == set(sample)
    for name, values in values_of(plan).items():
        assert all(len(value) <= len(sample[name]) for value in values)
    assert sample["secteur"] == "La Prairie (camping)"


def test_a_preferred_value_comes_before_a_longer_one() -> None:
    plan = read(model_files()).plan
    assert plan is not None
    sample = longest(plan, among=lambda name: name == "Plateau")
    assert sample["secteur"] == "Plateau"
    assert sample["centre"] == "Centre technique municipal"


@pytest.mark.parametrize(
    "text",
    [
        "Répondez 1 si vous allez bien",
        "repondez OUI",
        "Merci de répondre OUI",
        "Renvoyez OK",
        "Envoyez AIDE si besoin",
        "Tapez 1",
        "Reply YES",
        "Text HELP if you need us",
        "STOP au 36180",
        "STOP 36180",
        "Stop SMS: 36180",
        "Respond to this message",
        "Répondez: 1, ou {lien}",
    ],
)
def test_words_that_invite_an_sms_answer_are_found(text: str) -> None:
    assert invitation_in(text) is not None


@pytest.mark.parametrize(
    "text",
    [
        "Ne répondez pas à ce message. Infos {tel}",
        "Merci de ne pas répondre",
        "Do not reply to this message",
        "No-reply message",
        "Répondez: {lien} ou {tel}. Urgence 112",
        "Répondez sur {lien}",
        "Reply online: {lien}",
        "STOP! Do not cross the river",
        "Stop using tap water",
        "Les secours répondent au 112",
        "Envoyez vos enfants à l'étage",
        "Evacuez {secteur} maintenant. Infos {tel}",
    ],
)
def test_words_that_take_the_answer_elsewhere_or_none_pass(text: str) -> None:
    assert invitation_in(text) is None


def with_false_alarm(text: str, variables: str, *, named: str = "erreur") -> dict[str, bytes]:
    """Give the model plan with a false-alarm template, named by the evacuation's."""
    files = dict(model_files())
    name = "alerte/modeles/crue_evacuation.yaml"
    files[name] += f"suites: {{fausse_alerte: {named}}}\n".encode()
    files["alerte/modeles/erreur.yaml"] = (
        f"id: erreur\nvariables: [{variables}]\nsms: {text!r}\n".encode()
    )
    return files


def test_a_false_alarm_that_waits_for_a_typed_word_is_told() -> None:
    reading = read(with_false_alarm("Fausse alerte: {motif}. {lien}", "motif, lien"))
    told = [one.message for one in reading.warnings if "{motif}" in one.message]
    assert len(told) == 1
    assert "un texte de base" in told[0]
    sound = read(with_false_alarm("Fausse alerte. {lien}", "lien"))
    assert not [one for one in sound.warnings if "texte de base" in one.message]


def test_a_sequel_that_no_template_bears_is_a_fault() -> None:
    reading = read(with_false_alarm("Fausse alerte. {lien}", "lien", named="erreurs"))
    (fault,) = reading.faults
    assert "erreurs" in fault.message
