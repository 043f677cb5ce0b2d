"""Erasing somebody from where teams went for her: her doors, and the missions from her calls.

A door that others are behind stays theirs, without her. What a legal hold keeps stays until it is
lifted; a team that is on its way keeps where it goes until its mission is over. The day's turn ends
both then (`released.py`).
"""

from collections.abc import Sequence, Set
from typing import Any

from sqlalchemy import ColumnElement, Select, Text, and_, cast, exists, or_, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncConnection

from dispatcher.store.clocks import DOOR_BLANKS, MISSION_BLANKS, held_alert, held_version
from dispatcher.store.double_tables import joined_as
from dispatcher.store.following_tables import help_calls
from dispatcher.store.mission_rows import OVER
from dispatcher.store.outgoing import BEHIND, deliveries, recipients
from dispatcher.store.reply_tables import replies
from dispatcher.store.tables import contacts, departed, persons
from dispatcher.store.tasking_tables import door_results, mission_doors
from dispatcher.store.team_tables import missions

Door = tuple[str, str, Sequence[str]]  # mission, door, people behind it
AT_ONCE = 500


async def forget_where_teams_went(
    connection: AsyncConnection, commune: str, person_id: str
) -> None:
    """Empty the doors that are hers alone and the missions of her calls; while she is known yet."""
    hers = await _doors_of(connection, commune, naming=f'"{person_id}"')
    alone = await _forget_doors(connection, commune, doors=hers, gone={person_id})
    of = help_calls.c
    calls = select(of.call_id).where(
        of.commune == commune,
        or_(
            of.delivery_id.in_(_messages(commune, person_id)),
            of.sid.in_(_replies(commune, person_id)),
            of.report_id.in_(_told_at(commune, alone)),
        ),
        ~held_alert(commune, of.alert_id),
    )
    its = and_(_from_help(commune), missions.c.origin_ref.in_(calls))
    await connection.execute(update(missions).where(its).values(**MISSION_BLANKS))


async def forget_gone(
    connection: AsyncConnection, commune: str, *, calls: Select[Any]
) -> list[tuple[str, str, str]]:
    """Empty what no hold keeps any more of doors of the erased, and of missions from `calls`.

    Return what was emptied: its kind, its mission, its door if it is one.
    """
    doors = await _doors_of(connection, commune)
    behind = sorted({one for _, _, people in doors for one in people})
    gone = await _departed(connection, commune, behind)
    alone = await _forget_doors(connection, commune, doors=doors, gone=gone)
    of = help_calls.c
    from_doors = select(of.call_id).where(
        of.commune == commune, of.report_id.in_(_told_at(commune, alone))
    )
    said = missions.c
    its = and_(
        _from_help(commune),
        or_(said.text != "", said.lon.is_not(None)),
        or_(said.origin_ref.in_(calls), said.origin_ref.in_(from_doors)),
        said.origin_ref.not_in(_held_calls(commune)),
    )
    step = update(missions).where(its).values(**MISSION_BLANKS).returning(said.mission)
    emptied = [("mission", mission, "") for mission in (await connection.execute(step)).scalars()]
    return sorted([*(("door", *one) for one in alone), *emptied])


def _from_help(commune: str) -> ColumnElement[bool]:
    said = missions.c
    return and_(said.commune == commune, said.origin == "help", said.state.in_(OVER))


def _held_calls(commune: str) -> Select[Any]:
    of = help_calls.c
    return select(of.call_id).where(of.commune == commune, held_alert(commune, of.alert_id))


async def _departed(connection: AsyncConnection, commune: str, people: Sequence[str]) -> set[str]:
    gone: set[str] = set()
    for start in range(0, len(people), AT_ONCE):
        wanted = select(departed.c.person_id).where(
            departed.c.commune == commune,
            departed.c.person_id.in_(people[start : start + AT_ONCE]),
        )
        gone.update((await connection.execute(wanted)).scalars())
    return gone


async def _doors_of(connection: AsyncConnection, commune: str, *, naming: str = '"') -> list[Door]:
    """Return the doors of missions that are over with somebody behind; but those that are held."""
    held = mission_doors.c
    over = exists().where(
        missions.c.commune == held.commune,
        missions.c.mission == held.mission,
        missions.c.state.in_(OVER),
    )
    wanted = select(held.mission, held.door, held.people).where(
        held.commune == commune,
        cast(held.people, Text).contains(naming, autoescape=True),
        over,
        ~held_version(commune, held.version_id),
    )
    rows = await connection.execute(wanted)
    return [(row.mission, row.door, row.people) for row in rows]


async def _forget_doors(
    connection: AsyncConnection, commune: str, *, doors: Sequence[Door], gone: Set[str]
) -> list[tuple[str, str]]:
    """Empty the doors that only those who are gone were behind, and return them."""
    held = mission_doors.c
    alone = []
    for mission, door, people in doors:
        rest = [one for one in people if one not in gone]
        if not rest:
            alone.append((mission, door))
        elif len(rest) < len(people):
            this = and_(held.commune == commune, held.mission == mission, held.door == door)
            await connection.execute(update(mission_doors).where(this).values(people=rest))
    if alone:
        same = tuple_(held.mission, held.door).in_(alone)
        await connection.execute(
            update(mission_doors).where(held.commune == commune, same).values(**DOOR_BLANKS)
        )
        reports = door_results.c.report_id.in_(_told_at(commune, alone))
        await connection.execute(
            update(door_results).where(door_results.c.commune == commune, reports).values(note="")
        )
    return alone


def _told_at(commune: str, doors: Sequence[tuple[str, str]]) -> Select[Any]:
    """Select the reports of what was found at doors."""
    found = door_results.c
    return select(found.report_id).where(
        found.commune == commune, tuple_(found.mission, found.door).in_(doors)
    )


def _messages(commune: str, person_id: str) -> Select[Any]:
    """Select the messages behind which the registers know nobody else."""
    also = recipients.alias("also")
    others = (also.c.serial == deliveries.c.serial, also.c.person_id != person_id)
    known = exists().where(
        *others, persons.c.commune == commune, persons.c.person_id == also.c.person_id
    )
    joined = exists().where(  # to somebody else's row: known by that
        *others,
        joined_as.c.commune == commune,
        joined_as.c.was == also.c.person_id,
        joined_as.c.person_id != person_id,
    )
    return (
        select(deliveries.c.delivery_id)
        .select_from(deliveries.join(recipients, BEHIND))
        .where(
            deliveries.c.commune == commune,
            recipients.c.person_id == person_id,
            ~known.correlate(deliveries),
            ~joined.correlate(deliveries),
        )
    )


def _replies(commune: str, person_id: str) -> Select[Any]:
    """Select what came from numbers that nobody else has here."""
    ours = contacts.c.commune == commune
    hers = select(contacts.c.mark).where(ours, contacts.c.person_id == person_id)
    others = select(contacts.c.mark).where(ours, contacts.c.person_id != person_id)
    return select(replies.c.sid).where(
        replies.c.commune == commune,
        replies.c.contact_mark.in_(hers),
        replies.c.contact_mark.not_in(others.where(contacts.c.mark.in_(hers))),
    )
