"""Erasing somebody from where teams went for her: her doors, and the missions from her calls.

A door that others are behind stays theirs, without her. What a legal hold keeps stays until it is
lifted.
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Select, Text, and_, cast, exists, or_, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncConnection

from dispatcher.store.clocks import DOOR_BLANKS, MISSION_BLANKS, held_alert, held_version
from dispatcher.store.following_tables import help_calls
from dispatcher.store.outgoing import BEHIND, deliveries, recipients
from dispatcher.store.reply_tables import replies
from dispatcher.store.tables import contacts, persons
from dispatcher.store.tasking_tables import door_results, mission_doors
from dispatcher.store.team_tables import missions


async def forget_where_teams_went(
    connection: AsyncConnection, commune: str, person_id: str
) -> None:
    """Empty the doors that are hers alone and the missions of her calls; while she is known yet."""
    await _forget_missions(connection, commune, person_id)
    await _forget_doors(connection, commune, person_id)


async def _forget_doors(connection: AsyncConnection, commune: str, person_id: str) -> None:
    held = mission_doors.c
    alone = []
    for mission, door, people in await _doors_of(connection, commune, person_id):
        if rest := [one for one in people if one != person_id]:
            this = and_(held.commune == commune, held.mission == mission, held.door == door)
            await connection.execute(update(mission_doors).where(this).values(people=rest))
        else:
            alone.append((mission, door))
    if not alone:
        return
    same = tuple_(held.mission, held.door).in_(alone)
    await connection.execute(
        update(mission_doors).where(held.commune == commune, same).values(**DOOR_BLANKS)
    )
    found = tuple_(door_results.c.mission, door_results.c.door).in_(alone)
    await connection.execute(
        update(door_results).where(door_results.c.commune == commune, found).values(note="")
    )


async def _doors_of(
    connection: AsyncConnection, commune: str, person_id: str
) -> list[tuple[str, str, Sequence[str]]]:
    """Return the doors that somebody is behind: mission, door, people; but those that are held."""
    held = mission_doors.c
    wanted = select(held.mission, held.door, held.people).where(
        held.commune == commune,
        cast(held.people, Text).contains(f'"{person_id}"', autoescape=True),
        ~held_version(commune, held.version_id),
    )
    rows = await connection.execute(wanted)
    return [(row.mission, row.door, row.people) for row in rows if person_id in row.people]


async def _forget_missions(connection: AsyncConnection, commune: str, person_id: str) -> None:
    doors = [
        (mission, door)
        for mission, door, people in await _doors_of(connection, commune, person_id)
        if list(people) == [person_id]
    ]
    told = select(door_results.c.report_id).where(
        door_results.c.commune == commune,
        tuple_(door_results.c.mission, door_results.c.door).in_(doors),
    )
    of = help_calls.c
    calls = select(of.call_id).where(
        of.commune == commune,
        or_(
            of.delivery_id.in_(_messages(commune, person_id)),
            of.sid.in_(_replies(commune, person_id)),
            of.report_id.in_(told),
        ),
        ~held_alert(commune, of.alert_id),
    )
    its = and_(missions.c.origin == "help", missions.c.origin_ref.in_(calls))
    await connection.execute(
        update(missions).where(missions.c.commune == commune, its).values(**MISSION_BLANKS)
    )


def _messages(commune: str, person_id: str) -> Select[Any]:
    """Select the messages behind which the registers know nobody else."""
    also = recipients.alias("also")
    another = exists().where(
        also.c.serial == deliveries.c.serial,
        also.c.person_id != person_id,
        persons.c.commune == commune,
        persons.c.person_id == also.c.person_id,
    )
    return (
        select(deliveries.c.delivery_id)
        .select_from(deliveries.join(recipients, BEHIND))
        .where(
            deliveries.c.commune == commune,
            recipients.c.person_id == person_id,
            ~another.correlate(deliveries),
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
