"""The doors of missions: made with the mission, told of by whoever knocked, never lost.

A result is a fact: kept whatever it says. A door comes to its latest one by the time at which it
was found so; the same report told again changes nothing.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Connection, and_, func, or_, select, update

from dispatcher.ciphers import Ring
from dispatcher.store.clock import db_now
from dispatcher.store.field_filing import TURN
from dispatcher.store.following_tables import told_marks
from dispatcher.store.help_cries import DoorCry, keep_door_cry
from dispatcher.store.ledger import Ledger
from dispatcher.store.logbook import append_all
from dispatcher.store.mission_rows import OVER
from dispatcher.store.new_doors import NewDoor
from dispatcher.store.personal import door_at, found_at, read, sealed_words
from dispatcher.store.statements import insert_in
from dispatcher.store.tasking_tables import door_results, mission_doors
from dispatcher.store.team_tables import missions
from dispatcher.store.turns import take_turns_in
from dispatcher.store.versions import Chained
from plans.doors import TOLD_AS


@dataclass(frozen=True)
class DoorRow:
    """A door as the ledger holds it; instants are epoch seconds."""

    mission: str
    door: str
    place: int
    street: str
    label: str
    lon: float | None
    lat: float | None
    people: Sequence[str]
    result: str | None
    counted: int | None
    note: str
    at: float | None
    by: str | None
    report_id: str | None
    version_id: str | None


@dataclass(frozen=True)
class DoorResult:
    """What was found at a door, by whom, by which way; `at` in epoch seconds."""

    report_id: str
    mission: str
    door: str
    result: str
    counted: int | None
    note: str
    at: float
    source: str
    author: str


@dataclass(frozen=True)
class Noted:
    """A result with what goes with it: the call for help that it is, the words that were said.

    `said` is the version of the alert that was told there; None where it is that of the door.
    """

    told: DoorResult
    cry: DoorCry | None = None
    said: str | None = None


_COLUMNS = [mission_doors.c[name] for name in DoorRow.__dataclass_fields__]


@dataclass(frozen=True)
class ListOf:
    """Whose unreached a door is asked for: the origin of its missions, its alert, its version."""

    origin: str
    alert: str
    version: str


def knocked_at(
    connection: Connection, commune: str, asked: ListOf, doors: Collection[NewDoor]
) -> dict[str, str]:
    """Return which of these doors an open mission has already, and which mission.

    One has it where all who are behind it are behind doors of open missions: who was reached since
    is on the list no more, and the door is the same one. A door given under a former version of
    the alert counts as long as nobody knocked: who goes there says the newest words.
    """
    going = and_(
        missions.c.commune == commune,
        missions.c.mission == mission_doors.c.mission,
        missions.c.origin == asked.origin,
        missions.c.origin_ref == asked.alert,
    )
    now_or_to_come = or_(
        mission_doors.c.version_id == asked.version, mission_doors.c.result.is_(None)
    )
    wanted = (
        select(mission_doors.c.people, mission_doors.c.mission)
        .join(missions, going)
        .where(
            mission_doors.c.commune == commune,
            now_or_to_come,
            missions.c.state.not_in(OVER),
        )
        .order_by(mission_doors.c.mission)
    )
    had = {one: row.mission for row in connection.execute(wanted) for one in row.people}
    return {
        one.door: had[one.people[0]] for one in doors if all(each in had for each in one.people)
    }


async def doors_in(ledger: Ledger, commune: str, mission: str) -> list[DoorRow]:
    """Return the doors of a mission in the order of the walk."""
    wanted = (
        select(*_COLUMNS)
        .where(mission_doors.c.commune == commune, mission_doors.c.mission == mission)
        .order_by(mission_doors.c.place, mission_doors.c.door)
    )
    rows = await ledger.read(lambda connection: connection.execute(wanted).all())
    return [_opened(DoorRow(**row._mapping), commune, ring=ledger.ring) for row in rows]


def _opened(kept: DoorRow, commune: str, *, ring: Ring) -> DoorRow:
    def said(column: str) -> str:
        place = door_at(column, commune, kept.mission, kept.door)
        return read(ring, getattr(kept, column), place)

    return replace(kept, street=said("street"), label=said("label"), note=said("note"))


async def results_of(ledger: Ledger, commune: str, mission: str) -> list[DoorResult]:
    """Return all that was found at the doors of a mission, the newest first."""
    held = door_results.c
    wanted = (
        select(*(held[name] for name in DoorResult.__dataclass_fields__))
        .where(held.commune == commune, held.mission == mission)
        .order_by(held.at.desc(), held.report_id.desc())
    )
    rows = await ledger.read(lambda connection: connection.execute(wanted).all())
    found = (DoorResult(**row._mapping) for row in rows)
    return [
        replace(one, note=read(ledger.ring, one.note, found_at(commune, one.report_id)))
        for one in found
    ]


async def note(ledger: Ledger, commune: str, noted: Noted, *, line: Chained) -> bool:
    """Keep what was found at a door, and the call for help that it is; False where it was known."""

    def act(connection: Connection) -> bool:
        return _note(connection, commune, noted, line=line, ring=ledger.ring)

    return await ledger.write(act)


def _note(connection: Connection, commune: str, noted: Noted, *, line: Chained, ring: Ring) -> bool:
    told = noted.told
    take_turns_in(connection, TURN, commune=commune)
    now = connection.execute(select(db_now())).scalar_one()
    kept = {**vars(told), "note": sealed_words(ring, told.note, found_at(commune, told.report_id))}
    made = insert_in(connection.dialect.name, door_results).values(
        commune=commune, recorded_at=now, **kept
    )
    new = connection.execute(
        made.on_conflict_do_nothing().returning(door_results.c.report_id)
    ).first()
    if new is None:
        return False
    this = and_(
        mission_doors.c.commune == commune,
        mission_doors.c.mission == told.mission,
        mission_doors.c.door == told.door,
    )
    later = or_(
        mission_doors.c.at.is_(None),
        mission_doors.c.at < told.at,
        and_(mission_doors.c.at == told.at, mission_doors.c.report_id < told.report_id),
    )
    values = {name: getattr(told, name) for name in ("result", "counted", "at", "report_id")}
    values["note"] = sealed_words(
        ring, told.note, door_at("note", commune, told.mission, told.door)
    )
    connection.execute(update(mission_doors).where(this, later).values(by=told.author, **values))
    behind = connection.execute(
        select(mission_doors.c.people, mission_doors.c.version_id).where(this)
    ).first()
    # A result that comes late may say that somebody was spoken to, though another one stands.
    if behind is not None and (version := noted.said or behind.version_id):
        _mark(connection, commune, told, people=behind.people, version=version)
    if noted.cry is not None:
        keep_door_cry(connection, commune, noted.cry)
    append_all(connection, commune=commune, entries=(line.entry,), key=line.key)
    return True


def _mark(
    connection: Connection, commune: str, told: DoorResult, *, people: Sequence[str], version: str
) -> None:
    """Note of those behind the door that they were told, or absent; a later mark stays."""
    rows = [
        {
            "commune": commune,
            "version_id": version,
            "person_id": one,
            "how": TOLD_AS[told.result],
            "told_at": told.at,
            "told_by": told.author,
        }
        for one in people
    ]
    if not rows:
        return
    made = insert_in(connection.dialect.name, told_marks)
    new = made.excluded
    values = {name: new[name] for name in ("how", "told_at", "told_by")}
    spoken_to = new.how != "absent"
    is_later = or_(
        told_marks.c.told_at < new.told_at,
        and_(told_marks.c.told_at == new.told_at, told_marks.c.told_by <= new.told_by),
    )
    connection.execute(
        made.on_conflict_do_update(
            index_elements=["commune", "version_id", "person_id"],
            set_=values,
            # Who was spoken to stays so, though nobody opened the door before, or opens it later;
            # else the later mark counts, in whatever order the results come in.
            where=or_(
                and_(spoken_to, told_marks.c.how == "absent"),
                and_(or_(spoken_to, told_marks.c.how == "absent"), is_later),
            ),
        ),
        rows,
    )


_COUNTED = ("refused", "empty", "found", "evacuated", "help")  # in the order of the sums


@dataclass(frozen=True)
class DoorSums:
    """What the doors of some missions come to; `evacuated`, `found` … count doors, not people."""

    doors: int = 0
    done: int = 0
    people: int = 0
    refused: int = 0
    empty: int = 0
    found: int = 0
    evacuated: int = 0
    help: int = 0


async def door_sums(ledger: Ledger, commune: str, named: Sequence[str]) -> dict[str, DoorSums]:
    """Return the sums of these missions' doors, by mission; one without doors is not in it."""
    held = mission_doors.c
    each = [func.count().filter(held.result == one) for one in _COUNTED]
    wanted = (
        select(
            held.mission,
            func.count(),
            func.count(held.result),
            func.coalesce(func.sum(held.counted), 0),
            *each,
        )
        .where(held.commune == commune, held.mission.in_(named))
        .group_by(held.mission)
    )

    def look(connection: Connection) -> list[Any]:
        return list(connection.execute(wanted))

    return {row[0]: DoorSums(*(int(one) for one in row[1:])) for row in await ledger.read(look)}
