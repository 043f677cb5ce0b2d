"""How long each kind of data stays, and what ends it: one clock a kind, one table to read.

A clock deletes rows, or empties what in them says who. What was sent to whom, the logbook and the
words of residents are public archives: no clock touches them (`eliminations.py`).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    ScalarSelect,
    Table,
    Text,
    case,
    cast,
    exists,
    func,
    null,
    or_,
    select,
)

from dispatcher.store.access_tables import access_requests, announcements
from dispatcher.store.centre_tables import centre_people
from dispatcher.store.crisis_tables import CLOSED_STATES, events
from dispatcher.store.following_tables import help_calls
from dispatcher.store.logbook_tables import evidence
from dispatcher.store.mission_rows import OVER
from dispatcher.store.outgoing import deliveries, versions
from dispatcher.store.people import RESIDENTS
from dispatcher.store.privacy_tables import legal_holds
from dispatcher.store.reply_tables import replies
from dispatcher.store.tables import acts, guesses, persons, sessions
from dispatcher.store.tasking_tables import door_results, mission_doors
from dispatcher.store.team_tables import desk_items, field_reports, missions
from dispatcher.store.vulnerable_tables import vulnerable_looks

LEFT = "left"  # those who left: erased whole, as they would erase themselves
EVIDENCE = "evidence"  # ends by a slip and its visa alone


@dataclass(frozen=True)
class Clock:
    """What ends, counted from `since`; `blanks` are emptied, without any the row is deleted.

    `open_` says which rows still have something to end. `version` names the alert that a legal hold
    may keep, or `alert` does; what is of none is kept by a hold of the whole commune alone.
    """

    kind: str
    table: Table
    key: tuple[Column[Any], ...]
    since: ColumnElement[float]
    open_: ColumnElement[bool]
    blanks: Mapping[str, Any] = field(default_factory=dict)
    version: ColumnElement[Any] | None = None
    alert: ColumnElement[Any] | None = None


def _closed(event: ColumnElement[str], commune: ColumnElement[str]) -> ScalarSelect[float]:
    """Return since when an event is closed; NULL while it is not."""
    return (
        select(events.c.state_at)
        .where(
            events.c.commune == commune,
            events.c.event_id == event,
            events.c.state.in_(CLOSED_STATES),
        )
        .scalar_subquery()
    )


def _mission_over(table: Table) -> ScalarSelect[float]:
    """Return since when the mission of a row is over: its event's end, or of none its own."""
    return (
        select(_MISSION_OVER)
        .where(missions.c.commune == table.c.commune, missions.c.mission == table.c.mission)
        .correlate(table)
        .scalar_subquery()
    )


_MISSION_OVER: ColumnElement[float] = case(
    (missions.c.event.is_not(None), _closed(missions.c.event, missions.c.commune)),
    (missions.c.state.in_(OVER), missions.c.since),
)
_OF_CALL = (
    select(help_calls.c.alert_id)
    .where(
        help_calls.c.commune == missions.c.commune, help_calls.c.call_id == missions.c.origin_ref
    )
    .correlate(missions)
    .scalar_subquery()
)
_OF_DOOR = (
    select(mission_doors.c.version_id)
    .where(
        mission_doors.c.commune == door_results.c.commune,
        mission_doors.c.mission == door_results.c.mission,
        mission_doors.c.door == door_results.c.door,
    )
    .correlate(door_results)
    .scalar_subquery()
)
DOOR_BLANKS: Mapping[str, Any] = {
    "street": "", "label": "", "note": "", "lon": None, "lat": None, "people": [],
}  # fmt: skip
MISSION_BLANKS: Mapping[str, Any] = {"text": "", "lon": None, "lat": None}

_WITH_ALERT = case((replies.c.version_id.is_not(None), replies.c.body), else_=null())

