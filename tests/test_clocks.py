"""The clocks of the alert policy: due since it was last done, late in minutes, done once."""

from hypothesis import given
from hypothesis import strategies as st

from dispatcher.alerts.clocks import CONTROL, INFORMATION, SITREP, Clock, Known, clocks_of
from plans.alerting import AlertPolicy

POLICY = AlertPolicy(
    "Mairie", information_every_min=30, sitrep_every_min=60, goal_reached_pct=80, goal_delay_min=20
)
MINUTE = 60.0


def known(**given: object) -> Known:
    usual: dict[str, object] = {
        "kind": "alert", "launches": (0.0,), "people": 100, "confirmed": 0, "marks": {},
    }  # fmt: skip
    return Known(**{**usual, **given})  # type: ignore[arg-type]  # fields of what is known


def at(minutes: float, **given: object) -> dict[str, Clock]:
    return {one.name: one for one in clocks_of(POLICY, known(**given), now=minutes * MINUTE)}


def test_each_clock_runs_from_the_launch() -> None:
    found = at(10)
    assert {name: (one.state, one.minutes) for name, one in found.items()} == {
        CONTROL: ("due", 10), INFORMATION: ("due", 20), SITREP: ("due", 50),
    }  # fmt: skip


def test_what_is_due_soon_and_what_is_late_is_said() -> None:
    assert at(26)[INFORMATION].state == "soon"
    late = at(33)[INFORMATION]
    assert (late.state, late.minutes) == ("late", 3)


def test_new_instructions_start_the_clock_of_information_again_and_no_other() -> None:
    found = at(45, kind="update", launches=(0.0, 40 * MINUTE))
    assert found[INFORMATION].due_at == 70 * MINUTE
    assert found[SITREP].due_at == 60 * MINUTE
    assert found[CONTROL].state == "late"


def test_a_report_starts_the_clock_of_reports_again() -> None:
    assert at(65, sitrep_at=62 * MINUTE)[SITREP].due_at == 122 * MINUTE
    assert at(10, sitrep_at=-500 * MINUTE)[SITREP].due_at == 60 * MINUTE  # of an older crisis


def test_the_control_is_done_when_enough_have_confirmed_or_somebody_checked() -> None:
    assert at(25, confirmed=79)[CONTROL].state == "late"
    assert at(25, confirmed=80)[CONTROL].state == "done"
    assert at(25, marks={CONTROL: 24 * MINUTE})[CONTROL].state == "done"


def test_when_the_danger_is_over_nothing_is_due() -> None:
    for kind in ("all_clear", "false_alarm"):
        assert at(500, kind=kind) == {}
    assert clocks_of(POLICY, known(launches=()), now=0.0) == ()


@given(st.floats(0, 500), st.floats(0, 500))
def test_doing_something_later_never_makes_it_due_earlier(done: float, later: float) -> None:
    early, late = sorted((done, later))
    first = at(500, marks={INFORMATION: early * MINUTE})[INFORMATION]
    second = at(500, marks={INFORMATION: late * MINUTE})[INFORMATION]
    assert first.due_at <= second.due_at
