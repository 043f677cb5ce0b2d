"""The words of a draft: what no channel would take is mended or refused before anyone reads it."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from dispatcher.alerts import life
from dispatcher.alerts.drafting import Wanted
from dispatcher.alerts.office import Office
from dispatcher.alerts.refusals import NotSo
from dispatcher.alerts.wording import worded
from dispatcher.store.ledger import Ledger
from plans.alerting import MessageTemplate, Wording
from tests.offices import AUTHOR, bruz_office

LONG = "Montez à l'étage. " * 120


def subject(wording: Wording, blanks: Mapping[str, str]) -> str:
    template = MessageTemplate("crue", {"fr": wording})
    return worded(template, blanks, prefix="")["fr"].email_subject


def test_an_sms_of_two_lines_makes_a_subject_of_one() -> None:
    wording = Wording(sms="Crue de la Vilaine.\nMontez à l'étage.")
    assert subject(wording, {}) == "Crue de la Vilaine. Montez à l'étage."


def test_a_line_break_in_a_value_does_not_break_the_subject() -> None:
    wording = Wording(email_subject="Crue : {lieu}", email_body="Montez.")
    assert subject(wording, {"lieu": "rue\r\ndu Pont\t"}) == "Crue : rue du Pont"


def test_a_blank_at_the_end_of_a_long_sms_is_filled_before_the_subject_is_cut() -> None:
    wording = Wording(sms=f"{'a' * 30} {'b' * 45} {{secteur}} {'c' * 60}")
    made = subject(wording, {"secteur": "Les Planches"})
    assert "Les Planches" in made
    assert len(made) <= 120


@pytest.mark.parametrize(("medium", "told"), [("sms", "SMS"), ("voice", "parlé")])
async def test_words_too_long_for_a_medium_are_refused_to_their_author(
    ledger: Ledger, tmp_path: Path, medium: str, told: str
) -> None:
    office: Office = await bruz_office(ledger, tmp_path, "circle_150m")
    wanted = Wanted(scenario="crue", blanks={"secteur": LONG}, media=(medium,))
    with pytest.raises(NotSo, match=told):
        await life.make_draft(office, wanted, actor=AUTHOR)
    short = replace(wanted, media=("email",))
    assert await life.make_draft(office, short, actor=AUTHOR)
