"""Each line of « Prêt ? » judged from what was found: pure, so every edge is tried."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from dispatcher.alerts.plan_in_force import read
from dispatcher.readiness.gathering import day_of_tests
from dispatcher.readiness.judging_accounts import (
    AccountFound,
    Flight,
    Flown,
    judge_accounts,
    judge_caller,
    judge_canary,
    judge_sender,
)
from dispatcher.readiness.judging_people import (
    Approver,
    Tried,
    approvers_of,
    approving,
    judge_approvers,
    judge_cover,
    judge_duty,
    judge_trial,
)
from dispatcher.readiness.judging_plan import (
    Played,
    judge_evaluation,
    judge_exercise,
    judge_revision,
    judge_templates,
)
from dispatcher.readiness.lines import filled
from plans.commune import Exercise, LegalDates
from plans.folder import files_of
from plans.plan import Plan
from tests.example_commune import EXAMPLE

SMS = AccountFound("un", "sms", sandbox=False, ok=True, credit=100.0, cost_eur=0.05)
DAY = date(2026, 11, 27)
FRIDAY = datetime(2026, 11, 27, 22, tzinfo=UTC)


@pytest.fixture(scope="module")
def plan() -> Plan:
    """Read the example plan once."""
    found = read(files_of(EXAMPLE)).plan
    assert found is not None
    return found


def states(accounts: list[AccountFound], *, people: int = 100) -> dict[str, str]:
    """Return the state of each line about accounts."""
    lines = judge_accounts(accounts, used=["sms", "voice"], people=people)
    return {one.subject: one.state for one in lines}


def test_a_medium_that_only_the_sandbox_takes_is_not_ready() -> None:
    found = states([replace(SMS, sandbox=True)])
    assert found == {"medium:sms": "not_ready", "medium:voice": "not_ready"}


def test_credit_covers_two_segments_for_everybody_or_is_not_ready() -> None:
    assert states([SMS], people=1000)["credit:un"] == "ready"  # 1000 x 2 x 0.05 = 100
    assert states([SMS], people=1001)["credit:un"] == "not_ready"


def test_a_credit_that_nothing_is_counted_against_is_never_ready() -> None:
    """Nothing times anything is covered by every credit, also by none."""
    free = replace(SMS, cost_eur=0.0)
    assert states([free])["credit:un"] == "unknown"
    assert states([SMS], people=0)["credit:un"] == "unknown"
    for broke in (replace(free, credit=0.0), replace(SMS, credit=-1.0)):
        assert states([broke], people=0)["credit:un"] == "not_ready"
    line = judge_accounts([free], used=["sms"], people=5)[1]
    assert "cost_eur" in line.remedy


def test_an_account_that_tells_no_credit_is_a_warning_that_can_be_lived_with() -> None:
    assert states([replace(SMS, credit=None)])["credit:un"] == "warning"


def test_an_account_that_does_not_answer_says_why_and_what_to_do() -> None:
    broken = replace(SMS, ok=False, problem="clé refusée.", remedy="Changez la clé.")
    line = judge_accounts([broken], used=["sms"], people=1)[0]
    assert line.state == "not_ready"
    assert "clé refusée" in filled(line.said, line)
    assert "Changez la clé" in filled(line.remedy, line)


@pytest.mark.parametrize(
    ("name", "state"), [("VAUBRENNE", "ready"), ("ALERTE", "not_ready"), ("36000", "not_ready")]
)
def test_a_sender_that_operators_drop_is_not_ready(name: str, state: str) -> None:
    assert judge_sender(name).state == state


@pytest.mark.parametrize(
    ("number", "state"),
    [("+33325000001", "ready"), ("+33612345678", "not_ready"), ("+33712345678", "not_ready"),
     (None, "not_ready")],
)  # fmt: skip
def test_calls_never_show_a_mobile(number: str | None, state: str) -> None:
    assert judge_caller(number, []).state == state


def test_a_mobile_at_the_account_is_seen_behind_a_good_number_in_the_plan() -> None:
    account = AccountFound("v", "voice", sandbox=False, ok=True, caller="+33612345678")
    assert judge_caller("+33325000001", [account]).state == "not_ready"


@pytest.mark.parametrize(
    ("test", "state"),
    [
        (Flight("un", sent=True, arrived=True, failed=False), "ready"),
        (Flight("un", sent=True, arrived=False, failed=False), "warning"),
        (Flight("un", sent=False, arrived=False, failed=False), "warning"),
        (Flight("un", sent=True, arrived=True, failed=True), "not_ready"),
        (Flight("un", sent=False, arrived=False, failed=True), "not_ready"),
    ],
)
def test_the_daily_test_is_ready_only_once_it_arrived(test: Flight, state: str) -> None:
    (line,) = judge_canary(Flown("27/11/2026", [test]))
    assert line.state == state
    assert "un" in line.blanks["accounts"]


def test_an_account_whose_test_nobody_receives_is_named_and_claimed_by_no_other() -> None:
    test = Flight("un", sent=True, arrived=True, failed=False)
    good, other = judge_canary(Flown("27/11/2026", [test], ["deux"]))
    assert (good.state, other.state) == ("ready", "warning")
    assert "27/11/2026" in filled(good.said, good)
    assert "deux" not in filled(good.said, good)
    assert "deux" in filled(other.said, other)
    assert [one.state for one in judge_canary(Flown("27/11/2026", [], ["deux"]))] == ["warning"]
    assert [one.state for one in judge_canary(Flown("27/11/2026", []))] == ["warning"]


@pytest.mark.parametrize(
    ("now", "day"),
    [
        ("2026-11-27T08:59+00:00", "2026-11-26"),  # 9:59 in Paris: yesterday's are known
        ("2026-11-27T09:00+00:00", "2026-11-27"),
        ("2026-11-27T23:30+00:00", "2026-11-27"),  # half past midnight in Paris
    ],
)
def test_before_the_hour_of_todays_tests_yesterdays_are_judged(now: str, day: str) -> None:
    found = day_of_tests(datetime.fromisoformat(now), hour=10, zone=ZoneInfo("Europe/Paris"))
    assert found.isoformat() == day


THERE = Approver("Hélène", phone=True, account=True)


@pytest.mark.parametrize(
    ("found", "state"),
    [
        ([], "not_ready"),
        ([replace(THERE, phone=False)], "not_ready"),
        ([replace(THERE, account=False)], "not_ready"),
        ([THERE], "warning"),
        ([THERE, replace(THERE, name="Marc", account=False)], "warning"),
        ([THERE, replace(THERE, name="Marc")], "ready"),
        ([THERE, replace(THERE, name="Marc", leads=False)], "ready"),
        ([replace(THERE, leads=False), replace(THERE, name="Marc", leads=False)], "not_ready"),
    ],
)
def test_two_approvers_need_a_telephone_and_an_account(found: list[Approver], state: str) -> None:
    assert judge_approvers(found)[0].state == state


def test_who_is_missing_is_named_with_what_is_missing_in_her_language() -> None:
    marc = replace(THERE, name="Marc", account=False)
    _, line = judge_approvers([THERE, marc])
    assert (line.subject, line.state, line.blanks) == (
        "without_access", "warning", {"names": "Marc"},
    )  # fmt: skip
    found = judge_approvers([THERE, replace(marc, phone=False)])
    assert [one.subject for one in found[1:]] == ["unreachable", "without_access"]
    assert len(judge_approvers([THERE, THERE])) == 1


def test_the_rac_approves_with_her_own_access_where_the_plan_names_her(plan: Plan) -> None:
    rac = next(role for role in plan.roles if role.code == "RAC")
    accounts = [(one, "rac") for one in rac.people]
    roles = tuple(replace(role, approves_alerts=role.code in ("DOS", "RAC")) for role in plan.roles)
    policy = replace(plan.policy, approvers=())
    named = approvers_of(replace(plan, roles=roles, policy=policy), accounts)
    assert {one.name for one in named if one.account} == {
        plan.contact(one).full_name for one in rac.people
    }
    assert not any(one.leads for one in named)
    only = tuple(replace(role, approves_alerts=role.code == "DOS") for role in plan.roles)
    assert approving(replace(plan, roles=only, policy=policy)) == {"dos", "deputy"}


def test_tonights_duty_is_that_of_the_iso_week_on_the_communes_clock(plan: Plan) -> None:
    week = plan.on_call[0]
    here = datetime.fromisocalendar(int(week.week[:4]), int(week.week[6:]), 3).replace(tzinfo=UTC)
    assert judge_duty(plan, now=here).state == "ready"
    only = replace(plan, on_call=(week,))
    assert judge_duty(only, now=here + timedelta(days=7)).state == "not_ready"
    assert judge_duty(replace(plan, on_call=()), now=here).state == "warning"
    nobody = replace(plan, on_call=(replace(week, official=None),))
    assert judge_duty(nobody, now=here).state == "not_ready"


BOTH = frozenset({"sms", "voice"})


@pytest.mark.parametrize(
    ("days", "third", "state"),
    [
        (0, BOTH, "ready"),
        (30, BOTH, "ready"),
        (31, BOTH, "warning"),
        (0, frozenset({"sms"}), "not_ready"),
        (0, frozenset({"voice"}), "not_ready"),
        (40, frozenset(), "not_ready"),
    ],
)
def test_three_telephones_confirm_an_sms_and_a_call_within_30_days(
    days: int, third: frozenset[str], state: str
) -> None:
    now = FRIDAY.timestamp()
    tried = Tried(now - days * 86_400 - 60, {"A": BOTH, "B": BOTH, "C": third})
    assert judge_trial(tried, now=now).state == state


def test_no_test_was_made_is_not_ready() -> None:
    assert judge_trial(None, now=0.0).state == "not_ready"


@pytest.mark.parametrize(
    ("covered", "sure", "every", "state"),
    [(9, 9, 100, "not_ready"), (10, 10, 100, "warning"), (50, 10, 100, "ready"),
     (50, 9, 100, "warning"), (0, 0, 0, "unknown")],
)  # fmt: skip
def test_the_share_of_addresses_reached_is_told(
    covered: int, sure: int, every: int, state: str
) -> None:
    line = judge_cover(covered, every, sure=sure)
    assert line.state == state
    if every:
        assert f"({covered} %)" in filled(line.said, line)


def test_a_generic_template_approved_beforehand_is_needed(plan: Plan) -> None:
    assert judge_templates(plan).state == "ready"
    none = tuple(replace(one, pre_approved=False) for one in plan.templates)
    assert judge_templates(replace(plan, templates=none)).state == "not_ready"
    other = tuple(
        replace(one, pre_approved=one.id != "danger_immediat") for one in plan.templates
    )  # fmt: skip
    assert judge_templates(replace(plan, templates=other)).state == "not_ready"
    mild = tuple(
        replace(one, cap=replace(one.cap, severity="Minor")) for one in plan.templates
    )  # fmt: skip
    assert judge_templates(replace(plan, templates=mild)).state == "not_ready"


@pytest.mark.parametrize(
    ("on", "state"),
    [
        (None, "not_ready"),
        (date(2021, 11, 26), "not_ready"),  # due the day before
        (date(2021, 11, 27), "warning"),  # due today
        (date(2022, 5, 29), "warning"),  # due in 183 days
        (date(2022, 5, 30), "ready"),
        (DAY, "ready"),
        (DAY + timedelta(days=1), "not_ready"),
        (date(9999, 1, 1), "not_ready"),
    ],
)
def test_the_clocks_of_r731_8_run_five_years(plan: Plan, on: date | None, state: str) -> None:
    dated = replace(plan, dates=LegalDates(revised_on=on, evaluated_on=on))
    assert judge_revision(dated, today=DAY).state == state
    assert judge_evaluation(dated, today=DAY).state == state


def test_a_real_activation_or_an_exercise_here_resets_the_clock_of_d731_9(plan: Plan) -> None:
    old = replace(plan, dates=LegalDates(exercise=Exercise(date(2019, 1, 1))))
    assert judge_exercise(old, Played(), today=DAY).state == "not_ready"
    assert judge_exercise(old, Played(real=date(2024, 1, 1)), today=DAY).state == "ready"
    assert judge_exercise(old, Played(exercise=date(2024, 1, 1)), today=DAY).state == "ready"
    newer = replace(plan, dates=LegalDates(exercise=Exercise(date(2025, 1, 1))))
    line = judge_exercise(newer, Played(real=date(2022, 1, 1)), today=DAY)
    assert line.blanks["due"] == "01/01/2030"


def test_an_exercise_that_is_still_to_come_resets_no_clock_and_is_named(plan: Plan) -> None:
    ahead = replace(plan, dates=LegalDates(exercise=Exercise(date(2027, 1, 15))))
    line = judge_exercise(ahead, Played(real=date(2024, 1, 1)), today=DAY)
    assert line.state == "not_ready"
    assert "15/01/2027" in filled(line.said, line)
    assert "dernier_exercice" in line.remedy