CLOCKS = (
    Clock(  # to which number: what is left is its pseudonym, under seal
        "sends",
        deliveries,
        (deliveries.c.serial,),
        # Of some no receipt ever came: those were never settled, and are as old as their sending.
        func.coalesce(deliveries.c.settled_at, deliveries.c.accepted_at, deliveries.c.next_at),
        (deliveries.c.contact != "")
        & exists().where(evidence.c.serial == deliveries.c.serial).correlate(deliveries),
        {"contact": "", "contact_mark": ""},
        deliveries.c.version_id,
    ),
    Clock(  # from which number: the words stay with the alert, those of none end too
        "replies",
        replies,
        (replies.c.sid, replies.c.kind),
        replies.c.received_at,
        or_(replies.c.contact != "", replies.c.version_id.is_(None) & replies.c.body.is_not(None)),
        {"contact": "", "contact_mark": "", "body": _WITH_ALERT},
        replies.c.version_id,
    ),
    Clock(
        "doors",
        mission_doors,
        (mission_doors.c.mission, mission_doors.c.door),
        _mission_over(mission_doors),
        or_(
            *(mission_doors.c[one] != "" for one in ("street", "label", "note")),
            mission_doors.c.lon.is_not(None),
            cast(mission_doors.c.people, Text) != "[]",
        ),
        DOOR_BLANKS,
        mission_doors.c.version_id,
    ),
    Clock(
        "found",
        door_results,
        (door_results.c.report_id,),
        _mission_over(door_results),
        door_results.c.note != "",
        {"note": ""},
        _OF_DOOR,
    ),
    Clock(  # who called, or lives in that street: what the cell thought of by itself is an archive
        "missions",
        missions,
        (missions.c.mission,),
        _MISSION_OVER,
        missions.c.origin.in_(("help", "street"))
        & or_(missions.c.text != "", missions.c.lon.is_not(None)),
        MISSION_BLANKS,
        alert=case((missions.c.origin == "help", _OF_CALL), else_=missions.c.origin_ref),
    ),
    Clock(  # the logbook has them, but where a team knocked that no list names
        "reports",
        field_reports,
        (field_reports.c.report_id,),
        case(
            (field_reports.c.event.is_(None), field_reports.c.recorded_at),
            else_=_closed(field_reports.c.event, field_reports.c.commune),
        ),
        field_reports.c.note != "",
        {"note": ""},
    ),
    Clock(  # what nobody could place: placed, it stands in a report and in the logbook
        "desk",
        desk_items,
        (desk_items.c.item,),
        desk_items.c.ended_at,
        or_(desk_items.c.named != "", cast(desk_items.c.body, Text) != "{}"),
        {"named": "", "body": {}},
    ),
    Clock(  # as the cell wrote them: a name may be in them
        "calls",
        help_calls,
        (help_calls.c.call_id,),
        help_calls.c.closed_at,
        or_(help_calls.c.note != "", help_calls.c.passed_ref != ""),
        {"note": "", "passed_ref": ""},
        alert=help_calls.c.alert_id,
    ),
    Clock(
        "centres",
        centre_people,
        (centre_people.c.event_id, centre_people.c.person_id),
        _closed(centre_people.c.event_id, centre_people.c.commune),
        centre_people.c.person_id != "",
    ),
    Clock(
        "looks",
        vulnerable_looks,
        (vulnerable_looks.c.number,),
        vulnerable_looks.c.at,
        vulnerable_looks.c.number > 0,
    ),
    Clock(
        "invitations",
        access_requests,
        (access_requests.c.request_id,),
        access_requests.c.decided_at,
        or_(access_requests.c.mobile != "", access_requests.c.email != ""),
        {"mobile": "", "email": ""},
    ),
    Clock(
        "announcements",
        announcements,
        (announcements.c.announcement_id,),
        announcements.c.told_at,
        announcements.c.announcement_id != "",
    ),
    Clock(
        "sessions",
        sessions,
        (sessions.c.session_id,),
        sessions.c.seen_at,
        sessions.c.session_id != "",
    ),
    Clock(
        "guesses",
        guesses,
        (guesses.c.login_hash, guesses.c.source_hash),
        guesses.c.tried_at,
        guesses.c.login_hash != "",
    ),
    Clock("acts", acts, (acts.c.act_key,), acts.c.acted_at, acts.c.act_key != ""),
    Clock(
        LEFT,
        persons,
        (persons.c.person_id,),
        persons.c.unsubscribed_at,
        persons.c.source.in_(RESIDENTS),
    ),
)


def is_due(clock: Clock, commune: str, *, before: float) -> ColumnElement[bool]:
    """Return which rows a clock ends: older than `before`, and held by nobody."""
    return (
        (clock.table.c.commune == commune)
        & (clock.since < before)
        & clock.open_
        & ~_held(commune, clock.version, clock.alert)
    )


def held_version(
    commune: str | ColumnElement[str], version: ColumnElement[Any]
) -> ColumnElement[bool]:
    """Tell whether a legal hold keeps what is of this version."""
    return _held(commune, version, None)


def held_alert(commune: str, alert: ColumnElement[Any]) -> ColumnElement[bool]:
    """Tell whether a legal hold keeps what is of this alert."""
    return _held(commune, None, alert)


def _held(
    commune: str | ColumnElement[str],
    version: ColumnElement[Any] | None,
    alert: ColumnElement[Any] | None,
) -> ColumnElement[bool]:
    standing = (legal_holds.c.commune == commune) & legal_holds.c.lifted_at.is_(None)
    holds = [exists().where(standing, legal_holds.c.alert_id == "").correlate_except(legal_holds)]
    if version is not None:
        its = exists().where(
            standing,
            versions.c.commune == commune,
            versions.c.version_id == version,
            legal_holds.c.alert_id == versions.c.alert_id,
        )
        holds.append(its.correlate_except(legal_holds, versions))
    if alert is not None:
        named = exists().where(standing, legal_holds.c.alert_id == alert)
        holds.append(named.correlate_except(legal_holds))
    return or_(*holds)
