"""At night a message that threatens no life leaves only when somebody says so (DOMAIN.md §4.1)."""

from dataclasses import replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatcher.alerts import plan_in_force
from dispatcher.alerts.night import check_night, night_asks, night_lacks
from dispatcher.alerts.refusals import NotSo
from dispatcher.alerts.sketch import Chosen, Sketch
from dispatcher.alerts.sketch_choices import provisional
from dispatcher.delivery.content import Content
from plans.folder import files_of
from plans.plan import Plan
from tests.example_commune import EXAMPLE

PARIS = ZoneInfo("Europe/Paris")
NIGHT = datetime(2026, 11, 27, 3, 0, tzinfo=PARIS)
SEVERITIES = ("Extreme", "Severe", "Moderate", "Minor", "Unknown", None)


@pytest.fixture(scope="module")
def plan() -> Plan:
    found = plan_in_force.read(files_of(EXAMPLE)).plan
    assert found is not None
    return found


def sketch(template: str = "fin_alerte", *, mode: str = "real", confirmed: bool = False) -> Sketch:
    chosen = Chosen(template=template, sectors=("bas_bourg",), night_confirmed=confirmed)
    return Sketch("99117", "a", 1, mode, None, chosen, None, "o", 0.0, "o", 0.0, ("o",))


def content(plan: Plan, severity: str | None = "Minor", *, mode: str = "real") -> Content:
    made = provisional(plan, sketch(mode=mode))
    assert made is not None
    return replace(made, cap={**made.cap, "severity": severity})


@pytest.mark.parametrize(
    ("clock", "asks"),
    [("21:59", False), ("22:00", True), ("23:59", True), ("00:00", True), ("06:59", True),
     ("07:00", False), ("12:00", False)],
)  # fmt: skip
def test_the_night_is_from_22_to_7_on_the_commune_s_clocks(
    plan: Plan, clock: str, asks: bool
) -> None:
    hour, minute = map(int, clock.split(":"))
    for month in (1, 7):  # winter and summer time
        at = datetime(2026, month, 10, hour, minute, tzinfo=PARIS).astimezone(UTC)
        assert night_asks(plan, content(plan), at) is asks


@given(severity=st.sampled_from(SEVERITIES), hour=st.integers(0, 23), month=st.integers(1, 12))
def test_what_threatens_lives_is_never_held_back_and_the_rest_only_at_night(
    plan: Plan, severity: str | None, hour: int, month: int
) -> None:
    at = datetime(2026, month, 5, hour, 30, tzinfo=PARIS)
    held = night_asks(plan, content(plan, severity), at)
    assert held is (severity not in ("Extreme", "Severe") and (hour >= 22 or hour < 7))


@pytest.mark.parametrize(
    ("mode", "asks"), [("exercise", True), ("public_test", True), ("rehearsal", False)]
)
def test_an_exercise_threatens_no_life_whatever_its_words_and_a_rehearsal_wakes_nobody(
    plan: Plan, mode: str, asks: bool
) -> None:
    assert night_asks(plan, content(plan, "Extreme", mode=mode), NIGHT) is asks


def test_it_is_lacking_until_somebody_confirms_it(plan: Plan) -> None:
    assert [lack.step for lack in night_lacks(plan, sketch(), now=NIGHT)] == ["reach"]
    with pytest.raises(NotSo, match="nuit"):
        check_night(plan, sketch(), now=NIGHT)
    check_night(plan, sketch(confirmed=True), now=NIGHT)
    check_night(plan, sketch(), now=NIGHT.replace(hour=14))


def test_without_a_zone_there_is_nothing_to_confirm_yet(plan: Plan) -> None:
    empty = replace(sketch(), chosen=Chosen(template="fin_alerte"))
    assert night_lacks(plan, empty, now=NIGHT) == ()
