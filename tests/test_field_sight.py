"""Who only looks on reads that a door, a need, a word is there: not which, not whose, not what."""

import pytest

from dispatcher.access.permissions import FUNCTIONS
from dispatcher.store.desk_items import Waiting
from dispatcher.store.door_people import BehindDoor
from dispatcher.store.mission_doors import DoorResult, DoorRow
from dispatcher.store.mission_rows import Mission
from dispatcher.store.team_rows import ReportRow
from dispatcher.tasking.showing import shown_doors
from dispatcher.teams.doors import DoorShown
from dispatcher.teams.showing import item_shown, mission_shown, report_shown
from dispatcher.teams.sight import doors_seen, item_seen, mission_seen, pointed, reports_seen, sees

SECRET = ("12 Rue", "5.123", "OXYGENE", "MARTIN", "06 12", "help_to_leave", "abc123")
OF_HELP = Mission(
    "99117", "m1", None, "real", "evacuate", "Demande d'aide : porter secours",
    "12 Rue Basse, OXYGENE", "sud", 5.123, 48.0, 1, 0, "help", "c1", "T1", "done", 0.0, (), "rac",
    0.0, None, None, None, 0, None, "Mme MARTIN évacuée", 0.0,
)  # fmt: skip
DOOR = DoorShown(
    DoorRow("m1", "abc123", 3, "Rue Basse", "12 Rue Basse", 5.123, 48.0, ("p1",), "found", 2,
            "MARTIN", 0.0, "T1", "r1", "v1"),
    (BehindDoor("p1", "MARTIN", "12 Rue Basse, 2e", help_to_leave=True, answered="help"),),
    (DoorResult("r1", "m1", "abc123", "found", 2, "MARTIN", 0.0, "phone", "T1"),),
)  # fmt: skip
TEXT = Waiting("i1", 0.0, 0.0, "sms", "chef", "unknown_word", "12 Rue", {"text": "MARTIN 06 12"})
REPORT = ReportRow("r1", "T1", "m1", 0.0, 0.0, "message", None, 0, 2, "MARTIN 12 Rue", "sms", "c")


def read_by(function: str) -> str:
    doors = doors_seen([DOOR], function)
    return str([
        mission_shown(OF_HELP, seen_by=function),
        shown_doors(doors, names=sees(function)),
        item_shown(item_seen(TEXT, function)),
        [report_shown(one) for one in reports_seen([REPORT], function)],
    ])  # fmt: skip


@pytest.mark.parametrize("function", FUNCTIONS)
def test_who_gives_no_orders_reads_neither_a_door_nor_a_need_nor_a_word(function: str) -> None:
    read = read_by(function)
    is_observer = function in ("observer", "dpo", "administrator")
    assert [one in read for one in SECRET] == [not is_observer] * len(SECRET)
    for one in ("porter secours", "sud", "Rue Basse", "found", "unknown_word", "message"):
        assert one in read  # that it is there, and how it stands, is seen by all


def test_a_mission_that_leads_to_nobody_s_door_is_read_whole() -> None:
    by_hand = Mission(**{**vars(OF_HELP), "origin": "hand"})
    assert mission_seen(by_hand, "observer") == by_hand
    assert pointed([OF_HELP, by_hand], whole=False) == [by_hand]
    assert pointed([OF_HELP, by_hand], whole=True) == [OF_HELP, by_hand]
    named = Waiting("i2", 0.0, 0.0, "partner", "police", "unknown_team", "BRAVO 9", {"note": "x"})
    assert item_seen(named, "observer").named == "BRAVO 9"
