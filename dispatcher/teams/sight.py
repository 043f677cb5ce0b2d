"""What who only looks on sees of missions, doors and words: where roughly, and how it stands.

The rule of calls for help: whoever may act reads the door, the needs and the words; an observer
reads that something is there, in which street or sector, and what became of it.
"""

from collections.abc import Sequence
from dataclasses import replace

from dispatcher.access.permissions import allowed
from dispatcher.store.desk_items import Waiting
from dispatcher.store.door_people import BehindDoor
from dispatcher.store.mission_rows import Mission
from dispatcher.store.team_rows import ReportRow
from dispatcher.teams.doors import DoorShown

MAY = "team.order"
OF_PEOPLE = ("help", "street")  # origins of missions that lead to somebody's door


def sees(function: str) -> bool:
    """Tell whether a function reads doors, needs and words."""
    return allowed(function, MAY)


def is_covered(mission: Mission, function: str) -> bool:
    """Tell whether a function sees less of a mission than it says."""
    return mission.origin in OF_PEOPLE and not sees(function)


def mission_seen(mission: Mission, function: str) -> Mission:
    """Return a mission as a function sees it: without its place and words where it is covered."""
    if not is_covered(mission, function):
        return mission
    return replace(mission, text="", lon=None, lat=None, result="")


def pointed(missions: Sequence[Mission], *, whole: bool) -> list[Mission]:
    """Return the missions whose place may be shown: all, or those that lead to nobody's door."""
    placed = [one for one in missions if one.lon is not None]
    return [one for one in placed if whole or one.origin not in OF_PEOPLE]


def reports_seen(rows: Sequence[ReportRow], function: str) -> list[ReportRow]:
    """Return what was reported as a function sees it: what was said in full is for who may act."""
    return list(rows) if sees(function) else [replace(one, note="") for one in rows]


def item_seen(item: Waiting, function: str) -> Waiting:
    """Return an item of the desk as a function sees it: that it waits, since when, not its words.

    A partner's name for a team or a mission is none of them.
    """
    if sees(function):
        return item
    named = item.named if item.source == "partner" and item.why != "unknown_word" else ""
    return replace(item, named=named, body={}, outcome="")


def doors_seen(doors: Sequence[DoorShown], function: str) -> list[DoorShown]:
    """Return doors as a function sees them: the street and the result, neither number nor need."""
    return list(doors) if sees(function) else [_covered(one) for one in doors]


def _covered(one: DoorShown) -> DoorShown:
    # A door's id is made of its address, which a few guesses find: its place in the walk is not.
    place = str(one.row.place + 1)
    row = replace(one.row, door=place, label=one.row.street, lon=None, lat=None, note="")
    history = tuple(replace(past, door=place, note="") for past in one.history)
    return DoorShown(row, tuple(_nobody(each) for each in one.people), history)


def _nobody(one: BehindDoor) -> BehindDoor:
    answered = None if one.answered == "help" else one.answered
    return replace(one, name="", label="", help_to_leave=False, warn_first=False, answered=answered)
