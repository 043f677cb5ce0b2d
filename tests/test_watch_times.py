"""What the watchdog finds in a team that is out, and how long a plan has it wait."""

from dispatcher.store.team_watching import Told, Watched
from dispatcher.teams.roster import KnownTeam, Roster
from dispatcher.teams.watching import judged
from plans.watch import WatchTimes, answer_s, timers_of

TEAM = KnownTeam("T1", "TERRAIN 1", "intervention", minimum=3)
ROSTER = Roster({"T1": TEAM})


def watched(**about: object) -> Watched:
    return Watched("99042", "T1", **{"now": 10_000.0, "news_at": 10_000.0, **about})  # type: ignore[arg-type]


def found(**about: object) -> list[tuple[str, str]]:
    return [(one.kind, one.level) for one in judged([watched(**about)], roster=ROSTER, watch={})]


def test_too_few_aboard_is_a_warning_and_alone_is_critical() -> None:
    assert found(out_since=9_000.0, strength=2) == [("low_strength", "warning")]
    assert found(out_since=9_000.0, strength=1) == [("lone", "critical")]
    assert found(out_since=9_000.0, strength=3) == found(strength=1) == []


def test_who_goes_out_alone_once_more_is_told_of_once_more() -> None:
    told = (Told("a", "lone", "critical", 5_000.0, 5_000.0, is_open=False),)
    known = {"strength": 1, "strength_at": 4_000.0, "told": told}
    assert found(out_since=4_000.0, **known) == []
    assert found(out_since=9_000.0, **known) == [("lone", "critical")]


def test_what_was_told_as_critical_is_not_told_as_a_warning() -> None:
    told = (Told("a", "silent", "critical", 9_000.0, 9_000.0, is_open=False),)
    assert found(news_at=8_000.0, told=told) == []
    assert found(news_at=8_000.0) == [("silent", "warning")]


def test_the_timers_of_a_mission_go_before_those_of_a_team_and_of_all() -> None:
    watch = {
        "any": WatchTimes(news_min=20, relief_h=4),
        "intervention": WatchTimes(news_min=15, critical_min=25),
        "evacuate": WatchTimes(news_min=10),
    }
    at_it = timers_of(watch, "intervention", "evacuate")
    assert (at_it.warning_s, at_it.critical_s, at_it.relief_s) == (600, 1500, 14400)
    other = timers_of(watch, "accueil", None)
    assert (other.warning_s, other.critical_s) == (1200, 2700)
    assert timers_of({"any": WatchTimes(critical_min=10)}, "", None).warning_s == 600


def test_a_plan_sets_how_long_a_mission_waits_for_its_answer() -> None:
    watch = {
        "any": WatchTimes(answer_min=5),
        "door_to_door": WatchTimes(answer_min=10, urgent_answer_min=2),
    }
    assert answer_s(watch, "intervention", "door_to_door", urgent=False) == 600
    assert answer_s(watch, "intervention", "secure", urgent=False) == 300
    assert [answer_s(watch, "", "door_to_door", urgent=one) for one in (True, False)] == [120, 600]
    assert [answer_s({}, "", None, urgent=one) for one in (True, False)] == [60, 180]
