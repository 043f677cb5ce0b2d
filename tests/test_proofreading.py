"""The judge of messages: what is left out, what cannot work, and how seldom it is wrong."""

import time
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from dispatcher.alerts.drafting import Wanted, draft
from dispatcher.alerts.proofreading import Carried, Facts, Finding, facts_of, judge, stopping
from dispatcher.delivery.content import Texts
from plans.plan import Plan
from tests.example_commune import EXAMPLE
from tests.plan_folders import read_from
from tests.written_messages import BAD, GOOD, UNSEEN, Case

EVENING = datetime(2026, 11, 27, 19, 30, tzinfo=UTC)  # 20:30 on the commune's clocks
PAGE = "https://alerte.vaubrenne.example/a/" + "x" * 22
CARRIED = Carried("real", ("sms", "voice", "email", "webhook"), PAGE)
WORDS = Texts("", "", "", "")


@pytest.fixture(scope="module")
def plan() -> Plan:
    found = read_from(EXAMPLE).plan
    assert found is not None
    return found


@pytest.fixture(scope="module")
def facts(plan: Plan) -> Facts:
    return facts_of(plan, plan.template("crue_evacuation"), CARRIED, now=EVENING)


def found_in(case: Case, facts: Facts) -> list[Finding]:
    one = case.written
    field = {"sms": "sms", "voice": "voice", "email": "email_body"}[one.medium]
    known = replace(
        facts,
        media=(one.medium,),
        response=(one.response,),
        means=replace(facts.means, two_way=case.two_way, offers_help=case.offers_help),
    )
    return list(judge({one.language: replace(WORDS, **{field: one.text})}, known))


@pytest.mark.parametrize("case", GOOD, ids=lambda case: case.written.text[:60])
def test_a_good_message_is_left_in_peace(facts: Facts, case: Case) -> None:
    assert [(one.kind, one.words) for one in found_in(case, facts)] == []


@pytest.mark.parametrize("case", BAD, ids=lambda case: case.written.text[-60:])
def test_a_bad_message_is_told_what_is_wrong_and_nothing_else(facts: Facts, case: Case) -> None:
    assert {one.kind for one in found_in(case, facts)} == case.written.told


LENGTH = {"long", "too_long"}  # counted by another judge (tests/test_segments.py)


@pytest.mark.parametrize("case", UNSEEN, ids=lambda case: case.written.text[:60])
def test_messages_of_another_hand_are_read_as_well(facts: Facts, case: Case) -> None:
    assert {one.kind for one in found_in(case, facts)} - LENGTH == case.written.told


def test_only_what_cannot_work_stops_an_alert(facts: Facts) -> None:
    found = [one for case in (*GOOD, *BAD, *UNSEEN) for one in found_in(case, facts)]
    assert {one.kind for one in stopping(found)} == {
        "reply_one_way", "no_number", "no_call_back", "link_in_voice", "click_in_voice",
        "nothing_after", "dead_key", "key_in_mail", "no_link", "help_not_taken", "past",
    }  # fmt: skip
    assert {one.kind for one in found} >= {"who", "until", "capitals", "personal", "shortened"}


def test_every_finding_is_a_sentence_in_both_languages(facts: Facts) -> None:
    for one in (found for case in (*BAD, *UNSEEN) for found in found_in(case, facts)):
        said, english = one.said("fr"), one.said("en")
        assert said != english
        assert "{" not in (said + english).replace("{lien}", "").replace("{tel}", "")
        assert said[0].isupper() or said[0] in "«"


def test_a_finding_shows_where_it_stands(facts: Facts) -> None:
    for case in BAD:
        for one in found_in(case, facts):
            if one.span is not None:
                start, end = one.span
                assert case.written.text[start:end].strip() == one.words


def test_the_plan_s_own_templates_are_told_few_things_and_stopped_by_none(plan: Plan) -> None:
    found: dict[str, tuple[Finding, ...]] = {}
    for template in plan.templates:
        wanted = Wanted(
            template=template.id,
            sectors=("bas_bourg",),
            blanks={"consigne": "restez à l'étage"} if "consigne" in template.variables else {},
        )
        made = draft(plan, wanted, plan_digest="0" * 64, now=EVENING).content
        found[template.id] = judge(made.texts, facts_of(plan, template, CARRIED, now=EVENING))
    told = [(one.kind, one.language) for some in found.values() for one in some]
    assert stopping(one for some in found.values() for one in some) == ()
    # An order of which nobody says how long it stands: true of six of them.
    # The generic « danger immédiat » names no danger: it has to serve for any.
    assert {kind for kind, _ in told} <= {"until", "act", "what"}
    assert [one for one in told if one[0] == "act"] == [("act", "en")]  # typed in French only
    assert len([name for name, some in found.items() if some]) == 8


