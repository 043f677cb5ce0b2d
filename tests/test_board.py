"""The board: no team stands in no lane, and none is shown that was filtered out."""

import pytest

from dispatcher.store.mission_rows import Mission
from dispatcher.store.team_alarm_rows import TeamAlarm
from dispatcher.store.team_rows import TeamRow
from dispatcher.teams.board import LANES, UNHEARD, Filter, TeamShown
from dispatcher.teams.roster import KnownTeam
from plans.teams import STATUS_CODES

MISSION = Mission(
    "99042", "m1", "e1", "real", "door_to_door", "Rue de la Lerne", "", "S2", None, None, 2, 1,
    "street", "", "FPT1", "in_progress", 0.0, (), "maire", 0.0, "maire", 0.0, None, 0, None,
    "", 0.0,
)  # fmt: skip
ALARM = TeamAlarm("a1", "FPT1", None, "silent", "warning", 0.0, None, None, None, None)
AT_WORK = TeamShown(
    KnownTeam("FPT1", "FPT 1", "fire_service", partner="sdis", sectors=("S1",)),
    TeamRow("FPT1", "on_scene", 0.0, 0.0, (), 4, None, None, None, "m1"),
    (ALARM,),
    MISSION,
)
AT_HOME = TeamShown(KnownTeam("ALPHA", "Alpha", "municipal", sectors=("S3",)), None)


def test_every_state_stands_in_one_lane() -> None:
    lanes = [state for states in LANES.values() for state in states]
    assert sorted(lanes) == sorted({*STATUS_CODES, UNHEARD})


def test_a_team_stands_in_the_lane_of_its_state_and_with_those_at_rest_until_it_is_heard() -> None:
    assert (AT_WORK.lane, AT_HOME.lane) == ("on_scene", "off")


@pytest.mark.parametrize(
    ("wanted", "at_work", "at_home"),
    [
        (Filter(), True, True),
        (Filter(partner="sdis"), True, False),
        (Filter(partner="-"), False, True),
        (Filter(kind="municipal"), False, True),
        (Filter(sector="S1"), True, False),
        (Filter(sector="S2"), True, False),  # its mission is there
        (Filter(sector="S3"), False, True),
        (Filter(mission="m1"), True, False),
        (Filter(mission="door_to_door"), True, False),
        (Filter(mission="watch"), False, False),
        (Filter(alarms=True), True, False),
        (Filter(partner="sdis", sector="S3"), False, False),
    ],
)
def test_a_filter_leaves_what_it_asks_for(wanted: Filter, at_work: bool, at_home: bool) -> None:
    assert (wanted.holds(AT_WORK), wanted.holds(AT_HOME)) == (at_work, at_home)


def test_a_mission_that_nobody_has_is_filtered_by_its_sector_and_kind() -> None:
    assert Filter(sector="S2", mission="door_to_door").holds_mission(MISSION)
    assert not Filter(sector="S1").holds_mission(MISSION)
    assert not Filter(mission="watch").holds_mission(MISSION)
