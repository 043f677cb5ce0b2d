"""Missions as tools get them from here: how they were told, their doors, what those come to."""

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime

from dispatcher.store.mission_doors import DoorSums
from dispatcher.store.mission_rows import Mission
from dispatcher.store.mission_tellings import Telling
from dispatcher.teams.door_words import NewWords
from dispatcher.teams.doors import DoorShown


def shown_made(mission: Mission) -> dict[str, object]:
    """Return a mission as whoever made it is answered."""
    return {
        "mission": mission.mission,
        "event": mission.event,
        "mode": mission.mode,
        "kind": mission.kind,
        "title": mission.title,
        "text": mission.text,
        "urgency": mission.urgency,
        "place_in_line": mission.place_in_line,
        "origin": mission.origin,
        "origin_ref": mission.origin_ref,
        "team": mission.team,
        "queued_for": mission.queued_for,
        "state": mission.state,
    }


def sums_of(doors: Sequence[DoorShown]) -> DoorSums:
    """Return what doors come to."""
    rows = [one.row for one in doors]
    results = Counter(row.result for row in rows)
    return DoorSums(
        doors=len(rows),
        done=sum(row.result is not None for row in rows),
        people=sum(row.counted or 0 for row in rows),
        refused=results["refused"],
        empty=results["empty"],
        found=results["found"],
        evacuated=results["evacuated"],
        help=results["help"],
    )


def shown_doors(
    doors: Sequence[DoorShown], *, names: bool, words: NewWords | None = None
) -> dict[str, object]:
    """Return doors for tools; who lives there is named to those alone who may read names.

    `say_now` is what is to be said there where the alert's words have changed.
    """
    changed = words and {"text": words.text, "version": words.version, "since": _iso(words.since)}
    return {
        "say_now": changed,
        "sums": vars(sums_of(doors)),
        "doors": [_door(one, names=names) for one in doors],
    }


def _door(one: DoorShown, *, names: bool) -> dict[str, object]:
    row = one.row
    told: dict[str, object] = {
        "door": row.door,
        "place": row.place + 1,
        "label": row.label,
        "street": row.street,
        "lon": row.lon,
        "lat": row.lat,
        "people": len(row.people),
        "reached": one.reached,
        "needs": list(one.needs),
        "result": row.result,
        "counted": row.counted,
        "note": row.note,
        "at": _iso(row.at),
        "by": row.by,
        "history": [
            {
                "result": past.result,
                "counted": past.counted,
                "note": past.note,
                "at": _iso(past.at),
                "source": past.source,
                "by": past.author,
            }
            for past in one.history
        ],
    }
    if names:
        told["residents"] = [
            {
                "person": each.person_id,
                "name": each.name,
                "address": each.label,
                "help_to_leave": each.help_to_leave,
                "answered": each.answered,
                "answered_at": _iso(each.answered_at),
                "told": each.told,
                "told_at": _iso(each.told_at),
            }
            for each in one.people
        ]
    return told


def shown_tellings(tellings: Sequence[Telling]) -> list[dict[str, object]]:
    """Return how a mission was told to its team, step by step; people by their ids of the plan."""
    return [
        {
            "what": one.what,
            "people": list(one.people),
            "at": _iso(one.told_at),
            "answer": one.answer,
            "answered_by": one.answered_by,
            "answered_at": _iso(one.answered_at),
        }
        for one in tellings
    ]


def _iso(at: float | None) -> str | None:
    return None if at is None else datetime.fromtimestamp(at, UTC).isoformat(timespec="seconds")
