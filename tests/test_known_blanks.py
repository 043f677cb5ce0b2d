"""The blanks that nobody types: filled from plan, event and clock, once for every door."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from dispatcher.alerts.drafting import Wanted, draft
from dispatcher.alerts.known_blanks import Moment, known_blanks
from dispatcher.alerts.refusals import NotSo
from dispatcher.alerts.wording import blanks_for, worded, written_over
from plans.alerting import MessageTemplate, Wording
from plans.plan import Plan
from plans.words import KNOWN_BLANKS
from tests.example_commune import EXAMPLE
from tests.plan_folders import read_from

NIGHT = datetime(2026, 11, 27, 2, 5, tzinfo=UTC)
ALL = "{commune} {secteur} {point} {centre} {tel} {scenario} {niveau} {heure} {date} {lien}"


@pytest.fixture(scope="module")
def plan() -> Plan:
    found = read_from(EXAMPLE).plan
    assert found is not None
    return found


def test_every_known_blank_is_filled_from_an_event(plan: Plan) -> None:
    scenario = plan.scenarios[0]
    moment = Moment(NIGHT, scenario.id, "pre_alerte")
    found = blanks_for(plan, scenario.sectors, {}, moment=moment)
    assert set(found) == set(KNOWN_BLANKS)
    assert found["scenario"] == scenario.label
    assert found["niveau"] == "Pré-alerte"
    assert (found["heure"], found["date"]) == ("03:05", "27/11/2026")


def test_a_draft_fills_them_with_nobody_there_to_type(plan: Plan) -> None:
    template = replace(plan.templates[0], texts={"fr": Wording(sms=ALL)}, level="alerte")
    asked = Wanted(template=template.id, scenario=plan.scenarios[0].id)
    made = draft(
        replace(plan, templates=(template, *plan.templates[1:])),
        asked,
        plan_digest="0" * 64,
        now=NIGHT,
    )
    assert "PCS activé 03:05 27/11/2026 {lien}" in made.content.texts["fr"].sms
    later = draft(
        replace(plan, templates=(template, *plan.templates[1:])),
        replace(asked, level="veille"),
        plan_digest="0" * 64,
        now=NIGHT,
    )
    assert "Veille 03:05" in later.content.texts["fr"].sms  # the event's own level goes first


def test_what_somebody_gave_goes_before_what_is_known(plan: Plan) -> None:
    found = blanks_for(plan, ("bas_bourg",), {"heure": "6 h 30"}, moment=Moment(NIGHT))
    assert found["heure"] == "6 h 30"


def test_the_telephone_is_the_number_for_residents_and_never_a_person_s(plan: Plan) -> None:
    assert known_blanks(plan, ())["tel"].value == "03 53 01 00 02"
    without = replace(plan, commune=replace(plan.commune, information_phone=None))
    assert known_blanks(without, ())["tel"].value == "03 53 01 00 01"
    bare = replace(without, policy=replace(plan.policy, caller_number=None))
    assert "tel" not in known_blanks(bare, ())
    assert any(person.phones for person in bare.contacts)


def test_each_value_says_who_knows_it(plan: Plan) -> None:
    moment = Moment(NIGHT, plan.scenarios[0].id)
    found = known_blanks(plan, ("bas_bourg",), moment)
    assert {name: one.source for name, one in found.items()} == {
        "secteur": "sectors", "point": "sectors", "commune": "plan", "centre": "plan",
        "tel": "plan", "scenario": "event", "heure": "clock", "date": "clock",
    }  # fmt: skip


def test_words_written_over_a_template_replace_one_text_and_leave_the_others() -> None:
    template = MessageTemplate("crue", {"fr": Wording(sms="Crue. {secteur}", voice="La crue.")})
    words = {"fr": {"sms": "Crue à {secteur} !", "voice": " "}, "de": {"sms": "Hochwasser"}}
    made = worded(written_over(template, words), {"secteur": "Bas"}, prefix="EXERCICE ")
    assert made["fr"].sms == "EXERCICE Crue à Bas !"
    assert made["fr"].voice == "EXERCICE La crue."
    assert made["de"].voice == "EXERCICE Hochwasser"


def test_words_of_no_medium_are_not_taken_and_a_language_without_words_is_none() -> None:
    template = MessageTemplate("crue", {"fr": Wording(sms="Crue.")})
    made = written_over(template, {"fr": {"texts": "x"}, "de": {"sms": "  "}})
    assert made.texts == template.texts


@pytest.mark.parametrize(("text", "told"), [("a } b", "signe 3"), ("{consigne}", "consigne")])
def test_words_that_cannot_be_filled_are_refused_in_a_sentence(text: str, told: str) -> None:
    template = MessageTemplate("crue", {"fr": Wording(sms="Crue.")})
    with pytest.raises(NotSo, match=told):
        worded(written_over(template, {"fr": {"sms": text}}), {}, prefix="")