@pytest.mark.parametrize(
    ("french", "english", "told"),
    [
        ("Partez avant 18 h.", "Leave before 6 pm.", set()),
        ("Ouvert de onze heures à vingt heures.", "Open from eleven to eight.", set()),
        ("Partez avant dix-huit heures trente.", "Leave by half past six.", set()),
        ("Distribution à midi.", "Given out at noon.", set()),
        ("Attendez 2 jours.", "Wait two days.", set()),
        ("Appelez le 112.", "Call 112.", set()),
        ("Appelez le 03 53 01 00 02.", "Call +33 3 53 01 00 02.", set()),
        ("Partez avant 18 h.", "Leave before 8 pm.", {"18 h", "8 pm"}),
        ("Partez avant 18 h.", "Leave soon.", {"18 h"}),
        ("Appelez le 112.", "Call for help.", {"112"}),
        ("Appelez le 03 53 01 00 02.", "Call 03 53 01 00 03.",
         {"03 53 01 00 02", "03 53 01 00 03"}),
        ("Attendez 3 jours.", "Wait two days.", {"3"}),
    ],
)  # fmt: skip
def test_languages_that_say_other_hours_or_numbers_are_told(
    facts: Facts, french: str, english: str, told: set[str]
) -> None:
    texts = {"fr": replace(WORDS, sms=french), "en": replace(WORDS, sms=english)}
    found = judge(texts, replace(facts, media=("sms",), language="fr"))
    assert {one.words for one in found if one.kind == "disagrees"} == told


@pytest.mark.parametrize(
    ("text", "gone"),
    [
        ("Partez avant 20h29.", True),
        ("Partez avant 20h30.", False),
        ("Partez avant 21h.", False),
        ("Partez avant 18h demain.", False),
        ("Partez avant 6h.", False),  # fourteen hours ago: tomorrow morning
        ("Ouvert depuis 18h.", False),
        ("Partez avant 18h. Demain, écoutez la radio.", True),
    ],
)
def test_a_deadline_that_is_over_cannot_be_obeyed(facts: Facts, text: str, *, gone: bool) -> None:
    found = judge({"fr": replace(WORDS, sms=text)}, replace(facts, media=("sms",)))
    assert ("past" in {one.kind for one in found}) == gone


def test_the_words_of_the_mode_are_not_taken_for_the_danger(facts: Facts) -> None:
    text = "EXERCICE Mairie de Vaubrenne: Bas-Bourg, montez jusqu'à demain. {lien}"
    known = replace(facts, media=("sms",), prefix="EXERCICE ")
    assert {one.kind for one in judge({"fr": replace(WORDS, sms=text)}, known)} == {"what"}


def test_a_language_that_nobody_here_reads_is_said_to_be_unread(facts: Facts) -> None:
    text = "Vaubrenne: Hochwasser, Bas-Bourg. Gehen Sie nach oben. {lien}"
    found = judge({"de": replace(WORDS, sms=text)}, replace(facts, media=("sms",)))
    assert [(one.kind, one.level) for one in found] == [("unread", "advice")]


def test_what_one_medium_says_is_told_beside_what_another_lacks(facts: Facts) -> None:
    texts = replace(
        WORDS,
        sms="Mairie de Vaubrenne: crue, Bas-Bourg. Montez à l'étage. {lien}",
        email_body="Crue au Bas-Bourg. Montez à l'étage jusqu'à demain. {lien}",
    )
    found = judge({"fr": texts}, replace(facts, media=("sms", "email")))
    assert [one.said("fr") for one in found] == [
        "Le SMS ne dit pas jusqu'à quand, ni quand viendra la suite (l'e-mail le dit)."
    ]


def test_a_long_sms_is_told_and_one_over_the_policy_told_otherwise(facts: Facts) -> None:
    words = "Mairie de Vaubrenne: crue, Bas-Bourg. Montez jusqu'à demain. {lien} "
    for most, kind in ((4, "long"), (2, "too_long")):
        known = replace(facts, media=("sms",), segments_max=most)
        found = judge({"fr": replace(WORDS, sms=words + "Fermez tout. " * 25)}, known)
        assert [one.kind for one in found] == [kind]


def test_a_long_text_is_read_in_the_time_of_its_length(facts: Facts) -> None:
    """A mail may hold 20,000 signs: what is read again from each of them takes minutes."""
    known = replace(facts, means=replace(facts.means, offers_help=False, shows_number=False))
    for piece in ("\n", "a.", "a-", "avant 18h ", "appelez la mairie ", ": ", "aide ", " ", "01 "):
        text = piece * (20_000 // len(piece))
        began = time.process_time()
        found = judge({"fr": Texts(text, text, text, text)}, known)
        assert time.process_time() - began < 10
        assert len(found) < 40  # what is said again is told once


def test_no_text_however_odd_makes_the_judge_fail(facts: Facts) -> None:
    for text in ("", " ", "\n", "{", "}}", "…", "\U0001f30a" * 40, "é" * 400, "::::", "0" * 40):
        for language in ("fr", "en", "ar", "fr-FR", ""):
            judge({language: Texts(text, text, text, text)}, facts)
